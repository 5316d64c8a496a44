//! What the sandbox offers beside the API, below `/_sandbox/`.

use http::{Method, StatusCode};

use super::answer::{Answer, Refusal};
use super::exchange::Exchange;

/// Answers a request below `/_sandbox/`; `path` is the rest.
pub(super) fn answer(exchange: &Exchange, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (method.as_str(), path) {
        ("GET", "stats") => Answer::json(&*exchange.stats()),
        ("POST", "reset-stats") => {
            exchange.reset_stats();
            Answer::empty()
        }
        ("GET", "faults") => Answer::json(exchange.weather().hits()),
        ("GET", "history") => {
            let world = exchange.world();
            if !world.history().is_kept() {
                let message = "no history is kept; start the sandbox with --history N";
                return Refusal::new(StatusCode::NOT_FOUND, message).into();
            }
            Answer::json(&world.history().texts().collect::<Vec<_>>())
        }
        ("GET", "policy") => {
            let text = exchange.world().policy().text().to_vec();
            Answer::body("application/hujson", text.into())
        }
        ("PUT", "policy") => {
            exchange.world().force_policy(body.to_vec());
            Answer::empty()
        }
        _ => {
            let message = "the sandbox knows GET stats, POST reset-stats, GET policy, PUT policy, GET history and \
                           GET faults here";
            Refusal::new(StatusCode::NOT_FOUND, message).into()
        }
    }
}
