//! The deterministic test bed.

#[path = "../../../../tests/chaos/checker/mod.rs"]
mod checker;
