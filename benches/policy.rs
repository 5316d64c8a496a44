//! How long it takes to read a large policy, and to plan, splice and prove one change of it.

#![expect(clippy::unwrap_used, reason = "the input is ours")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailgrant::policy::{Intent, ListId, Policy, Section, Wish, parse, plan};

/// About 2 MB as people write it: groups with many members, and rules of all three sections, some with
/// comments and pins.
fn policy() -> String {
    let mut text = "// Made for a benchmark.\n{\n\t\"groups\": {\n".to_owned();
    for group in 0..550 {
        writeln!(text, "\t\t// Team {group}, see the wiki.\n\t\t\"group:team-{group}\": [").unwrap();
        for member in 0..60 {
            writeln!(text, "\t\t\t\"person-{}@example.com\",", (group * 37 + member * 11) % 5000).unwrap();
        }
        text += "\t\t],\n";
    }
    text += "\t},\n\t\"tagOwners\": {\n";
    for tag in 0..300 {
        writeln!(text, "\t\t\"tag:service-{tag}\": [\"group:team-{tag}\", \"autogroup:admin\"],").unwrap();
    }
    text += "\t},\n";
    for (section, count, rest) in [
        ("acls", 2500, r#""action": "accept", "proto": "tcp""#),
        ("grants", 2000, r#""ip": ["tcp:443", "udp:53"], "srcPosture": ["posture:managed"]"#),
        ("ssh", 500, r#""action": "check", "checkPeriod": "12h", "users": ["root", "ubuntu"]"#),
    ] {
        writeln!(text, "\t\"{section}\": [").unwrap();
        let port = if section == "acls" { ":443,8443" } else { "" };
        for rule in 0..count {
            if rule % 10 == 0 {
                writeln!(
                    text,
                    "\t\t// Access number {rule}.\n\t\t// tailgrant: id={section}-{rule} owner=ops"
                )
                .unwrap();
            }
            writeln!(
                text,
                "\t\t{{\n\t\t\t{rest},\n\t\t\t\"src\": [\n\t\t\t\t\"group:team-{}\",\n\t\t\t\t\"person-{rule}@example.com\",\n\t\t\t],\n\
                 \t\t\t\"dst\": [\"tag:service-{}{port}\", \"tag:rule-{rule}{port}\"],\n\t\t}},",
                rule % 400,
                rule % 300
            )
            .unwrap();
        }
        text += "\t],\n";
    }
    text + "}\n"
}

fn benchmarks(criterion: &mut Criterion) {
    let text = policy();
    let mut group = criterion.benchmark_group("policy");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bencher| bencher.iter(|| parse(black_box(text.as_bytes())).unwrap()));
    group.bench_function("parse and read", |bencher| {
        bencher.iter(|| {
            let document = parse(black_box(text.as_bytes())).unwrap();
            Policy::read(&document).unwrap().rules.len()
        });
    });
    for (name, list) in [
        ("plan, splice, prove: group", ListId::Group("group:team-200".to_owned())),
        ("plan, splice, prove: tag", ListId::TagOwners("tag:service-200".to_owned())),
        ("plan, splice, prove: rule", ListId::Rule(Section::Acls, "acl:acls-1250".to_owned())),
    ] {
        let intent = Intent::new(list, Wish::Add { text: "newcomer@example.com".to_owned() });
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let plan = plan(black_box(text.as_bytes()), std::slice::from_ref(&intent)).unwrap();
                plan.prove().unwrap().unwrap()
            });
        });
    }
    let crowd = crowd();
    let intents: Vec<Intent> = (0..1600).map(|member| removal(member * 6)).collect();
    group.throughput(Throughput::Bytes(crowd.len() as u64));
    group.bench_function("plan, splice, prove: 1600 of 10000 members leave", |bencher| {
        bencher.iter(|| plan(black_box(crowd.as_bytes()), &intents).unwrap().prove().unwrap().unwrap());
    });
    group.finish();
}

/// One group of 10,000, each on a line with a comment.
fn crowd() -> String {
    let mut text = "{\n\t\"groups\": {\n\t\t\"group:all\": [\n".to_owned();
    for member in 0..10_000 {
        writeln!(text, "\t\t\t\"person-{member}@example.com\", // number {member}").unwrap();
    }
    text + "\t\t],\n\t},\n}\n"
}

fn removal(member: usize) -> Intent {
    let wish = Wish::Remove { texts: vec![format!("person-{member}@example.com")], person: None };
    Intent::new(ListId::Group("group:all".to_owned()), wish)
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
