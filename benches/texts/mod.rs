//! Texts to measure on: policies as people write them, and texts made to cost as much as they can.
#![allow(dead_code, reason = "whoever includes this takes what it needs")]
#![expect(clippy::unwrap_used, reason = "writing to a string cannot fail")]

use std::fmt::Write as _;

use tailgrant::policy::{Device, Person, Topology};

/// About 2 MB as people write it: groups with a member on each line, rules of all three sections, on one
/// line and on many, some with comments and pins.
pub(crate) fn policy() -> String {
    let mut text = "// Made for a benchmark.\n{\n\t\"groups\": {\n".to_owned();
    for group in 0..550 {
        writeln!(text, "\t\t// Team {group}, see the wiki.\n\t\t\"group:team-{group}\": [").unwrap();
        for member in 0..60 {
            let comment = if member % 10 == 3 { " // until March" } else { "" };
            let person = (group * 37 + member * 11) % 5000;
            writeln!(text, "\t\t\t\"person-{person}@example.com\",{comment}").unwrap();
        }
        text += "\t\t],\n";
    }
    text += "\t},\n\t\"tagOwners\": {\n";
    for tag in 0..300 {
        writeln!(text, "\t\t\"tag:service-{tag}\": [\"group:team-{tag}\", \"autogroup:admin\"],").unwrap();
    }
    text += "\t},\n";
    for (section, count, rest) in [
        ("acls", 2200, r#""action": "accept", "proto": "tcp""#),
        ("grants", 2000, r#""ip": ["tcp:443", "udp:53"], "srcPosture": ["posture:managed"]"#),
        ("ssh", 500, r#""action": "check", "checkPeriod": "12h", "users": ["root", "ubuntu"]"#),
    ] {
        writeln!(text, "\t\"{section}\": [").unwrap();
        let port = if section == "acls" { ":443,8443" } else { "" };
        for rule in 0..count {
            let (group, tag, other) = (rule % 400, rule % 300, (rule + rule / 300 + 1) % 300);
            if rule % 10 == 0 {
                writeln!(text, "\t\t// Access number {rule}.").unwrap();
                writeln!(text, "\t\t// tailgrant: id={section}-{rule} owner=ops").unwrap();
            }
            if rule % 4 == 1 {
                write!(text, "\t\t{{{rest}, \"src\": [\"group:team-{group}\"], ").unwrap();
                writeln!(text, "\"dst\": [\"tag:service-{other}{port}\"]}},\n").unwrap();
                continue;
            }
            writeln!(text, "\t\t{{\n\t\t\t{rest},\n\t\t\t\"src\": [\n\t\t\t\t\"group:team-{group}\",")
                .unwrap();
            writeln!(text, "\t\t\t\t\"person-{rule}@example.com\",\n\t\t\t],").unwrap();
            writeln!(text, "\t\t\t\"dst\": [\"tag:service-{tag}{port}\", \"tag:service-{other}{port}\"],")
                .unwrap();
            text += "\t\t},\n";
        }
        text += "\t],\n";
    }
    text + "\t\"postures\": {\"posture:managed\": [\"node:os == 'linux'\"]},\n}\n"
}

/// A small tailnet that the policy is about: 50 people with a device each, and 50 tagged devices.
pub(crate) fn topology() -> Topology {
    let people = (0..50).map(|person| Person {
        logins: vec![format!("person-{person}@example.com")],
        role: "member".to_owned(),
        member: true,
        shared: false,
    });
    let devices = (0..100_u8).map(|device| Device {
        name: format!("device-{device}"),
        owner: (device < 50).then_some(usize::from(device)),
        tags: if device < 50 { Vec::new() } else { vec![format!("tag:service-{device}")] },
        addresses: vec![[100, 64, 0, device].into()],
        ..Device::default()
    });
    Topology { people: people.collect(), devices: devices.collect(), domains: vec!["example.com".to_owned()] }
}

/// One group of 10,000, each on a line with a comment.
pub(crate) fn crowd() -> String {
    let mut text = "{\n\t\"groups\": {\n\t\t\"group:all\": [\n".to_owned();
    for member in 0..10_000 {
        writeln!(text, "\t\t\t\"person-{member}@example.com\", // number {member}").unwrap();
    }
    text + "\t\t],\n\t},\n}\n"
}

/// A policy of about so many bytes: one group on very many lines.
pub(crate) fn elements(length: usize) -> String {
    let member = "\t\t\t\"somebody@example.com\",\n";
    let members = member.repeat(length / member.len());
    format!("{{\n\t\"groups\": {{\n\t\t\"group:all\": [\n{members}\t\t],\n\t}},\n}}\n")
}

/// Hostile texts of about so many bytes, each with what it is called.
pub(crate) fn hostile(length: usize) -> Vec<(&'static str, String)> {
    let list =
        |open: &str, item: &str, close: &str| [open, &item.repeat(length / item.len()), close].concat();
    let numbered = |item: fn(usize) -> String| -> String { (0..length / 16).map(item).collect() };
    let deep = |open: &str, close: &str, depth: usize| {
        let nest = open.repeat(depth) + &close.repeat(depth) + ",";
        ["[", &nest.repeat(length / nest.len()), "]"].concat()
    };
    vec![
        ("brackets", "[".repeat(length)),
        ("nesting", deep("[", "]", 2_999)),
        ("nesting on lines", deep("[\n", "]\n", 900)),
        ("nested members", deep("{\"a\":", "}", 900).replace(":}", ":0}")),
        ("one string", list("\"", "x", "\"")),
        ("one string of escapes", list("\"", "\\u00e9", "\"")),
        ("one comment", list("/*", " *", "*/[]")),
        ("comments", list("[", "/**/", "]")),
        ("comment lines", list("[\n", "// x\n", "]")),
        ("comments between", list("[", "0/**/,/**/\n", "]")),
        ("blank lines", list("[", "\n", "]")),
        ("elements", list("[", "0,", "]")),
        ("strings", list("{\"groups\":{\"group:a\":[", "\"a@example.com\",\n", "]}}")),
        ("members of one name", list("{", "\"a\":0,\n", "}")),
        ("sections of one name", list("{", "\"groups\":{},\n", "}")),
        ("rules that are one", list("{\"acls\":[", "{\"src\":[\"*\"],\"dst\":[\"*:*\"]},\n", "]}")),
        ("members", format!("{{{}}}", numbered(|member| format!("\"{member:08}\": 0,\n")))),
        ("groups", format!("{{\"groups\":{{{}}}}}", numbered(|group| format!("\"group:{group:04}\":[],")))),
    ]
}
