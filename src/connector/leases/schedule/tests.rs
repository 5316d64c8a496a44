mod failing;

use super::*;
use crate::connector::leases::vanished::Known;
use crate::policy::Lease;

/// Longer than chance may delay an end, in seconds.
const SURELY: i64 = 2;

/// A schedule with a clock of its own, polling every 60 s.
struct Play {
    schedule: Schedule,
    start: Instant,
    begun: Timestamp,
    second: i64,
    texts: u32,
}

impl Play {
    fn new(restores: bool) -> Self {
        let start = Instant::now();
        let begun = Timestamp::from_second(1_800_000_000).unwrap();
        let schedule = Schedule::new(Duration::from_secs(60), restores, start, fastrand::Rng::with_seed(7));
        Self { schedule, start, begun, second: 0, texts: 0 }
    }

    /// One whose first poll has shown these ends: member, and second of its end.
    #[track_caller]
    fn seeing(ends: &[(&str, i64)], expected: &[&str]) -> Self {
        let mut play = Self::new(false);
        play.check(Input::Clock, &["poll"]);
        play.show(ends, expected);
        play.check(Input::Polled(Ok(Some(Shown::default()))), &[]);
        play
    }

    fn now(&self) -> Now {
        self.after(self.second)
    }

    fn after(&self, second: i64) -> Now {
        let passed = Duration::from_secs(second.unsigned_abs());
        Now { at: self.start + passed, wall: self.begun.checked_add(passed).unwrap() }
    }

    fn end(&self, member: &str, second: i64) -> End {
        let list = ListId::Group("group:eng".to_owned());
        let until = self.begun.checked_add(SignedDuration::from_secs(second)).unwrap();
        End { member: Member::new(list, member), text: member.to_owned(), until }
    }

    fn ends(&self, ends: &[(&str, i64)]) -> Arc<Ends> {
        let members = ends.iter().map(|(member, second)| self.end(member, *second)).collect();
        Arc::new(Ends { members, ..Ends::default() })
    }

    fn text(&mut self) -> Bytes {
        self.texts += 1;
        Bytes::from(self.texts.to_string())
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = self.schedule.note(self.now(), input);
        outputs.extend(self.schedule.due(self.now()));
        outputs
    }

    #[track_caller]
    fn critical(&self) -> Vec<String> {
        let critical: Vec<String> = self.schedule.critical().collect();
        assert_eq!(critical.len(), self.schedule.critical_count());
        critical
    }

    #[track_caller]
    fn check(&mut self, input: Input, expected: &[&str]) {
        let outputs = self.handle(input);
        let told: Vec<String> = outputs
            .into_iter()
            .map(|output| match output {
                Output::Poll => "poll".to_owned(),
                Output::End { end, passed } => {
                    assert_eq!(passed, self.now().wall);
                    end.text
                }
                Output::Tell(vanished) => format!("tell {}", vanished.text),
                Output::Restore(vanished) => format!("restore {}", vanished.text),
            })
            .collect();
        assert_eq!(told, expected, "second {}", self.second);
    }

    /// A new text with these ends is seen.
    #[track_caller]
    fn show(&mut self, ends: &[(&str, i64)], expected: &[&str]) {
        let input = Input::Seen { at: self.now().at, text: self.text(), ends: Ok(self.ends(ends)) };
        self.check(input, expected);
    }

    #[track_caller]
    fn answer(&mut self, member: &str, until: i64, outcome: Result<(), Error>) {
        let end = self.end(member, until);
        self.check(Input::Answered { end, outcome }, &[]);
    }

    /// The clock goes on; nothing is due before `second`, and this is then.
    #[track_caller]
    fn wait(&mut self, second: i64, expected: &[&str]) {
        let wake = self.schedule.wake_at(self.now()).unwrap();
        assert!(wake > self.after(second - 7).at, "woken {:?} after the start", wake - self.start);
        assert!(wake <= self.after(second).at, "woken {:?} after the start", wake - self.start);
        self.second = second;
        self.check(Input::Clock, expected);
    }

    /// The clock goes on.
    #[track_caller]
    fn at(&mut self, second: i64, expected: &[&str]) {
        self.second = second;
        self.check(Input::Clock, expected);
    }
}

#[test]
fn the_policy_is_read_at_once_and_at_every_interval() {
    let mut play = Play::new(false);
    assert_eq!(play.schedule.wake_at(play.now()), Some(play.start));
    play.check(Input::Clock, &["poll"]);
    assert_eq!(play.schedule.wake_at(play.now()), None, "one read at a time");
    play.show(&[], &[]);
    play.check(Input::Polled(Ok(Some(Shown::default()))), &[]);
    play.wait(60, &["poll"]);
    play.at(200, &[]);
    play.check(Input::Polled(Ok(Some(Shown::default()))), &["poll"]);
}

#[test]
fn a_read_that_fails_is_repeated_soon_but_not_before_the_service_wants_it() {
    let mut play = Play::new(false);
    play.check(Input::Clock, &["poll"]);
    play.check(Input::Polled(Err(failing::down())), &[]);
    play.wait(5, &["poll"]);
    play.check(Input::Polled(Err(failing::limited(30))), &[]);
    play.wait(35, &["poll"]);
    play.check(Input::Polled(Err(failing::limited(86_400))), &[]);
    play.wait(95, &["poll"]);
}

#[test]
fn a_policy_that_is_not_read_for_a_minute_is_critical_until_it_is_shown() {
    let mut play = Play::new(false);
    for second in [0, 60] {
        play.at(second, &["poll"]);
        play.check(Input::Polled(Err(failing::down())), &[]);
        assert_eq!(play.critical(), [""; 0], "second {second}");
    }
    play.at(66, &["poll"]);
    play.check(Input::Polled(Err(failing::down())), &[]);
    let [silence] = play.critical().try_into().unwrap();
    assert!(silence.contains("not been read for over a minute, so no access ends: "), "{silence}");
    assert!(play.schedule.unread().is_some());

    // Somebody else's read tells as much.
    play.show(&[], &[]);
    assert_eq!(play.critical(), [""; 0]);
    play.at(130, &["poll"]);
    play.check(Input::Polled(Err(failing::down())), &[]);
    assert_eq!(play.critical(), [""; 0], "64 s after it was shown");
    play.at(135, &["poll"]);
    play.check(Input::Polled(Err(failing::down())), &[]);
    assert_eq!(play.critical().len(), 1);
    play.at(140, &["poll"]);
    play.check(Input::Polled(Ok(None)), &[]);
    assert_eq!(play.critical(), [""; 0]);
}

#[test]
fn what_has_ended_before_the_start_is_made_up_for() {
    let mut play = Play::new(false);
    play.check(Input::Clock, &["poll"]);
    play.show(&[("ada", -600), ("bob", -5), ("cyd", 600)], &["ada", "bob"]);
}

#[test]
fn an_end_is_carried_out_when_it_comes() {
    let mut play = Play::seeing(&[("ada", 20), ("bob", 30)], &[]);
    play.at(20 - SURELY, &[]);
    play.wait(20 + SURELY, &["ada"]);
    play.answer("ada", 20, Ok(()));
    play.show(&[("bob", 30)], &[]);
    play.wait(30 + SURELY, &["bob"]);
}

#[test]
fn an_end_that_a_grant_wrote_is_known_before_the_next_poll() {
    let mut play = Play::seeing(&[], &[]);
    play.at(10, &[]);
    play.show(&[("ada", 12)], &[]);
    play.wait(12 + SURELY, &["ada"]);
}

#[test]
fn a_renewal_and_a_removal_end_the_waiting() {
    let mut play = Play::seeing(&[("ada", 20), ("bob", 20)], &[]);
    play.at(10, &[]);
    play.show(&[("ada", 45)], &[]);
    play.at(20 + SURELY, &[]);
    play.wait(45 + SURELY, &["ada"]);
}

#[test]
fn an_older_text_that_is_seen_late_changes_nothing() {
    let mut play = Play::seeing(&[], &[]);
    play.at(10, &[]);
    let older = play.after(5).at;
    play.show(&[("ada", 40)], &[]);
    let (text, ends) = (play.text(), play.ends(&[("ada", 1)]));
    play.check(Input::Seen { at: older, text, ends: Ok(ends) }, &[]);
    play.wait(40 + SURELY, &["ada"]);
}

#[test]
fn what_was_carried_out_is_not_repeated_before_the_next_poll_shows_it() {
    let mut play = Play::seeing(&[("ada", -5)], &["ada"]);
    play.answer("ada", -5, Ok(()));
    play.at(30, &[]);
    play.wait(60, &["poll"]);
    // Nothing was written after all, as in a dry run.
    play.check(Input::Polled(Ok(Some(Shown::default()))), &["ada"]);
}

/// A poll has shown that these members have lost their end.
fn shown(members: &[&str]) -> Input {
    let vanished = members.iter().map(|member| (Known::new(member), vanished(member))).collect();
    Input::Polled(Ok(Some(Shown { vanished, ..Shown::default() })))
}

fn vanished(member: &str) -> Vanished {
    let lease = Lease { until: Timestamp::from_second(1_900_000_000).unwrap(), by: None };
    let list = ListId::Group("group:eng".to_owned());
    Vanished { member: Member::new(list, member), text: member.to_owned(), lease }
}

#[test]
fn an_end_that_vanished_is_told_when_a_second_read_shows_it_too() {
    let mut play = Play::seeing(&[], &[]);
    play.wait(60, &["poll"]);
    play.check(shown(&["ada"]), &[]);
    assert_eq!(play.critical(), [""; 0]);
    play.wait(65, &["poll"]);
    play.check(shown(&["ada"]), &["tell ada"]);
    assert_eq!(play.critical().len(), 1);
    play.wait(125, &["poll"]);
    play.check(shown(&["ada"]), &[]);
    play.wait(185, &["poll"]);
    play.check(Input::Polled(Ok(Some(Shown::default()))), &[]);
    assert_eq!(play.critical(), [""; 0]);
}

#[test]
fn an_end_that_vanished_is_put_back_where_that_is_wanted() {
    let mut play = Play::new(true);
    play.check(Input::Clock, &["poll"]);
    play.check(shown(&["ada"]), &[]);
    play.wait(5, &["poll"]);
    play.check(shown(&["ada"]), &["tell ada", "restore ada"]);
    play.wait(65, &["poll"]);
    play.check(shown(&["ada"]), &[]);
    play.check(Input::Restored(vanished("ada").member), &[]);
    play.wait(125, &["poll"]);
    play.check(shown(&["ada"]), &["restore ada"]);
}

#[test]
fn an_end_that_has_passed_is_told_and_not_put_back() {
    let mut play = Play::new(true);
    play.check(Input::Clock, &["poll"]);
    let late = || {
        let lease = Lease { until: Timestamp::from_second(1_800_000_003).unwrap(), by: None };
        let shown = vec![(Known::new("ada"), Vanished { lease, ..vanished("ada") })];
        Input::Polled(Ok(Some(Shown { vanished: shown, ..Shown::default() })))
    };
    play.check(late(), &[]);
    play.wait(5, &["poll"]);
    play.check(late(), &["tell ada"]);
    assert_eq!(play.critical().len(), 1);
}

#[test]
fn a_text_that_is_no_policy_is_told_and_takes_nothing_back() {
    let mut play = Play::seeing(&[("ada", -30), ("bob", 20)], &["ada"]);
    play.answer("ada", -30, Err(failing::refused()));
    play.wait(22, &["bob"]);
    play.answer("bob", 20, Ok(()));
    play.wait(60, &["poll", "ada"]);
    play.answer("ada", -30, Err(failing::refused()));
    play.check(shown(&["cyd"]), &["bob"]);
    play.wait(65, &["poll"]);
    play.check(shown(&["cyd"]), &["tell cyd"]);
    let known = play.critical();
    assert_eq!(known.len(), 2, "{known:?}");

    let at = play.now().at;
    let (text, ends) = (play.text(), Err("line 3: a stray word".into()));
    play.check(Input::Seen { at, text, ends }, &["ada"]);
    play.answer("ada", -30, Err(failing::refused()));
    play.check(Input::Polled(Ok(None)), &[]);
    let [unread, others @ ..] = &play.critical()[..] else { panic!("nothing is critical") };
    assert!(unread.contains("cannot be read, so no access ends: line 3: a stray word"), "{unread}");
    assert_eq!(others.len(), 2, "{others:?}");
    assert_eq!(others[1], known[1]);

    play.show(&[], &[]);
    play.check(shown(&[]), &[]);
    assert_eq!(play.critical(), [""; 0]);
}

#[test]
fn many_ends_at_once_are_carried_out_together() {
    let mut play = Play::seeing(&[("ada", 20), ("bob", 20), ("cyd", 21)], &[]);
    play.at(21 + SURELY, &["ada", "bob", "cyd"]);
    play.answer("bob", 20, Err(failing::refused()));
    play.answer("ada", 20, Ok(()));
    assert_eq!(play.critical().len(), 1);
}

impl Play {
    /// The clock goes on to `second`; polls that come due show the same text again.
    #[track_caller]
    fn poll_until(&mut self, second: i64) {
        while self.second < second {
            self.second += 1;
            if !self.handle(Input::Clock).is_empty() {
                self.check(Input::Polled(Ok(Some(Shown::default()))), &[]);
            }
        }
    }
}
