//! What the sandbox offers beside the API, below `/_sandbox/`.

use http::{Method, StatusCode};

use super::Stats;
use super::answer::{Answer, Refusal};
use super::exchange::Exchange;

/// Answers a request below `/_sandbox/`; `path` is the rest.
pub(super) fn answer(exchange: &Exchange, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (method.as_str(), path) {
        ("GET", "stats") => Answer::json(&*exchange.stats()),
        ("POST", "reset-stats") => {
            *exchange.stats() = Stats::default();
            Answer::empty()
        }
        ("GET", "policy") => {
            let text = exchange.world().policy.text().to_vec();
            Answer::body("application/hujson", text.into())
        }
        ("PUT", "policy") => {
            exchange.world().policy.force(body.to_vec());
            Answer::empty()
        }
        _ => {
            let message = "the sandbox knows GET stats, POST reset-stats, GET policy and PUT policy here";
            Refusal::new(StatusCode::NOT_FOUND, message).into()
        }
    }
}
