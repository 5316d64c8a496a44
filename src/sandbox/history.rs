//! The texts and roles that were stored, one after the other: evidence for whoever checks what became of a tailnet.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

/// A policy text that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Counts from 0, the text of the beginning; a gap tells that older ones were forgotten.
    pub number: u64,
    /// When it was stored, in milliseconds since the sandbox was started.
    pub milliseconds: u64,
    /// Who stored it.
    pub by: Author,
    /// Id of the API key (what stands between `tskey-api-` and the secret) that it was sent with, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Entity tag of the text before, without quotes; the same as `after` if only the layout changed.
    pub before: String,
    /// Its own entity tag.
    pub after: String,
    /// The stored text. What is not UTF-8 in it reads as U+FFFD.
    pub text: String,
}

/// Who stored a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// Nobody: it was there from the start.
    Start,
    /// A caller of the API.
    Api,
    /// Somebody else, in the admin console as it were.
    SomebodyElse,
}

/// Another role that a caller of the API gave to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// When it was set, in milliseconds since the sandbox was started.
    pub milliseconds: u64,
    /// Id of the API key that was used, if it had one.
    pub key: Option<String>,
    /// Id of the user.
    pub user: String,
    /// The role until then.
    pub before: String,
    /// The role from then on.
    pub after: String,
}

/// The newest texts and changes of roles, at most so many of each as was asked for.
#[derive(Debug)]
pub(super) struct History {
    limit: usize,
    begin: Instant,
    next: u64,
    texts: VecDeque<Stored>,
    roles: VecDeque<RoleChange>,
}

impl History {
    /// Remembers `limit` texts, and as many changes of roles; with 0 nothing.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, begin: Instant::now(), next: 0, texts: VecDeque::new(), roles: VecDeque::new() }
    }

    /// Time since the beginning.
    pub(super) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    pub(super) fn is_kept(&self) -> bool {
        self.limit > 0
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &Stored> {
        self.texts.iter()
    }

    pub(super) fn roles(&self) -> impl Iterator<Item = &RoleChange> {
        self.roles.iter()
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Somebody has another role.
    pub(super) fn add_role(&mut self, key: &str, user: &str, before: String, after: &str) {
        if self.limit == 0 {
            return;
        }
        if self.roles.len() == self.limit {
            self.roles.pop_front();
        }
        self.roles.push_back(RoleChange {
            milliseconds: self.milliseconds(),
            key: Some(key).filter(|key| !key.is_empty()).map(str::to_owned),
            user: user.to_owned(),
            before,
            after: after.to_owned(),
        });
    }

    pub(super) fn add(&mut self, by: Author, key: Option<&str>, before: &str, after: &str, text: &[u8]) {
        let number = self.next;
        self.next += 1;
        if self.limit == 0 {
            return;
        }
        if self.texts.len() == self.limit {
            self.texts.pop_front();
        }
        self.texts.push_back(Stored {
            number,
            milliseconds: self.milliseconds(),
            by,
            key: key.filter(|key| !key.is_empty()).map(str::to_owned),
            before: before.to_owned(),
            after: after.to_owned(),
            text: String::from_utf8_lossy(text).into_owned(),
        });
    }
}
