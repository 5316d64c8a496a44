//! Ends that fail.

use super::*;
use crate::connector::Unavailable;

#[test]
fn a_failure_is_repeated_ever_more_rarely_and_told() {
    let mut play = Play::seeing(&[("ada", -30)], &["ada"]);
    let mut second = 0;
    for (attempt, pause) in [60, 120, 240, 480, 960, 1800, 1800].into_iter().enumerate() {
        play.answer("ada", -30, Err(refused()));
        let [critical] = play.critical().try_into().unwrap();
        let times = if attempt == 0 { String::new() } else { format!(" after {} attempts", attempt + 1) };
        assert_eq!(
            critical,
            format!(
                "the access of \"ada\" to group:eng should have ended at 2027-01-15T07:59:30Z and \
                 stands{times}: it is refused; it is tried again when the policy file changes, and at least \
                 every half hour; to end it now, remove the member in the admin console"
            )
        );
        play.poll_until(second + pause - 1);
        second += pause;
        play.at(second, &["ada"]);
    }
    play.answer("ada", -30, Ok(()));
    assert_eq!(play.critical(), [""; 0]);
}

#[test]
fn a_failure_is_repeated_at_once_when_the_text_has_changed() {
    let mut play = Play::seeing(&[("ada", -30)], &["ada"]);
    play.answer("ada", -30, Err(refused()));
    play.at(10, &[]);
    play.show(&[("ada", -30)], &["ada"]);
    play.answer("ada", -30, Err(refused()));
    play.poll_until(10 + 119);
    play.at(10 + 120, &["ada"]);
    play.answer("ada", -30, Err(refused()));
    play.show(&[("ada", 900)], &[]);
    assert_eq!(play.critical(), [""; 0], "it was renewed");
}

#[test]
fn what_fails_while_the_service_does_is_tried_as_soon_as_it_answers() {
    let mut play = Play::seeing(&[("ada", 0)], &[]);
    play.at(2, &["ada"]);
    // Down for an hour: attempts fail after two minutes, polls at once.
    let (mut fails_at, mut failed) = (122, false);
    while play.second < 3600 || !failed {
        play.second += 1;
        let mut outputs = Vec::new();
        failed = fails_at == play.second;
        if failed {
            let end = play.end("ada", 0);
            outputs.extend(play.handle(Input::Answered { end, outcome: Err(down()) }));
        }
        outputs.extend(play.handle(Input::Clock));
        if outputs.contains(&Output::Poll) {
            outputs.extend(play.handle(Input::Polled(Err(down()))));
        }
        if outputs.iter().any(|output| matches!(output, Output::End { .. })) {
            fails_at = play.second + 120;
        }
    }
    let [_, critical] = play.critical().try_into().unwrap();
    assert!(critical.ends_with("; it is tried again as soon as the policy file can be read"), "{critical}");
    let soon = play.second + 5;
    play.wait(soon, &["poll"]);
    play.check(Input::Polled(Ok(Some(Shown::default()))), &["ada"]);
}

#[test]
fn a_refusal_is_repeated_rarely_whatever_failed_before() {
    let mut play = Play::seeing(&[("ada", -30)], &["ada"]);
    for second in [60, 120, 180] {
        play.answer("ada", -30, Err(down()));
        play.at(second, &["poll", "ada"]);
        play.check(Input::Polled(Ok(None)), &[]);
    }
    play.answer("ada", -30, Err(refused()));
    play.poll_until(180 + 59);
    play.at(180 + 60, &["ada"]);
    play.answer("ada", -30, Err(refused()));
    play.poll_until(240 + 119);
    play.at(240 + 120, &["ada"]);
}

#[test]
fn an_end_that_fails_after_a_renewal_is_nothing_to_tell() {
    let mut play = Play::seeing(&[("ada", -30), ("bob", -30)], &["ada", "bob"]);
    play.show(&[("ada", 900)], &[]);
    play.answer("ada", -30, Err(refused()));
    play.answer("bob", -30, Err(down()));
    assert_eq!(play.critical(), [""; 0]);
}

pub(super) fn refused() -> Error {
    Error::Refused { tailnet: "example.com".to_owned(), reason: "it is refused".to_owned(), cancelled: false }
}

pub(super) fn limited(seconds: u64) -> Error {
    Error::RateLimited { tailnet: "example.com".to_owned(), retry_after: Duration::from_secs(seconds) }
}

pub(super) fn down() -> Error {
    Error::Unavailable {
        tailnet: "example.com".to_owned(),
        reason: Unavailable::Upstream,
        message: "Tailscale is failing".to_owned(),
        cause: None,
    }
}
