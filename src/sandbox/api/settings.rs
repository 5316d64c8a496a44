//! Tailnet settings.

use serde_json::Value;

use crate::sandbox::answer::Answer;
use crate::sandbox::token::{Caller, Right};
use crate::sandbox::world::World;

/// `GET /tailnet/{tailnet}/settings`: what the caller may not see is `null`.
pub(super) fn show(world: &World, caller: &Caller) -> Answer {
    let Ok(Value::Object(mut settings)) = serde_json::to_value(&world.settings) else {
        return Answer::empty();
    };
    for (name, value) in &mut settings {
        let right = match name.as_str() {
            "aclsExternallyManagedOn" | "aclsExternalLink" => Right::ReadPolicy,
            "networkFlowLoggingOn" => Right::ReadFlowLogs,
            "httpsEnabled" => Right::ReadNetworkSettings,
            _ => Right::ReadFeatureSettings,
        };
        if !caller.may(right) {
            *value = Value::Null;
        }
    }
    Answer::json(&settings)
}
