//! The real test bed: daemons as processes over a sandbox with faults, clients over gRPC, SIGKILL and SIGTERM in the
//! middle. A seed fixes what is asked for and what goes wrong; the [`checker`] judges what came of it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is not as expected, and a bed prints its summary"
)]

mod checker;

mod client;
mod daemon;
mod plan;
mod planted;
mod roles;
mod run;
mod scene;
mod seeds;
mod signals;
mod summary;
mod tailnet;
