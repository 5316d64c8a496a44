//! Running `tests`: who gets through to an address and port.

use super::Failure;
use super::cast::Party;
use super::complaint::{Complaint, Met};
use super::resolve::Resolver;
use super::section::NetworkTest;
use super::stage::Stage;
use super::unfit::Unfit;
use crate::policy::go::Quoted;
use crate::policy::list::List;
use crate::policy::ports::Protocol;
use crate::policy::reach::{Origin, Sender};
use crate::policy::selector::member_key;
use std::borrow::Cow;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};

/// A test whose selectors are resolved.
pub(super) struct Prepared<'p> {
    test: &'p NetworkTest<'p>,
    sources: Result<Vec<Party>, Unfit>,
    protocols: Option<Protocols>,
    accept: Vec<Probe<'p>>,
    deny: Vec<Probe<'p>>,
}

/// What a test speaks: one of several is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocols {
    TcpOrUdp,
    /// Of the family of the addresses.
    Icmp,
    Other(Protocol),
}

/// One destination of a test.
struct Probe<'p> {
    text: &'p str,
    target: Result<Target, Unfit>,
    /// It stands in `accept` and in `deny`: then the test fails whoever is meant.
    contradicted: bool,
}

struct Target {
    devices: Vec<Party>,
    port: u16,
}

impl Protocols {
    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::TcpOrUdp);
        }
        let protocol: Protocol = text.parse().ok()?;
        Some(if matches!(protocol.number(), 1 | 58) { Self::Icmp } else { Self::Other(protocol) })
    }

    /// The protocol numbers between addresses of a family.
    fn numbers(self, ipv6: bool) -> impl Iterator<Item = u8> {
        let (first, second) = match self {
            Self::TcpOrUdp => (6, Some(17)),
            Self::Icmp => (if ipv6 { 58 } else { 1 }, None),
            Self::Other(protocol) => (protocol.number(), None),
        };
        std::iter::once(first).chain(second)
    }

    /// Reads the one port that a test names; 0 where there are none.
    fn port(self, text: &str) -> Result<u16, Unfit> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = text.parse().ok().filter(|_| digits).ok_or(Unfit::Port)?;
        match self {
            Self::Icmp if port != 0 => Err(Unfit::IcmpPort),
            Self::TcpOrUdp if port == 0 => Err(Unfit::Port),
            Self::Other(protocol) if port == 0 && protocol.has_ports() => Err(Unfit::Port),
            _ => Ok(port),
        }
    }
}

impl<'p> Prepared<'p> {
    pub(super) fn new(test: &'p NetworkTest<'p>, resolver: &mut Resolver<'_>) -> Self {
        let protocols = Protocols::read(&test.protocol);
        let mut probes = |list: &'p Option<List<'p>>| {
            let items = list.iter().flat_map(|list| &list.items);
            let mut probe = |text: &'p str| {
                let target = target(text, protocols, resolver);
                Probe { text, target, contradicted: false }
            };
            items.map(|item| probe(&item.text)).collect()
        };
        let (mut accept, mut deny): (Vec<_>, Vec<_>) = (probes(&test.accept), probes(&test.deny));
        mark_contradictions(&mut accept, &mut deny);
        Self { test, sources: resolver.resolve(&test.source), protocols, accept, deny }
    }

    /// What is wrong, if anything is.
    pub(super) fn run(&self, stage: &Stage<'_>) -> Option<Failure> {
        let Self { test, accept, deny, .. } = self;
        let complaints = match (&self.sources, self.protocols) {
            (Err(unfit), _) => {
                let in_vain = !accept.is_empty() && stage.granted.no_packets(&test.source, *unfit);
                let certain = in_vain || accept.iter().any(|probe| probe.contradicted);
                vec![Complaint::unfit(&format!("src {}", Quoted(&test.source)), *unfit).or_certain(certain)]
            }
            (_, None) => vec![Complaint::new(format!("proto {}: not known", Quoted(&test.protocol)))],
            _ if accept.is_empty() && deny.is_empty() => {
                vec![Complaint::new("neither accept nor deny is there")]
            }
            (Ok(sources), Some(protocols)) => {
                let run = Run::new(stage, sources, protocols);
                let accept = accept.iter().filter_map(|probe| {
                    run.probe(probe, Run::accept).map(|complaint| complaint.or_certain(run.is_in_vain(probe)))
                });
                accept.chain(deny.iter().filter_map(|probe| run.probe(probe, Run::deny))).collect()
            }
        };
        Failure::of("tests", test.index, test.position, &test.source, complaints)
    }
}

fn mark_contradictions<'p>(accept: &mut [Probe<'p>], deny: &mut [Probe<'p>]) {
    let accepted: HashSet<_> = accept.iter().map(|probe| key(probe.text)).collect();
    let denied: HashSet<_> = deny.iter().map(|probe| key(probe.text)).collect();
    for probe in accept.iter_mut().chain(deny) {
        let key = key(probe.text);
        probe.contradicted = accepted.contains(&key) && denied.contains(&key);
    }
}

/// What destinations are compared by.
fn key(text: &str) -> (Cow<'_, str>, &str) {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    (member_key(bracketed.unwrap_or(host)), port)
}

/// Reads a destination: a selector and one port.
fn target(text: &str, protocols: Option<Protocols>, resolver: &mut Resolver<'_>) -> Result<Target, Unfit> {
    let (host, port) = text.rsplit_once(':').ok_or(Unfit::Port)?;
    let port = protocols.unwrap_or(Protocols::TcpOrUdp).port(port)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_ipv6 = bracketed.unwrap_or(host).parse::<Ipv6Addr>().is_ok();
    let host = match bracketed {
        Some(address) if is_ipv6 => address,
        None if !is_ipv6 => host,
        Some(_) => return Err(Unfit::UnknownHost),
        None => return Err(Unfit::Brackets),
    };
    Ok(Target { devices: resolver.resolve(host)?, port })
}

/// The part of a test that is the same for all of its destinations.
struct Run<'r> {
    stage: &'r Stage<'r>,
    sources: Vec<Source<'r>>,
    protocols: Protocols,
}

struct Source<'r> {
    party: &'r Party,
    /// Of each of its addresses.
    senders: Vec<(IpAddr, Sender<'r>)>,
}

impl<'r> Run<'r> {
    fn new(stage: &'r Stage<'r>, sources: &'r [Party], protocols: Protocols) -> Self {
        let senders =
            |party: &Party| party.addresses.iter().map(|from| (*from, stage.sender(*from))).collect();
        let sources = sources.iter().map(|party| Source { party, senders: senders(party) });
        Self { stage, sources: sources.collect(), protocols }
    }

    fn probe(
        &self,
        probe: &Probe<'_>,
        judge: fn(&Self, &str, &Target) -> Option<Complaint>,
    ) -> Option<Complaint> {
        let name = format!("address {}", Quoted(probe.text));
        let complaint = match &probe.target {
            Ok(target) => judge(self, &name, target),
            Err(unfit) => Some(Complaint::unfit(&name, *unfit)),
        };
        complaint.map(|complaint| complaint.or_certain(probe.contradicted))
    }

    /// Nothing gets through to what cannot be tested.
    fn is_in_vain(&self, probe: &Probe<'_>) -> bool {
        let host = probe.text.rsplit_once(':').map_or(probe.text, |(host, _)| host);
        probe.target.as_ref().is_err_and(|unfit| self.stage.granted.no_packets(host, *unfit))
    }

    /// Every source must get through to every device.
    fn accept(&self, name: &str, target: &Target) -> Option<Complaint> {
        let dropped = self
            .pairs(target)
            .filter(|(source, device)| self.origins(source, device, target.port).next().is_none());
        let met = dropped.map(|(source, device)| Met {
            got: "Drop",
            certain: !self.stage.may_let_through(source.party, device),
        });
        Complaint::wanted(name, "Accept", met)
    }

    /// No source may get through to any device.
    fn deny(&self, name: &str, target: &Target) -> Option<Complaint> {
        let met = self.pairs(target).filter_map(|(source, device)| {
            let mut by = self.origins(source, device, target.port).peekable();
            by.peek()?;
            let there = !source.party.invented && !device.invented;
            Some(Met { got: "Accept", certain: there && by.any(|origin| self.stage.is_sure(origin)) })
        });
        Complaint::wanted(name, "Drop", met)
    }

    fn pairs<'t>(&'t self, target: &'t Target) -> impl Iterator<Item = (&'t Source<'r>, &'t Party)> {
        self.sources.iter().flat_map(|source| target.devices.iter().map(move |device| (source, device)))
    }

    /// The rules that let the source through, by any protocol and between any two addresses of one family.
    fn origins(&self, source: &Source<'_>, device: &Party, port: u16) -> impl Iterator<Item = Origin> {
        let senders = source.senders.iter();
        let pairs = senders.flat_map(|sender| device.addresses.iter().map(move |to| (sender, *to)));
        let pairs = pairs.filter(|((from, _), to)| from.is_ipv4() == to.is_ipv4());
        pairs.flat_map(move |((_, sender), to)| {
            let numbers = self.protocols.numbers(to.is_ipv6());
            numbers.flat_map(move |protocol| sender.flow(to, protocol, port))
        })
    }
}
