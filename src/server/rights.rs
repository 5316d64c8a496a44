//! What a caller may do, and what a call needs.

use std::fmt;

/// A set of rights: `sync` reads, `provision` changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rights(u8);

impl Rights {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// Metadata, Validate, Cleanup, and all that lists or gets.
    pub const SYNC: Self = Self(1);
    /// All that changes something.
    pub const PROVISION: Self = Self(2);
    /// Both.
    pub const ALL: Self = Self(Self::SYNC.0 | Self::PROVISION.0);

    /// Whether each right of `other` is among these.
    #[must_use]
    pub const fn include(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match (self.include(Self::SYNC), self.include(Self::PROVISION)) {
            (true, true) => "sync,provision",
            (true, false) => "sync",
            (false, true) => "provision",
            (false, false) => "none",
        })
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What a call needs of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: probes have no credentials.
    Nothing,
    /// To be known.
    Known,
    /// To be known and to have a right.
    Right(Rights),
}

impl Need {
    /// What the call with a path `/package.Service/Method` needs. A method that is not known needs the
    /// greatest right.
    pub(super) fn of(path: &str) -> Self {
        let (service, method) =
            path.strip_prefix('/').and_then(|path| path.split_once('/')).unwrap_or_default();
        match service {
            "grpc.health.v1.Health" => Self::Nothing,
            "c1.ratelimit.v1.RateLimiterService"
            | "grpc.reflection.v1.ServerReflection"
            | "grpc.reflection.v1alpha.ServerReflection" => Self::Known,
            _ if reads(method) => Self::Right(Rights::SYNC),
            _ => Self::Right(Rights::PROVISION),
        }
    }
}

fn reads(method: &str) -> bool {
    matches!(method, "Validate" | "Cleanup") || method.starts_with("List") || method.starts_with("Get")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;
    use crate::proto::FILE_DESCRIPTOR_SET;

    #[test]
    fn every_method_needs_what_the_interface_says() {
        let mut needs: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for file in FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap().file {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    let need = match Need::of(&path) {
                        Need::Nothing => "nothing",
                        Need::Known => "known",
                        Need::Right(Rights::SYNC) => "sync",
                        Need::Right(Rights::PROVISION) => "provision",
                        Need::Right(_) => "both",
                    };
                    needs.entry(need).or_default().push(method.name().to_owned());
                }
            }
        }
        for methods in needs.values_mut() {
            methods.sort();
        }
        let expected = [
            ("known", "Do Report"),
            (
                "provision",
                "BulkCreateTickets BulkGetTickets CreateAccount CreateResource CreateTicket DeleteResource \
                 DeleteResourceV2 Grant InvokeAction IssueCredential Revoke RotateCredential",
            ),
            (
                "sync",
                "Cleanup GetActionSchema GetActionStatus GetAsset GetMetadata GetResource GetTicket GetTicketSchema \
                 ListActionSchemas ListEntitlements ListEventFeeds ListEvents ListGrants ListResourceTypes ListResources \
                 ListStaticEntitlements ListTicketSchemas Validate",
            ),
        ];
        let found: Vec<_> = needs.iter().map(|(need, methods)| (*need, methods.join(" "))).collect();
        assert_eq!(found, expected.map(|(need, methods)| (need, methods.to_owned())));
    }

    #[test]
    fn other_services_and_unknown_paths() {
        for (path, need) in [
            ("/grpc.health.v1.Health/Check", Need::Nothing),
            ("/grpc.health.v1.Health/Watch", Need::Nothing),
            ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Need::Known),
            ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Need::Known),
            ("/c1.connector.v2.GrantsService/Unheard", Need::Right(Rights::PROVISION)),
            ("/", Need::Right(Rights::PROVISION)),
            ("", Need::Right(Rights::PROVISION)),
            ("//grpc.health.v1.Health.Not/Check", Need::Right(Rights::PROVISION)),
        ] {
            assert_eq!(Need::of(path), need, "{path}");
        }
    }
}
