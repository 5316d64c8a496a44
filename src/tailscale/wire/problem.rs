//! What the service says when it refuses: `{"message", "data": [{"user", "errors", "warnings"}]}` from
//! its own endpoints, `{"error", "error_description"}` from OAuth, anything at all from a gateway.

use std::fmt::Write as _;

use serde::Deserialize;

use super::lenient;
use crate::tailscale::answer::Answer;
use crate::tailscale::{Error, Verdict};

/// Most characters of the service's words that are passed on.
const LONGEST: usize = 2_000;
/// Most characters of a text that is not the API's.
const LONGEST_EXCERPT: usize = 200;
/// The one message of a validation that is no failure.
const WARNINGS: &str = "warning(s) found";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(deserialize_with = "lenient::text")]
    message: String,
    #[serde(deserialize_with = "lenient::text")]
    error: String,
    #[serde(deserialize_with = "lenient::text")]
    error_description: String,
    #[serde(deserialize_with = "lenient::list")]
    data: Vec<Detail>,
}

/// What is wrong for one user of the policy's tests, or with one name in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(deserialize_with = "lenient::text")]
    user: String,
    #[serde(deserialize_with = "lenient::list")]
    errors: Vec<String>,
}

/// The body of a refusal in words for people, on one line.
pub(in crate::tailscale) fn words(body: &[u8]) -> String {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.describe(),
        Err(_) => excerpt(body),
    }
}

/// The answer of `POST /tailnet/{t}/acl/validate`: the outcome is in the body, not in the status.
pub(in crate::tailscale) fn verdict(answer: &Answer<'_>) -> Result<Verdict, Error> {
    if answer.status == http::StatusCode::BAD_REQUEST {
        return Ok(Verdict::Refused(words(&answer.body)));
    }
    let problem: Problem = match answer.body.trim_ascii() {
        b"" | b"null" => return Ok(Verdict::Accepted),
        // Said here, because an array would be read as the fields in their order.
        body if body.starts_with(b"[") => return Err(answer.unreadable("an array is no verdict".into())),
        _ => answer.json()?,
    };
    let warned_only = problem.message.is_empty() || problem.message.trim() == WARNINGS;
    if warned_only && problem.data.iter().all(|detail| detail.errors.is_empty()) {
        return Ok(Verdict::Accepted);
    }
    Ok(Verdict::Refused(problem.describe()))
}

impl Problem {
    fn describe(&self) -> String {
        let mut text = [&self.message, &self.error, &self.error_description]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(": ");
        for detail in self.data.iter().filter(|detail| !detail.errors.is_empty()) {
            if !text.is_empty() {
                text.push_str("; ");
            }
            if !detail.user.is_empty() {
                let _ = write!(text, "{}: ", detail.user);
            }
            text.push_str(&detail.errors.join(", "));
        }
        one_line(&text, LONGEST)
    }
}

/// The beginning of a body that is not the API's, on one line.
pub(in crate::tailscale) fn excerpt(body: &[u8]) -> String {
    let start = body.get(..body.len().min(4 * LONGEST_EXCERPT)).unwrap_or_default();
    one_line(&String::from_utf8_lossy(start), LONGEST_EXCERPT)
}

/// `text` without control characters and secrets, at most `longest` characters of it.
fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&without_secret(word));
    }
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Every secret of the service begins alike; what follows is cut, should an answer ever quote one.
fn without_secret(word: &str) -> String {
    match word.split_once("tskey-") {
        Some((before, _)) => format!("{before}tskey-[REDACTED]"),
        None => word.to_owned(),
    }
}
