//! Access for a time: ends that come are carried out, whoever granted it and whichever replica is there.
//!
//! An end is a directive beside the member in the policy file, so nothing has to be kept here. A task reads
//! the policy at start-up and at every interval, learns besides of all that the writer sees, and wakes when an
//! end comes. It then has the policy writer remove those elements whose own end has passed, in whatever
//! text the writer finds: a renewal is never undone, and of several replicas one makes the change.
//!
//! [`schedule`] decides, without I/O; [`keeper`] carries out. [`ends`] is what one text says, [`sightings`] the
//! newest text. Ends are compared with this machine's clock.

mod count;
pub(super) mod ends;
mod keeper;
pub(super) mod schedule;
mod sightings;
mod vanished;

pub(super) use count::Counts;
pub(super) use keeper::{Keeper, Task};
pub(super) use sightings::Sightings;
pub(super) use vanished::{Lists, Standing};
