//! What the fuzz targets share: the code under test, a second reader, and walks over documents.
//!
//! The code under test is compiled from the crate's own source files, and only the two layers that
//! are fuzzed. They need nothing else of the crate, so a build takes seconds, and only they are
//! instrumented.

#[path = "../../src/hujson/mod.rs"]
pub mod hujson;
#[path = "../../src/policy/mod.rs"]
pub mod policy;

pub mod second;
pub mod walk;
