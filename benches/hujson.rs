//! How fast texts are parsed and laid out, the usual and the hostile ones, and what that allocates.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod heap;
mod texts;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use heap::heap_of;
use tailgrant::hujson::{format, minimize, parse, standardize};

fn usual(criterion: &mut Criterion) {
    let text = texts::policy().into_bytes();
    let large = texts::elements(20_000_000);
    say_heap("parse", &text, || parse(&text));
    say_heap("parse 20 MB", large.as_bytes(), || parse(large.as_bytes()));
    say_heap("format", &text, || format(&text));
    let mut group = criterion.benchmark_group("hujson");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| b.iter(|| parse(black_box(&text)).unwrap()));
    group.bench_function("format", |b| b.iter(|| format(black_box(&text)).unwrap()));
    group.bench_function("standardize", |b| b.iter(|| standardize(black_box(&text)).unwrap()));
    group.bench_function("minimize", |b| b.iter(|| minimize(black_box(&text)).unwrap()));
    group.sample_size(10).throughput(Throughput::Bytes(large.len() as u64));
    group.bench_function("parse 20 MB", |b| b.iter(|| parse(black_box(large.as_bytes())).unwrap()));
    group.bench_function("format 20 MB", |b| b.iter(|| format(black_box(large.as_bytes())).unwrap()));
    group.finish();
}

fn say_heap<T>(what: &str, text: &[u8], work: impl FnOnce() -> T) {
    let heap = heap_of(work);
    let tenths = 10 * heap.held / text.len();
    println!(
        "{what}: {} bytes of text, {} allocations, {} bytes allocated, {} held ({}.{} for each byte)",
        text.len(),
        heap.allocations,
        heap.bytes,
        heap.held,
        tenths / 10,
        tenths % 10
    );
}

/// The same throughput at both sizes: the time grows with the text, and no faster.
fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10).warm_up_time(Duration::from_millis(100));
    group.measurement_time(Duration::from_millis(300));
    for size in [1_000_000, 4_000_000] {
        group.throughput(Throughput::Bytes(size as u64));
        for (name, text) in texts::hostile(size) {
            let text = text.as_bytes();
            group.bench_function(label("parse", size, name), |b| b.iter(|| parse(black_box(text)).is_ok()));
            group.bench_function(label("format", size, name), |b| b.iter(|| format(black_box(text)).is_ok()));
        }
    }
    group.finish();
}

fn label(what: &str, size: usize, name: &str) -> String {
    format!("{what} {} MB: {name}", size / 1_000_000)
}

criterion_group!(benches, usual, hostile);
criterion_main!(benches);
