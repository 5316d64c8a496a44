//! How fast a large policy file is parsed and laid out, and what parsing allocates.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::alloc::System;
use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tailgrant::hujson::{format, parse};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A policy file of about 2 MB as people write them: groups with a member on each line, rules on
/// one line and on many, a comment here and there.
fn policy() -> String {
    let mut text = String::from("// Policy of example.com\n{\n\t\"groups\": {\n");
    for group in 0..1_200 {
        writeln!(text, "\t\t// Team {group}, see the handbook.\n\t\t\"group:team-{group}\": [").unwrap();
        for member in 0..30 {
            let comment = if member % 10 == 3 { " // until March" } else { "" };
            writeln!(
                text,
                "\t\t\t\"person-{:05}@example.com\",{comment}",
                (group * 31 + member * 7) % 20_000
            )
            .unwrap();
        }
        text.push_str("\t\t],\n");
    }
    text.push_str("\t},\n\t\"acls\": [\n");
    for rule in 0..3_000 {
        let team = rule % 1_200;
        write!(text, "\t\t{{\"action\": \"accept\", \"src\": [\"group:team-{team}\"], ").unwrap();
        writeln!(text, "\"dst\": [\"tag:app-{rule}:443\"]}},\n").unwrap();
        writeln!(text, "\t\t// Rule {rule}: databases.\n\t\t{{\n\t\t\t\"action\": \"accept\",").unwrap();
        writeln!(text, "\t\t\t\"src\":    [\"group:team-{team}\", \"tag:ci\"],").unwrap();
        writeln!(text, "\t\t\t\"dst\":    [\"tag:db-{rule}:5432\", \"tag:db-{rule}:6379\"],\n\t\t}},")
            .unwrap();
    }
    text.push_str("\t],\n}\n");
    text
}

fn hujson(c: &mut Criterion) {
    let text = policy().into_bytes();
    let region = Region::new(ALLOCATOR);
    black_box(parse(&text).unwrap());
    let heap = region.change();
    println!(
        "parse {} bytes: {} allocations, {} reallocations, {} bytes allocated",
        text.len(),
        heap.allocations,
        heap.reallocations,
        heap.bytes_allocated
    );
    let mut group = c.benchmark_group("hujson");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| b.iter(|| parse(black_box(&text)).unwrap()));
    group.bench_function("format", |b| b.iter(|| format(black_box(&text)).unwrap()));
    group.finish();
}

criterion_group!(benches, hujson);
criterion_main!(benches);
