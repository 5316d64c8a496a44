//! What the service sent to devices for a policy, and what follows from it for packets and logins.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::{Value, json};
use tailgrant::policy::reach::{Origin, Reach, SshDecision};
use tailgrant::policy::{AddressRange, AddressSet, Policy, Topology, parse};

use crate::topology::topology;
use crate::{records, report};

fn compiled(record: &Value) -> (Topology, Reach) {
    let topology = topology(&record["topology"]);
    let text = record["policy"].to_string();
    let document = parse(text.as_bytes()).unwrap();
    let reach = Reach::compile(&Policy::read(&document).unwrap(), &topology);
    (topology, reach)
}

/// The differences of each record of each set.
fn compare(what: &str, differences: impl Fn(&Value, &Topology, &Reach) -> Vec<String>) {
    let Some(records) = records("access-matrix.jsonl") else { return };
    let mut sets: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for record in &records {
        let (topology, reach) = compiled(record);
        let wrong = differences(record, &topology, &reach);
        let (total, failed) = sets.entry(record["set"].as_str().unwrap()).or_default();
        *total += 1;
        if !wrong.is_empty() {
            failed.push(format!("{}: {}", record["id"], wrong.join("\n  ")));
        }
    }
    let failed: Vec<String> = sets.values().flat_map(|(_, failed)| failed.clone()).collect();
    for (set, (total, failed)) in &sets {
        crate::say(&format!("access-matrix.jsonl, {set}, {what}: {} of {total}", total - failed.len()));
    }
    report(&format!("access-matrix.jsonl, {what}"), records.len(), &failed);
}

/// A value in which the order of arrays does not matter.
fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(unordered).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), unordered(value))).collect()
        }
        other => other.clone(),
    }
}

/// Everything that was sent is what would be sent, but for the order of packet filter rules, sources,
/// destinations and principals. What was not captured is not compared.
#[test]
fn what_devices_are_sent() {
    compare("as sent", |record, topology, reach| {
        let sent = serde_json::to_value(reach).unwrap();
        let mut wrong = Vec::new();
        let devices = topology.devices.iter().map(|device| &*device.name);
        for device in devices.filter(|device| !record["filters"][device].is_null()) {
            let (got, want) = (unordered(&sent["filters"][device]), unordered(&record["filters"][device]));
            if got != want {
                wrong.push(format!("{device} filters\n   got {got}\n  want {want}"));
            }
            let (got, want) = (&sent["ssh"][device], &record["ssh"][device]);
            if logins(got) != logins(want) {
                wrong.push(format!("{device} ssh\n   got {got}\n  want {want}"));
            }
        }
        wrong
    });
}

/// SSH rules, of which the order does matter; but rules of different principals do not meet.
fn logins(rules: &Value) -> Vec<Value> {
    let mut rules: Vec<Value> = rules.as_array().into_iter().flatten().cloned().collect();
    for rule in &mut rules {
        rule["principals"] = unordered(&rule["principals"]);
    }
    rules.sort_by_key(|rule| rule["principals"].to_string());
    rules
}

/// Addresses and ports that tell rules apart: those of every device, and the ends of what rules name.
fn probes(filters: &Value, topology: &Topology) -> (BTreeSet<IpAddr>, BTreeSet<u16>) {
    let mut addresses: BTreeSet<IpAddr> =
        topology.devices.iter().flat_map(|device| device.addresses.clone()).collect();
    addresses.extend(
        ["8.8.8.8", "2606:4700::1", "192.168.77.7", "fd99::1"].map(|text| text.parse::<IpAddr>().unwrap()),
    );
    for route in topology.devices.iter().flat_map(|device| &device.approved_routes) {
        addresses.extend([route.address(), route.last()]);
    }
    let mut ports = BTreeSet::from([0, 1, 22, 65535]);
    for opening in filters.as_object().unwrap().values().flat_map(openings) {
        if let Some(range) = range(&opening["IP"]) {
            addresses.extend([range.first(), range.last()]);
        }
        let end = |name: &str| u16::try_from(opening["Ports"][name].as_u64().unwrap()).unwrap();
        ports.extend([
            end("First").saturating_sub(1),
            end("First"),
            end("Last"),
            end("Last").saturating_add(1),
        ]);
    }
    (addresses, ports)
}

fn openings(filters: &Value) -> impl Iterator<Item = &Value> {
    filters.as_array().unwrap().iter().flat_map(|filter| filter["DstPorts"].as_array().into_iter().flatten())
}

/// `None`: `*`.
fn range(text: &Value) -> Option<AddressRange> {
    text.as_str().unwrap().parse().ok()
}

/// A captured packet filter rule, decoded for asking.
struct Sent {
    sources: Option<AddressSet>,
    protocols: Vec<u64>,
    openings: Vec<(Option<AddressSet>, u64, u64)>,
}

impl Sent {
    fn of(filters: &Value) -> Vec<Self> {
        let filters = filters.as_array().unwrap().iter().filter(|filter| filter["DstPorts"].is_array());
        let number = |value: &Value| value.as_u64().unwrap();
        filters
            .map(|filter| {
                let sources = filter["SrcIPs"].as_array().unwrap();
                let protocols = filter["IPProto"]
                    .as_array()
                    .map_or(vec![6, 17, 1, 58], |listed| listed.iter().map(number).collect());
                let openings = filter["DstPorts"].as_array().unwrap().iter().map(|opening| {
                    let addresses = range(&opening["IP"]).map(|range| std::iter::once(range).collect());
                    (addresses, number(&opening["Ports"]["First"]), number(&opening["Ports"]["Last"]))
                });
                Self { sources: sources.iter().map(range).collect(), protocols, openings: openings.collect() }
            })
            .collect()
    }

    fn lets_through(&self, from: IpAddr, to: IpAddr, protocol: u64, port: u16) -> bool {
        let holds = |set: &Option<AddressSet>, address| set.as_ref().is_none_or(|set| set.contains(address));
        holds(&self.sources, from)
            && self.protocols.contains(&protocol)
            && self.openings.iter().any(|(addresses, first, last)| {
                holds(addresses, to) && (*first..=*last).contains(&u64::from(port))
            })
    }
}

/// Whether packets pass is the same, from every address to every address and port on every device.
#[test]
fn what_packets_pass() {
    compare("packets", |record, topology, reach| {
        let (addresses, ports) = probes(&record["filters"], topology);
        let mut wrong = Vec::new();
        for (index, device) in topology.devices.iter().enumerate() {
            let captured = &record["filters"][&device.name];
            if captured.is_null() {
                continue;
            }
            let sent = Sent::of(captured);
            for from in &addresses {
                let sender = reach.sender(*from);
                let filters: Vec<_> = sender.filters(index).collect();
                for to in &addresses {
                    for (protocol, port) in [6, 17, 132]
                        .into_iter()
                        .flat_map(|protocol| ports.iter().map(move |port| (protocol, *port)))
                    {
                        let got = filters.iter().any(|filter| filter.lets_through(*to, protocol, port));
                        let want =
                            sent.iter().any(|rule| rule.lets_through(*from, *to, u64::from(protocol), port));
                        if got != want {
                            wrong.push(format!(
                                "{} {from} -> {to} {protocol}/{port}: {got}, not {want}",
                                device.name
                            ));
                        }
                    }
                }
            }
        }
        wrong
    });
}

/// Between devices, what a flow comes to is what the receiver was sent.
#[test]
fn flows_between_devices() {
    compare("flows", |record, topology, reach| {
        let (_, ports) = probes(&record["filters"], topology);
        let receivers = topology.devices.iter().map(|device| (device, &record["filters"][&device.name]));
        let receivers: Vec<_> = receivers
            .filter(|(_, captured)| !captured.is_null())
            .map(|(device, captured)| (device, Sent::of(captured)))
            .collect();
        let mut wrong = Vec::new();
        for from in topology.devices.iter().flat_map(|device| device.addresses.clone()) {
            let sender = reach.sender(from);
            for (device, sent) in &receivers {
                for (to, port) in
                    device.addresses.iter().flat_map(|to| ports.iter().map(move |port| (*to, *port)))
                {
                    let origins = sender.flow(to, 6, port);
                    let want = sent.iter().any(|rule| rule.lets_through(from, to, 6, port));
                    if origins.is_empty() == want {
                        wrong.push(format!("{from} -> {to}:{port}: {origins:?}, not {want}"));
                    }
                }
            }
        }
        wrong
    });
}

/// What becomes of a login by the rules that a device was sent.
fn decision(rules: &Value, from: IpAddr, account: &str) -> &'static str {
    let from = json!({ "nodeIP": from.to_string() });
    for rule in rules.as_array().into_iter().flatten() {
        let users = &rule["sshUsers"];
        let local = [account, "*"].into_iter().find_map(|name| users[name].as_str());
        if rule["principals"].as_array().unwrap().contains(&from) && !matches!(local, None | Some("")) {
            return if rule["action"]["accept"] == true { "accept" } else { "check" };
        }
    }
    "refuse"
}

#[test]
fn logins_between_devices() {
    compare("logins", |record, topology, reach| {
        let rules =
            || record["ssh"].as_object().unwrap().values().flat_map(|rules| rules.as_array().unwrap());
        let mut accounts: BTreeSet<&str> =
            BTreeSet::from(["root", "ubuntu", "odin", "thor", "freya", "*", ""]);
        accounts.extend(
            rules().flat_map(|rule| rule["sshUsers"].as_object().unwrap().keys()).map(|name| &**name),
        );
        let mut wrong = Vec::new();
        for (index, device) in topology.devices.iter().enumerate() {
            for from in topology.devices.iter().flat_map(|device| device.addresses.clone()) {
                for account in &accounts {
                    let got = match reach.ssh(from, index, account) {
                        SshDecision::Refused => "refuse",
                        SshDecision::Accepted(Origin::Rule(_)) => "accept",
                        SshDecision::Checked(Origin::Rule(_)) => "check",
                        SshDecision::Accepted(Origin::Default) | SshDecision::Checked(Origin::Default) => {
                            "by default"
                        }
                    };
                    let want = decision(&record["ssh"][&device.name], from, account);
                    if got != want {
                        wrong.push(format!("{from} -> {account}@{}: {got}, not {want}", device.name));
                    }
                }
            }
        }
        wrong
    });
}
