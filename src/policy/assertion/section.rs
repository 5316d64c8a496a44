//! The elements of `tests` and `sshTests` as typed views of their objects.

use crate::hujson::{Kind, Position, Value};
use crate::policy::fields::{Field, Fields, elements, trimmed};
use crate::policy::finding::Findings;
use crate::policy::list::List;
use crate::policy::schema::{self, Known};
use std::borrow::Cow;

/// An element of `tests`: what a source must and must not reach over the network.
#[derive(Clone)]
pub struct NetworkTest<'d> {
    /// Its place in the section, from 0; elements that are no tests are counted.
    pub index: usize,
    /// Where it begins.
    pub position: Position,
    /// `src`, formerly `user`; empty when missing.
    pub source: Cow<'d, str>,
    /// `proto`; empty when missing: TCP or UDP.
    pub protocol: Cow<'d, str>,
    /// `accept`, formerly `allow`: destinations that must be reached, each with one port.
    pub accept: Option<List<'d>>,
    /// `deny`: destinations that must not be reached.
    pub deny: Option<List<'d>>,
    /// `srcPostureAttrs` is there: the source is a device with these posture attributes.
    pub has_posture_attributes: bool,
}

/// An element of `sshTests`: to which accounts a source must and must not get over Tailscale SSH.
#[derive(Clone)]
pub struct SshTest<'d> {
    /// Its place in the section, from 0; elements that are no tests are counted.
    pub index: usize,
    /// Where it begins.
    pub position: Position,
    /// `src`; empty when missing.
    pub source: Cow<'d, str>,
    /// `dst`: each of them is tested.
    pub destinations: Option<List<'d>>,
    /// `accept`: accounts that must be let in without a check.
    pub accept: Option<List<'d>>,
    /// `check`: accounts that must be let in after a check.
    pub check: Option<List<'d>>,
    /// `deny`: accounts that must be kept out.
    pub deny: Option<List<'d>>,
    /// `srcPostureAttrs` is there: the source is a device with these posture attributes.
    pub has_posture_attributes: bool,
}

impl<'d> NetworkTest<'d> {
    /// Reads all sections `tests`.
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        objects(sections, "tests", findings, |index, value, findings| {
            let fields = Fields::of(value).renamed(&[("user", "src"), ("allow", "accept")]);
            report_oddities(&fields, schema::NETWORK_TEST, findings);
            Self {
                index,
                position: value.position(),
                source: text(&fields, "src", findings),
                protocol: text(&fields, "proto", findings),
                accept: List::read_all(fields.all("accept"), "accept", findings),
                deny: List::read_all(fields.all("deny"), "deny", findings),
                has_posture_attributes: has_posture_attributes(&fields),
            }
        })
    }
}

impl<'d> SshTest<'d> {
    /// Reads all sections `sshTests`.
    pub(in crate::policy) fn read_all(
        sections: impl Iterator<Item = Value<'d>>,
        findings: &mut Findings<'d>,
    ) -> Vec<Self> {
        objects(sections, "sshTests", findings, |index, value, findings| {
            let fields = Fields::of(value);
            report_oddities(&fields, schema::SSH_TEST, findings);
            Self {
                index,
                position: value.position(),
                source: text(&fields, "src", findings),
                destinations: List::read_all(fields.all("dst"), "dst", findings),
                accept: List::read_all(fields.all("accept"), "accept", findings),
                check: List::read_all(fields.all("check"), "check", findings),
                deny: List::read_all(fields.all("deny"), "deny", findings),
                has_posture_attributes: has_posture_attributes(&fields),
            }
        })
    }
}

/// The objects in all arrays of one section, numbered through.
fn objects<'d, T>(
    sections: impl Iterator<Item = Value<'d>>,
    name: &str,
    findings: &mut Findings<'d>,
    read: impl Fn(usize, Value<'d>, &mut Findings<'d>) -> T,
) -> Vec<T> {
    let mut tests = Vec::new();
    let mut index = 0..;
    for section in sections {
        for (element, index) in elements(section, name, findings).zip(&mut index) {
            if element.kind() == Kind::Object {
                tests.push(read(index, element, findings));
            } else {
                findings
                    .report(element, format!("{name} holds something that is no test: it does not count"));
            }
        }
    }
    tests
}

/// Reports what no test has, and what a test has twice.
fn report_oddities<'d>(fields: &Fields<'d>, known: &'static [Known], findings: &mut Findings<'d>) {
    schema::report_unknown(fields, known, "a test", findings);
    if let Some(Field { spelling, value, .. }) = fields.doubled() {
        let message = format!(
            "{spelling:?} is in this test twice, perhaps in another spelling: lists are read whole, of texts the last counts"
        );
        findings.report(*value, message);
    }
}

/// The last string under a name, as a decoder would take it. Numbers are taken as they are written.
fn text<'d>(fields: &Fields<'d>, name: &str, findings: &mut Findings<'d>) -> Cow<'d, str> {
    let mut text = Cow::Borrowed("");
    for value in fields.all(name) {
        match value.as_str() {
            Some(string) => text = trimmed(string),
            None if value.kind() == Kind::Null => {}
            None => {
                findings.report(value, format!("{name} is no string"));
                if value.kind() == Kind::Number {
                    text = String::from_utf8_lossy(value.raw());
                }
            }
        }
    }
    text
}

fn has_posture_attributes(fields: &Fields<'_>) -> bool {
    fields.all("srcpostureattrs").any(|value| value.members().next().is_some())
}
