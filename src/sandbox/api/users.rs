//! Users, their roles, and open invites.

use std::collections::HashMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Call, parameter};
use crate::sandbox::answer::{Answer, Refusal, json};
use crate::sandbox::token::{Caller, Holder};
use crate::sandbox::world::{User, UserType, World};

/// All roles the service knows.
const ROLES: [&str; 7] =
    ["owner", "admin", "it-admin", "network-admin", "billing-admin", "auditor", "member"];

/// A user with the number of devices the user has at the moment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'w> {
    #[serde(flatten)]
    user: &'w User,
    device_count: usize,
}

#[derive(Serialize)]
struct Listing<'w> {
    users: Vec<Shown<'w>>,
}

/// `GET /tailnet/{tailnet}/users`
pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let kind = parameter(&call.query, "type").unwrap_or("member".into());
    let role = parameter(&call.query, "role").unwrap_or("all".into());
    if !["member", "shared", "all"].contains(&kind.as_ref()) {
        return Err(Refusal::bad_request("invalid user type"));
    }
    if role != "all" && !ROLES.contains(&role.as_ref()) {
        return Err(Refusal::bad_request("invalid role"));
    }
    let body = world.rendered(format!("users {kind} {role}"), |world| {
        let devices = device_counts(world);
        let users =
            world.users.iter().filter(|user| is_kind(user, &kind) && (role == "all" || user.role == role));
        let users = users.map(|user| Shown { user, device_count: count_of(&devices, user) }).collect();
        json(&Listing { users })
    });
    Ok(Answer::body("application/json", body))
}

/// `GET /users/{id}`
pub(super) fn show(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let user = world.users.iter().find(|user| user.id == call.route.id).ok_or_else(unknown)?;
    Ok(Answer::json(&Shown { user, device_count: count_of(&device_counts(world), user) }))
}

#[derive(Deserialize)]
struct NewRole {
    role: String,
}

/// `POST /users/{id}/role`
pub(super) fn set_role(world: &mut World, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    let NewRole { role } =
        serde_json::from_slice(&call.body).map_err(|_| Refusal::bad_request("invalid request body"))?;
    if !ROLES.contains(&role.as_str()) {
        return Err(Refusal::bad_request("invalid role"));
    }
    let user = world.users.iter_mut().find(|user| user.id == call.route.id).ok_or_else(unknown)?;
    let own = matches!(&caller.holder, Holder::User { user_id, .. } if *user_id == user.id);
    if own || user.role == "owner" || role == "owner" {
        return Err(Refusal::forbidden());
    }
    if user.role != role {
        let before = std::mem::replace(&mut user.role, role.clone());
        world.note_role(&caller.key_id, &call.route.id, before, &role);
    }
    world.forget_rendered();
    Ok(Answer::empty())
}

/// `GET /tailnet/{tailnet}/user-invites`: `null`, not an empty list, when there are none.
pub(super) fn invites(world: &World) -> Answer {
    if world.invites.is_empty() { Answer::json(&()) } else { Answer::json(&world.invites) }
}

fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "user not found")
}

fn is_kind(user: &User, kind: &str) -> bool {
    match kind {
        "member" => user.r#type == UserType::Member,
        "shared" => user.r#type == UserType::Shared,
        _ => true,
    }
}

/// Untagged devices by the login in lower case.
fn device_counts(world: &World) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for device in world.devices.iter().filter(|device| device.tags.is_empty() && !device.is_external) {
        *counts.entry(device.user.to_ascii_lowercase()).or_default() += 1;
    }
    counts
}

fn count_of(counts: &HashMap<String, usize>, user: &User) -> usize {
    counts.get(&user.login_name.to_ascii_lowercase()).copied().unwrap_or_default()
}
