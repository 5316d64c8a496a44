//! The reference implementation of HuJSON: `github.com/tailscale/hujson`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tailgrant::hujson::{
    Kind, apply, edit_array, format, minimize, parse, standardize, standardize_in_place,
};

use crate::{cases, records, report};

/// The bytes of a field, which is text or base64.
fn bytes(record: &Value, field: &str) -> Option<Vec<u8>> {
    match (&record[field], &record[format!("{field}_b64")]) {
        (Value::String(text), _) => Some(text.as_bytes().to_vec()),
        (_, Value::String(encoded)) => Some(base64(encoded)),
        _ => None,
    }
}

fn base64(encoded: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut width) = (Vec::new(), 0_u32, 0);
    for digit in encoded.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == digit).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        width += 6;
        if width >= 8 {
            width -= 8;
            out.push(u8::try_from(bits >> width & 0xff).unwrap());
        }
    }
    out
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The input of a record. The reference accepts any depth in its parser, but its results are then
/// read by a decoder that does not: what that one says is what counts.
fn input(record: &Value) -> (Vec<u8>, bool) {
    let generated = &record["gen"];
    if generated.is_null() {
        return (bytes(record, "in").unwrap(), record["ok"] == true);
    }
    let count = usize::try_from(generated["n"].as_u64().unwrap()).unwrap();
    let repeat = |field: &str| generated[field].as_str().unwrap().repeat(count);
    let text = repeat("repeat_open") + &repeat("repeat_close");
    (text.into_bytes(), record["go_json_decode_ok"] != false)
}

fn differences(record: &Value) -> Vec<String> {
    let (text, ok) = input(record);
    let mut wrong = Vec::new();
    let mut compare = |what: &str, got: &[u8], expected: Option<Vec<u8>>| {
        if let Some(expected) = expected
            && got != expected
        {
            wrong.push(format!(
                "{} {what}:\n got {:?}\nwant {:?}",
                record["id"],
                lossy(got),
                lossy(&expected)
            ));
        }
    };
    match parse(&text) {
        Err(error) if !ok => compare("error", format!("hujson: {error}").as_bytes(), bytes(record, "error")),
        Err(error) => wrong.push(format!("{}: refused: {error}", record["id"])),
        Ok(_) if !ok => wrong.push(format!("{}: accepted", record["id"])),
        Ok(_) => {
            let formatted = format(&text).unwrap();
            compare("formatted", &formatted, bytes(record, "formatted"));
            compare("formatted twice", &format(&formatted).unwrap(), Some(formatted));
            compare("minimized", &minimize(&text).unwrap(), bytes(record, "minimized"));
            let standard = standardize(&text).unwrap();
            compare("standardized", &standard, bytes(record, "standardized"));
            let mut in_place = text.clone();
            standardize_in_place(&mut in_place).unwrap();
            compare("standardized in place", &in_place, bytes(record, "standardized"));
            let is_standard = record["is_standard"].as_bool().map(|is| is.to_string().into_bytes());
            compare("is_standard", (standard == text).to_string().as_bytes(), is_standard);
        }
    }
    wrong
}

#[test]
fn parse_and_format() {
    let file = "hujson-parse.jsonl";
    let Some(records) = records(file) else { return };
    let wrong: Vec<_> = records
        .iter()
        .map(differences)
        .filter(|wrong| !wrong.is_empty())
        .map(|wrong| wrong.join("\n"))
        .collect();
    report(file, records.len(), &wrong);
}

#[test]
fn format_policies() {
    let Some(cases) = cases() else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for policy in policies(&cases) {
        let name = policy.file_name().unwrap();
        let expected = std::fs::read(cases.join("policies/formatted").join(name)).unwrap();
        let text = std::fs::read(&policy).unwrap();
        total += 1;
        if format(&text).unwrap() != expected || format(&expected).unwrap() != expected {
            wrong.push(policy.display().to_string());
        }
    }
    report("policies/formatted", total, &wrong);
}

#[test]
fn find_by_pointer() {
    let file = "hujson-find.jsonl";
    let Some(records) = records(file) else { return };
    let mut wrong = Vec::new();
    for record in &records {
        let text = record["doc"].as_str().unwrap();
        let document = parse(text.as_bytes()).unwrap();
        let found = document.find(record["ptr"].as_str().unwrap());
        let found = found.map(|value| String::from_utf8(minimize(value.raw()).unwrap()).unwrap());
        let expected = if record["found"] == true { record["value"].as_str() } else { None };
        if found.as_deref() != expected {
            wrong.push(format!("{}: got {found:?}, want {expected:?}", record["id"]));
        }
    }
    report(file, records.len(), &wrong);
}

#[test]
fn edit_policies() {
    let Some(cases) = cases() else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for policy in policies(&cases) {
        let text = std::fs::read(&policy).unwrap();
        for index in 0..arrays(&text).len() {
            total += 1;
            let name = policy.file_name().unwrap().display();
            wrong.extend(edit(&text, index).err().map(|what| format!("{name}, array {index}: {what}")));
        }
    }
    report("policies, arrays edited", total, &wrong);
}

/// Where the arrays of a text are that have nothing but strings in them.
fn arrays(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let document = parse(text).unwrap();
    let (mut arrays, mut waiting) = (Vec::new(), vec![document.root()]);
    while let Some(value) = waiting.pop() {
        waiting.extend(value.elements().chain(value.members().map(|member| member.value)));
        if value.kind() == Kind::Array && value.elements().all(|element| element.kind() == Kind::String) {
            arrays.push(value.span());
        }
    }
    arrays
}

/// Appends to and removes from one array: the rest of the text stays, and what was appended is
/// removed without a trace.
fn edit(text: &[u8], index: usize) -> Result<(), &'static str> {
    let span = arrays(text).swap_remove(index);
    let change = |text: &[u8], remove: &[usize], append: &[&str]| {
        let document = parse(text).unwrap();
        let mut waiting = vec![document.root()];
        let array = loop {
            let value = waiting.pop().unwrap();
            if value.span().start == span.start && value.kind() == Kind::Array {
                break value;
            }
            waiting.extend(value.elements().chain(value.members().map(|member| member.value)));
        };
        let edits = edit_array(array, remove, append);
        (apply(text, edits).unwrap(), array.elements().count())
    };
    let local = |out: &[u8]| out.starts_with(&text[..=span.start]) && out.ends_with(&text[span.end - 1..]);
    let (appended, count) = change(text, &[], &["new@example.com"]);
    if !local(&appended) {
        return Err("appending touched what is outside");
    }
    if minimize(&appended).unwrap().len() != minimize(text).unwrap().len() + 17 + usize::from(count > 0) {
        return Err("appending changed something else");
    }
    if change(&appended, &[count], &[]).0 != text {
        return Err("removing what was appended left a trace");
    }
    for remove in (0..count).step_by(count.div_ceil(3).max(1)) {
        let (removed, _) = change(text, &[remove], &[]);
        if !local(&removed) || arrays(&removed).len() != arrays(text).len() {
            return Err("removing touched what is outside");
        }
    }
    Ok(())
}

/// The policies of the cases.
fn policies(cases: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(cases.join("policies")).unwrap().map(|entry| entry.unwrap().path());
    let mut policies: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "hujson")).collect();
    policies.sort();
    assert!(!policies.is_empty());
    policies
}
