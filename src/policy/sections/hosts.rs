//! `hosts`: names for addresses.

use crate::hujson::{Position, Value};
use crate::policy::fields::{Fields, trimmed};
use crate::policy::finding::Findings;
use std::borrow::Cow;

/// A name, and the address or prefix it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host<'d> {
    /// The name as rules use it.
    pub name: Cow<'d, str>,
    /// The address or prefix as it is written.
    pub address: Cow<'d, str>,
    /// Where the address stands.
    pub position: Position,
}

impl<'d> Host<'d> {
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        let mut hosts = Vec::new();
        for host in sections.flat_map(|section| Fields::of(section).into_members()) {
            match host.value.as_str() {
                Some(address) => hosts.push(Self {
                    name: host.spelling,
                    address: trimmed(address),
                    position: host.value.position(),
                }),
                None => findings.report(host.value, format!("host {:?} is no string", host.spelling)),
            }
        }
        hosts
    }
}
