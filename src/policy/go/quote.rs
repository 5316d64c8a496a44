//! Strings in quotes.

use std::fmt::{self, Write as _};

/// Writes a text as Go's `%q` does: in double quotes, escaping quotes, backslashes and whatever is not
/// printable.
pub(in crate::policy) struct Quoted<'t>(pub(in crate::policy) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => out.write_str("\\\"")?,
                '\\' => out.write_str("\\\\")?,
                '\u{7}' => out.write_str("\\a")?,
                '\u{8}' => out.write_str("\\b")?,
                '\u{c}' => out.write_str("\\f")?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                '\t' => out.write_str("\\t")?,
                '\u{b}' => out.write_str("\\v")?,
                control if control.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(control))?,
                printable if is_printable(printable) => out.write_char(printable)?,
                other if u32::from(other) < 0x1_0000 => write!(out, "\\u{:04x}", u32::from(other))?,
                other => write!(out, "\\U{:08x}", u32::from(other))?,
            }
        }
        out.write_char('"')
    }
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space. Both standard libraries agree on
/// these; behind the first character the escapes of `str` leave combining marks alone, as Go does.
fn is_printable(character: char) -> bool {
    character.is_ascii()
        || ['a', character].iter().collect::<String>().escape_debug().nth(1) == Some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Quoted(text).to_string(), expected);
    }

    #[test]
    fn only_what_is_not_printable_is_escaped() {
        check("", r#""""#);
        check("tag:сервер 🚀 مستخدم", r#""tag:сервер 🚀 مستخدم""#);
        check("a\"b\\c", r#""a\"b\\c""#);
        check("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#);
        check("\0\u{1f}\u{7f}", r#""\x00\x1f\x7f""#);
        check("\u{80}\u{a0}\u{200b}\u{2028}\u{feff}", r#""\u0080\u00a0\u200b\u2028\ufeff""#);
        check("\u{e0001}\u{10ffff}", r#""\U000e0001\U0010ffff""#);
        check("e\u{301}\u{fffd}'", "\"e\u{301}\u{fffd}'\"");
    }
}
