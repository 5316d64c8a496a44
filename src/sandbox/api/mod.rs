//! The calls: from a request and the world to an answer. Nothing here waits or fails on its own.

mod audit;
mod devices;
mod key;
mod oauth;
mod policy;
mod settings;
mod users;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;

use super::World;
use super::answer::{Answer, Refusal};
use super::route::{Endpoint, Route};
use super::token::{Caller, Right};
use super::world::TAILNET_ID;

/// A request that was read to its end.
pub(super) struct Call {
    pub(super) route: Route,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Carries a call out.
pub(super) fn answer(world: &mut World, call: &Call) -> Answer {
    carry_out(world, call).unwrap_or_else(Answer::from)
}

fn carry_out(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    match call.route.endpoint {
        Endpoint::Token => oauth::token(world, call),
        Endpoint::Users => {
            admit(world, call)?.demand(Right::ReadUsers)?;
            users::list(world, call)
        }
        Endpoint::User => {
            admit(world, call)?.demand(Right::ReadUsers)?;
            users::show(world, call)
        }
        Endpoint::SetRole => {
            let caller = admit(world, call)?;
            caller.demand(Right::WriteUsers)?;
            users::set_role(world, &caller, call)
        }
        Endpoint::Invites => {
            admit(world, call)?.demand(Right::ReadInvites)?;
            Ok(users::invites(world))
        }
        Endpoint::Devices => {
            admit(world, call)?.demand(Right::ReadDevices)?;
            devices::list(world, call)
        }
        Endpoint::ReadPolicy => {
            admit(world, call)?.demand(Right::ReadPolicy)?;
            policy::show(world, call)
        }
        Endpoint::WritePolicy => {
            let caller = admit(world, call)?;
            caller.demand(Right::WritePolicy)?;
            policy::set(world, &caller, call)
        }
        Endpoint::ValidatePolicy => {
            admit(world, call)?.demand(Right::ReadPolicy)?;
            policy::validate(world, call)
        }
        Endpoint::Key => key::show(world, &admit(world, call)?, call),
        Endpoint::AuditLog => {
            admit(world, call)?.demand(Right::ReadAuditLog)?;
            audit::list(world, call)
        }
        Endpoint::Settings => Ok(settings::show(world, &admit(world, call)?)),
    }
}

/// Who calls, if the credential is good and the tailnet is this one.
fn admit(world: &World, call: &Call) -> Result<Caller, Refusal> {
    let caller = world.caller(&call.headers)?;
    match call.route.tailnet.as_deref() {
        Some(tailnet) if !["-", &world.tailnet, TAILNET_ID].contains(&tailnet) => {
            Err(Refusal::new(StatusCode::NOT_FOUND, "tailnet not found"))
        }
        _ => Ok(caller),
    }
}

/// The first value of a parameter in a query or a form.
fn parameter<'q>(pairs: &'q str, name: &str) -> Option<Cow<'q, str>> {
    parameters(pairs).find(|(found, _)| found == name).map(|(_, value)| value)
}

/// The parameters of a query or a form, decoded.
fn parameters(pairs: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    pairs.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        return Cow::Owned(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(parameter("a=1&scope=users%3Aread+all&b", "scope").as_deref(), Some("users:read all"));
        assert_eq!(parameter("a=1&b", "b").as_deref(), Some(""));
        assert_eq!(parameter("", "b"), None);
    }
}
