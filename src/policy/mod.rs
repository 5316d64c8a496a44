//! Meaning of the policy file: what it says about people and access, and how to change that.
//!
//! [`Policy::read`] gives a typed view of a parsed text. [`plan()`] turns intents ("this login into that
//! list") into splice edits, and [`Plan::prove`] applies them and shows that nothing else changed.
//! [`judge`] predicts what the service says to a policy.
//! No I/O, no clock; what it must know of a tailnet is plain data ([`Person`]).

mod address_set;
mod admission;
pub mod assertion;
mod baton;
mod canonical;
mod destination;
pub mod difference;
mod directive;
mod fields;
mod finding;
mod forecast;
mod go;
mod identity;
mod inheritance;
mod intent;
mod lease;
mod list;
mod lookup;
mod people;
mod pin;
mod place;
mod plan;
mod ports;
mod prefix;
mod proof;
#[cfg(test)]
mod properties;
pub mod reach;
mod refusal;
mod rule;
mod schema;
mod section;
mod sections;
mod selector;
mod stored;
mod stray;
mod topology;
mod verdict;
mod view;
mod warning;
mod working;

pub use address_set::{AddressRange, AddressSet, Network};
pub use admission::{Admits, Holder};
pub use destination::{Destination, DestinationError};
pub use directive::{Directives, ElementDirectives};
pub use finding::{Finding, FindingKind};
pub use forecast::{Forecast, has_tests};
pub use inheritance::TAG_OWNER_BY_DEFAULT;
pub use intent::{Intent, ListId, Wish};
pub use lease::{Lease, Leased, leases};
pub use list::{Item, List, Named};
pub use people::{Behind, People};
pub use pin::{Pin, Pinning, pin};
pub use place::{Place, Validity};
pub use plan::{Outcome, Plan, plan};
pub use ports::{PortRange, PortsError, Protocol, Traffic, TrafficError, UnknownProtocol, read_ports};
pub use prefix::{NotAPrefix, Prefix};
pub use proof::Unproved;
pub use refusal::Refusal;
pub use rule::{Capability, Rule};
pub use section::Section;
pub use sections::{
    AttributeSettings, AutoApprovers, DerpMap, Host, NetworkSettings, NodeAttributes, Posture,
};
pub use selector::{Selector, login_key, member_key};
pub use stored::{laid_out, stored_as};
pub use topology::{Device, Person, Topology};
pub use verdict::{Rejection, judge};
pub use view::{Policy, ReadError, parse};
pub use warning::{Warning, WarningKind, warnings};
