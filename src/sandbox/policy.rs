//! The stored policy file and its entity tag.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Store;
use crate::hujson::{self, SyntaxError};

/// The entity tag that stands for "still the default that nobody has edited".
const DEFAULT_TAG: &str = "ts-default";

/// What a tailnet has before anybody edits it, and again after an empty text was stored.
const DEFAULT: &str = r#"// The policy of a new tailnet: every device reaches every other.
{
	"acls": [
		{"action": "accept", "src": ["*"], "dst": ["*:*"]},
	],

	"ssh": [
		// Everybody may log in to their own devices, with a check.
		{
			"action": "check",
			"src":    ["autogroup:member"],
			"dst":    ["autogroup:self"],
			"users":  ["autogroup:nonroot", "root"],
		},
	],
}
"#;

/// A stored text, its tag, and how it was stored.
#[derive(Clone, Debug)]
pub(super) struct PolicyFile {
    text: Vec<u8>,
    tag: String,
    untouched_default: bool,
    store: Store,
}

impl PolicyFile {
    /// Stores the first text.
    ///
    /// # Errors
    ///
    /// The text is no HuJSON.
    pub(super) fn new(text: Vec<u8>, store: Store) -> Result<Self, SyntaxError> {
        let (text, tag) = stored(text, store)?;
        Ok(Self { text, tag, untouched_default: false, store })
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bare tag.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// The tag as it stands in an `ETag` header: quoted.
    pub(super) fn quoted_tag(&self) -> String {
        format!("\"{}\"", self.tag)
    }

    /// Whether the text a caller has seen is still the stored one. Only a quoted tag matches.
    pub(super) fn matches(&self, if_match: &[u8]) -> bool {
        let Some(tag) = if_match.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")) else {
            return false;
        };
        tag == self.tag.as_bytes() || (self.untouched_default && tag == DEFAULT_TAG.as_bytes())
    }

    /// Replaces the text.
    ///
    /// # Errors
    ///
    /// The text is no HuJSON; nothing is stored.
    pub(super) fn replace(&mut self, text: Vec<u8>) -> Result<(), SyntaxError> {
        *self = Self::new(text, self.store)?;
        Ok(())
    }

    /// Replaces the text, whatever it is: what is no HuJSON is kept as it came, with a tag of its bytes.
    pub(super) fn force(&mut self, text: Vec<u8>) {
        let (text, tag) = stored(text.clone(), self.store).unwrap_or_else(|_| {
            let tag = digest(&text);
            (text, tag)
        });
        *self = Self { text, tag, untouched_default: false, store: self.store };
    }

    /// Goes back to the policy of a new tailnet.
    pub(super) fn reset(&mut self) {
        self.force(DEFAULT.into());
        self.untouched_default = true;
    }
}

/// The bytes to keep and their tag, the digest of the canonical layout.
fn stored(text: Vec<u8>, store: Store) -> Result<(Vec<u8>, String), SyntaxError> {
    let canonical = hujson::format(&text)?;
    let tag = digest(&canonical);
    Ok((if store == Store::Formatted { canonical } else { text }, tag))
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
