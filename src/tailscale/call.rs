//! Requests as values: what is asked, of which endpoint, and what the answer may be.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::{BoxError, ETag, Error};
use crate::tailnet::Role;

/// Where every endpoint is, below the service's address.
const ROOT: &str = "/api/v2";

/// Bound of an ordinary answer. A policy has no documented limit; this is far beyond any seen.
const ORDINARY: usize = 64 << 20;
/// Bound of the device list: about 2 KiB for each of more than 100,000 devices.
const DEVICES: usize = 256 << 20;

const CREDENTIAL: &str =
    "a valid API key (--api-key) or OAuth client (--oauth-client-id, --oauth-client-secret)";
const OAUTH_CLIENT: &str = "a valid OAuth client (--oauth-client-id and --oauth-client-secret)";

/// How long the service keeps its audit log.
const AUDIT_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Events of the audit log that can name a user's login.
const USER_EVENTS: [&str; 7] = [
    "USER.CREATE",
    "USER.APPROVE",
    "USER.SUSPEND",
    "USER.RESTORE",
    "USER.DELETE",
    "USER.UPDATE.USER_ROLE",
    "USER.PUSH_USER.ATTRIBUTES",
];

/// Every call that [`Calls`] makes, by its method and template.
pub(super) const ENDPOINTS: [(Method, &str); 12] = [
    (Method::GET, "/tailnet/{tailnet}/users"),
    (Method::GET, "/users/{id}"),
    (Method::GET, "/tailnet/{tailnet}/user-invites"),
    (Method::GET, "/tailnet/{tailnet}/devices"),
    (Method::GET, "/tailnet/{tailnet}/settings"),
    (Method::GET, "/tailnet/{tailnet}/acl"),
    (Method::POST, "/tailnet/{tailnet}/acl"),
    (Method::POST, "/tailnet/{tailnet}/acl/validate"),
    (Method::POST, "/users/{id}/role"),
    (Method::GET, "/tailnet/{tailnet}/logging/configuration"),
    (Method::GET, "/tailnet/{tailnet}/keys/{id}"),
    (Method::POST, "/oauth/token"),
];

/// One request, complete but for the credential.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// The tailnet as configured, for messages.
    pub(super) tailnet: Arc<str>,
    pub(super) method: Method,
    /// The path below [`ROOT`] with `{tailnet}` and `{id}` for what differs: how metrics name the call.
    pub(super) endpoint: &'static str,
    /// Path from the service's address on; ids in it are percent-encoded.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(http::HeaderName, String)>,
    pub(super) body: Body,
    /// Most bytes the answer may have.
    pub(super) limit: usize,
    /// The scope whose absence makes a 403, in words for people.
    scope: &'static str,
}

/// What a request carries.
#[derive(Clone, PartialEq)]
pub(super) enum Body {
    None,
    Json(Bytes),
    HuJson(Bytes),
    /// Holds a secret.
    Form(Bytes),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => out.write_str("None"),
            Self::Json(bytes) => write!(out, "Json({} bytes)", bytes.len()),
            Self::HuJson(bytes) => write!(out, "HuJson({} bytes)", bytes.len()),
            Self::Form(_) => out.write_str("Form([REDACTED])"),
        }
    }
}

impl Body {
    /// The bytes with their `Content-Type`.
    pub(super) fn content(&self) -> Option<(&'static str, Bytes)> {
        match self {
            Self::None => None,
            Self::Json(bytes) => Some(("application/json", bytes.clone())),
            // Named so that a leading comment is not taken for broken JSON (API reference, 7.4).
            Self::HuJson(bytes) => Some(("application/hujson", bytes.clone())),
            Self::Form(bytes) => Some(("application/x-www-form-urlencoded", bytes.clone())),
        }
    }
}

impl Call {
    /// What would make the answer with this status another one; empty where we do not know.
    pub(super) fn needs(&self, status: StatusCode) -> &'static str {
        match status {
            _ if self.is_token() && status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                OAUTH_CLIENT
            }
            StatusCode::UNAUTHORIZED => CREDENTIAL,
            StatusCode::FORBIDDEN => self.scope,
            _ => "",
        }
    }

    /// Whether the path is one of the tailnet by its name, so that a 404 may mean a wrong name.
    pub(super) fn names_tailnet(&self) -> bool {
        self.path.starts_with("/api/v2/tailnet/")
    }

    /// No answer to this call, or none that reached its end.
    pub(super) fn no_answer(&self, cause: BoxError) -> Error {
        let (tailnet, method, path) = self.place();
        Error::NoAnswer { tailnet, method, path, cause }
    }

    /// An answer to this call that does not hold what it should.
    pub(super) fn unreadable(&self, cause: BoxError) -> Error {
        let (tailnet, method, path) = self.place();
        Error::Unreadable { tailnet, method, path, cause }
    }

    /// An answer to this call beyond its bound.
    pub(super) fn too_large(&self) -> Error {
        let (tailnet, method, path) = self.place();
        Error::TooLarge { tailnet, method, path, limit: self.limit }
    }

    /// The same of the thing with this id, a path segment. Braces in ids and names are encoded, so only the
    /// template's own are filled.
    fn of(self, id: &str) -> Self {
        Self { path: self.path.replace("{id}", id), ..self }
    }

    fn place(&self) -> (String, Method, Box<str>) {
        (self.tailnet.to_string(), self.method.clone(), self.path.as_str().into())
    }

    fn is_token(&self) -> bool {
        matches!(self.body, Body::Form(_))
    }
}

/// Builds the requests of one tailnet.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    tailnet: Arc<str>,
    segment: String,
}

impl Calls {
    /// For the tailnet of this name or id; `-` is the credential's own.
    pub(super) fn new(tailnet: &str) -> Result<Self, Error> {
        match segment(tailnet) {
            Some(segment) => Ok(Self { tailnet: tailnet.into(), segment }),
            None => Err(Error::Settings(format!(
                "{tailnet:?} is not the name of a tailnet; give its id, its name, or - for the credential's own (--tailnet)"
            ))),
        }
    }

    /// The tailnet as configured.
    pub(super) fn tailnet(&self) -> &Arc<str> {
        &self.tailnet
    }

    /// Everybody: people from other tailnets who accepted a share are missing without `type=all`.
    pub(super) fn users(&self) -> Call {
        let call = self.get("/tailnet/{tailnet}/users", "the scope users:read");
        Call { query: vec![("type", "all".to_owned())], ..call }
    }

    pub(super) fn user(&self, id: &str) -> Result<Call, Error> {
        Ok(self.get("/users/{id}", "the scope users:read").of(&self.id(id)?))
    }

    pub(super) fn invites(&self) -> Call {
        self.get("/tailnet/{tailnet}/user-invites", "an API key that belongs to a user")
    }

    pub(super) fn devices(&self) -> Call {
        let call = self.get("/tailnet/{tailnet}/devices", "the scope devices:core:read");
        Call { query: vec![("fields", "all".to_owned())], limit: DEVICES, ..call }
    }

    pub(super) fn settings(&self) -> Call {
        self.get("/tailnet/{tailnet}/settings", "the scope policy_file:read")
    }

    /// The stored text: asking for JSON would lose its comments.
    pub(super) fn policy(&self) -> Call {
        let call = self.get(
            "/tailnet/{tailnet}/acl",
            "the scope policy_file:read (beside it devices:core:read and devices:posture_attributes:read)",
        );
        Call { headers: vec![(http::header::ACCEPT, "application/hujson".to_owned())], ..call }
    }

    /// The same, past every cache on the way. `nonce` is different each time.
    pub(super) fn policy_uncached(&self, nonce: u64) -> Call {
        let mut call = self.policy();
        call.headers.push((http::header::CACHE_CONTROL, "no-cache".to_owned()));
        call.query.push(("nonce", format!("{nonce:016x}")));
        call
    }

    /// Refuses a text that the service would read as "reset to the default" (API reference, 7.2).
    pub(super) fn put_policy(&self, text: Bytes, etag: &ETag) -> Result<Call, Error> {
        if !text.contains(&b'{') {
            return Err(Error::EmptyPolicy { tailnet: self.tailnet.to_string() });
        }
        let call = self.post(
            "/tailnet/{tailnet}/acl",
            Body::HuJson(text),
            "the scope policy_file (beside it devices:core:read and devices:posture_attributes), \
             or an API key of an owner, admin or network admin",
        );
        Ok(Call {
            headers: vec![
                (http::header::IF_MATCH, etag.quoted()),
                (http::header::ACCEPT, "application/hujson".to_owned()),
            ],
            ..call
        })
    }

    pub(super) fn validate_policy(&self, text: Bytes) -> Call {
        self.post("/tailnet/{tailnet}/acl/validate", Body::HuJson(text), "the scope policy_file:read")
    }

    pub(super) fn set_role(&self, user_id: &str, role: &Role) -> Result<Call, Error> {
        let call = self.post(
            "/users/{id}/role",
            Body::Json(json!({ "role": role.as_str() }).to_string().into()),
            "the scope users, or an API key of another owner, admin or IT admin",
        );
        Ok(call.of(&self.id(user_id)?))
    }

    /// What the audit log still has about a user.
    pub(super) fn audit_log(&self, user_id: &str, now: Timestamp) -> Call {
        let start = now.saturating_sub(AUDIT_RETENTION).unwrap_or(now);
        let mut query =
            vec![("start", start.to_string()), ("end", now.to_string()), ("target", user_id.to_owned())];
        query.extend(USER_EVENTS.map(|event| ("event", event.to_owned())));
        let call = self.get("/tailnet/{tailnet}/logging/configuration", "the scope logs:configuration:read");
        Call { query, ..call }
    }

    /// `None` where the text cannot be the id of a key.
    pub(super) fn key(&self, id: &str) -> Option<Call> {
        let call = self.get("/tailnet/{tailnet}/keys/{id}", "the scope api_access_tokens:read");
        Some(call.of(&segment(id)?))
    }

    /// OAuth client credentials in the form, as RFC 6749 allows and the service accepts.
    pub(super) fn token(&self, client_id: &str, client_secret: &str) -> Call {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", client_secret),
        ]
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, SEGMENT)))
        .join("&");
        self.post("/oauth/token", Body::Form(form.into()), OAUTH_CLIENT)
    }

    fn get(&self, endpoint: &'static str, scope: &'static str) -> Call {
        Call {
            tailnet: Arc::clone(&self.tailnet),
            method: Method::GET,
            endpoint,
            path: format!("{ROOT}{}", endpoint.replace("{tailnet}", &self.segment)),
            query: Vec::new(),
            headers: vec![(http::header::ACCEPT, "application/json".to_owned())],
            body: Body::None,
            limit: ORDINARY,
            scope,
        }
    }

    fn post(&self, endpoint: &'static str, body: Body, scope: &'static str) -> Call {
        Call { method: Method::POST, body, ..self.get(endpoint, scope) }
    }

    fn id(&self, id: &str) -> Result<String, Error> {
        segment(id).ok_or_else(|| Error::NoSuchId { tailnet: self.tailnet.to_string(), id: id.to_owned() })
    }
}

/// Everything but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one path segment. `None` for texts that would be none: URL parsers drop an empty segment's
/// meaning and walk up at `..`, encoded or not.
fn segment(text: &str) -> Option<String> {
    match text {
        "" | "." | ".." => None,
        _ => Some(utf8_percent_encode(text, SEGMENT).to_string()),
    }
}

#[cfg(test)]
mod tests;
