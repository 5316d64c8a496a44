//! Counts what some work takes of the heap.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What some work took of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Heap {
    /// How often it asked for memory, or for more of it.
    pub(crate) allocations: usize,
    /// All that it asked for, in bytes.
    pub(crate) bytes: usize,
    /// What its result holds, in bytes.
    pub(crate) held: usize,
}

/// Does some work and counts. Allocations of other threads count as well.
pub(crate) fn heap_of<T>(work: impl FnOnce() -> T) -> Heap {
    let region = Region::new(ALLOCATOR);
    let result = work();
    let change = region.change();
    drop(result);
    Heap {
        allocations: change.allocations + change.reallocations,
        bytes: change.bytes_allocated,
        held: change.bytes_allocated.saturating_sub(change.bytes_deallocated),
    }
}
