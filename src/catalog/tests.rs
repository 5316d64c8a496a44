//! Whole catalogs of small tailnets.

mod ends;
mod integrity;
mod listing;
mod naming;
mod people;
mod rules;

use crate::access::{Grant, ResourceId, ResourceKind};
use crate::policy::{self, Policy};
use crate::tailnet::{Device, Invite, Part, Role, Tailnet, User, UserKind, UserStatus};

use super::{Catalog, Options};

/// The catalog of a tailnet with this policy text.
fn catalog(tailnet: &Tailnet, text: &str, options: Options) -> Catalog {
    let document = policy::parse(text.as_bytes()).unwrap();
    Catalog::build(tailnet, &Policy::read(&document).unwrap(), options)
}

/// The catalog of a policy text alone.
fn catalog_of(text: &str) -> Catalog {
    catalog(&tailnet(Vec::new()), text, Options::default())
}

fn tailnet(users: Vec<User>) -> Tailnet {
    Tailnet {
        name: "example.com".to_owned(),
        users,
        invites: Part::Read(Vec::new()),
        devices: Part::Read(Vec::new()),
    }
}

fn user(id: &str, login: &str) -> User {
    User {
        id: id.to_owned(),
        login_name: login.to_owned(),
        display_name: String::new(),
        kind: UserKind::Member,
        role: Role::Member,
        status: UserStatus::Active,
        created: None,
        last_seen: None,
        currently_connected: false,
        device_count: 0,
    }
}

fn shared(id: &str, login: &str) -> User {
    User { kind: UserKind::Shared, ..user(id, login) }
}

fn with_role(role: Role, user: User) -> User {
    User { role, ..user }
}

fn invite(id: &str, email: Option<&str>) -> Invite {
    Invite { id: id.to_owned(), role: Role::Member, email: email.map(str::to_owned), last_email_sent: None }
}

fn device(id: &str, user: &str, tags: &[&str]) -> Device {
    Device {
        node_id: format!("n{id}CNTRL"),
        legacy_id: id.to_owned(),
        name: format!("host{id}.example.ts.net"),
        user: user.to_owned(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        os: "linux".to_owned(),
        authorized: true,
        ..Device::default()
    }
}

/// The ids of a kind's resources.
fn ids(catalog: &Catalog, kind: ResourceKind) -> Vec<&str> {
    catalog.resources(kind).iter().map(|resource| resource.id.id()).collect()
}

/// Who has a grant on a resource: `slug principal`, with `+` where it is expandable and `!` where immutable.
fn holders(catalog: &Catalog, kind: ResourceKind, id: &str) -> Vec<String> {
    catalog.grants(&ResourceId::new(kind, id)).iter().map(holder).collect()
}

fn holder(grant: &Grant) -> String {
    let expandable = if grant.expandable.is_some() { "+" } else { "" };
    let immutable = if grant.immutable { "!" } else { "" };
    format!("{} {}{expandable}{immutable}", grant.entitlement.slug, grant.principal)
}
