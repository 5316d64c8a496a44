//! How many instructions the core takes: a measure that other work on the machine cannot disturb.
//!
//! `.ci/instructions` runs this under callgrind, which counts what [`counted`] does and nothing else,
//! and compares with `benches/instructions.txt`. Without callgrind it only does the work.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod texts;

use std::hint::black_box;

use tailgrant::hujson::{Document, Kind, Value, apply, edit_array, format, minimize, parse, standardize};
use tailgrant::policy::reach::Reach;
use tailgrant::policy::{Intent, ListId, Policy, Section, Wish, judge, plan};

/// What callgrind is told to count, each call by itself.
#[inline(never)]
fn counted<T>(work: impl FnOnce() -> T) -> T {
    // Something is left to do after the work, so that it is called from here.
    black_box(work())
}

/// Counts some work and says what it was. What it leaves behind is dropped uncounted.
fn count<T>(name: &str, work: impl FnOnce() -> T) {
    println!("{name}");
    drop(counted(work));
}

fn main() {
    if std::env::args().any(|argument| argument == "growth") {
        growth();
    } else {
        usual();
    }
}

/// The work of every day, on 2 MB.
fn usual() {
    let text = texts::policy();
    let text = text.as_bytes();
    let document = parse(text).unwrap();
    count("parse", || parse(text));
    count("format", || format(text));
    count("standardize", || standardize(text));
    count("minimize", || minimize(text));
    count("read", || Policy::read(&document).map(|policy| policy.rules.len()));
    let (policy, topology) = (Policy::read(&document).unwrap(), texts::topology());
    count("judge", || judge(&policy, &topology).unwrap());
    count("compile", || Reach::compile(&policy, &topology));
    for (name, list) in [
        ("plan, splice, prove: group", ListId::Group("group:team-200".to_owned())),
        ("plan, splice, prove: tag", ListId::TagOwners("tag:service-200".to_owned())),
        ("plan, splice, prove: rule", ListId::Rule(Section::Acls, "acl:acls-1250".to_owned())),
    ] {
        let intent = Intent::new(list, Wish::Add { text: "newcomer@example.com".to_owned() });
        count(name, || plan(text, &[intent]).unwrap().prove().unwrap().unwrap());
    }
}

/// Everything on hostile texts, of one size and of twice that size: what grows faster shows.
fn growth() {
    let (small, large) = (texts::hostile(60_000), texts::hostile(120_000));
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let texts = [small.as_bytes(), large.as_bytes()];
        let each = |what: &str, work: fn(&[u8])| {
            for text in texts {
                count(&format!("{name}: {what}"), || work(text));
            }
        };
        each("parse", |text| drop(parse(text)));
        if parse(small.as_bytes()).is_err() {
            continue;
        }
        each("format", |text| drop(format(text)));
        each("minimize", |text| drop(minimize(text)));
        each("standardize", |text| drop(standardize(text)));
        each("find", |text| {
            let document = parse(text).unwrap();
            black_box(document.find("/groups/group:a/1000000").or_else(|| document.find("/1000000")));
        });
        each("edit", |text| {
            let document = parse(text).unwrap();
            let array = fullest_array(&document);
            let every_other: Vec<usize> = (0..array.elements().count()).step_by(2).collect();
            black_box(apply(text, edit_array(array, &every_other, &["a", "b"])).unwrap());
        });
        each("read", |text| {
            let document = parse(text).unwrap();
            black_box(Policy::read(&document).map_or(0, |policy| policy.findings.len()));
        });
        each("plan", |text| {
            let list = ListId::Group("group:a".to_owned());
            let remove = Wish::Remove { texts: vec!["a@example.com".to_owned()], person: None };
            let add = Wish::Add { text: "b@example.com".to_owned() };
            if let Ok(plan) = plan(text, &[remove, add].map(|wish| Intent::new(list.clone(), wish))) {
                black_box(plan.prove().unwrap());
            }
        });
    }
}

/// The top-level value, or where the hostile texts have their one long array.
fn fullest_array<'d>(document: &'d Document<'_>) -> Value<'d> {
    let root = document.root();
    let section = root.members().map(|section| section.value).find(|value| value.kind() == Kind::Object);
    let group = section.and_then(|section| section.members().next()).map(|group| group.value);
    group.unwrap_or(root)
}
