//! The policy of the world: every text that is stored passes here, and is remembered if that was asked for. So are
//! changes of roles.

use super::World;
use crate::hujson::SyntaxError;
use crate::sandbox::ForeignEdit;
use crate::sandbox::history::{Author, History};
use crate::sandbox::policy::PolicyFile;

impl World {
    /// The stored policy.
    pub(in crate::sandbox) fn policy(&self) -> &PolicyFile {
        &self.policy
    }

    /// The texts stored so far.
    pub(in crate::sandbox) fn history(&self) -> &History {
        &self.history
    }

    /// From now on remembers the newest `limit` stored texts, beginning with the one that is there.
    pub(in crate::sandbox) fn remember(&mut self, limit: usize) {
        self.history = History::new(limit);
        let tag = self.policy.tag();
        self.history.add(Author::Start, None, tag, tag, self.policy.text());
    }

    /// A caller with this API key has given somebody another role.
    pub(in crate::sandbox) fn note_role(&mut self, key: &str, user: &str, before: String, after: &str) {
        self.history.add_role(key, user, before, after);
    }

    /// A caller with this API key stores a text.
    ///
    /// # Errors
    ///
    /// The text is no HuJSON; nothing is stored.
    pub(in crate::sandbox) fn store_policy(&mut self, text: Vec<u8>, key: &str) -> Result<(), SyntaxError> {
        let before = self.policy.tag().to_owned();
        self.policy.replace(text)?;
        self.history.add(Author::Api, Some(key), &before, self.policy.tag(), self.policy.text());
        Ok(())
    }

    /// A caller with this API key goes back to the policy of a new tailnet.
    pub(in crate::sandbox) fn reset_policy(&mut self, key: &str) {
        let before = self.policy.tag().to_owned();
        self.policy.reset();
        self.history.add(Author::Api, Some(key), &before, self.policy.tag(), self.policy.text());
    }

    /// Somebody else stores a text, whatever it is.
    pub(in crate::sandbox) fn force_policy(&mut self, text: Vec<u8>) {
        let before = self.policy.tag().to_owned();
        self.policy.force(text);
        self.history.add(Author::SomebodyElse, None, &before, self.policy.tag(), self.policy.text());
    }

    /// Somebody else edits the policy; `draw` chooses where and what.
    pub(in crate::sandbox) fn edit_as_somebody_else(&mut self, edit: ForeignEdit, draw: u64) {
        self.foreign_edits += 1;
        let domain = if self.tailnet.contains('.') { &self.tailnet } else { "example.com" };
        let text = edit.carried_out(self.policy.text(), self.foreign_edits, draw, domain);
        self.force_policy(text);
    }
}
