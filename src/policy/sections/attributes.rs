//! `nodeAttrs` and `attrConfig`: what devices are told about themselves.

use crate::hujson::{Kind, Position, Value};
use crate::policy::fields::{Fields, trimmed};
use crate::policy::finding::Findings;
use crate::policy::list::List;
use crate::policy::rule::Capability;
use crate::policy::schema;
use std::borrow::Cow;

/// An element of `nodeAttrs`. All elements that match a device add up.
#[derive(Clone)]
pub struct NodeAttributes<'d> {
    /// Its place in the section, from 0; elements that are no objects are counted.
    pub index: usize,
    /// Where it begins.
    pub position: Position,
    /// `target`: selectors of devices.
    pub targets: Option<List<'d>>,
    /// `attr`: attributes; the service delivers unknown ones too. `funnel` and `drive:…` are access.
    pub attributes: Option<List<'d>>,
    /// `app`: settings of app connectors.
    pub app: Vec<Capability<'d>>,
    /// `ipPool`: prefixes that the devices' addresses are taken from.
    pub ip_pool: Option<List<'d>>,
}

impl<'d> NodeAttributes<'d> {
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        let elements = sections
            .flat_map(|section| crate::policy::fields::elements(section, "nodeAttrs", findings))
            .collect::<Vec<_>>();
        let read = |(index, value): (usize, Value<'d>)| Self::read(index, value, findings);
        elements.into_iter().enumerate().filter_map(read).collect()
    }

    fn read(index: usize, value: Value<'d>, findings: &mut Findings<'d>) -> Option<Self> {
        if value.kind() != Kind::Object {
            findings.report(value, "nodeAttrs holds something that is no object: it does not count");
            return None;
        }
        let fields = Fields::of(value);
        schema::report_unknown(&fields, schema::NODE_ATTRIBUTES, "nodeAttrs", findings);
        Some(Self {
            index,
            position: value.position(),
            targets: List::read_all(fields.all("target"), "target", findings),
            attributes: List::read_all(fields.all("attr"), "attr", findings),
            app: Capability::read_all(fields.all("app")),
            ip_pool: List::read_all(fields.all("ippool"), "ipPool", findings),
        })
    }
}

/// What `attrConfig` says of a custom attribute.
#[derive(Clone)]
pub struct AttributeSettings<'d> {
    /// The attribute, with its name space: `custom:tier`.
    pub name: Cow<'d, str>,
    /// Where its value begins.
    pub position: Position,
    /// `type`: `string`, `number` or `bool`; empty when missing.
    pub kind: Cow<'d, str>,
    /// `allowSetByNode`: devices may set it themselves.
    pub set_by_devices: bool,
    /// `broadcastToPeers`: other devices may see it.
    pub visible_to_peers: bool,
}

impl<'d> AttributeSettings<'d> {
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        let attributes = sections.flat_map(|section| Fields::of(section).into_members());
        let read = |attribute: crate::policy::fields::Field<'d>| {
            let fields = Fields::of(attribute.value);
            schema::report_unknown(&fields, schema::ATTRIBUTE_SETTINGS, "attrConfig", findings);
            Self {
                name: trimmed(attribute.spelling),
                position: attribute.value.position(),
                kind: fields.text("type", findings),
                set_by_devices: fields.truth("allowsetbynode", findings).unwrap_or(false),
                visible_to_peers: fields.truth("broadcasttopeers", findings).unwrap_or(false),
            }
        };
        attributes.map(read).collect()
    }
}
