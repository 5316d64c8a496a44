//! Bounds on messages, declared in `proto/` by the options of `tailgrant/v1/bounds.proto`.
//!
//! [`Bounded`] is implemented for every message of `c1.*`; the implementations are written by the
//! build from those options and call the functions of `rules`. A request that is out of bounds is
//! refused; a response of ours is never out of bounds.

use std::fmt;

/// A message whose values can be out of bounds.
pub trait Bounded {
    /// Checks the message and all it contains, except what is packed in an `Any`.
    ///
    /// # Errors
    ///
    /// Fails with the first field, in the order of the interface file, that breaks a bound.
    fn check(&self) -> Result<(), OutOfBounds> {
        self.check_at(&Path::Message)
    }

    /// The same for a message found at `at`.
    ///
    /// # Errors
    ///
    /// As [`Bounded::check`].
    fn check_at(&self, at: &Path<'_>) -> Result<(), OutOfBounds>;
}

/// A field that breaks a bound. Prints as `resource.id.resource: must be 1 to 1024 bytes, has 0`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct OutOfBounds {
    /// Path of the field from the message that was checked.
    pub field: String,
    /// What the field must be, and what it is where that tells more.
    pub problem: String,
}

/// Where a value is within the message that is checked. Costs nothing until it is printed.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The message itself.
    Message,
    /// A field of a message.
    Field(&'a Path<'a>, &'static str),
    /// An entry of a list, from 0.
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn field<'a>(&'a self, name: &'static str) -> Path<'a> {
        Path::Field(self, name)
    }

    fn index(&self, index: usize) -> Path<'_> {
        Path::Index(self, index)
    }

    fn fails(&self, problem: impl Into<String>) -> OutOfBounds {
        OutOfBounds { field: self.to_string(), problem: problem.into() }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Message => Ok(()),
            Path::Field(Path::Message, name) => out.write_str(name),
            Path::Field(outer, name) => write!(out, "{outer}.{name}"),
            Path::Index(list, index) => write!(out, "{list}[{index}]"),
        }
    }
}

mod rules;

#[allow(
    clippy::all,
    clippy::pedantic,
    deprecated,
    reason = "written by the build from the options in proto/"
)]
mod written {
    use super::{Bounded, OutOfBounds, Path, rules as bounds};

    include!(concat!(env!("OUT_DIR"), "/bounds.rs"));
}

#[cfg(test)]
mod tests;
