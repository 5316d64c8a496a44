//! Ids of networks.

use crate::policy::Selector;

/// The selector that a network's id stands for: `host:NAME`, `ipset:NAME`, or `ip:` and an address or prefix.
pub(super) fn selector(id: &str) -> Option<&str> {
    if let Some(name) = id.strip_prefix("host:") {
        let is_a_word = matches!(
            Selector::parse(name),
            Selector::Host(_)
                | Selector::HostReference(_)
                | Selector::Range(_)
                | Selector::Service(_)
                | Selector::LocalPart(_)
        );
        return is_a_word.then_some(name);
    }
    if let Some(prefix) = id.strip_prefix("ip:") {
        return matches!(Selector::parse(prefix), Selector::Network(_)).then_some(prefix);
    }
    matches!(Selector::parse(id), Selector::IpSet(_)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(id: &str, expected: Option<&str>) {
        assert_eq!(selector(id), expected, "{id}");
    }

    #[test]
    fn an_id_names_a_network_and_nothing_else() {
        check("host:web", Some("web"));
        check("host:svc:web", Some("svc:web"));
        check("ip:10.0.0.0/8", Some("10.0.0.0/8"));
        check("ip:2001:db8::1", Some("2001:db8::1"));
        check("ipset:prod", Some("ipset:prod"));
        check("host:ada@example.com", None);
        check("host:group:eng", None);
        check("host:*", None);
        check("ip:web", None);
        check("web", None);
        check("", None);
    }
}
