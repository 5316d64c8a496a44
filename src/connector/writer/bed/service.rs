//! A model of the service: one text, the tag of its content, and what it does with requests.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::checker::tokens::{Kind, tokens};

/// Part of the names that the service refuses in a policy.
pub(super) const REFUSED: &str = "refused-";

/// A text and its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) text: String,
    pub(super) tag: String,
}

impl Version {
    /// Texts that differ in layout alone have the same tag, and a text that comes back brings its tag along.
    pub(super) fn of(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut tokens = tokens(&text).into_iter().peekable();
        while let Some(token) = tokens.next() {
            let closes = |kind: &Kind| matches!(kind, Kind::Mark('}' | ']'));
            let trailing =
                token.kind == Kind::Mark(',') && tokens.peek().is_some_and(|next| closes(&next.kind));
            if !trailing {
                text.get(token.range).hash(&mut hasher);
            }
        }
        Self { tag: format!("{:016x}", hasher.finish()), text }
    }

    /// What the service has against the text, if anything.
    pub(super) fn objection(&self) -> Option<String> {
        self.text.contains(REFUSED).then(|| format!("a name with {REFUSED:?} is not known here"))
    }
}

/// How a write ended at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Stored,
    Stale,
    Refused(String),
}

/// The service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) current: Version,
    /// Whether it looks at the text before it looks at the tag.
    pub(super) judges_first: bool,
}

impl Service {
    /// What it would answer to a write. `tag`: what the policy has to have; nothing: no matter.
    pub(super) fn judge(&self, tag: Option<&str>, new: &Version) -> Verdict {
        let stale = tag.is_some_and(|tag| tag != self.current.tag);
        match new.objection() {
            Some(words) if self.judges_first || !stale => Verdict::Refused(words),
            _ if stale => Verdict::Stale,
            _ => Verdict::Stored,
        }
    }
}
