//! Login names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// Login name of a tailnet user, for example `Ada@Example.com` or `ada@github`.
/// Two spellings of one login are equal: comparison is trimmed and without regard to ASCII case.
#[derive(Clone, Debug)]
pub struct Login {
    spelling: Arc<str>,
    key: Arc<str>,
}

/// Text that cannot be a login name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a login name (expected something like ada@example.com)")]
pub struct NotALogin(pub String);

impl Login {
    /// The login as its source spells it, without surrounding white space.
    #[must_use]
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    /// What is compared: the spelling in ASCII lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for Login {
    type Err = NotALogin;

    /// A user and a domain without white space. Selectors (`group:x@example.com`, `user:*@example.com`)
    /// and mailbox notation (`Ada <ada@example.com>`) are no logins.
    fn from_str(text: &str) -> Result<Self, NotALogin> {
        let text = text.trim();
        if !is_login(text) {
            return Err(NotALogin(text.to_owned()));
        }
        Ok(Self { spelling: text.into(), key: text.to_ascii_lowercase().into() })
    }
}

/// A user and a domain without white space. `policy::Selector` has the same rule, and a test holds the two
/// together.
fn is_login(text: &str) -> bool {
    let text = text.trim();
    let blank = |c: char| c.is_whitespace() || c.is_control();
    text.split_once('@').is_some_and(|(user, domain)| {
        !user.is_empty()
            && !user.contains([':', '*', '<'])
            && !domain.is_empty()
            && !domain.contains(['@', '>'])
            && !text.contains(blank)
    })
}

impl fmt::Display for Login {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.spelling)
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Login {}

impl PartialOrd for Login {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Login {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for Login {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[track_caller]
    fn check(text: &str, spelling: Option<&str>) {
        let login: Result<Login, _> = text.parse();
        assert_eq!(login.as_ref().ok().map(Login::spelling), spelling, "{text:?}");
    }

    #[test]
    fn a_login_is_a_user_at_a_domain() {
        check("ada@example.com", Some("ada@example.com"));
        check("ada@github", Some("ada@github"));
        check("ada@passkey", Some("ada@passkey"));
        check(" \tAda@Example.com\n", Some("Ada@Example.com"));
        check("o'hara+x@example.com", Some("o'hara+x@example.com"));
        check("jörg@example.com", Some("jörg@example.com"));
    }

    #[test]
    fn selectors_and_mailboxes_are_no_logins() {
        for text in [
            "",
            "ada",
            "@",
            "@example.com",
            "ada@",
            "*",
            "*@example.com",
            "user:*@example.com",
            "group:eng@example.com",
            "autogroup:member",
            "tag:db",
            "a@b@c",
            "Ada <ada@example.com>",
            "ada lovelace@example.com",
            "ada@example .com",
            "ada\n@example.com",
            "ada@exam\u{a0}ple.com",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn spellings_of_one_login_are_equal() {
        let [upper, lower, other] = ["Ada@Example.com", "ada@example.com ", "bo@example.com"]
            .map(|text| text.parse::<Login>().unwrap());
        assert_eq!(upper, lower);
        assert_eq!(upper.cmp(&lower), Ordering::Equal);
        assert_ne!(upper, other);
        assert!(upper < other);
        assert_eq!((upper.key(), upper.to_string().as_str()), ("ada@example.com", "Ada@Example.com"));
        assert_eq!(HashSet::from([upper, lower, other]).len(), 2);
    }

    #[test]
    fn only_ascii_case_is_disregarded() {
        let [upper, lower] =
            ["JÖRG@example.com", "jörg@example.com"].map(|text| text.parse::<Login>().unwrap());
        assert_ne!(upper, lower);
    }

    #[test]
    fn what_is_no_login_is_quoted() {
        let error = "ada".parse::<Login>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""ada" is not a login name (expected something like ada@example.com)"#
        );
    }
}
