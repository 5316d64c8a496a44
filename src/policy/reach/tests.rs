mod logins;
mod told;

use super::*;
use crate::policy::topology::{Device, Person, Topology};
use crate::policy::view::{Policy, parse};
use std::net::IpAddr;

fn person(login: &str, role: &str) -> Person {
    Person { logins: vec![login.to_owned()], role: role.to_owned(), member: true, shared: false }
}

fn device(name: &str, owner: Option<usize>, tags: &str, address: &str, routes: &str) -> Device {
    let addresses: [String; 2] = [format!("100.64.0.{address}"), format!("fd7a:115c:a1e0::{address}")];
    let routes: Vec<_> = routes.split_whitespace().map(|route| route.parse().unwrap()).collect();
    Device {
        name: name.to_owned(),
        owner,
        tags: tags.split_whitespace().map(str::to_owned).collect(),
        addresses: addresses.map(|address| address.parse().unwrap()).into(),
        advertised_routes: routes.clone(),
        approved_routes: routes,
    }
}

/// Ada owns the tailnet and has two devices, Bob is an admin, Cy a member from another domain; Dot's device
/// is shared into it. `router` leads to 10.1.0.0/16, `exit` to the internet.
fn tailnet() -> Topology {
    let dot = Person { member: false, shared: true, ..person("dot@elsewhere.example", "") };
    Topology {
        people: vec![
            person("Ada@example.com", "owner"),
            person("bob@example.com", "admin"),
            person("cy@other.example", "member"),
            dot,
        ],
        devices: vec![
            device("ada1", Some(0), "", "1", ""),
            device("ada2", Some(0), "", "2", ""),
            device("bob", Some(1), "", "3", ""),
            device("cy", Some(2), "", "4", ""),
            device("dot", Some(3), "", "5", ""),
            device("web", None, "tag:web", "6", ""),
            device("db", None, "tag:db tag:web", "7", ""),
            device("router", None, "tag:router", "8", "10.1.0.0/16"),
            device("exit", None, "tag:exit", "9", "0.0.0.0/0 ::/0"),
        ],
        domains: vec!["example.com".to_owned()],
    }
}

/// Sections that the policies here have in common.
const COMMON: &str = r#"
    "groups": {
        "group:eng": [" ADA@example.com", "bob@example.com", "gone@example.com"],
        "group:empty": [],
        "group:odd": ["group:eng", "tag:web", "autogroup:member"],
    },
    "hosts": {"lab": "10.1.2.0/24", "box": " 100.64.0.6 ", "odd": "nowhere"},
    "ipsets": {
        "ipset:lab": ["10.1.0.0/16", "remove 10.1.2.3", "add host:box", "remove 10.1.9.0-10.1.9.255"],
        "ipset:both": ["ipset:lab", "add 192.0.2.1"],
        "ipset:round": ["192.0.2.7", "ipset:about"],
        "ipset:about": ["ipset:round", "192.0.2.8"],
        "ipset:public": ["autogroup:internet", "remove 8.0.0.0/8"],
    },
"#;

fn compiled(sections: &str) -> Reach {
    let text = format!("{{{COMMON}{sections}}}");
    let document = parse(text.as_bytes()).unwrap();
    Reach::compile(&Policy::read(&document).unwrap(), &tailnet())
}

fn address(text: &str) -> IpAddr {
    let tailnet = tailnet();
    let named = tailnet.devices.iter().find(|device| device.name == text);
    named.map_or_else(|| text.parse().unwrap(), |device| device.addresses[0])
}

fn passes(reach: &Reach, from: &str, to: &str, port: u16) -> bool {
    !reach.flow(Flow { from: address(from), to: address(to), protocol: 6, port }).is_empty()
}

/// Which of all devices reach `web` where this is the source of a rule.
#[track_caller]
fn check_source(selector: &str, expected: &str) {
    let reach =
        compiled(&format!(r#""grants": [{{"src": ["{selector}"], "dst": ["tag:web"], "ip": ["22"]}}]"#));
    let names = tailnet().devices.into_iter().map(|device| device.name);
    let reaching: Vec<String> = names.filter(|name| passes(&reach, name, "web", 22)).collect();
    assert_eq!(reaching.join(" "), expected, "{selector}");
}

#[test]
fn who_sources_are() {
    check_source("*", "ada1 ada2 bob cy dot web db router exit");
    check_source(" ada@EXAMPLE.com\\t", "ada1 ada2");
    check_source("gone@example.com", "");
    check_source("user:*@example.com", "ada1 ada2 bob");
    check_source("user:*@Example.com", "");
    check_source("user:*@other.example", "");
    check_source("group:eng", "ada1 ada2 bob");
    check_source("group:empty", "");
    check_source("group:odd", "");
    check_source("group:none", "");
    check_source("group:eng@example.com", "");
    check_source("tag:web", "web db");
    check_source("tag:Web", "");
    check_source("autogroup:member", "ada1 ada2 bob cy");
    check_source("autogroup:members", "ada1 ada2 bob cy");
    check_source("autogroup:admin", "ada1 ada2 bob");
    check_source("autogroup:owner", "ada1 ada2");
    check_source("autogroup:it-admin", "");
    check_source("autogroup:tagged", "web db router exit");
    check_source("autogroup:shared", "dot");
    check_source("autogroup:danger-all", "ada1 ada2 bob cy dot web db router exit");
    check_source("autogroup:self", "");
    check_source("autogroup:internet", "");
    check_source("autogroup:none", "");
    check_source("100.64.0.4", "cy");
    check_source("100.64.0.0/30", "ada1 ada2 bob");
    check_source("box", "web");
    check_source("odd", "");
    check_source("svc:web", "");
    check_source("ipset:lab", "web");
    check_source("host:box", "");
    check_source("", "");
}

#[test]
fn only_danger_all_is_everybody() {
    for (source, expected) in [("*", false), ("autogroup:danger-all", true)] {
        let reach =
            compiled(&format!(r#""acls": [{{"action": "accept", "src": ["{source}"], "dst": ["*:*"]}}]"#));
        assert_eq!(passes(&reach, "8.8.8.8", "web", 22), expected);
        assert_eq!(passes(&reach, "100.115.92.1", "web", 22), expected);
        assert!(passes(&reach, "100.115.94.1", "web", 22));
        assert!(passes(&reach, "10.1.2.3", "web", 22));
    }
}

/// Which of these addresses are reached where this is the destination of a rule.
#[track_caller]
fn check_destination(selector: &str, expected: &str) {
    let reach = compiled(&format!(r#""grants": [{{"src": ["*"], "dst": ["{selector}"], "ip": ["22"]}}]"#));
    let all = "ada1 bob cy web db router exit 10.1.2.3 10.1.2.4 10.1.9.4 10.2.0.1 8.8.8.8 9.9.9.9 192.0.2.1 192.0.2.7";
    let reached: Vec<&str> = all.split(' ').filter(|to| passes(&reach, "ada1", to, 22)).collect();
    assert_eq!(reached.join(" "), expected, "{selector}");
}

#[test]
fn what_destinations_are() {
    check_destination(
        "*",
        "ada1 bob cy web db router exit 10.1.2.3 10.1.2.4 10.1.9.4 10.2.0.1 8.8.8.8 9.9.9.9 192.0.2.1 192.0.2.7",
    );
    check_destination("tag:web", "web db");
    check_destination("group:eng", "ada1 bob");
    check_destination("autogroup:self", "ada1");
    check_destination("autogroup:internet", "8.8.8.8 9.9.9.9 192.0.2.1 192.0.2.7");
    check_destination("autogroup:danger-all", "");
    check_destination("lab", "10.1.2.3 10.1.2.4");
    check_destination("box", "web");
    check_destination("10.0.0.0/8", "10.1.2.3 10.1.2.4 10.1.9.4");
    check_destination("10.1.2.4", "10.1.2.4");
    check_destination("ipset:lab", "web 10.1.2.4");
    // What only an exit route leads to has to be the internet by name.
    check_destination("8.8.8.0/24", "");
    check_destination("svc:web", "");
}

#[test]
fn what_no_device_takes_is_judged_by_the_policy_alone() {
    let reach =
        compiled(r#""grants": [{"src": ["*"], "dst": ["100.100.0.0/16", "ipset:both"], "ip": ["22"]}]"#);
    let mut tailnet = tailnet();
    tailnet.devices.retain(|device| device.name != "exit");
    assert!(!passes(&reach, "ada1", "100.100.1.1", 22), "the exit node takes it, but is told nothing");
    let text = r#"{"grants": [{"src": ["*"], "dst": ["192.0.2.0/24"], "ip": ["22"]}]}"#;
    let document = parse(text.as_bytes()).unwrap();
    let reach = Reach::compile(&Policy::read(&document).unwrap(), &tailnet);
    assert!(passes(&reach, "ada1", "192.0.2.1", 22));
    assert!(!passes(&reach, "ada1", "192.0.3.1", 22));
}

/// Which addresses `ipset:NAME` holds of a few.
#[test]
fn address_sets() {
    let document = format!("{{{COMMON}}}");
    let document = parse(document.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let hosts = policy.hosts.iter().map(|host| (&*host.name, &*host.address)).collect();
    let mut sets = ipsets::IpSets::new(&policy.ipsets, hosts);
    for (name, expected) in [
        ("ipset:lab", "10.1.0.0-10.1.2.2, 10.1.2.4-10.1.8.255, 10.1.10.0-10.1.255.255, 100.64.0.6"),
        (
            "ipset:both",
            "10.1.0.0-10.1.2.2, 10.1.2.4-10.1.8.255, 10.1.10.0-10.1.255.255, 100.64.0.6, 192.0.2.1",
        ),
        ("ipset:round", "192.0.2.7-192.0.2.8"),
        ("ipset:none", ""),
    ] {
        assert_eq!(sets.addresses(name).to_string(), expected, "{name}");
    }
    assert!(!sets.addresses("ipset:public").contains(address("8.8.8.8")));
    assert!(sets.addresses("ipset:public").contains(address("9.9.9.9")));
}

#[test]
fn address_sets_in_very_many_address_sets() {
    let mut sets: Vec<String> =
        (0..5_000).map(|n| format!(r#""ipset:{n}": ["ipset:{}", "192.0.2.1"]"#, n + 1)).collect();
    sets.push(r#""ipset:5000": ["198.51.100.7"]"#.to_owned());
    let text = format!(
        r#"{{"ipsets": {{{}}}, "grants": [{{"src": ["*"], "dst": ["ipset:0"], "ip": ["*"]}}]}}"#,
        sets.join(",")
    );
    let document = parse(text.as_bytes()).unwrap();
    let reach = Reach::compile(&Policy::read(&document).unwrap(), &Topology::default());
    assert!(passes(&reach, "ada1", "192.0.2.1", 22));
    assert!(passes(&reach, "ada1", "198.51.100.7", 22), "however deep it is");
}

#[test]
fn very_many_steps_of_an_address_set() {
    let steps: Vec<String> = (0..20_000_u32)
        .map(|n| {
            let word = if n % 2 == 0 { "add" } else { "remove" };
            format!(r#""{word} {}""#, std::net::Ipv4Addr::from_bits(0x0a00_0000 + n))
        })
        .collect();
    let text = format!(r#"{{"ipsets": {{"ipset:a": ["10.0.0.0/8", {}, "add 10.0.0.3"]}}}}"#, steps.join(","));
    let document = parse(text.as_bytes()).unwrap();
    let policy = Policy::read(&document).unwrap();
    let set = ipsets::IpSets::new(&policy.ipsets, std::collections::HashMap::new()).addresses("ipset:a");
    for (address, expected) in
        [("10.0.0.0", true), ("10.0.0.1", false), ("10.0.0.3", true), ("10.255.0.0", true)]
    {
        assert_eq!(set.contains(address.parse().unwrap()), expected, "{address}");
    }
    assert_eq!(set.ranges().len(), 10_000);
}

#[test]
fn rules_when_there_are_none() {
    for (sections, expected) in [
        ("", true),
        (r#""acls": null"#, true),
        (r#""acls": []"#, false),
        (r#""grants": []"#, false),
        (r#""ssh": []"#, true),
    ] {
        let reach = compiled(sections);
        assert_eq!(passes(&reach, "ada1", "web", 22), expected, "{sections}");
        let flow = Flow { from: address("ada1"), to: address("web"), protocol: 17, port: 53 };
        assert_eq!(reach.flow(flow), if expected { vec![Origin::Default] } else { Vec::new() });
    }
}

/// Whether traffic passes, `TCP` port 22, 80 and 443, UDP port 53, ICMP, GRE.
#[track_caller]
fn check_traffic(rule: &str, expected: [bool; 6]) {
    let reach = compiled(rule);
    let traffic = [(6, 22), (6, 80), (6, 443), (17, 53), (1, 0), (47, 0)];
    let passed = traffic.map(|(protocol, port)| {
        !reach.flow(Flow { from: address("ada1"), to: address("web"), protocol, port }).is_empty()
    });
    assert_eq!(passed, expected, "{rule}");
}

#[test]
fn protocols_and_ports() {
    let acl = |rest: &str| format!(r#""acls": [{{"action": "accept", "src": ["*"], {rest}}}]"#);
    let grant = |ip: &str| format!(r#""grants": [{{"src": ["*"], "dst": ["tag:web"], "ip": [{ip}]}}]"#);
    let (yes, no) = (true, false);
    check_traffic(&acl(r#""dst": ["tag:web:*"]"#), [yes, yes, yes, yes, yes, no]);
    check_traffic(&acl(r#""dst": ["tag:web:22,80-100"]"#), [yes, yes, no, no, yes, no]);
    check_traffic(&acl(r#""proto": "tcp", "dst": ["tag:web:*"]"#), [yes, yes, yes, no, yes, no]);
    check_traffic(&acl(r#""proto": "47", "dst": ["tag:web:*"]"#), [no, no, no, no, yes, yes]);
    check_traffic(&acl(r#""proto": "icmp", "dst": ["tag:web:*"]"#), [no, no, no, no, yes, no]);
    check_traffic(&acl(r#""proto": "gre", "dst": ["tag:web:22"]"#), [no; 6]);
    check_traffic(&acl(r#""proto": "pigeon", "dst": ["tag:web:22"]"#), [no; 6]);
    check_traffic(&acl(r#""dst": ["tag:web:ssh", "tag:web:0"]"#), [no; 6]);
    check_traffic(&acl(r#""ports": ["tag:web:443"]"#), [no, no, yes, no, yes, no]);
    check_traffic(&grant(r#""tcp:80", "udp:53""#), [no, yes, no, yes, yes, no]);
    check_traffic(&grant(r#""443", "22""#), [yes, no, yes, no, yes, no]);
    check_traffic(&grant(r#""gre:*""#), [no, no, no, no, yes, yes]);
    check_traffic(&grant(r#""gre:22", "icmp""#), [no; 6]);
    check_traffic(r#""acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]"#, [no; 6]);
    check_traffic(r#""acls": [{"action": "accept", "src": [], "dst": ["*:*"]}]"#, [no; 6]);
}

#[test]
fn the_rules_that_let_through_are_named() {
    let reach = compiled(
        r#""acls": [
            {"action": "accept", "src": ["group:eng"], "dst": ["tag:web:22", "tag:db:22"]},
            {"action": "accept", "src": ["bob@example.com"], "dst": ["*:*"]},
        ], "grants": [{"src": ["*"], "dst": ["tag:db"], "ip": ["22"]}]"#,
    );
    let rules = |from, to| reach.flow(Flow { from: address(from), to: address(to), protocol: 6, port: 22 });
    assert_eq!(rules("ada1", "web"), [Origin::Rule(0)]);
    assert_eq!(rules("bob", "db"), [Origin::Rule(0), Origin::Rule(1), Origin::Rule(2)]);
    assert_eq!(rules("cy", "web"), []);
}

#[test]
fn own_devices() {
    let reach = compiled(r#""grants": [{"src": ["group:eng"], "dst": ["autogroup:self"], "ip": ["*"]}]"#);
    assert!(passes(&reach, "ada1", "ada2", 22));
    assert!(!passes(&reach, "ada1", "bob", 22));
    assert!(!passes(&reach, "cy", "cy", 22), "not a source");
    assert!(!passes(&reach, "web", "db", 22), "tagged devices are nobody's own");
}

#[test]
fn by_way_of_devices() {
    let via = |to: &str, tag: &str| {
        let rule = format!(r#"{{"src": ["*"], "dst": ["{to}"], "ip": ["*"], "via": ["{tag}"]}}"#);
        compiled(&format!(r#""grants": [{rule}]"#))
    };
    assert!(passes(&via("lab", "tag:router"), "ada1", "10.1.2.3", 22));
    assert!(passes(&via("10.0.0.0/8", "tag:router"), "ada1", "10.1.2.3", 22));
    assert!(!passes(&via("lab", "tag:exit"), "ada1", "10.1.2.3", 22), "another device");
    assert!(!passes(&via("10.2.0.0/16", "tag:router"), "ada1", "10.2.0.1", 22), "no route");
    assert!(passes(&via("autogroup:internet", "tag:exit"), "ada1", "8.8.8.8", 22));
    assert!(!passes(&via("autogroup:internet", "tag:router"), "ada1", "8.8.8.8", 22));
    assert!(!passes(&via("tag:web", "tag:router"), "ada1", "web", 22), "devices are reached directly");
}
