//! Credentials of a tailnet.

use jiff::Timestamp;

/// A credential as `GET /tailnet/{t}/keys/{id}` gives it. Never holds the secret.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key {
    /// Id: the middle part of the secret.
    pub id: String,
    /// `auth`, `client`, `api`, `federated`, or a newer word.
    pub kind: String,
    /// Creator; empty for keys made by trust credentials.
    pub user_id: String,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// Revoked or expired.
    pub invalid: bool,
    /// Scopes, where it has any.
    pub scopes: Vec<String>,
}
