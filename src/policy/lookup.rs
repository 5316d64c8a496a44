//! Where in the text the lists stand that intents name.

use super::admission::Holder;
use super::directive;
use super::fields::{Fields, Slot};
use super::finding::Findings;
use super::identity::{self, RuleMatch};
use super::intent::{Intent, ListId};
use super::refusal::Refusal;
use super::rule::Rule;
use super::section::Section;
use super::view::{ReadError, Sections};
use crate::hujson::{Document, Kind, Value};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

/// A document of which only those sections are read that somebody asks for.
pub(super) struct Lookup<'d> {
    document: &'d Document<'d>,
    sections: Sections<'d>,
    groups: OnceCell<Names<'d>>,
    tags: OnceCell<Names<'d>>,
    acls: OnceCell<Vec<Rule<'d>>>,
    ssh: OnceCell<Vec<Rule<'d>>>,
    grants: OnceCell<Vec<Rule<'d>>>,
}

/// The values that stand under a name, in all sections of that kind.
type Names<'d> = HashMap<Cow<'d, str>, Vec<Value<'d>>>;

/// The places in the text that make up one list.
pub(super) struct Found<'l, 'd> {
    /// The first is added to; it is `None` where there is no array yet.
    pub(super) arrays: Vec<Option<Value<'d>>>,
    /// A directive forbids additions.
    pub(super) grant_never: bool,
    pub(super) holder: Holder<'l>,
}

impl<'d> Lookup<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Result<Self, ReadError> {
        Ok(Self {
            document,
            sections: Sections::of(document)?,
            groups: OnceCell::new(),
            tags: OnceCell::new(),
            acls: OnceCell::new(),
            ssh: OnceCell::new(),
            grants: OnceCell::new(),
        })
    }

    /// The list an intent names. `None`: there is no such list.
    pub(super) fn find(&self, intent: &Intent) -> Result<Option<Found<'_, 'd>>, Refusal> {
        match &intent.list {
            ListId::Group(name) if name.contains('@') => Err(Refusal::SyncedGroup(name.clone())),
            ListId::Group(name) => {
                self.once("groups", "groups")?;
                self.named(self.groups(), name, Holder::Group)
            }
            ListId::TagOwners(name) => {
                self.once("tagowners", "tagOwners")?;
                self.named(self.tags(), name, Holder::TagOwners)
            }
            ListId::Rule(section, id) => self.rule(*section, id, intent),
        }
    }

    /// The arrays that stand under a group's name.
    pub(super) fn group_arrays(&self, name: &str) -> impl Iterator<Item = Value<'d>> {
        let values = self.groups().get(name).into_iter().flatten().copied();
        values.filter(|value| value.kind() == Kind::Array)
    }

    /// The rules of a section.
    pub(super) fn rules(&self, section: Section) -> &[Rule<'d>] {
        let cell = match section {
            Section::Acls => &self.acls,
            Section::Ssh => &self.ssh,
            Section::Grants => &self.grants,
        };
        cell.get_or_init(|| self.sections.rules(section, &mut self.no_findings()))
    }

    /// How a selector is to be written here. The service refuses a file with both the old and the new
    /// name of `autogroup:member`.
    pub(super) fn spelling_in_use<'s>(&self, text: &'s str) -> &'s str {
        let other = match text {
            "autogroup:member" => "autogroup:members",
            "autogroup:members" => "autogroup:member",
            _ => return text,
        };
        if mentions(self.document.root(), other) { other } else { text }
    }

    fn groups(&self) -> &Names<'d> {
        self.groups.get_or_init(|| self.names("groups"))
    }

    fn tags(&self) -> &Names<'d> {
        self.tags.get_or_init(|| self.names("tagowners"))
    }

    fn names(&self, section: &str) -> Names<'d> {
        let mut names = Names::new();
        for member in self.sections.all(section).flat_map(Value::members) {
            names.entry(member.name.as_str().unwrap_or_default()).or_default().push(member.value);
        }
        names
    }

    /// Planning reports refusals; findings are for those who read the whole policy.
    fn no_findings(&self) -> Findings<'d> {
        Findings::new(self.document)
    }

    /// Refuses where a section is there twice.
    fn once(&self, section: &str, written: &str) -> Result<(), Refusal> {
        match self.sections.all(section).nth(1) {
            Some(_) => Err(Refusal::Twice(format!("section {written}"))),
            None => Ok(()),
        }
    }

    fn named<'l>(
        &'l self,
        names: &Names<'d>,
        name: &str,
        holder: Holder<'l>,
    ) -> Result<Option<Found<'l, 'd>>, Refusal> {
        let value = match names.get(name).map(Vec::as_slice) {
            None | Some([]) => return Ok(None),
            Some([value]) => *value,
            Some(_) => return Err(Refusal::Twice(format!("{name:?}"))),
        };
        let array = match value.kind() {
            Kind::Array => Some(value),
            Kind::Null => None,
            _ => return Err(Refusal::NotAList(format!("{name:?}"))),
        };
        let (directives, _) = directive::read(&value.comments(), false, &mut self.no_findings());
        Ok(Some(Found { arrays: vec![array], grant_never: directives.grant_never, holder }))
    }

    fn rule(&self, section: Section, id: &str, intent: &Intent) -> Result<Option<Found<'_, 'd>>, Refusal> {
        self.once(section.name(), section.name())?;
        let rules = match identity::resolve(self.rules(section), section, id) {
            RuleMatch::Unknown => return Ok(None),
            RuleMatch::Ambiguous(candidates) => {
                return Err(Refusal::AmbiguousRule { id: id.to_owned(), candidates });
            }
            // Adding through a hash that does not cover the whole rule might widen another one than meant.
            RuleMatch::Baton(rules)
                if intent.gives_access()
                    && !intent.baton_ids
                    && !rules.iter().all(|rule| rule.baton_id_covers_rule) =>
            {
                let candidates = rules.first().map(|rule| rule.id.clone()).into_iter().collect();
                return Err(Refusal::AmbiguousRule { id: id.to_owned(), candidates });
            }
            RuleMatch::Native(rules) | RuleMatch::Baton(rules) => rules,
        };
        let Some(first) = rules.first() else { return Ok(None) };
        let mut arrays = Vec::with_capacity(rules.len());
        for rule in &rules {
            let fields = Fields::of_rule(section, rule.value);
            if let Some(field) = fields.doubled() {
                return Err(Refusal::Twice(format!("{:?} of rule {:?}", field.spelling, rule.id)));
            }
            arrays.push(match fields.slot("src") {
                Slot::Nothing => None,
                Slot::Array(array) => Some(array),
                Slot::Other | Slot::Twice => return Err(Refusal::NotAList(format!("rule {:?}", rule.id))),
            });
        }
        let grant_never = rules.iter().any(|rule| rule.directives.grant_never);
        Ok(Some(Found { arrays, grant_never, holder: Holder::Rule(first) }))
    }
}

/// The arrays that hold a rule's sources; more than one only where a name is there twice.
pub(super) fn source_arrays<'d>(rule: &Rule<'d>) -> impl Iterator<Item = Value<'d>> + use<'d> {
    let values: Vec<_> = Fields::of_rule(rule.section, rule.value).all("src").collect();
    values.into_iter().filter(|value| value.kind() == Kind::Array)
}

/// A string somewhere in a value is this selector, perhaps with ports.
fn mentions(value: Value<'_>, selector: &str) -> bool {
    let is_it = |text: &str| {
        let rest = super::selector::trimmed(text).strip_prefix(selector);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let mut ahead = vec![value];
    while let Some(value) = ahead.pop() {
        if value.as_str().is_some_and(|text| is_it(&text)) {
            return true;
        }
        ahead.extend(value.elements());
        ahead.extend(value.members().map(|member| member.value));
    }
    false
}
