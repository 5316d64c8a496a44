//! The deterministic test bed: one to three machines, a model of the service, callers, somebody else who edits, and
//! faults at every step, all by a seed that reproduces the run. What came of it is judged by the
//! [`checker`], which also judges real daemons (`tests/chaos`).
//!
//! ```text
//! TAILGRANT_SEEDS=20000 cargo test --release --lib writer::bed -- --nocapture    many runs, and a summary
//! TAILGRANT_SEED=4711 cargo test --lib writer::bed -- --nocapture                one run, told step by step
//! ```

mod asking;
mod calls;
#[path = "../../../../tests/chaos/checker/mod.rs"]
mod checker;
mod exchange;
mod fault;
mod foreign;
mod leases;
mod plan;
mod planted;
mod recording;
mod replica;
mod sabotage;
mod service;
mod serving;
mod summary;
mod tests;
mod text;
mod world;
