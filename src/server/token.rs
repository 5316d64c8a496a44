//! Tokens of callers.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::Rights;

/// A secret that a caller presents, and what it allows. Only a digest is kept, so that comparison takes
/// the same time whatever is presented, its length included.
#[derive(Clone)]
pub struct Token {
    rights: Rights,
    digest: [u8; 32],
}

impl Token {
    /// A token that is presented as `authorization: Bearer SECRET`.
    #[must_use]
    pub fn new(rights: Rights, secret: &SecretString) -> Self {
        Self { rights, digest: digest(secret.expose_secret()) }
    }

    /// What a presented secret allows, nothing when no token has it, and the position of the first token that
    /// has it, counted from 1. All tokens are compared, always.
    pub(super) fn find(tokens: &[Self], presented: &str) -> (Rights, u32) {
        let presented = digest(presented);
        let (granted, position) =
            tokens.iter().zip(1..).fold((0, 0_u32), |(granted, position), (token, at)| {
                let same = token.digest.ct_eq(&presented);
                (
                    granted | u8::conditional_select(&0, &token.rights.bits(), same),
                    u32::conditional_select(&position, &at, same & position.ct_eq(&0)),
                )
            });
        (Rights::from_bits(granted), position)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token").field("rights", &self.rights).finish_non_exhaustive()
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(rights: Rights, secret: &str) -> Token {
        Token::new(rights, &SecretString::from(secret))
    }

    #[track_caller]
    fn check(presented: &str, expected: Rights, position: u32) {
        let tokens = [
            token(Rights::SYNC, "reader"),
            token(Rights::PROVISION, "writer"),
            token(Rights::SYNC, "both"),
            token(Rights::PROVISION, "both"),
        ];
        assert_eq!(Token::find(&tokens, presented), (expected, position), "{presented:?}");
    }

    #[test]
    fn a_secret_has_the_rights_of_its_tokens() {
        check("reader", Rights::SYNC, 1);
        check("writer", Rights::PROVISION, 2);
        check("both", Rights::ALL, 3);
        for wrong in ["", "Reader", "reade", "reader ", "readerwriter"] {
            check(wrong, Rights::NONE, 0);
        }
    }

    #[test]
    fn neither_secret_nor_digest_is_shown() {
        let shown = format!("{:?}", token(Rights::SYNC, "reader"));
        assert_eq!(shown, "Token { rights: sync, .. }");
    }
}
