//! The policy file: read, set, validate.

use data_encoding::BASE64;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Call, parameter};
use crate::hujson;
use crate::sandbox::answer::{Answer, Refusal};
use crate::sandbox::token::Caller;
use crate::sandbox::verdict::{self, Verdict};
use crate::sandbox::world::World;

const HUJSON: &str = "application/hujson";
const JSON: &str = "application/json";

/// `GET /tailnet/{tailnet}/acl`
pub(super) fn show(world: &World, call: &Call) -> Result<Answer, Refusal> {
    if matches!(parameter(&call.query, "details").as_deref(), Some("1" | "true")) {
        let text = world.policy().text();
        let warnings = verdict::unknown_members(text, &world.users);
        let details = json!({ "acl": BASE64.encode(text), "warnings": warnings, "errors": null });
        return Ok(Answer::json(&details).header(header::ETAG, &world.policy().quoted_tag()));
    }
    stored(world, &call.headers)
}

/// `POST /tailnet/{tailnet}/acl`. A stale tag is found before the text is looked at; an empty text resets.
pub(super) fn set(world: &mut World, caller: &Caller, call: &Call) -> Result<Answer, Refusal> {
    if let Some(tag) = call.headers.get(header::IF_MATCH)
        && !world.policy().matches(tag.as_bytes())
    {
        let message = "precondition failed, invalid old hash";
        return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, message));
    }
    if call.body.trim_ascii().is_empty() {
        world.reset_policy(&caller.key_id);
        return stored(world, &call.headers);
    }
    match verdict::judge(world, &call.body) {
        Verdict::Passed { .. } => {}
        Verdict::Unreadable(message) => return Err(Refusal::bad_request(message)),
        Verdict::Stumbled(message) => return Err(stumbled(message)),
        Verdict::Refused { message, tests } => {
            let data = if tests.is_empty() { Value::Null } else { json!(tests) };
            return Err(Refusal::bad_request(message).with_data(data));
        }
    }
    world
        .store_policy(call.body.to_vec(), &caller.key_id)
        .map_err(|error| Refusal::bad_request(verdict::syntax(&error)))?;
    stored(world, &call.headers)
}

/// `POST /tailnet/{tailnet}/acl/validate`: what is wrong stands in the body of a 200. An array is one of
/// tests, which are run against the stored policy.
pub(super) fn validate(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let body = call.body.trim_ascii();
    if body.is_empty() {
        return Err(Refusal::bad_request("unexpected end of JSON input"));
    }
    if body.starts_with(b"/") && is(&call.headers, &header::CONTENT_TYPE, JSON) {
        return Err(Refusal::bad_request("invalid character '/' looking for beginning of value"));
    }
    let verdict = if body.starts_with(b"[") {
        verdict::run_tests(world, body)
    } else {
        verdict::judge(world, &call.body)
    };
    let outcome = match verdict {
        Verdict::Unreadable(message) => return Err(Refusal::bad_request(message)),
        Verdict::Stumbled(message) => return Err(stumbled(message)),
        Verdict::Refused { message, tests } if tests.is_empty() => json!({ "message": message }),
        Verdict::Refused { message, tests } => json!({ "message": message, "data": tests }),
        Verdict::Passed { warnings } if warnings.is_empty() => json!({}),
        Verdict::Passed { warnings } => json!({ "message": "warning(s) found", "data": warnings }),
    };
    Ok(Answer::json(&outcome))
}

fn stumbled(message: String) -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}

/// The stored text in the form that the caller accepts, and its tag.
fn stored(world: &World, headers: &HeaderMap) -> Result<Answer, Refusal> {
    let text = world.policy().text();
    let answer = if is(headers, &header::ACCEPT, JSON) {
        let failed = |_| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal server error");
        Answer::body(JSON, hujson::standardize(text).map_err(failed)?.into())
    } else {
        Answer::body(HUJSON, text.to_vec().into())
    };
    Ok(answer.header(header::ETAG, &world.policy().quoted_tag()))
}

/// Whether a header names this media type, parameters aside.
fn is(headers: &HeaderMap, name: &header::HeaderName, media_type: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case(media_type))
}
