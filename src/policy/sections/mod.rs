//! The sections that hold neither lists of members nor rules.

mod approvers;
mod attributes;
mod hosts;
mod postures;
mod settings;

pub use approvers::AutoApprovers;
pub use attributes::{AttributeSettings, NodeAttributes};
pub use hosts::Host;
pub use postures::Posture;
pub use settings::{DerpMap, NetworkSettings};
