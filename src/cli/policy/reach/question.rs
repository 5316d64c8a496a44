//! What is asked of each way from one device to another, and the answer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::party::Party;
use crate::cli::policy::words;
use crate::policy::reach::{Origin, Reach, Sender, SshDecision};
use crate::policy::{PortRange, Protocol};

/// Where SSH servers listen.
const SSH_PORT: u16 = 22;
/// The protocol of a port that comes without one.
const TCP: u8 = 6;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) protocol: Option<Protocol>,
    pub(super) port: Option<u16>,
    /// The account to log in to over SSH.
    pub(super) account: Option<String>,
}

/// The answer for one way.
#[derive(Debug)]
pub(super) struct Way<'p> {
    pub(super) from: &'p Party,
    pub(super) to: &'p Party,
    /// The rules that let packets through, and which: as grants have them; nothing where one kind was
    /// asked for.
    pub(super) rules: BTreeMap<Origin, Vec<String>>,
    /// Packets pass from an IPv4 address, from an IPv6 address; `None`: one of the ends has none.
    pub(super) families: [Option<bool>; 2],
    /// What becomes of the login that was asked for.
    pub(super) ssh: Option<SshDecision>,
}

impl Way<'_> {
    /// Packets pass, and the login if one was asked for.
    pub(super) fn is_open(&self) -> bool {
        !self.rules.is_empty() && self.ssh != Some(SshDecision::Refused)
    }

    /// The rule that admits the login.
    pub(super) fn ssh_origin(&self) -> Option<Origin> {
        match self.ssh? {
            SshDecision::Accepted(origin) | SshDecision::Checked(origin) => Some(origin),
            SshDecision::Refused => None,
        }
    }
}

impl Question {
    /// What was asked for, to be put behind the name of the destination.
    pub(super) fn words(&self) -> String {
        let protocol = self.protocol.map(words::name);
        match (&self.account, self.port, protocol) {
            (Some(account), _, _) => format!(" over SSH as {account}"),
            (None, Some(port), protocol) => {
                format!(" on {} port {port}", protocol.unwrap_or_else(|| "tcp".to_owned()))
            }
            (None, None, Some(protocol)) => format!(" over {protocol}"),
            (None, None, None) => String::new(),
        }
    }

    /// Answers for every way from one of some devices to another one.
    pub(super) fn ask<'p>(&self, reach: &Reach, from: &'p [Party], to: &'p [Party]) -> Vec<Way<'p>> {
        let mut ways = Vec::new();
        for from in from {
            let senders: Vec<(IpAddr, Sender<'_>)> =
                from.addresses.iter().map(|address| (*address, reach.sender(*address))).collect();
            let others = to.iter().filter(|to| to.device.is_none() || to.device != from.device);
            ways.extend(others.map(|to| self.way(reach, from, to, &senders)));
        }
        ways
    }

    fn way<'p>(
        &self,
        reach: &Reach,
        from: &'p Party,
        to: &'p Party,
        senders: &[(IpAddr, Sender<'_>)],
    ) -> Way<'p> {
        let mut way = Way { from, to, rules: BTreeMap::new(), families: [None; 2], ssh: None };
        for (address, sender) in senders {
            for to in to.addresses.iter().filter(|to| to.is_ipv4() == address.is_ipv4()) {
                let opened = self.opened(sender, *to);
                if let Some(family) = way.families.get_mut(usize::from(address.is_ipv6())) {
                    *family = Some(family.unwrap_or_default() || !opened.is_empty());
                }
                for (origin, traffic) in opened {
                    let known = way.rules.entry(origin).or_default();
                    known.extend(traffic.filter(|traffic| !known.contains(traffic)));
                }
            }
        }
        if let Some(account) = &self.account {
            let decide = |(address, _): &(IpAddr, _)| match to.device {
                Some(device) => reach.ssh(*address, device, account),
                None => SshDecision::Refused,
            };
            let admitted = senders.iter().map(decide).find(|decision| *decision != SshDecision::Refused);
            way.ssh = Some(admitted.unwrap_or(SshDecision::Refused));
        }
        way
    }

    /// The rules that let through what is asked for, and what they let through where that is open.
    fn opened(&self, sender: &Sender<'_>, to: IpAddr) -> Vec<(Origin, Option<String>)> {
        let port = if self.account.is_some() { Some(SSH_PORT) } else { self.port };
        if port.is_some() || self.protocol.is_some_and(|protocol| !protocol.has_ports()) {
            let number = self.protocol.map_or(TCP, Protocol::number);
            let origins = sender.flow(to, number, port.unwrap_or_default());
            return origins.into_iter().map(|origin| (origin, None)).collect();
        }
        let is_asked_for = |protocol: Option<Protocol>| match (self.protocol, protocol) {
            (Some(asked), Some(protocol)) => asked == protocol,
            (Some(asked), None) => Protocol::DEFAULT.contains(&asked),
            (None, _) => true,
        };
        let filters = sender.towards(to).into_iter().filter(|filter| is_asked_for(filter.protocol()));
        filters
            .map(|filter| {
                let ports: Vec<PortRange> = filter.ports_to(to).collect();
                (filter.origin, Some(words::traffic(filter.protocol(), &ports)))
            })
            .collect()
    }
}
