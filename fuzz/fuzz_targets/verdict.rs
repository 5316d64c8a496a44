//! What a policy means and what the service says to it: never a panic, whatever the policy says of
//! whatever tailnet. Pins for its rules are always proved, and change neither
//! a list nor access.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tailgrant_fuzz::policy::assertion::failures;
use tailgrant_fuzz::policy::difference::Difference;
use tailgrant_fuzz::policy::reach::Reach;
use tailgrant_fuzz::policy::{Device, Person, Policy, Topology, judge, parse, pin, warnings};

/// A tailnet with what selectors can be told apart by.
static TAILNET: LazyLock<Topology> = LazyLock::new(|| Topology {
    people: vec![
        person("ada@example.com", "owner", true),
        person("bob@example.com", "member", true),
        person("eve@example.org", "", false),
    ],
    devices: vec![
        device("laptop", Some(0), &[], 1),
        device("phone", Some(1), &[], 2),
        device("db", None, &["tag:db"], 3),
        Device {
            advertised_routes: vec!["10.0.0.0/8".parse().expect("a prefix")],
            approved_routes: vec!["10.0.0.0/8".parse().expect("a prefix")],
            ..device("router", None, &["tag:router", "tag:web"], 4)
        },
        device("shared", Some(2), &[], 5),
    ],
    domains: vec!["example.com".to_owned()],
});

fn person(login: &str, role: &str, member: bool) -> Person {
    Person { logins: vec![login.to_owned()], role: role.to_owned(), member, shared: !member }
}

fn device(name: &str, owner: Option<usize>, tags: &[&str], number: u8) -> Device {
    Device {
        name: name.to_owned(),
        owner,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        addresses: vec![
            [100, 64, 0, number].into(),
            [0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, number.into()].into(),
        ],
        ..Device::default()
    }
}

fuzz_target!(|text: &[u8]| {
    let Ok(document) = parse(text) else { return };
    let Ok(policy) = Policy::read(&document) else { return };
    for topology in [&*TAILNET, &Topology::default()] {
        let _ = judge(&policy, topology);
        let _ = failures(&policy, topology);
        let _ = warnings(&policy, Some(topology));
        let reach = Reach::compile(&policy, topology);
        assert_eq!(reach.devices.len(), topology.devices.len());
    }
    let pinning = pin(text).expect("the text was read before");
    if let Some(pinned) = pinning.prove().expect("pins are proved") {
        let pinned = parse(&pinned).expect("a proved text is HuJSON");
        let difference = Difference::between(&document, &pinned, Some(&TAILNET)).expect("both were read");
        assert!(difference.lists.is_empty() && difference.values.is_empty() && difference.access.is_empty());
        let again = pin(pinned.text()).expect("a proved text is a policy");
        assert!(again.is_empty(), "pinned twice");
    }
});
