//! Running `sshTests`: who gets into which account of a device.

use super::Failure;
use super::cast::Party;
use super::complaint::{Complaint, Met};
use super::resolve::Resolver;
use super::section::SshTest;
use super::stage::Stage;
use super::unfit::Unfit;
use crate::hujson::Position;
use crate::policy::go::Quoted;
use crate::policy::list::{Item, List};
use crate::policy::reach::SshDecision;
use crate::policy::selector::Selector;
use crate::policy::view::Policy;
use std::collections::HashSet;
use std::net::IpAddr;

/// What can be the destination of no SSH test, in the service's words, and where it stands. The service
/// says so before it runs a test.
pub(super) fn malformed(policy: &Policy<'_>) -> Option<(String, Position)> {
    let tags: HashSet<&str> = policy.tags.iter().map(|tag| &*tag.name).collect();
    let mut destinations = policy.ssh_tests.iter().flat_map(|test| items(test.destinations.as_ref()));
    destinations.find_map(|Item { text, value }| {
        let what = match Selector::parse(text) {
            Selector::Login(_) | Selector::Host(_) => return None,
            Selector::Network(_) if !text.contains('/') => return None,
            Selector::Tag(name) if tags.contains(&*name) => return None,
            Selector::Tag(_) => "unknown tag",
            _ => "disallowed element",
        };
        Some((format!("SSH tests dst contains {what} {}", Quoted(text)), value.position()))
    })
}

/// A test whose selectors are resolved.
pub(super) struct Prepared<'p> {
    test: &'p SshTest<'p>,
    sources: Result<Vec<Party>, Unfit>,
    destinations: Vec<(&'p str, Result<Vec<Party>, Unfit>)>,
}

impl<'p> Prepared<'p> {
    pub(super) fn new(test: &'p SshTest<'p>, resolver: &mut Resolver<'_>) -> Self {
        let destination = |item: &'p Item<'p>| (&*item.text, resolve(&item.text, resolver));
        let destinations = items(test.destinations.as_ref()).map(destination).collect();
        Self { test, sources: resolve(&test.source, resolver), destinations }
    }

    /// What is wrong, if anything is.
    pub(super) fn run(&self, stage: &Stage<'_>) -> Option<Failure> {
        let Self { test, destinations, .. } = self;
        let lists = [("Accept", &test.accept), ("Check", &test.check), ("Drop", &test.deny)];
        let accounts = || {
            let accounts = lists
                .into_iter()
                .flat_map(|(wanted, list)| items(list.as_ref()).map(move |item| (wanted, item)));
            accounts.map(|(wanted, item)| (wanted, &*item.text))
        };
        let contradicted = self.contradicted();
        let wants_access = || accounts().any(|(wanted, _)| wanted != "Drop");
        let unfit = |what: &str, text: &str, unfit: Unfit| {
            let in_vain = wants_access() && stage.granted.no_logins(unfit);
            let name = format!("{what} {}", Quoted(text));
            Complaint::unfit(&name, unfit).or_certain(in_vain || !contradicted.is_empty())
        };
        let complaints = match &self.sources {
            Err(why) => vec![unfit("src", &test.source, *why)],
            Ok(_) if accounts().next().is_none() => {
                vec![Complaint::new("neither accept nor check nor deny is there")]
            }
            Ok(_) if destinations.is_empty() => vec![Complaint::new("no dst is there")],
            Ok(sources) => {
                let mut complaints = Vec::new();
                for (text, devices) in destinations {
                    match devices {
                        Err(why) => complaints.push(unfit("dst", text, *why)),
                        Ok(devices) => complaints.extend(accounts().filter_map(|(wanted, account)| {
                            let name = format!("user {} on {}", Quoted(account), Quoted(text));
                            let complaint =
                                Login { stage, sources, devices, account }.complaint(&name, wanted);
                            complaint.map(|complaint| complaint.or_certain(contradicted.contains(account)))
                        })),
                    }
                }
                complaints
            }
        };
        Failure::of("sshTests", test.index, test.position, &test.source, complaints)
    }

    /// The accounts that must be both let in and kept out: then the test fails whoever is meant.
    fn contradicted(&self) -> HashSet<&str> {
        let SshTest { accept, check, deny, .. } = self.test;
        let denied: HashSet<&str> = items(deny.as_ref()).map(|item| &*item.text).collect();
        let wanted = items(accept.as_ref()).chain(items(check.as_ref())).map(|item| &*item.text);
        wanted.filter(|account| denied.contains(account)).collect()
    }
}

/// Only IPv4 addresses stand for themselves in SSH tests.
fn resolve(text: &str, resolver: &mut Resolver<'_>) -> Result<Vec<Party>, Unfit> {
    if matches!(text.parse(), Ok(IpAddr::V6(_))) { Err(Unfit::Ipv6) } else { resolver.resolve(text) }
}

/// One account, tried by every source on every device.
struct Login<'r> {
    stage: &'r Stage<'r>,
    sources: &'r [Party],
    devices: &'r [Party],
    account: &'r str,
}

impl Login<'_> {
    /// Everybody must fare as wanted.
    fn complaint(&self, name: &str, wanted: &str) -> Option<Complaint> {
        if self.account.is_empty() {
            return Some(Complaint::unfit(name, Unfit::Missing));
        }
        let pairs =
            self.sources.iter().flat_map(|source| self.devices.iter().map(move |device| (source, device)));
        let met = pairs.map(|(source, device)| self.met(source, device, wanted));
        Complaint::wanted(name, wanted, met.filter(|met| met.got != wanted))
    }

    fn met(&self, source: &Party, device: &Party, wanted: &str) -> Met {
        let (got, by) = match self.stage.log_in(source, device, self.account) {
            SshDecision::Refused => ("Drop", None),
            SshDecision::Accepted(by) => ("Accept", Some(by)),
            SshDecision::Checked(by) => ("Check", Some(by)),
        };
        let certain = match (wanted, by) {
            ("Drop", Some(by)) => !source.invented && !device.invented && self.stage.is_sure(by),
            // No recorded case pairs `accept` with a rule that checks, and the two accounts of it there are
            // contradict each other: the documentation lets only an accept rule satisfy it, an independent
            // implementation a check rule too. So the service decides.
            ("Accept", Some(_)) => false,
            _ => !self.stage.may_let_in(source, device),
        };
        Met { got, certain }
    }
}

fn items<'p>(list: Option<&'p List<'p>>) -> impl Iterator<Item = &'p Item<'p>> {
    list.into_iter().flat_map(|list| &list.items)
}
