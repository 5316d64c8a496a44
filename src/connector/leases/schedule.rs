//! When the policy is read for ends, and which ends are carried out when; without I/O or a clock.

mod failing;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use self::failing::Failing;
use super::ends::{End, Ends, Member};
use super::sightings::Reading;
use super::vanished::{Shown, Vanished, Watch};
use crate::connector::pace::LONGEST_LIMIT;
use crate::connector::{Error, with_causes};
use crate::policy::ListId;

/// How soon after a read that failed, or whose outcome is to be looked at twice, another one begins.
const REREAD: Duration = Duration::from_secs(5);

/// Up to so many milliseconds after its end an access is left to another replica, so that not all come at once.
const MOST_PATIENCE_MS: i64 = 1_000;

/// A moment by both clocks: the runtime's, which only goes forward, and the wall's, which ends are written in.
#[derive(Clone, Copy, Debug)]
pub(in crate::connector) struct Now {
    pub(in crate::connector) at: Instant,
    pub(in crate::connector) wall: Timestamp,
}

/// What the schedule is told.
#[derive(Debug)]
pub(in crate::connector) enum Input {
    /// [`Schedule::wake_at`] may have come.
    Clock,
    /// The policy had this text at a time or later.
    Seen { at: Instant, text: Bytes, ends: Reading },
    /// The read that was asked for ended: well, and what the text shows of known leases (nothing where it is no
    /// policy), or badly.
    Polled(Result<Option<Shown>, Error>),
    /// The attempt at an end has an outcome: it is carried out, or why not.
    Answered { end: End, outcome: Result<(), Error> },
    /// The attempt to put an end back has an outcome.
    Restored(Member),
}

/// What the schedule wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connector) enum Output {
    /// Read the policy. [`Input::Seen`] comes before [`Input::Polled`], or soon after it.
    Poll,
    /// Carry out an end; `passed` is now.
    End { end: End, passed: Timestamp },
    /// Tell somebody.
    Tell(Vanished),
    /// Put an end back.
    Restore(Vanished),
}

/// State of one tailnet's leases.
#[derive(Debug)]
pub(in crate::connector) struct Schedule {
    interval: Duration,
    chance: fastrand::Rng,
    poll_at: Instant,
    polling: bool,
    /// Ends are carried out so long after they have come.
    patience: SignedDuration,
    seen: Option<(Instant, Bytes)>,
    /// Of the newest text that is a policy.
    ends: Arc<Ends>,
    /// Why the newest text is none.
    unread: Option<Arc<str>>,
    /// When the service last showed a text, or was first asked for one.
    answered_at: Instant,
    /// Why it has shown none for longer than ends may be late.
    silence: Option<Arc<str>>,
    /// Attempts under way.
    under_way: HashSet<Member>,
    /// What was carried out and need not be done again before the policy is read.
    done: HashMap<Member, Timestamp>,
    failing: BTreeMap<Member, Failing>,
    /// Ends that vanished are put back.
    restores: bool,
    watch: Watch,
    restoring: HashSet<Member>,
}

impl Schedule {
    /// The first poll is due at once.
    pub(in crate::connector) fn new(
        interval: Duration,
        restores: bool,
        start: Instant,
        mut chance: fastrand::Rng,
    ) -> Self {
        Self {
            interval,
            poll_at: start,
            polling: false,
            patience: patience(&mut chance),
            chance,
            seen: None,
            ends: Arc::default(),
            unread: None,
            answered_at: start,
            silence: None,
            under_way: HashSet::new(),
            done: HashMap::new(),
            failing: BTreeMap::new(),
            restores,
            watch: Watch::default(),
            restoring: HashSet::new(),
        }
    }

    /// Takes in what happened; returns what is to be told and put back because of it. What else is to be done
    /// is asked for [afterwards](Schedule::due).
    pub(in crate::connector) fn note(&mut self, now: Now, input: Input) -> Vec<Output> {
        match input {
            Input::Clock => {}
            Input::Seen { at, text, ends } => self.seen(now, at, text, ends),
            Input::Polled(outcome) => return self.polled(now, outcome),
            Input::Answered { end, outcome } => self.answered(now, end, outcome),
            Input::Restored(member) => {
                self.restoring.remove(&member);
            }
        }
        Vec::new()
    }

    /// The reads and ends that are due now. Looks at each end: to be asked once for all that was noted.
    pub(in crate::connector) fn due(&mut self, now: Now) -> Vec<Output> {
        let mut outputs = Vec::new();
        if !self.polling && self.poll_at <= now.at {
            self.polling = true;
            self.poll_at = now.at + self.interval.mul_f64(0.9 + self.chance.f64() / 10.0);
            self.patience = patience(&mut self.chance);
            outputs.push(Output::Poll);
        }
        let passed = now.wall;
        let has_come = |end: &&End| {
            !self.left(end, now).is_positive()
                && self.failing_at(end).is_none_or(|failing| failing.again_at() <= now.at)
        };
        let ends = self.ends.members.iter().filter(|end| self.is_open(end)).filter(has_come);
        let ends: Vec<End> = ends.cloned().collect();
        self.under_way.extend(ends.iter().map(|end| end.member.clone()));
        outputs.extend(ends.into_iter().map(|end| Output::End { end, passed }));
        outputs
    }

    /// When [`Input::Clock`] is due, if nothing else happens. Right for as long as the wall's clock is not
    /// set; after that, from the next poll on.
    pub(in crate::connector) fn wake_at(&self, now: Now) -> Option<Instant> {
        let poll = Some(self.poll_at).filter(|_| !self.polling);
        let ends = self.ends.members.iter().filter(|end| self.is_open(end)).map(|end| {
            let again = self.failing_at(end).map(Failing::again_at);
            let left = Duration::try_from(self.left(end, now)).unwrap_or_default();
            let come = now.at.checked_add(left).unwrap_or(self.poll_at);
            again.map_or(come, |again| again.max(come))
        });
        poll.into_iter().chain(ends).min()
    }

    /// What stays although it should have ended, for people.
    pub(super) fn critical(&self) -> impl Iterator<Item = String> {
        let unread = self.unread.iter().map(|reason| {
            format!(
                "the policy file cannot be read, so no access ends: {reason}; repair it in the admin console"
            )
        });
        let silence = self.silence.iter().map(|reason| {
            format!("the policy file has not been read for over a minute, so no access ends: {reason}")
        });
        let failing = self.failing.values().map(Failing::words);
        unread.chain(silence).chain(failing).chain(self.watch.known().map(Vanished::words))
    }

    /// How much that is, without a word about it.
    pub(super) fn critical_count(&self) -> usize {
        let unread = [&self.unread, &self.silence].into_iter().flatten().count();
        unread + self.failing.len() + self.watch.known().len()
    }

    /// Why there is no policy to be read, if there is none.
    pub(super) fn unread(&self) -> Option<&Arc<str>> {
        self.silence.as_ref().or(self.unread.as_ref())
    }

    /// Ends that are written and do not count, for people.
    pub(super) fn unreadable(&self) -> &[String] {
        &self.ends.unreadable
    }

    fn polled(&mut self, now: Now, outcome: Result<Option<Shown>, Error>) -> Vec<Output> {
        self.polling = false;
        self.done.clear();
        let soon = now.at + REREAD.min(self.interval);
        let shown = match outcome {
            Err(error) => {
                let pause = match error {
                    Error::RateLimited { retry_after, .. } => retry_after.min(LONGEST_LIMIT),
                    _ => Duration::ZERO,
                };
                self.poll_at = self.poll_at.min(soon).max(now.at + pause);
                if now.at.saturating_duration_since(self.answered_at) > self.interval + REREAD {
                    self.silence = Some(with_causes(&error).into());
                }
                return Vec::new();
            }
            Ok(shown) => shown,
        };
        self.shown_at(now.at);
        // The service answers again.
        for failing in self.failing.values_mut().filter(|failing| failing.passes()) {
            failing.try_at(now.at);
        }
        // Where the text is no policy, what is known stays so until one shows the opposite.
        let Some(shown) = shown else { return Vec::new() };
        let told = self.watch.polled(shown).into_iter().map(Output::Tell);
        let mut outputs: Vec<Output> = told.collect();
        if self.watch.is_unsure() {
            self.poll_at = self.poll_at.min(soon);
        }
        if self.restores {
            // An end that has passed would take away what somebody may have granted anew.
            let known = self.watch.known().filter(|it| it.lease.until > now.wall);
            let idle = known.filter(|it| self.restoring.insert(it.member.clone())).cloned();
            outputs.extend(idle.map(Output::Restore));
        }
        outputs
    }

    fn seen(&mut self, now: Now, at: Instant, text: Bytes, ends: Reading) {
        if self.seen.as_ref().is_some_and(|(newest, _)| *newest > at) {
            return;
        }
        self.shown_at(at);
        let changed = self.seen.as_ref().is_none_or(|(_, known)| *known != text);
        self.seen = Some((at, text));
        if !changed {
            return;
        }
        self.unread = ends.as_ref().err().cloned();
        if let Ok(ends) = ends {
            let standing: HashMap<&Member, Timestamp> =
                ends.members.iter().map(|end| (&end.member, end.until)).collect();
            self.failing.retain(|member, failing| standing.get(member) == Some(&failing.end().until));
            self.ends = ends;
        }
        for failing in self.failing.values_mut() {
            failing.try_at(now.at);
        }
    }

    /// The service has shown a text.
    fn shown_at(&mut self, at: Instant) {
        self.answered_at = self.answered_at.max(at);
        self.silence = None;
    }

    fn answered(&mut self, now: Now, end: End, outcome: Result<(), Error>) {
        self.under_way.remove(&end.member);
        let before = self.failing.remove(&end.member).filter(|failing| failing.end().until == end.until);
        match outcome {
            Ok(()) => {
                self.done.insert(end.member, end.until);
            }
            Err(error) if self.ends.has(&end) => {
                let member = end.member.clone();
                self.failing
                    .insert(member, Failing::new(end, &error, before.as_ref(), now.at, self.interval));
            }
            // It has gone, or was renewed meanwhile.
            Err(_) => {}
        }
    }

    /// Whether an end is neither carried out nor about to be.
    fn is_open(&self, end: &End) -> bool {
        !self.under_way.contains(&end.member) && self.done.get(&end.member) != Some(&end.until)
    }

    /// Time until an end is carried out.
    fn left(&self, end: &End, now: Now) -> SignedDuration {
        end.until.duration_since(now.wall).saturating_add(self.patience)
    }

    fn failing_at(&self, end: &End) -> Option<&Failing> {
        self.failing.get(&end.member).filter(|failing| failing.end().until == end.until)
    }
}

/// A list in words.
pub(super) fn words(list: &ListId) -> String {
    match list {
        ListId::Group(_) => format!("{list}"),
        ListId::TagOwners(_) => format!("the owners of {list}"),
        ListId::Rule(..) => format!("rule {list}"),
    }
}

fn patience(chance: &mut fastrand::Rng) -> SignedDuration {
    SignedDuration::from_millis(chance.i64(0..=MOST_PATIENCE_MS))
}

#[cfg(test)]
mod tests;
