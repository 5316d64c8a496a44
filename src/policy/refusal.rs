//! Why an intent cannot be carried out on the text as it stands.

use super::inheritance::TAG_OWNER_BY_DEFAULT;

/// A reason that lies in the policy text or in the intent; the same text gives the same refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Adding to a group that is not defined.
    #[error("group {0:?} is not defined in the policy file: define it there first")]
    NoSuchGroup(String),
    /// Adding to a tag that is not defined.
    #[error("tag {0:?} is not defined in the policy file: define it there first")]
    NoSuchTag(String),
    /// Adding to a rule that no id names.
    #[error("rule {0:?} is not in the policy file; it may have been edited: sync again")]
    NoSuchRule(String),
    /// Removing from a rule that no id names, while the principal is listed by rules of that section.
    #[error(
        "rule {id:?} is not in the policy file, but the principal is listed by {}: revoke it there",
        some(listed, "and")
    )]
    RuleUnknown {
        /// The id as it came in.
        id: String,
        /// Native ids of the rules that list the principal.
        listed: Vec<String>,
    },
    /// The Go connector's id does not tell for certain which rule is meant.
    #[error("rule id {id:?} may mean {}: use the native id", some(candidates, "or"))]
    AmbiguousRule {
        /// The id as it came in.
        id: String,
        /// Native ids of the rules that it may mean.
        candidates: Vec<String>,
    },
    /// The members of a synced group are kept in the directory.
    #[error("group {0:?} is synced from a directory: change its members there")]
    SyncedGroup(String),
    /// A directive in the policy forbids additions.
    #[error("the policy file says grant=never for {0:?}: nobody can be added until that is taken out")]
    GrantNever(String),
    /// The text does not tell which of two is meant.
    #[error("{0} is there twice in the policy file: make it one")]
    Twice(String),
    /// There is no array that could be edited.
    #[error("{0} has no list of selectors in the policy file: write one, [] will do")]
    NotAList(String),
    /// The policy language has no place for this kind of selector in this list.
    #[error("{principal:?} cannot be added to {list:?}: {reason}")]
    NotAllowed {
        /// The selector as the intent writes it.
        principal: String,
        /// The list's id.
        list: String,
        /// What the list admits.
        reason: String,
    },
    /// The person is not listed, yet reached by another selector of the list.
    #[error("the access to {list:?} is inherited through {path:?}: remove it there")]
    Inherited {
        /// The list's id.
        list: String,
        /// The selector that reaches the person.
        path: String,
    },
    /// A tag that lists no owner is the admins', so that taking one of them out takes nothing away.
    #[error("{0:?} belongs to {TAG_OWNER_BY_DEFAULT} while it lists no owner: list another owner first")]
    LeftToAdmins(String),
}

/// How many ids a message names: it may have to fit a header.
const NAMED: usize = 8;

/// The ids in words, the first ones if they are many.
fn some(ids: &[String], joiner: &str) -> String {
    match ids {
        [] => "none".to_owned(),
        [id] => id.clone(),
        [head @ .., last] if head.len() <= NAMED => format!("{} {joiner} {last}", head.join(", ")),
        _ => {
            let head: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
            format!("{} {joiner} {} more", head.join(", "), ids.len() - NAMED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: usize, expected: &str) {
        let ids: Vec<String> = (0..count).map(|id| id.to_string()).collect();
        assert_eq!(some(&ids, "or"), expected);
    }

    #[test]
    fn ids_in_words() {
        check(1, "0");
        check(2, "0 or 1");
        check(3, "0, 1 or 2");
        check(8, "0, 1, 2, 3, 4, 5, 6 or 7");
        check(9, "0, 1, 2, 3, 4, 5, 6, 7 or 8");
        check(10, "0, 1, 2, 3, 4, 5, 6, 7 or 2 more");
        check(5000, "0, 1, 2, 3, 4, 5, 6, 7 or 4992 more");
    }
}
