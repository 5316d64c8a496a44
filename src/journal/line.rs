//! One line: how it is written, and what is read back from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{Action, Entry, Intent, Kind};
use super::hash::Hash;
use super::remark::{Remark, Stage};

/// Longest line that is read or written, in bytes.
pub(super) const LONGEST: usize = 4 << 20;

/// Most bytes of intents in one line; the rest goes into further lines, each a `part`.
const INTENTS: usize = 1 << 20;

/// Most bytes of any text that names something.
const NAME: usize = 512;

/// Most bytes of what the service says.
const WORDS: usize = 8 << 10;

/// Most other spellings of one principal.
const ALIASES: usize = 64;

/// What stands between a line's content and its hash.
const HASH_FIELD: &[u8] = b",\"hash\":\"";

/// A line without its place in the chain.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Body<'a> {
    Policy(Change<'a>),
    Role(Change<'a>),
    /// A request is about to be sent.
    Sending(Mention),
    /// What became of a lost one, or what else is known.
    Settled(Mention),
    /// The last line had been cut off, and so many bytes of it were removed.
    Repair {
        cut: u64,
        sha256: Hash,
    },
    /// So many entries could not be kept until the file could be written again.
    Gap {
        lost: u64,
    },
}

/// The fields of an attempted change, bounded.
#[derive(Debug, Serialize)]
pub(super) struct Change<'a> {
    tailnet: String,
    /// The line that told of it before it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    /// `2/3`: of an entry that takes several lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    intents: Vec<Wanted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag_after: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    duration_ms: u64,
    lines_added: usize,
    lines_removed: usize,
    #[serde(skip_serializing_if = "str::is_empty")]
    diff: &'a str,
}

/// The fields of a remark, bounded.
#[derive(Debug, Serialize)]
pub(super) struct Mention {
    /// The kind of the line that tells of the end.
    change: &'static str,
    tailnet: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    intents: Vec<Wanted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Wanted {
    action: &'static str,
    entitlement: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_ids: Vec<String>,
    principal: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    caller: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

#[derive(Serialize)]
struct Placed<'a> {
    seq: u64,
    prev: Hash,
    time: String,
    #[serde(flatten)]
    body: &'a Body<'a>,
}

/// What is read back of a line.
#[derive(Debug, Deserialize)]
pub(super) struct Past {
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) time: Timestamp,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) tailnet: String,
    /// The line of kind `sending` whose request has ended.
    pub(super) of: Option<u64>,
    pub(super) part: Option<String>,
    #[serde(default)]
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) intents: Vec<PastIntent>,
    /// Its hash is that of its content.
    #[serde(skip)]
    pub(super) sealed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct PastIntent {
    pub(super) action: String,
    pub(super) entitlement: String,
    #[serde(default)]
    pub(super) other_ids: Vec<String>,
    pub(super) principal: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    pub(super) until: Option<Timestamp>,
    pub(super) passed: Option<Timestamp>,
    pub(super) by: Option<String>,
}

impl PastIntent {
    /// `None` where its action is none that is known. Who asked is left out.
    pub(super) fn into_intent(self) -> Option<Intent> {
        let action = Action::ALL.into_iter().find(|action| action.word() == self.action)?;
        let Self { other_ids, aliases, until, passed, by, .. } = self;
        let intent = Intent::new(action, self.entitlement, self.principal);
        Some(Intent { other_ids, aliases, until, passed, by, ..intent })
    }
}

/// The lines of an entry: one, or several where it has many intents. Only the first has the diff. `of` is the
/// line that told of it before it was sent.
pub(super) fn bodies(entry: &Entry, of: Option<u64>) -> Vec<Body<'_>> {
    let parts = parts(&entry.intents);
    let count = parts.len();
    let change = |(at, intents): (usize, Vec<Wanted>)| {
        let change = Change {
            tailnet: bounded(&entry.tailnet, NAME),
            of,
            part: part(at, count),
            intents,
            etag_before: entry.etag_before.as_deref().map(|tag| bounded(tag, NAME)),
            etag_after: entry.etag_after.as_deref().map(|tag| bounded(tag, NAME)),
            outcome: entry.outcome.word(),
            words: entry.outcome.words().map(|words| bounded(words, WORDS)),
            duration_ms: u64::try_from(entry.duration.as_millis()).unwrap_or(u64::MAX),
            lines_added: entry.diff.added,
            lines_removed: entry.diff.removed,
            diff: if at == 0 { &entry.diff.text } else { "" },
        };
        match entry.kind {
            Kind::Policy => Body::Policy(change),
            Kind::Role => Body::Role(change),
        }
    };
    parts.into_iter().enumerate().map(change).collect()
}

/// The lines of a remark: one, or several where it has many intents.
pub(super) fn mentions(remark: &Remark) -> Vec<Body<'static>> {
    let parts = parts(&remark.intents);
    let count = parts.len();
    let mention = |(at, intents): (usize, Vec<Wanted>)| {
        let mention = Mention {
            change: remark.kind.word(),
            tailnet: bounded(&remark.tailnet, NAME),
            part: part(at, count),
            intents,
            etag_before: remark.etag_before.as_deref().map(|tag| bounded(tag, NAME)),
            outcome: remark.stage.outcome(),
        };
        match remark.stage {
            Stage::Sending => Body::Sending(mention),
            Stage::InEffect | Stage::Superseded | Stage::Held | Stage::Seen => Body::Settled(mention),
        }
    };
    parts.into_iter().enumerate().map(mention).collect()
}

/// What tells the lines apart where there are several; the first is `at` 0.
fn part(at: usize, count: usize) -> Option<String> {
    (count > 1).then(|| format!("{}/{count}", at + 1))
}

impl Past {
    /// The last line, or the only one, of what it tells.
    pub(super) fn is_last_part(&self) -> bool {
        let last = |part: &String| part.split_once('/').is_some_and(|(at, count)| at == count);
        self.part.as_ref().is_none_or(last)
    }
}

/// The intents as a JSON array of at most about `limit` bytes, for logs; what is left out is counted.
pub(super) fn brief(intents: &[Intent], limit: usize) -> String {
    let (mut told, mut size) = (Vec::new(), 0);
    for intent in intents {
        let wanted = Wanted::from(intent);
        size += wanted.size();
        if size > limit {
            break;
        }
        told.push(wanted);
    }
    let left = intents.len() - told.len();
    let told = serde_json::to_string(&told).unwrap_or_default();
    if left == 0 { told } else { format!("{told} and {left} more") }
}

/// Writes a line for its place in the chain, with its line end, and tells its hash.
pub(super) fn seal(
    seq: u64,
    prev: Hash,
    time: Timestamp,
    body: &Body<'_>,
) -> serde_json::Result<(Vec<u8>, Hash)> {
    let time = format!("{time:.3}");
    let mut line = serde_json::to_vec(&Placed { seq, prev, time, body })?;
    let hash = Hash::of(&line);
    line.pop();
    line.extend_from_slice(HASH_FIELD);
    line.extend_from_slice(format!("{hash}\"}}\n").as_bytes());
    Ok((line, hash))
}

/// Reads a line, without its line end. `None` if it is no line of a journal.
pub(super) fn read(line: &[u8]) -> Option<Past> {
    let past: Past = serde_json::from_slice(line).ok()?;
    let (content, end) = line.split_at_checked(line.len().checked_sub(HASH_FIELD.len() + 66)?)?;
    let sealed = end == [HASH_FIELD, format!("{}\"}}", past.hash).as_bytes()].concat()
        && Hash::of(&[content, b"}"].concat()) == past.hash;
    Some(Past { sealed, ..past })
}

fn parts(intents: &[Intent]) -> Vec<Vec<Wanted>> {
    let (mut parts, mut size) = (vec![Vec::new()], 0);
    for wanted in intents.iter().map(Wanted::from) {
        size += wanted.size();
        if size > INTENTS {
            size = wanted.size();
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(wanted);
        }
    }
    parts
}

impl From<&Intent> for Wanted {
    fn from(intent: &Intent) -> Self {
        Self {
            action: intent.action.word(),
            entitlement: bounded(&intent.entitlement, NAME),
            other_ids: intent.other_ids.iter().take(ALIASES).map(|id| bounded(id, NAME)).collect(),
            principal: bounded(&intent.principal, NAME),
            aliases: intent.aliases.iter().take(ALIASES).map(|alias| bounded(alias, NAME)).collect(),
            until: intent.until,
            passed: intent.passed,
            by: intent.by.as_deref().map(|by| bounded(by, NAME)),
            caller: bounded(&intent.caller, NAME),
            request_id: intent.request_id.as_deref().map(|id| bounded(id, NAME)),
        }
    }
}

impl Wanted {
    /// Bytes that it takes in a line, at most.
    fn size(&self) -> usize {
        let texts = [Some(&self.entitlement), Some(&self.principal), self.by.as_ref(), Some(&self.caller)];
        let texts = texts.into_iter().chain([self.request_id.as_ref()]).flatten();
        160 + texts
            .chain(&self.aliases)
            .chain(&self.other_ids)
            .map(|text| written_size(text) + 16)
            .sum::<usize>()
    }
}

/// As much of a text as takes `limit` bytes in a line; `…` tells that it was cut.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    if written_size(text) <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub('…'.len_utf8());
    let kept = text.chars().take_while(|&c| match left.checked_sub(character_size(c)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    kept.chain(['…']).collect()
}

/// Bytes that a text takes inside a JSON string.
pub(super) fn written_size(text: &str) -> usize {
    text.chars().map(character_size).sum()
}

const fn character_size(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\x1f' => 6,
        c => c.len_utf8(),
    }
}
