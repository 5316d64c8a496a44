//! The tailnets of the shared cases as the policy layer sees them.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use tailgrant::policy::{Device, Person, Prefix, Topology};

/// Reads `{"users":[{"name","login","role"}],"nodes":{name:{"user","tags","ipv4",…}}}`. The devices are
/// in the order of their names.
///
/// The tailnet's domain is that of its owner's login. Everybody is a member.
pub(crate) fn topology(value: &Value) -> Topology {
    let users = value["users"].as_array().unwrap();
    let people = users.iter().map(|user| Person {
        logins: vec![string(&user["login"])],
        role: string(&user["role"]),
        member: true,
        shared: false,
    });
    let devices = value["nodes"].as_object().unwrap().iter().map(|(name, node)| {
        let owner = |user: &str| users.iter().position(|known| known["name"] == user).unwrap();
        Device {
            name: name.clone(),
            owner: node["user"].as_str().map(owner),
            tags: strings(&node["tags"]),
            addresses: ["ipv4", "ipv6"].map(|family| node[family].as_str().unwrap().parse().unwrap()).into(),
            advertised_routes: prefixes(&node["routable_ips"]),
            approved_routes: prefixes(&node["approved_routes"]),
        }
    });
    let owner = users.iter().find(|user| user["role"] == "owner").unwrap();
    let domain = owner["login"].as_str().unwrap().split_once('@').unwrap().1;
    Topology { people: people.collect(), devices: devices.collect(), domains: vec![domain.to_owned()] }
}

fn prefixes(value: &Value) -> Vec<Prefix> {
    strings(value).iter().map(|text| text.parse().unwrap()).collect()
}

/// The strings of an array, which may be null.
fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(string).collect()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
