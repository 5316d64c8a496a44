//! The entries of address sets.

use super::{Selector, trimmed};

/// An entry of an address set: `X`, `add X` or `remove X`, with space or TAB between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) struct IpSetEntry {
    /// It adds to what the entries before it have made; else it removes from that.
    pub(in crate::policy) adds: bool,
    /// What it adds or removes.
    pub(in crate::policy) selector: Selector,
}

impl IpSetEntry {
    /// Reads an entry. Every text is one: whether its selector may stand there is another matter.
    pub(in crate::policy) fn parse(text: &str) -> Self {
        let text = trimmed(text);
        let after = |word| text.strip_prefix(word).filter(|rest: &&str| rest.starts_with([' ', '\t']));
        let (adds, selector) = match after("remove") {
            Some(rest) => (false, rest),
            None => (true, after("add").unwrap_or(text)),
        };
        Self { adds, selector: Selector::parse(selector) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_selectors() {
        for (text, adds, selector) in [
            ("10.0.0.1", true, "10.0.0.1"),
            (" add 10.0.0.1", true, "10.0.0.1"),
            ("add\t \t10.0.0.1 ", true, "10.0.0.1"),
            ("remove\tipset:lab", false, "ipset:lab"),
            ("remove  host:box", false, "host:box"),
            ("remove 10.0.0.1-10.0.0.4", false, "10.0.0.1-10.0.0.4"),
            ("10.0.0.1 - 10.0.0.4", true, "10.0.0.1 - 10.0.0.4"),
            ("address", true, "address"),
            ("removed 10.0.0.1", true, "removed 10.0.0.1"),
            ("add", true, "add"),
            ("add remove 10.0.0.1", true, "remove 10.0.0.1"),
        ] {
            let expected = IpSetEntry { adds, selector: Selector::parse(selector) };
            assert_eq!(IpSetEntry::parse(text), expected, "{text:?}");
        }
    }
}
