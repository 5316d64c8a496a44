//! What cannot be tested.

/// Why a selector, a destination or an account of a test stands for nothing that can be tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("nothing is named")]
    Missing,
    #[error("no such user")]
    UnknownUser,
    #[error("no such group")]
    UnknownGroup,
    #[error("the group has no members in the tailnet")]
    EmptyGroup,
    #[error("no such tag")]
    UnknownTag,
    #[error("no such host")]
    UnknownHost,
    #[error("no such autogroup")]
    UnknownAutogroup,
    #[error("more than one address")]
    Several,
    #[error("not for tests")]
    NotForTests,
    #[error("an IPv6 address stands in brackets")]
    Brackets,
    #[error("an IPv6 address is not for SSH tests")]
    Ipv6,
    #[error("one port is needed")]
    Port,
    #[error("ICMP has the port 0 only")]
    IcmpPort,
    #[error("who is in a synced group is not known here")]
    SyncedGroup,
    #[error("services are not known here")]
    Service,
    #[error("the domains of the tailnet are not known here")]
    Domain,
    #[error("nobody in the tailnet is meant by it")]
    Nobody,
    #[error("no device has a tag")]
    NothingTagged,
    #[error("users and devices are not known here")]
    Tailnet,
}

impl Unfit {
    /// The test fails for it, whatever it wants and whatever there is that is not known here. Others may
    /// fail only where access is wanted: see [`Granted`](super::granted::Granted).
    pub(super) const fn is_certain(self) -> bool {
        !matches!(
            self,
            Self::SyncedGroup
                | Self::Service
                | Self::Domain
                | Self::Nobody
                | Self::NothingTagged
                | Self::Tailnet
        )
    }
}
