//! Texts of a policy on a line of the terminal.

use std::borrow::Cow;

use crate::cli::excerpt::harmless;
use crate::cli::output::WIDTH;
use crate::hujson::Position;

/// Texts joined by commas, as many as fit in a line from this column on, and how many more there are. One is
/// always shown, if need be only its start.
pub(super) fn listed<S: AsRef<str>>(texts: &[S], column: usize) -> String {
    let room = WIDTH.saturating_sub(column);
    let mut line = String::new();
    for (shown, text) in texts.iter().enumerate() {
        let text = cut(&harmless(text.as_ref()), room.saturating_sub(16)).into_owned();
        let more = format!(" and {} more", texts.len() - shown);
        if shown > 0 && line.chars().count() + 2 + text.chars().count() + more.len() > room {
            return line + &more;
        }
        if shown > 0 {
            line.push_str(", ");
        }
        line.push_str(&text);
    }
    line
}

/// The start of a text, with a mark where there is more.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// `line 12`
pub(super) fn line(position: Position) -> String {
    format!("line {}", position.line)
}

/// `1 rule`, `2 rules`
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_bounded_and_harmless() {
        assert_eq!(listed(&["a", "b\u{1b}[2J"], 0), "a, b\u{241b}[2J");
        assert_eq!(listed::<&str>(&[], 0), "");
        let many = vec!["somebody@example.com"; 1000];
        let line = listed(&many, 20);
        assert!(line.len() <= WIDTH - 20 && line.ends_with(" more"), "{line}");
        let long = "x".repeat(500);
        assert!(listed(&[&long, &long], 30).chars().count() <= WIDTH - 30);
    }

    #[test]
    fn counts() {
        assert_eq!((count(1, "rule"), count(0, "rule")), ("1 rule".to_owned(), "0 rules".to_owned()));
    }
}
