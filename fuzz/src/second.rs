//! A second reader of HuJSON, which has nothing in common with the first: comments and trailing
//! commas are blanked by a little machine that knows nothing but strings, and the JSON that is left
//! is read by `serde_json`.

use serde::Deserialize;
use serde_json::Value;

/// What a text means; `None`: it is not HuJSON.
#[must_use]
pub fn read(text: &[u8]) -> Option<Value> {
    let mut json = blank_comments(text)?;
    blank_trailing_commas(&mut json);
    let json = lossy(&json);
    let mut reader = serde_json::Deserializer::from_str(&json);
    reader.disable_recursion_limit();
    let value = Value::deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// How deep the brackets of a text are nested at most, strings and comments included: an upper bound.
#[must_use]
pub fn depth(text: &[u8]) -> usize {
    text.iter().filter(|byte| matches!(byte, b'[' | b'{')).count()
}

/// The text without comments, and with U+FFFD for surrogates that have no partner.
fn blank_comments(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let length = match rest {
            [b'"', ..] => {
                let length = string_length(rest);
                pair_surrogates(&rest[..length], &mut out);
                rest = &rest[length..];
                continue;
            }
            [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n')? + 1,
            [b'/', b'*', inner @ ..] => inner.windows(2).position(|end| end == b"*/")? + 4,
            _ => {
                out.push(*byte);
                rest = &rest[1..];
                continue;
            }
        };
        std::str::from_utf8(&rest[..length]).ok()?;
        out.push(b' ');
        rest = &rest[length..];
    }
    Some(out)
}

/// The length of a string with its quotes; of all the rest if it has no end.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

fn pair_surrogates(mut string: &[u8], out: &mut Vec<u8>) {
    let unit = |escape: &[u8]| match escape {
        [b'\\', b'u', digits @ ..] => {
            let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
            u16::from_str_radix(digits, 16).ok()
        }
        _ => None,
    };
    while let Some(byte) = string.first() {
        let (kept, length): (&[u8], usize) = match (unit(string), string.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&string[..12], 12),
            (Some(0xd800..=0xdfff), _) => (b"\\ufffd", 6),
            _ if *byte == b'\\' => (&string[..string.len().min(2)], string.len().min(2)),
            _ => (&string[..1], 1),
        };
        out.extend_from_slice(kept);
        string = &string[length..];
    }
}

/// A comma that stands behind something and before a closing bracket becomes a space.
fn blank_trailing_commas(json: &mut [u8]) {
    let mut at = 0;
    let (mut before, mut comma) = (None, None);
    while let Some(byte) = json.get(at).copied() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b',' => {
                comma = (!matches!(before, None | Some(b'[' | b'{' | b','))).then_some(at);
                before = Some(byte);
            }
            _ => {
                if let (Some(comma), b']' | b'}') = (comma, byte) {
                    json[comma] = b' ';
                }
                (before, comma) = (Some(byte), None);
            }
        }
        at += if byte == b'"' { string_length(&json[at..]) } else { 1 };
    }
}

/// U+FFFD for each byte that is not UTF-8, as in Go's decoder.
fn lossy(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}
