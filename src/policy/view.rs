//! A typed, borrowed view of a policy.

use super::assertion::{NetworkTest, SshTest};
use super::fields::Fields;
use super::finding::{Finding, Findings};
use super::identity::{self, RuleMatch};
use super::list::{List, Named};
use super::rule::Rule;
use super::schema::{self, Known};
use super::section::Section;
use super::sections::{AttributeSettings, AutoApprovers, Host, NetworkSettings, NodeAttributes, Posture};
use super::stray;
use crate::hujson::{self, Document, Kind, SyntaxError, Value};
use std::borrow::Cow;

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It breaks the grammar.
    #[error("the policy file cannot be parsed")]
    Syntax(#[from] SyntaxError),
    /// It is an array, a string, …
    #[error("the policy file is not an object")]
    NotAnObject,
    /// It has nothing but white space.
    #[error("the policy file is empty")]
    Empty,
}

/// Parses a text, for [`Policy::read`].
///
/// # Errors
///
/// Fails when the text has nothing but white space, and where it breaks the grammar.
pub fn parse(text: &[u8]) -> Result<Document<'_>, ReadError> {
    if text.trim_ascii().is_empty() { Err(ReadError::Empty) } else { Ok(hujson::parse(text)?) }
}

/// What a policy says of people and access.
///
/// Sections and fields are found in any ASCII case. What is null, missing or of a wrong kind is read as
/// nothing there, the latter with a finding. Where a section, a name or a field is there twice, all of
/// them are read, with a finding, so that no access is hidden; which one the service heeds is not known,
/// and editing refuses.
pub struct Policy<'d> {
    /// `groups`
    pub groups: Vec<Named<'d>>,
    /// `tagOwners`
    pub tags: Vec<Named<'d>>,
    /// `hosts`
    pub hosts: Vec<Host<'d>>,
    /// `ipsets`; directives do not count on them.
    pub ipsets: Vec<Named<'d>>,
    /// The rules of `acls`, `ssh` and `grants`, in this order, each as the text has them.
    pub rules: Vec<Rule<'d>>,
    /// Neither `acls` nor `grants` is there, or they are null: everything is allowed.
    pub allows_everything: bool,
    /// `autoApprovers`
    pub auto_approvers: AutoApprovers<'d>,
    /// `nodeAttrs`
    pub node_attributes: Vec<NodeAttributes<'d>>,
    /// `postures`
    pub postures: Vec<Posture<'d>>,
    /// `defaultSrcPosture`: of rules that have no `srcPosture`; any of them must hold.
    pub default_source_posture: Option<List<'d>>,
    /// `attrConfig`
    pub attribute_settings: Vec<AttributeSettings<'d>>,
    /// `derpMap`, `disableIPv4`, `OneCGNATRoute` and `randomizeClientPort`
    pub settings: NetworkSettings<'d>,
    /// `tests`
    pub tests: Vec<NetworkTest<'d>>,
    /// `sshTests`
    pub ssh_tests: Vec<SshTest<'d>>,
    /// Members of the policy that have no known meaning, by name.
    pub unknown: Vec<(Cow<'d, str>, Value<'d>)>,
    /// The policy's object.
    pub(super) root: Value<'d>,
    /// What is odd, in the order of the text.
    pub findings: Vec<Finding>,
}

impl<'d> Policy<'d> {
    /// The rule that an id of either scheme means, the first of several with equal ids; `None` also where the Go
    /// connector's id is that of rules that differ.
    #[must_use]
    pub fn rule(&self, section: Section, id: &str) -> Option<&Rule<'d>> {
        match identity::resolve(&self.rules, section, id) {
            RuleMatch::Native(rules) | RuleMatch::Baton(rules) => rules.first().copied(),
            RuleMatch::Ambiguous(_) | RuleMatch::Unknown => None,
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Fails only when the document is no object.
    pub fn read(document: &'d Document<'d>) -> Result<Self, ReadError> {
        let sections = Sections::of(document)?;
        let mut findings = Findings::new(document);
        for Known { name, .. } in schema::POLICY {
            for again in sections.all(&name.to_ascii_lowercase()).skip(1) {
                findings.report(again, format!("section {name} is there twice: all of it is read"));
            }
        }
        schema::report_unknown(&sections.0, schema::POLICY, "a policy", &mut findings);
        let named = |name, bears_directives, findings: &mut _| {
            Named::read_all(name, sections.all(name), bears_directives, findings)
        };
        let mut policy = Self {
            groups: named("groups", true, &mut findings),
            tags: named("tagowners", true, &mut findings),
            hosts: Host::read_all(sections.all("hosts"), &mut findings),
            ipsets: named("ipsets", false, &mut findings),
            rules: Vec::new(),
            allows_everything: sections.allows_everything(),
            auto_approvers: AutoApprovers::read(sections.all("autoapprovers"), &mut findings),
            node_attributes: NodeAttributes::read_all(sections.all("nodeattrs"), &mut findings),
            postures: Posture::read_all(sections.all("postures"), &mut findings),
            default_source_posture: List::read_all(
                sections.all("defaultsrcposture"),
                "defaultSrcPosture",
                &mut findings,
            ),
            attribute_settings: AttributeSettings::read_all(sections.all("attrconfig"), &mut findings),
            settings: NetworkSettings::read(&sections.0, &mut findings),
            tests: NetworkTest::read_all(sections.all("tests"), &mut findings),
            ssh_tests: SshTest::read_all(sections.all("sshtests"), &mut findings),
            unknown: sections.unknown(),
            root: document.root(),
            findings: Vec::new(),
        };
        for section in Section::ALL {
            policy.rules.append(&mut sections.rules(section, &mut findings));
        }
        stray::report(&policy, document, &mut findings);
        policy.findings = findings.into_sorted();
        Ok(policy)
    }
}

/// The members of the policy's object.
pub(super) struct Sections<'d>(Fields<'d>);

impl<'d> Sections<'d> {
    pub(super) fn of(document: &'d Document<'d>) -> Result<Self, ReadError> {
        let root = document.root();
        if root.kind() == Kind::Object { Ok(Self(Fields::of(root))) } else { Err(ReadError::NotAnObject) }
    }

    /// The values under a section's lower-case name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = Value<'d>> {
        self.0.all(name)
    }

    /// The rules of a section, their ids told apart.
    pub(super) fn rules(&self, section: Section, findings: &mut Findings<'d>) -> Vec<Rule<'d>> {
        let mut rules = Vec::new();
        let mut index = 0..;
        for value in self.0.all(section.name()) {
            rules.reserve(value.elements().count());
            for (element, index) in super::fields::elements(value, section.name(), findings).zip(&mut index) {
                rules.extend(Rule::read(section, index, element, findings));
            }
        }
        identity::assign(&mut rules, findings);
        rules
    }

    fn unknown(&self) -> Vec<(Cow<'d, str>, Value<'d>)> {
        let unknown = self.0.iter().filter(|field| schema::find(schema::POLICY, &field.name).is_none());
        unknown.map(|field| (field.spelling.clone(), field.value)).collect()
    }

    fn allows_everything(&self) -> bool {
        let mut rules = self.0.all("acls").chain(self.0.all("grants"));
        rules.all(|section| section.kind() == Kind::Null)
    }
}

#[cfg(test)]
mod tests;
