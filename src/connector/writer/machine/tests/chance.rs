//! Schedules by chance: a service that loses, delays, refuses and limits, people who edit besides, and
//! callers of whom every answer is checked against what the policy says from then on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::play::{LIFETIME, SETTLE, TESTS, down, file, foresight, limited, login, members};
use crate::connector::Error;
use crate::connector::writer::Origin;
use crate::connector::writer::answer::Answer;
use crate::connector::writer::foresight::{Foresight, Survey};
use crate::connector::writer::machine::{Input, Limits, Machine, Output, Posted, Request};
use crate::connector::writer::queue::Ticket;
use crate::policy::{Intent, ListId, Wish};
use crate::tailscale::{PolicyFile, Verdict};

const PRINCIPALS: [&str; 4] = ["ada", "bob", "cyn", "dan"];
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// One principal of the group.
#[derive(Default)]
struct Principal {
    /// What it is, by the answers so far; `None` after one that was not certain.
    is_member: Option<bool>,
    /// Intents that wait, by ticket, and what they want.
    open: BTreeMap<Ticket, bool>,
    /// Intents that were answered since nothing was open, by ticket, and what each made certain.
    answered: BTreeMap<Ticket, Certainty>,
}

#[derive(Clone, Copy)]
enum Certainty {
    Is(bool),
    AsBefore,
    /// It may have become so, or not.
    Perhaps(bool),
}

impl Certainty {
    /// What is known after it, if so much was known before.
    fn after(self, before: Option<bool>) -> Option<bool> {
        match self {
            Self::Is(is_member) => Some(is_member),
            Self::AsBefore => before,
            Self::Perhaps(is_member) => before.filter(|before| *before == is_member),
        }
    }
}

enum Happens {
    Answer(Input),
    Lands { tag: String, text: String },
}

struct World {
    chance: fastrand::Rng,
    machine: Machine,
    began: Instant,
    now: Instant,
    /// Members of the group, and a word that others change.
    policy: String,
    agenda: Vec<(Instant, Happens)>,
    principals: BTreeMap<&'static str, Principal>,
    /// The last tag that a 412 refused, and how often it may still be read.
    stale: Option<(PolicyFile, u32)>,
    faults: f64,
    /// When each intent was submitted.
    asked: BTreeMap<Ticket, Instant>,
    /// Of when the people and devices are that were judged by last.
    surveyed: Instant,
    answered: BTreeMap<&'static str, usize>,
}

impl World {
    fn new(seed: u64, faults: f64, policy: &str) -> Self {
        let began = Instant::now();
        let limits = Limits { grants: 100, lifetime: LIFETIME, settle: SETTLE };
        Self {
            chance: fastrand::Rng::with_seed(seed),
            machine: Machine::new("example.com".to_owned(), limits, fastrand::Rng::with_seed(seed)),
            began,
            now: began,
            policy: policy.to_owned(),
            agenda: Vec::new(),
            principals: PRINCIPALS.into_iter().map(|name| (name, Principal::default())).collect(),
            stale: None,
            faults,
            asked: BTreeMap::new(),
            surveyed: began,
            answered: BTreeMap::new(),
        }
    }

    fn run(&mut self, until: Duration) {
        while self.now - self.began < until {
            self.check_what_was_promised();
            match self.chance.u8(..16) {
                0..4 => self.somebody_asks(),
                4..8 => self.somebody_edits(),
                8 => self.somebody_leaves(),
                _ => {}
            }
            self.time_passes();
        }
    }

    fn is_member(&self, name: &str) -> bool {
        let group = self.policy.split(' ').next().unwrap().trim_start_matches("eng=");
        group.split(',').any(|member| member == name)
    }

    #[track_caller]
    fn check_what_was_promised(&self) {
        for (name, principal) in &self.principals {
            if let Some(is_member) = principal.is_member.filter(|_| principal.open.is_empty()) {
                assert_eq!(self.is_member(name), is_member, "{name} after {:?}", self.now - self.began);
            }
        }
    }

    fn somebody_asks(&mut self) {
        let name = PRINCIPALS[self.chance.usize(..PRINCIPALS.len())];
        if self.principals[name].open.len() > 1 {
            return;
        }
        let wants = self.chance.bool();
        let mut names = vec![name];
        let wish = if wants {
            Wish::Add { text: login(name) }
        } else {
            let other = PRINCIPALS[self.chance.usize(..PRINCIPALS.len())];
            names.extend((other != name && self.principals[other].open.len() < 2).then_some(other));
            Wish::Remove { texts: names.iter().map(|name| login(name)).collect(), person: None }
        };
        let ticket = self.machine.ticket();
        self.asked.insert(ticket, self.now);
        for name in names {
            self.principals.get_mut(name).unwrap().open.insert(ticket, wants);
        }
        let intent = Intent::new(ListId::Group("group:eng".to_owned()), wish);
        let deadline = self.now + self.up_to(Duration::from_secs(150));
        self.tell(Input::Submit { ticket, intent, origin: Origin::default(), deadline });
    }

    fn somebody_leaves(&mut self) {
        let open: Vec<Ticket> =
            self.principals.values().flat_map(|principal| principal.open.keys().copied()).collect();
        if let Some(&ticket) = self.chance.choice(&open) {
            self.tell(Input::Abandon(ticket));
            self.ended(ticket, Certainty::Perhaps);
        }
    }

    /// Changes the word of others, also back to what it was.
    fn somebody_edits(&mut self) {
        let mut words: Vec<String> = self.policy.split(' ').map(str::to_owned).collect();
        words[1] = format!("others={}", ["", "x", "y"][self.chance.usize(..3)]);
        self.policy = words.join(" ");
    }

    fn time_passes(&mut self) {
        let step = self.now + self.up_to(Duration::from_secs(2));
        let next = self.agenda.iter().map(|(at, _)| *at).chain(self.machine.wake_at()).min();
        self.now = next.map_or(step, |next| next.max(self.now).min(step));
        let now = self.now;
        let due: Vec<_> = self.agenda.extract_if(.., |(at, _)| *at <= now).collect();
        for (_, happens) in due {
            match happens {
                Happens::Answer(input) => self.tell(input),
                Happens::Lands { tag, text } => {
                    if self.policy == tag {
                        self.policy = text;
                    }
                }
            }
        }
        self.tell(Input::Clock);
    }

    fn tell(&mut self, input: Input) {
        for output in self.machine.handle(self.now, input) {
            match output {
                Output::Send(request) => {
                    let answer = self.answer(request);
                    self.agenda.push(answer);
                }
                Output::Reply(ticket, answer) => self.replied(ticket, &answer),
                Output::Seen(text, _) => assert!(!text.is_empty()),
            }
        }
    }

    fn replied(&mut self, ticket: Ticket, answer: &Answer) {
        let word = match answer {
            Answer::Done(_) => "done",
            Answer::OutcomeUnknown => "unknown",
            Answer::Contended | Answer::Failed(_) => "failed",
            Answer::Foreseen(_) => {
                assert!(self.surveyed >= self.asked[&ticket], "{ticket} is judged by what was before");
                "foreseen"
            }
            other => panic!("{other:?}"),
        };
        self.ended(ticket, |wants| match word {
            "done" => Certainty::Is(wants),
            "unknown" => Certainty::Perhaps(wants),
            _ => Certainty::AsBefore,
        });
        *self.answered.entry(word).or_default() += 1;
    }

    /// An intent was answered or its caller left; `certainty` tells what that means, given what it wanted.
    fn ended(&mut self, ticket: Ticket, certainty: impl Fn(bool) -> Certainty) {
        for principal in self.principals.values_mut() {
            let Some(wants) = principal.open.remove(&ticket) else { continue };
            principal.answered.insert(ticket, certainty(wants));
            if principal.open.is_empty() {
                let answered = std::mem::take(&mut principal.answered);
                principal.is_member =
                    answered.into_values().fold(principal.is_member, |before, answer| answer.after(before));
            }
        }
    }

    /// What the service does with a request, and when.
    fn answer(&mut self, request: Request) -> (Instant, Happens) {
        let soon = self.now + self.up_to(Duration::from_secs(1));
        let input = match request {
            Request::Read => Input::Read(self.read()),
            Request::Foresee { members, survey, .. } => {
                let tickets = members.into_iter().map(|(ticket, _)| ticket).collect();
                if self.chance.u8(..100) == 0 {
                    Input::Unsurveyed
                } else {
                    self.surveyed = self.survey(survey);
                    Input::Foreseen(Foresight { surveyed: Some(self.surveyed), ..self.foresee(tickets) })
                }
            }
            Request::Validate { .. } => Input::Judged(Ok(Verdict::Accepted)),
            Request::Write { text, etag, .. } => return self.write(soon, etag.as_str(), &members(&text)),
        };
        (soon, Happens::Answer(input))
    }

    fn read(&mut self) -> Result<PolicyFile, Error> {
        if let Some((file, left @ 1..)) = &mut self.stale {
            *left -= 1;
            return Ok(file.clone());
        }
        if self.strikes() { Err(down()) } else { Ok(file(&self.policy)) }
    }

    /// When the load of people and devices began.
    fn survey(&mut self, survey: Survey) -> Instant {
        match survey {
            Survey::BegunAfter(earliest) => earliest,
            Survey::Recent => {
                let age = self.up_to(Duration::from_secs(20)).min(self.now - self.began);
                self.now.checked_sub(age).unwrap()
            }
            Survey::Needless => self.now,
        }
    }

    /// Some are refused, some cannot be told, and at times nothing is foreseen at all.
    fn foresee(&mut self, tickets: Vec<Ticket>) -> Foresight {
        let mut foreseen = Foresight::default();
        if self.strikes() {
            return foreseen;
        }
        for ticket in tickets {
            match self.chance.u8(..6) {
                0 | 2 => foreseen.offenders.append(&mut foresight(&format!("bad {ticket}")).offenders),
                1 => foreseen.undecided.push(ticket),
                _ => {}
            }
        }
        foreseen
    }

    fn write(&mut self, soon: Instant, tag: &str, text: &str) -> (Instant, Happens) {
        let timed_out = self.now + REQUEST_TIMEOUT;
        let (at, posted) = if self.strikes() {
            let late = self.now + self.up_to(LIFETIME.checked_sub(Duration::from_millis(1)).unwrap());
            let server_error = self.chance.bool();
            let lost = Posted::Lost { server_error, error: down() };
            match self.chance.u8(..4) {
                0 => (soon, Posted::Refused(limited("2"))),
                1 => (soon, lost),
                2 => {
                    self.agenda.push((late, Happens::Lands { tag: tag.to_owned(), text: text.to_owned() }));
                    (if server_error { soon } else { timed_out }, lost)
                }
                _ => {
                    if self.policy == tag {
                        self.policy = text.to_owned();
                    }
                    (if server_error { soon } else { timed_out }, lost)
                }
            }
        } else if self.policy == tag {
            self.policy = text.to_owned();
            self.stale = None;
            (soon, Posted::Stored)
        } else {
            self.stale = Some((file(tag), if self.strikes() { 3 } else { 0 }));
            (soon, Posted::Stale)
        };
        (at, Happens::Answer(Input::Posted(posted)))
    }

    fn strikes(&mut self) -> bool {
        self.chance.f64() < self.faults
    }

    fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.chance.f64())
    }
}

#[test]
fn every_certain_answer_is_true_and_stays_true() {
    let mut answered: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..30 {
        let policy = if seed % 2 == 0 { "eng=bob others=" } else { &format!("eng=bob others= {TESTS}") };
        let mut world = World::new(seed, [0.02, 0.4, 0.8][usize::try_from(seed % 3).unwrap()], policy);
        world.run(Duration::from_mins(10));
        for (word, count) in world.answered {
            *answered.entry(word).or_default() += count;
        }
    }
    // The schedules are worth nothing if they only ever end in one way.
    assert!(answered["done"] > 1_000, "{answered:?}");
    assert!(answered["unknown"] > 100, "{answered:?}");
    assert!(answered["failed"] > 100, "{answered:?}");
    assert!(answered["foreseen"] > 100, "{answered:?}");
}
