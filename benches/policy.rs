//! How long it takes to read a large policy, and to plan, splice and prove one change of it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod heap;
mod texts;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tailgrant::policy::{Intent, ListId, Policy, Section, Wish, parse, plan};

fn benchmarks(criterion: &mut Criterion) {
    let text = texts::policy();
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
        let heap = heap::heap_of(|| plan(text.as_bytes(), std::slice::from_ref(&intent)).unwrap().prove());
        println!("{name}: {} allocations, {} bytes allocated", heap.allocations, heap.bytes);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let plan = plan(black_box(text.as_bytes()), std::slice::from_ref(&intent)).unwrap();
                plan.prove().unwrap().unwrap()
            });
        });
    }
    let crowd = texts::crowd();
    let intents: Vec<Intent> = (0..1600).map(|member| removal(member * 6)).collect();
    group.throughput(Throughput::Bytes(crowd.len() as u64));
    group.bench_function("plan, splice, prove: 1600 of 10000 members leave", |bencher| {
        bencher.iter(|| plan(black_box(crowd.as_bytes()), &intents).unwrap().prove().unwrap().unwrap());
    });
    group.finish();
}

fn removal(member: usize) -> Intent {
    let wish = Wish::Remove { texts: vec![format!("person-{member}@example.com")], person: None };
    Intent::new(ListId::Group("group:all".to_owned()), wish)
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
