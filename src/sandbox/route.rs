//! Which call a request makes.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

use super::Scope;

/// The calls that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Users,
    User,
    SetRole,
    Invites,
    Devices,
    ReadPolicy,
    WritePolicy,
    ValidatePolicy,
    Key,
    Settings,
    AuditLog,
    Token,
}

impl Endpoint {
    /// Method and path template, as the statistics name the call.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Users => "GET /tailnet/{tailnet}/users",
            Self::User => "GET /users/{id}",
            Self::SetRole => "POST /users/{id}/role",
            Self::Invites => "GET /tailnet/{tailnet}/user-invites",
            Self::Devices => "GET /tailnet/{tailnet}/devices",
            Self::ReadPolicy => "GET /tailnet/{tailnet}/acl",
            Self::WritePolicy => "POST /tailnet/{tailnet}/acl",
            Self::ValidatePolicy => "POST /tailnet/{tailnet}/acl/validate",
            Self::Key => "GET /tailnet/{tailnet}/keys/{id}",
            Self::Settings => "GET /tailnet/{tailnet}/settings",
            Self::AuditLog => "GET /tailnet/{tailnet}/logging/configuration",
            Self::Token => "POST /oauth/token",
        }
    }

    /// The scope of faults that strike this call; only faults without a scope strike the others.
    pub(super) fn fault_scope(self) -> Option<Scope> {
        match self {
            Self::Users | Self::User => Some(Scope::Users),
            Self::SetRole => Some(Scope::Role),
            Self::Invites => Some(Scope::Invites),
            Self::Devices => Some(Scope::Devices),
            Self::ReadPolicy => Some(Scope::ReadPolicy),
            Self::WritePolicy => Some(Scope::WritePolicy),
            Self::ValidatePolicy => Some(Scope::ValidatePolicy),
            Self::Key => Some(Scope::Key),
            Self::Settings | Self::AuditLog => None,
            Self::Token => Some(Scope::Token),
        }
    }
}

/// A call and what its path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) endpoint: Endpoint,
    /// Tailnet in the path, decoded.
    pub(super) tailnet: Option<String>,
    /// User or key in the path, decoded; empty for calls without.
    pub(super) id: String,
}

/// The call that a method and a path (without query) make, if it is simulated.
pub(super) fn find(method: &Method, path: &str) -> Option<Route> {
    let path = path.strip_prefix("/api/v2/")?;
    let segments: Vec<Cow<'_, str>> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy()).collect();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let (endpoint, tailnet, id) = match (method.as_str(), segments.as_slice()) {
        ("GET", ["tailnet", tailnet, "users"]) => (Endpoint::Users, Some(*tailnet), ""),
        ("GET", ["users", id]) => (Endpoint::User, None, *id),
        ("POST", ["users", id, "role"]) => (Endpoint::SetRole, None, *id),
        ("GET", ["tailnet", tailnet, "user-invites"]) => (Endpoint::Invites, Some(*tailnet), ""),
        ("GET", ["tailnet", tailnet, "devices"]) => (Endpoint::Devices, Some(*tailnet), ""),
        ("GET", ["tailnet", tailnet, "acl"]) => (Endpoint::ReadPolicy, Some(*tailnet), ""),
        ("POST", ["tailnet", tailnet, "acl"]) => (Endpoint::WritePolicy, Some(*tailnet), ""),
        ("POST", ["tailnet", tailnet, "acl", "validate"]) => (Endpoint::ValidatePolicy, Some(*tailnet), ""),
        ("GET", ["tailnet", tailnet, "keys", id]) => (Endpoint::Key, Some(*tailnet), *id),
        ("GET", ["tailnet", tailnet, "settings"]) => (Endpoint::Settings, Some(*tailnet), ""),
        ("GET", ["tailnet", tailnet, "logging", "configuration"]) => (Endpoint::AuditLog, Some(*tailnet), ""),
        ("POST", ["oauth", "token"]) => (Endpoint::Token, None, ""),
        _ => return None,
    };
    Some(Route { endpoint, tailnet: tailnet.map(str::to_owned), id: id.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &Method, path: &str, expected: Option<(Endpoint, Option<&str>, &str)>) {
        let found = find(method, path);
        let found = found.as_ref().map(|route| (route.endpoint, route.tailnet.as_deref(), route.id.as_str()));
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn paths_name_calls() {
        check(&Method::GET, "/api/v2/tailnet/-/users", Some((Endpoint::Users, Some("-"), "")));
        check(&Method::GET, "/api/v2/users/u%2F1", Some((Endpoint::User, None, "u/1")));
        check(&Method::POST, "/api/v2/tailnet/a%40b.c/acl", Some((Endpoint::WritePolicy, Some("a@b.c"), "")));
        check(&Method::GET, "/api/v2/tailnet/x/keys/k1", Some((Endpoint::Key, Some("x"), "k1")));
        check(&Method::DELETE, "/api/v2/tailnet/-/acl", None);
        check(&Method::GET, "/api/v2/tailnet/-/acl/", None);
        check(&Method::GET, "/api/v1/tailnet/-/acl", None);
        check(&Method::GET, "/", None);
    }
}
