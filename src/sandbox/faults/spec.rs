//! Reading a schedule of faults.

use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;
use jiff::SignedDuration;

use super::{Fault, Faults, ForeignEdit, Scheduled, Scope};

/// Why a schedule of faults cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SpecError {
    #[error("{0:?} is not seed=N, latency=D[..D] or [SCOPE:]FAULT=P[/ARG]")]
    Shape(String),
    #[error("the seed {0:?} is not a whole number")]
    Seed(String),
    #[error("{0:?} is not a duration such as 20ms or 1.5s, nor a range such as 20ms..80ms")]
    Duration(String),
    #[error("{given:?} is no scope; there are {}", names())]
    Scope { given: String },
    #[error(
        "{given:?} is no fault; there are 429 500 502 503 504 reset-before reset-after truncate \
         lost-answer late-effect foreign-edit"
    )]
    Fault { given: String },
    #[error("in {item:?}, the probability is not a number from 0 to 1")]
    Probability { item: String },
    #[error("in {item:?}, {fault} takes no argument")]
    NeedlessArgument { item: String, fault: &'static str },
    #[error("in {item:?}, the argument of {fault} must be {wanted}")]
    Argument { item: String, fault: &'static str, wanted: &'static str },
    #[error("{fault} cannot strike {scope}")]
    Unsuited { fault: &'static str, scope: Scope },
}

fn names() -> String {
    Scope::ALL.map(Scope::name).join(" ")
}

impl Faults {
    /// How a schedule is written, for people: some short paragraphs.
    pub const GRAMMAR: &str = "\
Faults that strike requests: items joined by commas, such as
`seed=7,latency=1ms..80ms,acl.post:lost-answer=0.1,acl.post:late-effect=0.05/2s,429=0.1/3`

`[SCOPE:]FAULT=P[/ARG]` strikes with probability P from 0 to 1; of several items the first that hits counts. `seed=N` \
makes the draws repeatable, `latency=TIME` delays every answer.

Scopes: acl.get acl.post acl.validate users invites devices role key oauth; without one, all that the fault suits.

Faults: 429[/SECONDS to wait]; 500 502 503 504, with /after once the request was carried out; reset-before and \
reset-after that; truncate (half an answer). On changes: lost-answer (made, not told; with /hold the connection stays), \
late-effect/LONGEST (not told, made within that time). On the policy: foreign-edit[/KIND] by somebody else; kinds: \
remark comment member host rule layout lease any.";
}

impl FromStr for Faults {
    type Err = SpecError;

    fn from_str(spec: &str) -> Result<Self, SpecError> {
        let mut faults = Self::default();
        for item in spec.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').ok_or_else(|| SpecError::Shape(item.to_owned()))?;
            match name {
                "seed" => faults.seed = value.parse().map_err(|_| SpecError::Seed(value.to_owned()))?,
                "latency" => faults.latency = Some(latency(value)?),
                name => faults.items.push(scheduled(item, name, value)?),
            }
        }
        Ok(faults)
    }
}

fn latency(text: &str) -> Result<Range<Duration>, SpecError> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    match (duration(from), duration(to)) {
        (Some(from), Some(to)) if from <= to => Ok(from..to),
        _ => Err(SpecError::Duration(text.to_owned())),
    }
}

fn duration(text: &str) -> Option<Duration> {
    text.trim().parse::<SignedDuration>().ok()?.try_into().ok()
}

/// Reads `[SCOPE:]FAULT` and `P[/ARG]`.
fn scheduled(item: &str, name: &str, value: &str) -> Result<Scheduled, SpecError> {
    let (scope, word) = match name.split_once(':') {
        Some((scope, word)) => (Some(known_scope(scope)?), word),
        None => (None, name),
    };
    let (probability, argument) = match value.split_once('/') {
        Some((probability, argument)) => (probability, Some(argument)),
        None => (value, None),
    };
    let fault = known_fault(item, word, argument)?;
    let probability = probability.parse().ok().filter(|probability| (0.0..=1.0).contains(probability));
    let probability = probability.ok_or_else(|| SpecError::Probability { item: item.to_owned() })?;
    match scope {
        Some(scope) if !fault.suits(Some(scope)) => Err(SpecError::Unsuited { fault: fault.name(), scope }),
        scope => Ok(Scheduled { scope, fault, probability }),
    }
}

fn known_scope(name: &str) -> Result<Scope, SpecError> {
    let known = Scope::ALL.into_iter().find(|scope| scope.name() == name);
    known.ok_or_else(|| SpecError::Scope { given: name.to_owned() })
}

fn known_fault(item: &str, name: &str, argument: Option<&str>) -> Result<Fault, SpecError> {
    let wrong = |fault, wanted| SpecError::Argument { item: item.to_owned(), fault, wanted };
    let status = |status| match argument {
        None => Ok(Fault::Status(status)),
        Some("after") => Ok(Fault::StatusAfter(status)),
        Some(_) => Err(wrong(Fault::Status(status).name(), "after, or absent")),
    };
    let plain = match name {
        "429" => {
            let seconds = argument.map_or(Ok(1), str::parse).map_err(|_| wrong("429", "whole seconds"))?;
            return Ok(Fault::RateLimited { seconds });
        }
        "late-effect" => {
            let longest = argument.and_then(duration);
            return longest
                .map(Fault::LateEffect)
                .ok_or_else(|| wrong("late-effect", "a duration such as 2s"));
        }
        "foreign-edit" => {
            let wanted = argument.unwrap_or(ForeignEdit::Remark.name());
            let known = ForeignEdit::ALL.into_iter().find(|edit| edit.name() == wanted);
            return known.map(Fault::ForeignEdit).ok_or_else(|| {
                wrong("foreign-edit", "one of remark comment member host rule layout lease any")
            });
        }
        "500" => return status(StatusCode::INTERNAL_SERVER_ERROR),
        "502" => return status(StatusCode::BAD_GATEWAY),
        "503" => return status(StatusCode::SERVICE_UNAVAILABLE),
        "504" => return status(StatusCode::GATEWAY_TIMEOUT),
        "reset-before" => Fault::ResetBefore,
        "reset-after" => Fault::ResetAfter,
        "truncate" => Fault::Truncate,
        "lost-answer" => {
            return match argument {
                None => Ok(Fault::LostAnswer),
                Some("hold") => Ok(Fault::HeldAnswer),
                Some(_) => Err(wrong("lost-answer", "hold, or absent")),
            };
        }
        other => return Err(SpecError::Fault { given: other.to_owned() }),
    };
    match argument {
        None => Ok(plain),
        Some(_) => Err(SpecError::NeedlessArgument { item: item.to_owned(), fault: plain.name() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_schedule_is_read() {
        let faults: Faults =
            "seed=7, latency=20ms..80ms,429=0.1/2,acl.post:lost-answer=0.05,acl.post:late-effect=1/1.5s,oauth:503=0"
                .parse()
                .unwrap();
        let item = |scope, fault, probability| Scheduled { scope, fault, probability };
        assert_eq!(faults.seed, 7);
        assert_eq!(faults.latency, Some(Duration::from_millis(20)..Duration::from_millis(80)));
        assert_eq!(
            faults.items,
            [
                item(None, Fault::RateLimited { seconds: 2 }, 0.1),
                item(Some(Scope::WritePolicy), Fault::LostAnswer, 0.05),
                item(Some(Scope::WritePolicy), Fault::LateEffect(Duration::from_millis(1500)), 1.0),
                item(Some(Scope::Token), Fault::Status(StatusCode::SERVICE_UNAVAILABLE), 0.0),
            ]
        );
        assert_eq!("".parse(), Ok(Faults::default()));
        assert_eq!("latency=5ms".parse::<Faults>().unwrap().latency.unwrap().start, Duration::from_millis(5));
    }

    #[test]
    fn somebody_else_does_what_the_argument_says() {
        let faults: Faults = "acl.post:foreign-edit=0.2,foreign-edit=0.5/any".parse().unwrap();
        let faults: Vec<Fault> = faults.items.iter().map(|item| item.fault).collect();
        assert_eq!(faults, [Fault::ForeignEdit(ForeignEdit::Remark), Fault::ForeignEdit(ForeignEdit::Any)]);
    }

    #[test]
    fn what_is_carried_out_may_fail_all_the_same() {
        let faults: Faults = "504=0.2/after,acl.post:lost-answer=0.5/hold".parse().unwrap();
        let faults: Vec<Fault> = faults.items.iter().map(|item| item.fault).collect();
        assert_eq!(faults, [Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT), Fault::HeldAnswer]);
    }

    #[test]
    fn people_are_told_all_words() {
        let faults =
            "429 500 502 503 504 reset-before reset-after truncate lost-answer late-effect foreign-edit";
        let told: Vec<&str> = Faults::GRAMMAR.split([' ', '\n', ',', ';', '[', '/', '.']).collect();
        let scopes = Scope::ALL.map(Scope::name).into_iter().filter(|name| !name.contains('.'));
        for word in scopes.chain(faults.split(' ')).chain(ForeignEdit::ALL.map(ForeignEdit::name)) {
            assert!(told.contains(&word), "{word}");
        }
        assert!(Faults::GRAMMAR.contains(&names()), "the scopes in their order");
        let example = Faults::GRAMMAR.split('`').nth(1).unwrap();
        assert_eq!(example.parse::<Faults>().unwrap().items.len(), 3);
    }

    #[track_caller]
    fn check(spec: &str, message: &str) {
        assert_eq!(spec.parse::<Faults>().unwrap_err().to_string(), message);
    }

    #[test]
    fn what_is_wrong_is_named() {
        check("500", r#""500" is not seed=N, latency=D[..D] or [SCOPE:]FAULT=P[/ARG]"#);
        check("seed=x", r#"the seed "x" is not a whole number"#);
        check(
            "latency=80ms..20ms",
            r#""80ms..20ms" is not a duration such as 20ms or 1.5s, nor a range such as 20ms..80ms"#,
        );
        check(
            "latency=-1s",
            r#""-1s" is not a duration such as 20ms or 1.5s, nor a range such as 20ms..80ms"#,
        );
        check(
            "acl:500=1",
            r#""acl" is no scope; there are acl.get acl.post acl.validate users invites devices role key oauth"#,
        );
        check(
            "501=1",
            "\"501\" is no fault; there are 429 500 502 503 504 reset-before reset-after truncate \
             lost-answer late-effect foreign-edit",
        );
        check("500=2", r#"in "500=2", the probability is not a number from 0 to 1"#);
        check("500=NaN", r#"in "500=NaN", the probability is not a number from 0 to 1"#);
        check("truncate=1/3", r#"in "truncate=1/3", truncate takes no argument"#);
        check("502=1/3", r#"in "502=1/3", the argument of 502 must be after, or absent"#);
        check(
            "lost-answer=1/no",
            r#"in "lost-answer=1/no", the argument of lost-answer must be hold, or absent"#,
        );
        check("429=1/soon", r#"in "429=1/soon", the argument of 429 must be whole seconds"#);
        check(
            "late-effect=1",
            r#"in "late-effect=1", the argument of late-effect must be a duration such as 2s"#,
        );
        check(
            "foreign-edit=1/joke",
            r#"in "foreign-edit=1/joke", the argument of foreign-edit must be one of remark comment member host rule layout lease any"#,
        );
        check("users:foreign-edit=1", "foreign-edit cannot strike users");
    }
}
