//! What intents are ordered by: a list and one principal in it.

use crate::policy::{Intent, ListId};

/// A list and a principal. Intents that share a key keep their order, and a lost request that carried
/// a key may still change it.
///
/// A rule has several ids (native, pinned, the other scheme's), and which of them mean the same rule is
/// only known with the text at hand. So all rules of a section count as one list here: at worst two
/// changes of one principal are written one after the other that could have been written together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(ListId, String);

impl Key {
    /// The keys of an intent; more than one where a revoke names several spellings of a principal.
    pub(super) fn of(intent: &Intent) -> Vec<Self> {
        intent
            .keys()
            .into_iter()
            .map(|(list, principal)| match list {
                ListId::Rule(section, _) => Self(ListId::Rule(section, String::new()), principal),
                list => Self(list, principal),
            })
            .collect()
    }
}
