//! The lists of a policy text: members of groups, owners of tags, sources of pinned rules. A second reader,
//! which shares nothing with the product's: what a text means is not left to whoever wrote it.

use std::ops::Range;

use super::tokens::{Kind, Token, tokens};

/// A list as the text has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// `group:NAME`, `tag:NAME`, `acl:PIN`, `ssh:PIN`, `grant:PIN`.
    pub(crate) id: String,
    /// From bracket to bracket, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) items: Vec<Item>,
    /// Comments that belong to no element.
    pub(crate) loose: Vec<String>,
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// By which selectors are compared.
    pub(crate) key: String,
    /// As it is spelled, quotes included.
    pub(crate) literal: String,
    /// Its comments, without our words: right above it, and behind it on its line.
    pub(crate) comments: Vec<String>,
    /// Its end in Unix seconds. Doubled or unreadable: none.
    pub(crate) until: Option<i64>,
    /// Our words about its end (`until=…`, `by=…`), as they are spelled.
    pub(crate) words: Vec<String>,
}

/// By which selectors are compared: logins without regard to case and surrounding space.
pub(crate) fn key(selector: &str) -> String {
    let selector = selector.trim();
    if selector.contains('@') { selector.to_ascii_lowercase() } else { selector.to_owned() }
}

/// A text taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) lists: Vec<List>,
    pub(crate) tokens: Vec<Token>,
}

/// Reads a text; what it does not understand has no lists.
pub(crate) fn read(text: &str) -> Policy {
    let tokens = tokens(text);
    let mut reader = Reader { text, tokens: &tokens, at: 0, lists: Vec::new() };
    reader.sections();
    let lists = reader.lists;
    Policy { lists, tokens }
}

struct Reader<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    lists: Vec<List>,
}

impl<'t> Reader<'t> {
    fn sections(&mut self) {
        self.members(|reader, name, _| match name.to_ascii_lowercase().as_str() {
            "groups" | "tagowners" => reader.named_lists(),
            "acls" => reader.rules("acl"),
            "ssh" => reader.rules("ssh"),
            "grants" => reader.rules("grant"),
            _ => reader.skip(),
        });
    }

    /// An object, or whatever stands there instead; `member` is called at each value, with its name and the
    /// comments above the name, and has to pass it.
    fn members(&mut self, mut member: impl FnMut(&mut Self, &str, &[&'t str])) {
        self.comments();
        if !self.takes('{') {
            return self.skip();
        }
        loop {
            let above = self.comments();
            match self.next().map(|token| &token.kind) {
                Some(Kind::Text(name)) => {
                    self.comments();
                    self.takes(':');
                    self.comments();
                    member(self, name, &above);
                }
                Some(Kind::Mark(',')) => {}
                _ => return,
            }
        }
    }

    fn named_lists(&mut self) {
        self.members(|reader, name, _| match reader.list() {
            Some(list) => reader.lists.push(List { id: name.to_owned(), ..list }),
            None => reader.skip(),
        });
    }

    /// The sources of the pinned rules of a section.
    fn rules(&mut self, section: &str) {
        if !self.takes('[') {
            return self.skip();
        }
        loop {
            let above = self.comments();
            match self.peek() {
                Some(Kind::Mark('{')) => {
                    let pin = above.iter().rev().find_map(|comment| word(comment, "id"));
                    let mut sources = None;
                    self.members(|reader, name, _| match name.to_ascii_lowercase().as_str() {
                        "src" => sources = reader.list_or_skip().or(sources.take()),
                        "users" if section == "acl" => sources = reader.list_or_skip().or(sources.take()),
                        _ => reader.skip(),
                    });
                    if let Some((pin, list)) = pin.zip(sources) {
                        self.lists.push(List { id: format!("{section}:{pin}"), ..list });
                    }
                }
                Some(Kind::Mark(',')) => self.at += 1,
                Some(Kind::Mark(']')) | None => {
                    self.at += 1;
                    return;
                }
                Some(_) => self.skip(),
            }
        }
    }

    fn list_or_skip(&mut self) -> Option<List> {
        let list = self.list();
        if list.is_none() {
            self.skip();
        }
        list
    }

    /// The array that stands here, if one does.
    fn list(&mut self) -> Option<List> {
        let from = self.at;
        if !self.takes('[') {
            return None;
        }
        let mut list = List { id: String::new(), range: 0..0, items: Vec::new(), loose: Vec::new() };
        // Comments that may turn out to stand above an element.
        let mut above: Vec<&str> = Vec::new();
        loop {
            let token = self.next()?;
            match &token.kind {
                Kind::Comment(text) => {
                    let trails = token.breaks == 0 && !self.is_followed_on_its_line();
                    match list.items.last_mut() {
                        Some(item) if trails && above.is_empty() => item.take(text),
                        _ => {
                            if token.breaks > 1 {
                                list.loose.extend(above.drain(..).map(str::to_owned));
                            }
                            above.push(text);
                        }
                    }
                }
                Kind::Mark(']') => {
                    list.loose.extend(above.into_iter().map(str::to_owned));
                    let start = self.tokens.get(from).map_or(0, |token| token.range.start);
                    list.range = start..token.range.end;
                    return Some(list);
                }
                Kind::Mark(',') => {}
                Kind::Text(text) => {
                    if token.breaks > 1 {
                        list.loose.extend(above.drain(..).map(str::to_owned));
                    }
                    let literal = self.text.get(token.range.clone()).unwrap_or_default().to_owned();
                    let comments = above.drain(..).map(str::to_owned).collect();
                    list.items.push(Item {
                        key: key(text),
                        literal,
                        comments,
                        until: None,
                        words: Vec::new(),
                    });
                }
                Kind::Bare | Kind::Mark(_) => {
                    self.at -= 1;
                    self.skip();
                }
            }
        }
    }

    /// Whether another element stands behind the comment that was just read, on its line: then the comment is
    /// that one's.
    fn is_followed_on_its_line(&self) -> bool {
        let behind_comma = self.at.checked_sub(2).and_then(|before| self.tokens.get(before));
        let behind_comma = behind_comma.is_some_and(|token| token.kind == Kind::Mark(','));
        let next = self.tokens.get(self.at);
        behind_comma && next.is_some_and(|next| next.breaks == 0 && matches!(next.kind, Kind::Text(_)))
    }

    /// Passes the value that stands here.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Mark('{' | '[') => depth += 1,
                Kind::Mark('}' | ']') => depth = depth.saturating_sub(1),
                Kind::Comment(_) => continue,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn comments(&mut self) -> Vec<&'t str> {
        let mut comments = Vec::new();
        while let Some(Token { kind: Kind::Comment(text), .. }) = self.tokens.get(self.at) {
            comments.push(text.as_str());
            self.at += 1;
        }
        comments
    }

    fn peek(&self) -> Option<&'t Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<&'t Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn takes(&mut self, mark: char) -> bool {
        let takes = self.peek() == Some(&Kind::Mark(mark));
        self.at += usize::from(takes);
        takes
    }
}

impl Item {
    /// Takes in a comment behind the element.
    fn take(&mut self, comment: &str) {
        let Some(words) = comment.strip_prefix("tailgrant:") else {
            return self.comments.push(comment.to_owned());
        };
        let mut others = Vec::new();
        let mut untils = Vec::new();
        for word in words.split_whitespace() {
            match word.split_once('=') {
                Some(("until", moment)) => untils.push(moment),
                Some(("by", _)) => {}
                _ => {
                    others.push(word);
                    continue;
                }
            }
            self.words.push(word.to_owned());
        }
        self.until = match untils.as_slice() {
            [moment] => seconds(moment),
            _ => None,
        };
        if !others.is_empty() {
            self.comments.push(format!("tailgrant: {}", others.join(" ")));
        }
    }
}

/// The value of a word of a `tailgrant:` comment.
fn word<'c>(comment: &'c str, key: &str) -> Option<&'c str> {
    let words = comment.strip_prefix("tailgrant:")?;
    words.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// Unix seconds of a moment in RFC 3339; fractions are cut.
pub(crate) fn seconds(moment: &str) -> Option<i64> {
    let number = |range: Range<usize>| -> Option<i64> {
        let digits = moment.get(range)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let zone = moment.get(19..)?.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), clock) => {
            let (hours, minutes) = clock.split_once(':')?;
            let offset = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            if sign == "+" { offset } else { -offset }
        }
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since the epoch, with years that begin in March: the leap day is then the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second - offset)
}
