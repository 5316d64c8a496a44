//! What a caller wants of a list in the policy.

use super::lease::Lease;
use super::section::Section;
use super::selector::member_key;
use super::topology::Person;
use jiff::Timestamp;
use std::fmt;

/// A list that can be changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListId {
    /// The members of a group, by its name (`group:eng`).
    Group(String),
    /// The owners of a tag, by its name (`tag:db`).
    TagOwners(String),
    /// The sources of a rule, by any of its ids: native (pin or hash) or the Go connector's.
    Rule(Section, String),
}

impl fmt::Display for ListId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(name) | Self::TagOwners(name) | Self::Rule(_, name) => out.write_str(name),
        }
    }
}

/// What shall become of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The selector goes into the list, written like this, unless it is there in any spelling.
    Add {
        /// The selector's text.
        text: String,
    },
    /// As [`Wish::Add`], with an end. A member that is there without an end keeps none; another end gives
    /// way to this one.
    Lease {
        /// The selector's text.
        text: String,
        /// The end.
        lease: Lease,
    },
    /// The selectors leave the list in all their spellings.
    Remove {
        /// Selectors that all mean the one principal.
        texts: Vec<String>,
        /// Who that is, where the principal is a person: needed to name inherited access.
        person: Option<Person>,
    },
    /// The selector's elements leave whose own `until`, as the text has it, is not after a moment. Others
    /// stay, also those of the same selector.
    End {
        /// The selector's text.
        text: String,
        /// A moment that has passed.
        passed: Timestamp,
    },
    /// The selector's elements get an end back that they lost, if all of them are without directives.
    Restore {
        /// The selector's text.
        text: String,
        /// The end.
        lease: Lease,
    },
}

/// A wish for one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The list.
    pub list: ListId,
    /// What shall become of it.
    pub wish: Wish,
    /// Only direct membership counts: what is not listed is gone, though access may be inherited. For
    /// removals that were planned as an edit before and are planned anew on a later text.
    pub direct_only: bool,
    /// The Go connector's ids are this tailnet's own (`--ids baton-tailscale`), so that such an id is
    /// good for adding even where the rule has members that the Go hash ignores.
    pub baton_ids: bool,
}

impl Intent {
    /// An intent judged by all that the text says, under native ids.
    #[must_use]
    pub const fn new(list: ListId, wish: Wish) -> Self {
        Self { list, wish, direct_only: false, baton_ids: false }
    }

    /// What the intent touches: its list with each of its principals, in the spelling in which they are
    /// compared. Intents that have a key in common must keep their order. (Two ids of one rule are two
    /// keys: only the text tells that they mean the same.)
    #[must_use]
    pub fn keys(&self) -> Vec<(ListId, String)> {
        let texts = match &self.wish {
            Wish::Add { text }
            | Wish::Lease { text, .. }
            | Wish::End { text, .. }
            | Wish::Restore { text, .. } => std::slice::from_ref(text),
            Wish::Remove { texts, .. } => texts,
        };
        texts.iter().map(|text| (self.list.clone(), member_key(text).into_owned())).collect()
    }

    /// Somebody may have access through it whom nobody gave any before. Whatever else is wished takes access
    /// away, or shortens it.
    #[must_use]
    pub const fn gives_access(&self) -> bool {
        match self.wish {
            Wish::Add { .. } | Wish::Lease { .. } => true,
            Wish::Remove { .. } | Wish::End { .. } | Wish::Restore { .. } => false,
        }
    }
}
