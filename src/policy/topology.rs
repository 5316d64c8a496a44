//! What the policy needs to know of a tailnet: plain data that others fill.

/// A person, as far as it decides which selectors reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// Every login name the person is known by, in any spelling.
    pub logins: Vec<String>,
    /// The API's word for the role, such as `it-admin`; empty when there is none.
    pub role: String,
    /// A direct member of the tailnet: neither shared into it nor merely invited.
    pub member: bool,
    /// Somebody of another tailnet with whom a device is shared.
    pub shared: bool,
}
