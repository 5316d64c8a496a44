//! A model of the service: one text, the tag of its content, and what it does with requests.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::checker::Store;
use super::checker::tokens::{Kind, tokens};
use crate::policy::laid_out;

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
    fn of(text: String) -> Self {
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
    /// How it keeps texts.
    pub(super) store: Store,
}

impl Service {
    /// One that has a text.
    pub(super) fn new(text: &str, store: Store, judges_first: bool) -> Self {
        Self { current: version(text, store), judges_first, store }
    }

    /// What it makes of a text.
    pub(super) fn version(&self, text: &str) -> Version {
        version(text, self.store)
    }

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

fn version(text: &str, store: Store) -> Version {
    let laid_out = match store {
        Store::Verbatim => None,
        Store::Formatted => laid_out(text.as_bytes()).and_then(|text| String::from_utf8(text).ok()),
    };
    Version::of(laid_out.unwrap_or_else(|| text.to_owned()))
}
