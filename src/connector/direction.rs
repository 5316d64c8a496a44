//! Giving or taking.

/// Which way a change of access goes; the same obstacle means other things for the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Access is given.
    Grant,
    /// Access is taken away.
    Revoke,
}
