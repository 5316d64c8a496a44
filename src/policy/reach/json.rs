//! What devices are told, in the shape in which the service sends it.

use super::{Capabilities, DeviceRules, Endpoint, Filter, Permission, Reach, SshAction, SshRule, SshRules};
use crate::policy::address_set::Network;
use crate::policy::ports::{PortRange, Protocol};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// Stands for the address of the control server, which is in no policy.
const CHECK: &str = "https://unused/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER";

/// `{"filters":{device:[…]},"ssh":{device:[…]}}`; devices without SSH rules have no entry under `ssh`.
impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'r> {
            filters: BTreeMap<&'r str, Filters<'r>>,
            ssh: BTreeMap<&'r str, Logins<'r>>,
        }
        let named = || self.devices.iter().map(|device| (&*device.name, device));
        let view = View {
            filters: named().map(|(name, device)| (name, Filters(device))).collect(),
            ssh: named()
                .filter(|(_, device)| !device.ssh.is_empty())
                .map(|(name, device)| (name, Logins(device)))
                .collect(),
        };
        view.serialize(serializer)
    }
}

struct Filters<'r>(&'r DeviceRules);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterView<'r> {
    #[serde(rename = "SrcIPs")]
    sources: &'r [Network],
    #[serde(flatten)]
    permission: PermissionView<'r>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum PermissionView<'r> {
    Packets {
        #[serde(rename = "DstPorts")]
        endpoints: Endpoints<'r>,
        #[serde(rename = "IPProto", skip_serializing_if = "Option::is_none")]
        protocols: Option<[u8; 1]>,
    },
    Capabilities {
        #[serde(rename = "CapGrant")]
        grants: [CapabilityView<'r>; 1],
    },
}

/// Several of them, as rules with the same sources and protocols are sent as one.
struct Endpoints<'r>(Vec<&'r Endpoint>);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EndpointView {
    #[serde(rename = "IP")]
    network: Network,
    ports: PortsView,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PortsView {
    first: u16,
    last: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CapabilityView<'r> {
    #[serde(rename = "Dsts")]
    scope: Vec<Whole>,
    #[serde(rename = "CapMap")]
    capabilities: CapabilityMap<'r>,
}

/// A prefix that also shows the length of single addresses.
struct Whole(Network);

struct CapabilityMap<'r>(&'r Capabilities);

impl Serialize for Filters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut views: Vec<FilterView<'_>> = Vec::new();
        let mut packets: HashMap<(usize, Option<Protocol>), usize> = HashMap::new();
        for Filter { sources, permission, .. } in &self.0.filters {
            let permission = match permission {
                Permission::Packets { protocol, endpoints } => {
                    let key = (sources.id, *protocol);
                    let known = packets.get(&key).and_then(|index| views.get_mut(*index));
                    if let Some(PermissionView::Packets { endpoints: Endpoints(known), .. }) =
                        known.map(|view| &mut view.permission)
                    {
                        known.extend(endpoints.iter());
                        continue;
                    }
                    packets.insert(key, views.len());
                    PermissionView::Packets {
                        endpoints: Endpoints(endpoints.iter().collect()),
                        protocols: protocol.map(|protocol| [protocol.number()]),
                    }
                }
                Permission::Capabilities { scope, capabilities } => PermissionView::Capabilities {
                    grants: [CapabilityView {
                        scope: scope.iter().copied().map(Whole).collect(),
                        capabilities: CapabilityMap(capabilities),
                    }],
                },
            };
            views.push(FilterView { sources: sources.networks(), permission });
        }
        serializer.collect_seq(views)
    }
}

impl Serialize for Endpoints<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = |network: Network, ports: PortRange| EndpointView {
            network,
            ports: PortsView { first: ports.first, last: ports.last },
        };
        serializer.collect_seq(self.0.iter().flat_map(|endpoint| {
            let ports = move |network: &Network| {
                let network = *network;
                endpoint.ports.iter().map(move |ports| view(network, *ports))
            };
            endpoint.networks.iter().flat_map(ports)
        }))
    }
}

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Network::Prefix(prefix) => {
                serializer.collect_str(&format_args!("{}/{}", prefix.address(), prefix.length()))
            }
            other => other.serialize(serializer),
        }
    }
}

impl Serialize for CapabilityMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = |text: &'_ str| serde_json::from_str::<Box<RawValue>>(text).ok();
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text.as_deref().and_then(values))))
    }
}

struct Logins<'r>(&'r DeviceRules);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginView<'r> {
    principals: Vec<Principal>,
    ssh_users: &'r BTreeMap<String, String>,
    action: ActionView,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    accept_env: &'r [String],
}

#[derive(Serialize)]
struct Principal {
    #[serde(rename = "nodeIP")]
    address: IpAddr,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum ActionView {
    Accept {
        accept: bool,
        allow_agent_forwarding: bool,
        allow_local_port_forwarding: bool,
        allow_remote_port_forwarding: bool,
    },
    Check {
        hold_and_delegate: &'static str,
    },
}

impl Serialize for Logins<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rules = self.0.ssh.iter().flat_map(|rules| rules.rules.iter().map(move |rule| (rules, rule)));
        serializer.collect_seq(rules.map(|(rules, rule)| LoginView::new(rules, rule)))
    }
}

impl<'r> LoginView<'r> {
    fn new(rules: &'r SshRules, rule: &'r SshRule) -> Self {
        Self {
            principals: rule.principals.iter().map(|address| Principal { address: *address }).collect(),
            ssh_users: &rule.accounts,
            action: match rules.action {
                SshAction::Accept => ActionView::Accept {
                    accept: true,
                    allow_agent_forwarding: true,
                    allow_local_port_forwarding: true,
                    allow_remote_port_forwarding: true,
                },
                SshAction::Check => ActionView::Check { hold_and_delegate: CHECK },
            },
            accept_env: &rules.accept_env,
        }
    }
}
