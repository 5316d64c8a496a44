//! What the live service said to policies: status, message, and that a refusal has a place in the text.

use serde_json::Value;
use tailgrant::policy::{Policy, Rejection, Topology, judge, parse};

use crate::topology::topology;
use crate::{cases, records, report};

/// The status and the message of our answer.
fn answer(text: &str, topology: &Topology) -> (u64, Option<String>) {
    let judged = match parse(text.as_bytes()) {
        Ok(document) => Policy::read(&document).map(|policy| judge(&policy, topology)),
        Err(error) => Err(error),
    };
    match judged.unwrap_or_else(|error| Err(Rejection::of_unreadable(&error))) {
        Ok(()) => (200, None),
        Err(Rejection { status, message, position, .. }) => {
            let lines = text.lines().count();
            assert!(position.line <= lines, "line {} of {lines}", position.line);
            (status.into(), Some(message))
        }
    }
}

/// The policy as it was posted, and laid out by somebody else.
fn texts(record: &Value) -> Vec<String> {
    let text = record["policy_hujson"].as_str().map(str::to_owned);
    text.into_iter().chain([serde_json::to_string_pretty(&record["policy"]).unwrap()]).collect()
}

#[test]
fn the_answers_of_the_live_service() {
    let Some(records) = records("policy-accept.jsonl") else { return };
    let topologies = std::fs::read_to_string(cases().unwrap().join("topologies.json")).unwrap();
    let topologies: Value = serde_json::from_str(&topologies).unwrap();
    let mut wrong = Vec::new();
    for record in &records {
        let topology = topology(&topologies[record["topology"].as_str().unwrap()]);
        let expected = (record["status"].as_u64().unwrap(), record["error"].as_str().map(str::to_owned));
        let answers = texts(record).into_iter().map(|text| answer(&text, &topology));
        if let Some(answer) = answers.into_iter().find(|answer| *answer != expected) {
            wrong.push(format!("{}: {answer:?}, expected {expected:?}", record["id"]));
        }
    }
    report("policy-accept.jsonl", records.len(), &wrong);
}
