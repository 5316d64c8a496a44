//! The grammar.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::document::{Document, Node};
use super::position::{Position, position};
use super::scan::{self, BadComment};

/// Deepest nesting that is read. The reference parser knows no limit, but Go's JSON decoder, which
/// the service reads the result with, stops here.
pub const DEEPEST: usize = 10_000;

/// The longest literal that an error message repeats, in bytes.
const LONGEST_QUOTE: usize = 200;

/// Where and why a text is not HuJSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {reason}", position.line, position.column)]
pub struct SyntaxError {
    /// Where, for people.
    pub position: Position,
    /// Where, in bytes from the start.
    pub offset: usize,
    /// Why, in the words of the reference implementation.
    pub reason: String,
    /// What may stand there instead, in plain words that follow "expected".
    pub expected: &'static str,
}

/// Parses a whole text, which may start and end with space and comments.
///
/// Takes time and space linear in the text, and no stack: the list of offsets that comes out also
/// remembers, while it is being made, which brackets are open.
///
/// # Errors
///
/// The first violation of the grammar; nesting deeper than [`DEEPEST`]; a text of 4 GiB or more.
pub fn parse(text: &[u8]) -> Result<Document<'_>, SyntaxError> {
    let nodes = if u32::try_from(text.len()).is_ok() {
        // A guess at how much text there is for each value, so that the list seldom grows.
        Parser {
            text,
            at: 0,
            nodes: Vec::with_capacity(text.len() / 16 + 8),
            open: None,
            depth: 0,
            odd_name: None,
        }
        .run()
    } else {
        Err(Failure { offset: 0, reason: "text of 4 GiB or more".into(), expected: "a shorter text" })
    };
    match nodes {
        Ok(nodes) => Ok(Document::new(text, nodes)),
        Err(Failure { offset, reason, expected }) => {
            let (position, reason) = (position(text, offset), reason.into_owned());
            Err(SyntaxError { position, offset, reason, expected })
        }
    }
}

/// An error without its position, which costs time to find.
struct Failure {
    offset: usize,
    reason: Cow<'static, str>,
    expected: &'static str,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    /// A value or `]`.
    Element,
    /// A string or `}`.
    Name,
}

impl Expected {
    fn words(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::Element => "a value or ']'",
            Self::Name => "a name in quotes or '}'",
        }
    }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The innermost open bracket; while one is open, its link is the one around it.
    open: Option<u32>,
    depth: usize,
    /// The innermost open bracket that stands where a name belongs. The reference reads such a
    /// value to its end before it complains.
    odd_name: Option<u32>,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Vec<Node>, Failure> {
        let mut expected = Expected::Value;
        loop {
            self.trivia()?;
            let start = self.at;
            match (self.peek(), expected) {
                (Some(b'"'), _) => self.string()?,
                (Some(b'{'), _) => {
                    self.open(expected)?;
                    expected = Expected::Name;
                    continue;
                }
                (Some(b'['), _) => {
                    self.open(expected)?;
                    expected = Expected::Element;
                    continue;
                }
                (Some(b'}'), Expected::Name) | (Some(b']'), Expected::Element) => {
                    match self.close_all()? {
                        Some(next) => expected = next,
                        None => return Ok(self.nodes),
                    }
                    continue;
                }
                (Some(_), _) => self.literal(expected)?,
                (None, _) => return Err(self.unexpected_end("value", expected.words())),
            }
            self.trivia()?;
            if expected == Expected::Name {
                self.colon(start)?;
                expected = Expected::Value;
                continue;
            }
            expected = match self.separator()? {
                Separator::Comma(next) => next,
                Separator::End => return Ok(self.nodes),
                Separator::Close => match self.close_all()? {
                    Some(next) => next,
                    None => return Ok(self.nodes),
                },
            };
        }
    }

    /// Closes the innermost bracket, which `at` stands on, and all that close right after it.
    /// Returns what comes next, or nothing at the end of the text.
    fn close_all(&mut self) -> Result<Option<Expected>, Failure> {
        loop {
            let start = self.close();
            self.trivia()?;
            if let Some(start) = start {
                return Err(self.invalid_name(start));
            }
            match self.separator()? {
                Separator::Comma(next) => return Ok(Some(next)),
                Separator::End => return Ok(None),
                Separator::Close => {}
            }
        }
    }

    fn open(&mut self, expected: Expected) -> Result<(), Failure> {
        if self.depth == DEEPEST {
            let reason = format!("nested deeper than {DEEPEST} levels");
            return Err(Failure { offset: self.at, reason: reason.into(), expected: "fewer levels" });
        }
        let index = small(self.nodes.len());
        if expected == Expected::Name {
            self.odd_name = Some(index);
        }
        self.nodes.push(Node { start: small(self.at), link: self.open.unwrap_or(u32::MAX) });
        self.open = Some(index);
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Closes the innermost bracket; returns where it opened if it stands where a name belongs.
    fn close(&mut self) -> Option<usize> {
        let index = self.open?;
        let end = small(self.nodes.len());
        self.nodes.push(Node { start: small(self.at), link: index });
        self.at += 1;
        self.depth -= 1;
        let node = self.nodes.get_mut(index as usize)?;
        let around = std::mem::replace(&mut node.link, end);
        let start = node.start as usize;
        self.open = (self.depth > 0).then_some(around);
        (self.odd_name == Some(index)).then_some(start)
    }

    /// What stands behind a value that is not a name.
    fn separator(&mut self) -> Result<Separator, Failure> {
        let Some(open) = self.open.and_then(|open| self.nodes.get(open as usize)) else {
            if self.peek().is_none() {
                return Ok(Separator::End);
            }
            let end = "nothing but space and comments";
            return Err(self.invalid_character(self.at, "after top-level value", end));
        };
        let object = self.text.get(open.start as usize) == Some(&b'{');
        let expected = if object { "',' or '}'" } else { "',' or ']'" };
        match (self.peek(), object) {
            (Some(b','), _) => {
                self.at += 1;
                Ok(Separator::Comma(if object { Expected::Name } else { Expected::Element }))
            }
            (Some(b'}'), true) | (Some(b']'), false) => Ok(Separator::Close),
            (None, _) => {
                let within = if object { "object after value" } else { "array after value" };
                Err(self.unexpected_end(within, expected))
            }
            (_, true) => {
                Err(self.invalid_character(self.at, "after object value (expecting ',' or '}')", expected))
            }
            (_, false) => {
                Err(self.invalid_character(self.at, "after array value (expecting ',' or ']')", expected))
            }
        }
    }

    /// The colon behind a name, and the verdict on a name that is no string.
    fn colon(&mut self, name: usize) -> Result<(), Failure> {
        if self.text.get(name) != Some(&b'"') {
            return Err(self.invalid_name(name));
        }
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.invalid_character(self.at, "after object name", "':'")),
            None => return Err(self.unexpected_end("object after name", "':'")),
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Failure> {
        match scan::string_end(self.text, self.at) {
            Some(string) if string.valid => self.scalar(string.end),
            Some(string) => {
                let expected = "a string without control characters and with valid escapes";
                return Err(self.invalid_literal(string.end, expected));
            }
            None => {
                self.at = self.text.len();
                return Err(self.unexpected_end("string", "a closing quote"));
            }
        }
        Ok(())
    }

    fn literal(&mut self, expected: Expected) -> Result<(), Failure> {
        let end = scan::literal_end(self.text, self.at);
        match self.text.get(self.at..end).unwrap_or_default() {
            [] => Err(self.invalid_character(self.at, "at start of value", expected.words())),
            literal if scan::is_literal(literal) => {
                self.scalar(end);
                Ok(())
            }
            _ if expected == Expected::Name => Err(self.invalid_literal(end, expected.words())),
            _ => Err(self.invalid_literal(end, "a string in quotes, a number, true, false or null")),
        }
    }

    fn scalar(&mut self, end: usize) {
        self.nodes.push(Node { start: small(self.at), link: small(end) });
        self.at = end;
    }

    /// Skips space and comments.
    fn trivia(&mut self) -> Result<(), Failure> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') => match scan::comment_end(self.text, self.at) {
                    None => return Ok(()),
                    Some(Ok(end)) => self.at = end,
                    Some(Err(BadComment::Open)) => {
                        let line = self.text.get(self.at + 1) == Some(&b'/');
                        let expected = if line { "a line end" } else { "'*/'" };
                        return Err(self.unexpected_end("comment", expected));
                    }
                    Some(Err(BadComment::NotUtf8)) => {
                        let reason = "invalid UTF-8 in comment".into();
                        return Err(Failure { offset: self.at, reason, expected: "a comment in UTF-8" });
                    }
                },
                _ => return Ok(()),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn unexpected_end(&self, within: &str, expected: &'static str) -> Failure {
        let reason = format!("parsing {within}: unexpected EOF").into();
        Failure { offset: self.at, reason, expected }
    }

    fn invalid_literal(&self, end: usize, expected: &'static str) -> Failure {
        let literal = self.text.get(self.at..end).unwrap_or_default();
        let shown = String::from_utf8_lossy(literal.get(..LONGEST_QUOTE).unwrap_or(literal));
        let more = if literal.len() > LONGEST_QUOTE { "…" } else { "" };
        Failure { offset: self.at, reason: format!("invalid literal: {shown}{more}").into(), expected }
    }

    fn invalid_name(&self, start: usize) -> Failure {
        self.invalid_character(start, "at start of object name", Expected::Name.words())
    }

    fn invalid_character(&self, offset: usize, place: &str, expected: &'static str) -> Failure {
        let rest = self.text.get(offset..).unwrap_or_default();
        let shown = quoted_character(rest.get(..4).unwrap_or(rest));
        Failure { offset, reason: format!("invalid character {shown} {place}").into(), expected }
    }
}

/// What stands behind a value.
enum Separator {
    Comma(Expected),
    Close,
    End,
}

/// The first character of some bytes, in single quotes, as the reference writes it.
fn quoted_character(bytes: &[u8]) -> String {
    let first = bytes.utf8_chunks().next();
    match (first.as_ref().and_then(|chunk| chunk.valid().chars().next()), bytes.first()) {
        (Some('\''), _) => r"'\''".to_owned(),
        (Some('\\'), _) => r"'\\'".to_owned(),
        (Some('"'), _) => r#"'"'"#.to_owned(),
        // Rust escapes what is not printable, as Go does, but spells it in another way.
        (Some(character), _) if character.escape_debug().len() == 1 => format!("'{character}'"),
        (Some(character), _) => match u32::from(character) {
            code @ ..0x1_0000 => format!("'\\u{code:04x}'"),
            code => format!("'\\U{code:08x}'"),
        },
        (None, byte) => format!("'\\x{:02x}'", byte.copied().unwrap_or_default()),
    }
}

/// An offset or an index as it is kept. The text is shorter than 4 GiB, and has no more values and
/// brackets than bytes.
#[expect(clippy::cast_possible_truncation, reason = "`parse` refuses longer texts")]
fn small(offset: usize) -> u32 {
    offset as u32
}
