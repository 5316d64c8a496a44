//! `grants`.

use super::mistake::{Checked, Mistake};
use super::vocabulary::Vocabulary;
use super::{RuleCheck, sides};
use crate::policy::place::{Place, Validity};
use crate::policy::{PortRange, Prefix, Rule, Selector, Traffic};

pub(super) const CHECKS: &[RuleCheck] = &[
    traffic,
    anything,
    capabilities,
    routers,
    internet,
    all_addresses,
    sides::sources,
    sides::destinations,
    sides::own_devices,
    sides::postures,
];

fn traffic(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    rule.ip.iter().enumerate().try_for_each(|(index, item)| match item.parse::<Traffic>() {
        Ok(Traffic { protocol: Some(protocol), ports })
            if !protocol.has_ports() && ports != PortRange::ANY =>
        {
            let name = item.rsplit_once(':').map_or(&**item, |(name, _)| name);
            Err(Mistake::PortsWithoutProtocol(name.to_owned()).at(rule.string("ip", index)))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Mistake::from(error).at(rule.string("ip", index))),
    })
}

fn anything(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    if rule.ip.is_empty() && rule.app.is_empty() {
        return Err(Mistake::EmptyGrant.at(rule.field("ip")));
    }
    Ok(())
}

fn capabilities(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    rule.app.iter().try_for_each(|capability| {
        capability_name(&capability.name).map_err(|mistake| mistake.at(capability.value))
    })
}

/// The names in the service's own domain that anybody may use.
const OPEN_CAPABILITIES: [&str; 9] =
    ["drive", "relay", "webui", "kubernetes", "tsidp", "secrets", "golink", "tailsql", "pam"];

fn capability_name(name: &str) -> Result<(), Mistake> {
    let (domain, path) = name.split_once('/').ok_or(Mistake::CapabilityForm)?;
    if path.is_empty() || !is_domain(domain) {
        return Err(Mistake::CapabilityForm);
    }
    let is_open = path.strip_prefix("cap/").is_some_and(|name| OPEN_CAPABILITIES.contains(&name));
    let domain = domain.to_ascii_lowercase();
    let is_reserved = domain == "tailscale.com" || domain.ends_with(".tailscale.com");
    if is_reserved && !(is_open && domain == "tailscale.com") {
        return Err(Mistake::ReservedCapability);
    }
    Ok(())
}

/// Labels of letters, digits and inner hyphens, with dots between.
fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    })
}

fn routers(rule: &Rule<'_>, names: &Vocabulary<'_>) -> Checked {
    for (index, text) in rule.via.iter().enumerate() {
        let selector = Selector::parse(text);
        let mistake = if Place::Router.validity(&selector) != Validity::Valid {
            Mistake::Via
        } else if !names.has_tag(text) {
            Mistake::UndefinedVia(text.to_string())
        } else {
            continue;
        };
        return Err(mistake.at(rule.string("via", index)));
    }
    Ok(())
}

fn internet(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let internet = rule.destinations.iter().position(|text| text == "autogroup:internet");
    match internet {
        Some(index) if !rule.app.is_empty() => Err(Mistake::AppOnInternet.at(rule.string("dst", index))),
        _ => Ok(()),
    }
}

fn all_addresses(rule: &Rule<'_>, _names: &Vocabulary<'_>) -> Checked {
    let everything = |text: &str| text.parse().is_ok_and(Prefix::is_everything);
    rule.destinations.iter().enumerate().filter(|(_, text)| everything(text)).try_for_each(|(index, text)| {
        Err(Mistake::AllAddresses(text.to_string()).at(rule.string("dst", index)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_names() {
        for name in ["example.com/cap/backup", "example.com/a/b/c", "tailscale.com/cap/drive"] {
            assert!(capability_name(name).is_ok(), "{name}");
        }
        for name in ["backup", "https://tailscale.com/cap/ingress", "/cap", "example.com/", "a..b/c", "-a/c"]
        {
            assert!(matches!(capability_name(name), Err(Mistake::CapabilityForm)), "{name}");
        }
        for name in ["tailscale.com/cap/funnel", "tailscale.com/drive", "login.tailscale.com/cap/drive"] {
            assert!(matches!(capability_name(name), Err(Mistake::ReservedCapability)), "{name}");
        }
    }
}
