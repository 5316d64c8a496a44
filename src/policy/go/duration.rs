//! Spans of time.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// A span of time in nanoseconds, read and written as Go's `time.Duration` is: `12h`, `1h30m`, `-1.5s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy) struct Duration(i64);

/// Why a text is no duration, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::policy) enum DurationError {
    #[error("time: invalid duration {}", Quoted(.0))]
    Invalid(String),
    #[error("time: missing unit in duration {}", Quoted(.0))]
    MissingUnit(String),
    #[error("time: unknown unit {} in duration {}", Quoted(.unit), Quoted(.text))]
    UnknownUnit { unit: String, text: String },
}

/// The time package quotes for itself: byte by byte, and only ASCII as it is.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for byte in self.0.bytes() {
            match byte {
                b'"' | b'\\' => write!(out, "\\{}", char::from(byte))?,
                b' '..=b'\x7f' => out.write_char(char::from(byte))?,
                _ => write!(out, "\\x{byte:02x}")?,
            }
        }
        out.write_char('"')
    }
}

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
];
const SECOND: u64 = 1_000_000_000;

/// The lowest duration has no positive counterpart.
const MOST: u64 = 1 << 63;

impl Duration {
    pub(in crate::policy) const ZERO: Self = Self(0);

    pub(in crate::policy) const fn from_hours(hours: i64) -> Self {
        Self(hours * 3_600 * SECOND.cast_signed())
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let invalid = || DurationError::Invalid(text.to_owned());
        let (negative, mut rest) = match text.split_at_checked(1) {
            Some(("-", rest)) => (true, rest),
            Some(("+", rest)) => (false, rest),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (term, behind) = Term::read(rest).ok_or_else(invalid)?;
            let unit = match term.unit {
                "" => return Err(DurationError::MissingUnit(text.to_owned())),
                unit => UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| {
                    DurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() }
                })?,
            };
            let sum = term.nanoseconds(unit.1).and_then(|term| total.checked_add(term));
            total = sum.filter(|total| *total <= MOST).ok_or_else(invalid)?;
            rest = behind;
        }
        if negative {
            return Ok(Self(0_i64.wrapping_sub_unsigned(total)));
        }
        i64::try_from(total).map(Self).map_err(|_| invalid())
    }
}

/// A number and its unit: `1.5h`.
struct Term<'t> {
    whole: &'t str,
    fraction: &'t str,
    unit: &'t str,
}

impl<'t> Term<'t> {
    /// Splits the first term off. `None`: there are no digits.
    fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let (whole, rest) = split_digits(text);
        let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at_checked(end)?;
        Some((Self { whole, fraction, unit }, rest))
    }

    /// `None`: it is too much.
    fn nanoseconds(&self, unit: u64) -> Option<u64> {
        let whole: u64 = if self.whole.is_empty() { 0 } else { self.whole.parse().ok()? };
        let nanoseconds = whole.checked_mul(unit)?.checked_add(self.fraction_of(unit))?;
        (nanoseconds <= MOST).then_some(nanoseconds)
    }

    /// Rounds down, and leaves out digits that no longer matter.
    fn fraction_of(&self, unit: u64) -> u64 {
        let (mut numerator, mut denominator) = (0_u128, 1_u128);
        for digit in self.fraction.bytes().take(18) {
            numerator = numerator * 10 + u128::from(digit - b'0');
            denominator *= 10;
        }
        u64::try_from(numerator * u128::from(unit) / denominator).unwrap_or_default()
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.unsigned_abs();
        if self.0 < 0 {
            out.write_str("-")?;
        }
        match nanoseconds {
            0 => return out.write_str("0s"),
            1..1_000 => return write!(out, "{nanoseconds}ns"),
            1_000..1_000_000 => return write!(out, "{}µs", Decimal(nanoseconds, 1_000)),
            1_000_000..SECOND => return write!(out, "{}ms", Decimal(nanoseconds, 1_000_000)),
            _ => {}
        }
        let (minutes, rest) = (nanoseconds / (60 * SECOND), nanoseconds % (60 * SECOND));
        match (minutes / 60, minutes % 60) {
            (0, 0) => {}
            (0, minutes) => write!(out, "{minutes}m")?,
            (hours, minutes) => write!(out, "{hours}h{minutes}m")?,
        }
        write!(out, "{}s", Decimal(rest, SECOND))
    }
}

/// A quotient by a power of ten, without trailing zeros.
struct Decimal(u64, u64);

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, one) = *self;
        write!(out, "{}", number / one)?;
        if number % one == 0 {
            return Ok(());
        }
        // The leading 1 keeps the zeros behind it.
        let digits = (one + number % one).to_string();
        let fraction = digits.strip_prefix('1').unwrap_or(&digits);
        write!(out, ".{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let read = text.parse::<Duration>();
        assert_eq!(read.map_or_else(|error| error.to_string(), |read| read.to_string()), expected);
    }

    #[test]
    fn durations() {
        for (text, printed) in [
            ("0", "0s"),
            ("-0", "0s"),
            ("0s", "0s"),
            ("30s", "30s"),
            ("1h", "1h0m0s"),
            ("-1m", "-1m0s"),
            ("+5m", "5m0s"),
            ("168h0m1s", "168h0m1s"),
            ("200h", "200h0m0s"),
            ("90m", "1h30m0s"),
            ("1.5h", "1h30m0s"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("1m1.050s", "1m1.05s"),
            ("1.0000000015s", "1.000000001s"),
            ("1us", "1µs"),
            ("1µs", "1µs"),
            ("1500ns", "1.5µs"),
            ("1.15us", "1.15µs"),
            ("1.11ms", "1.11ms"),
            ("-1.1s", "-1.1s"),
            ("168h0m1.1s", "168h0m1.1s"),
            ("999ns", "999ns"),
            ("1s1s1m", "1m2s"),
            ("2540400h10m10.000000000s", "2540400h10m10s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", "-2562047h47m16.854775808s"),
            ("0.100000000000000000000h", "6m0s"),
            ("0.9223372036854775807h", "55m20.413933267s"),
        ] {
            check(text, printed);
        }
    }

    #[test]
    fn other_texts() {
        for text in ["", "abc", "-", "+", ".", "s", "-s", "9223372036854775808ns", "3000000h", "--1s"] {
            check(text, &format!("time: invalid duration {text:?}"));
        }
        check("99999999999999999999h", "time: invalid duration \"99999999999999999999h\"");
        check("3", "time: missing unit in duration \"3\"");
        check("1h3", "time: missing unit in duration \"1h3\"");
        check("1d", "time: unknown unit \"d\" in duration \"1d\"");
        check("1h-1m", "time: unknown unit \"h-\" in duration \"1h-1m\"");
        check("1é\"", r#"time: unknown unit "\xc3\xa9\"" in duration "1\xc3\xa9\"""#);
        check("1 h", "time: unknown unit \" h\" in duration \"1 h\"");
        check("1H2m", "time: unknown unit \"H\" in duration \"1H2m\"");
    }
}
