//! What the service would say to a policy, in words for people.

use crate::policy::Rejection;
use crate::policy::assertion::Failure;

/// How many failing tests a message names, and how many wishes of each: it may have to fit a header.
const TESTS_NAMED: usize = 4;
const ERRORS_NAMED: usize = 3;
/// Most characters of it.
const LONGEST: usize = 2_000;

/// What stands against an edit that would be refused.
pub(super) fn to_edit(rejection: &Rejection) -> String {
    let tests = tests(&rejection.failures);
    if tests.is_empty() {
        let words = &rejection.message;
        format!("Tailscale would refuse the policy file with this change: {words}; it was not made")
    } else {
        format!("this change would break the policy file's own tests and was not made: {tests}")
    }
}

/// The service's words about a policy, and the tests that fail in it as far as is known here.
pub(super) fn with_tests(words: String, rejection: &Rejection) -> String {
    let tests = tests(&rejection.failures);
    if tests.is_empty() { words } else { format!("{words} ({tests})") }
}

/// The tests by section, number, line and source, with what each wants; the first ones if they are many.
fn tests(failures: &[Failure]) -> String {
    let named = failures.iter().take(TESTS_NAMED).map(|failure| {
        let errors: Vec<&str> = failure.errors.iter().take(ERRORS_NAMED).map(String::as_str).collect();
        format!("{failure}: {}", errors.join(", "))
    });
    let more = failures.len().saturating_sub(TESTS_NAMED);
    let parts: Vec<String> = named.chain((more > 0).then(|| format!("and {more} more"))).collect();
    let mut text = parts.join("; ");
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Policy, parse};

    fn failures(count: usize, errors: &[&str]) -> Vec<Failure> {
        let text = r#"{"tests": [{"src": "ada@example.com"}]}"#;
        let document = parse(text.as_bytes()).unwrap();
        let position = Policy::read(&document).unwrap().tests[0].position;
        (0..count)
            .map(|index| Failure {
                section: "tests",
                index,
                position,
                source: "ada@example.com".to_owned(),
                errors: errors.iter().map(ToString::to_string).collect(),
                certain: true,
            })
            .collect()
    }

    #[track_caller]
    fn check(failures: Vec<Failure>, edit: &str, broken: &str) {
        let position = self::failures(1, &[])[0].position;
        let rejection =
            Rejection { status: 400, message: "no good".to_owned(), position, failures, certain: true };
        assert_eq!(to_edit(&rejection), edit);
        assert_eq!(with_tests("no good".to_owned(), &rejection), broken);
    }

    #[test]
    fn tests_are_named_and_other_mistakes_are_told() {
        check(
            Vec::new(),
            "Tailscale would refuse the policy file with this change: no good; it was not made",
            "no good",
        );
        check(
            failures(1, &["a", "b", "c", "d"]),
            "this change would break the policy file's own tests and was not made: \
             tests, number 1 (line 1), source \"ada@example.com\": a, b, c",
            "no good (tests, number 1 (line 1), source \"ada@example.com\": a, b, c)",
        );
    }

    #[test]
    fn a_message_stays_short() {
        assert!(tests(&failures(9, &["a"])).ends_with("a; and 5 more"));
        let long = tests(&failures(1, &["ä".repeat(9_000).as_str()]));
        assert_eq!((long.chars().count(), long.ends_with("ä…")), (LONGEST + 1, true));
    }
}
