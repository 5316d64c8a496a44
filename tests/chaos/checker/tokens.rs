//! The words of a policy text, with their places. Tolerant: what it does not know it takes as a word.

use std::ops::Range;

/// A word of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Where it stands, in bytes.
    pub(crate) range: Range<usize>,
    /// How many line ends are between it and the word before it.
    pub(crate) breaks: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of `{}[]:,`.
    Mark(char),
    /// A string, decoded.
    Text(String),
    /// `true`, `null`, a number, or anything else.
    Bare,
    /// The text of a comment, without what begins and ends it.
    Comment(String),
}

/// Takes a text apart.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut breaks) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            breaks += usize::from(first == '\n');
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(first, rest);
        tokens.push(Token { kind, range: at..at + length, breaks: std::mem::take(&mut breaks) });
        at += length;
    }
    tokens
}

/// The word at the beginning of `rest`, and its length.
fn token(first: char, rest: &str) -> (Kind, usize) {
    let comment = |length: usize, head: usize, tail: usize| {
        let text = rest.get(head..length.saturating_sub(tail)).unwrap_or_default();
        (Kind::Comment(text.trim().to_owned()), length)
    };
    if "{}[]:,".contains(first) {
        (Kind::Mark(first), 1)
    } else if first == '"' {
        let length = string_length(rest);
        let literal = rest.get(..length).unwrap_or_default();
        (Kind::Text(serde_json::from_str(literal).unwrap_or_else(|_| literal.to_owned())), length)
    } else if rest.starts_with("//") {
        comment(rest.find('\n').unwrap_or(rest.len()), 2, 0)
    } else if rest.starts_with("/*") {
        let end = rest.get(2..).and_then(|inside| inside.find("*/"));
        end.map_or_else(|| comment(rest.len(), 2, 0), |end| comment(end + 4, 2, 2))
    } else {
        let ends = |letter: char| letter.is_whitespace() || "{}[]:,\"/".contains(letter);
        let first = first.len_utf8();
        let length = rest.get(first..).and_then(|more| more.find(ends));
        (Kind::Bare, length.map_or(rest.len(), |length| first + length))
    }
}

/// The length of the string at the beginning of `rest`, with its quotes.
fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}
