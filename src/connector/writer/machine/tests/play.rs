//! A stage for the machine: a simulated service and a clock, played line by line.
//!
//! Each line of a script is an input and, after `->`, the outputs it must have, in order:
//!
//! ```text
//! grant eng ada          -> read          somebody asks; the tickets are 1, 2, …
//! revoke eng ada,old     -> …             somebody of two spellings
//! lease eng ada 10 / end eng ada 10 / restore eng ada 10      with an end, or of what has passed by then; a
//!                                         member that ends is `ada@10` (the end's seconds are a calendar's,
//!                                         which has nothing to do with the clock of the script); `acl:a` in
//!                                         place of `eng` is an ACL rule with the pin `a`
//! revoke eng ada until 5 -> …             with a deadline in seconds from the beginning (else 120)
//! lease eng ada 10 ending 5 -> …          whose end has passed after 5 seconds of the script's clock
//! gone 1                                  the caller of ticket 1 leaves
//! read                   -> write eng=ada the read under way ends with the policy as it is
//! read old / read untagged / read down / read limited 3 / read forbidden
//! loaded 5 / served 5                     a load, or somebody else, has begun a read then, which was answered
//! edit eng=bob                            somebody else edits the policy
//! 200 / 412 / 400 WORDS / 429 3 / 403 / 401 / unsent / unrecorded      how the write under way ends
//! 500 / timeout / timeout stored          it is lost; 500 leaves the text alone
//! land                                    a write that was lost is carried out now, if its tag still is
//! foreseen / foreseen bad 2 3 / foreseen undecided 4 / foreseen broken WORDS      what a policy with the
//!                                         word `tests` is asked for before a write (`foresee 1 2`), by a
//!                                         load of people and devices that began just then
//! outdated 5 bad 2                        the same by a load that began after so many seconds; what is asked
//!                                         for because of it is `foresee 2 afresh`, or with little time
//!                                         `foresee 2 within 0.5`
//! unsurveyed                              people and devices cannot be read in time
//! accepted / rejected WORDS / undecided   the judgement under way ends
//! at 30                                   the clock, in seconds from the beginning
//! meanwhile 30                            it is so late, but the machine was not told
//! drain / cut off
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderValue;
use jiff::Timestamp;

use crate::connector::writer::answer::{Answer, Done};
use crate::connector::writer::foresight::{Foresight, SURVEY, Survey};
use crate::connector::writer::machine::{Input, Limits, Machine, Output, Posted, Request};
use crate::connector::writer::{Origin, Wanted};
use crate::connector::{Error, Unavailable};
use crate::policy::assertion::Failure;
use crate::policy::{Intent, Item, Lease, ListId, Policy, Rejection, Section, Wish, parse};
use crate::tailscale::{ETag, PolicyFile, Verdict};

/// Request timeout and settling time together.
pub(super) const LIFETIME: Duration = Duration::from_mins(1);

/// Settling time.
pub(super) const SETTLE: Duration = Duration::from_secs(30);

/// The last word of a policy that has tests.
pub(super) const TESTS: &str = "tests";

/// Plays a script on a policy, such as `eng=ada,bob ops=`.
#[track_caller]
pub(super) fn play(policy: &str, script: &str) {
    let mut play = Play::new(policy);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.split_once("->").unwrap_or((line, ""));
        let found = play.step(input.trim());
        assert_eq!(found, expected.trim(), "after {line:?} in:\n{script}");
    }
}

/// A machine, the policy and the clock.
pub(super) struct Play {
    machine: Machine,
    began: Instant,
    now: Instant,
    policy: String,
    before: String,
    written: Option<(String, String)>,
    lost: Option<(String, String)>,
}

impl Play {
    pub(super) fn new(policy: &str) -> Self {
        let limits = Limits { grants: 3, lifetime: LIFETIME, settle: SETTLE };
        let began = Instant::now();
        Self {
            machine: Machine::new("example.com".to_owned(), limits, fastrand::Rng::with_seed(7)),
            began,
            now: began,
            policy: policy.to_owned(),
            before: policy.to_owned(),
            written: None,
            lost: None,
        }
    }

    /// One input; its outputs, joined by `, `.
    pub(super) fn step(&mut self, input: &str) -> String {
        let (verb, rest) = input.split_once(' ').unwrap_or((input, ""));
        let input = match verb {
            "grant" | "revoke" | "lease" | "end" | "restore" => self.submission(verb, rest),
            "gone" => Input::Abandon(rest.parse().unwrap()),
            "read" => Input::Read(self.read(rest)),
            "loaded" => {
                let begun = self.began + Duration::from_secs_f64(rest.parse().unwrap());
                Input::Loaded(file(&self.policy), begun)
            }
            "edit" => {
                self.change_policy(rest.to_owned());
                return String::new();
            }
            "land" => {
                let (tag, text) = self.lost.clone().unwrap();
                if tag == self.policy {
                    self.change_policy(text);
                }
                return String::new();
            }
            "served" => Input::Served(self.began + Duration::from_secs_f64(rest.parse().unwrap())),
            "foreseen" => Input::Foreseen(Foresight { surveyed: Some(self.now), ..foresight(rest) }),
            "outdated" => {
                let (seconds, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let surveyed = Some(self.began + Duration::from_secs_f64(seconds.parse().unwrap()));
                Input::Foreseen(Foresight { surveyed, ..foresight(rest) })
            }
            "unsurveyed" => Input::Unsurveyed,
            "accepted" => Input::Judged(Ok(Verdict::Accepted)),
            "undecided" => Input::Judged(Err(down())),
            "rejected" => Input::Judged(Ok(Verdict::Refused(rest.to_owned()))),
            "at" => {
                self.now = self.began + Duration::from_secs_f64(rest.parse().unwrap());
                Input::Clock
            }
            "meanwhile" => {
                self.now = self.began + Duration::from_secs_f64(rest.parse().unwrap());
                return String::new();
            }
            "drain" => Input::Drain,
            "cut" => Input::CutOff,
            _ => Input::Posted(self.posted(verb, rest)),
        };
        let outputs = self.machine.handle(self.now, input);
        let words: Vec<String> = outputs.into_iter().filter_map(|output| self.word(output)).collect();
        words.join(", ")
    }

    fn submission(&mut self, verb: &str, rest: &str) -> Input {
        let mut words = rest.split(' ');
        let list = list(words.next().unwrap());
        let names = words.next().unwrap();
        let text = login(names);
        let wish = match verb {
            "grant" => Wish::Add { text },
            "lease" => Wish::Lease { text, lease: lease(words.next().unwrap()) },
            "end" => Wish::End { text, passed: lease(words.next().unwrap()).until },
            "restore" => Wish::Restore { text, lease: lease(words.next().unwrap()) },
            _ => Wish::Remove { texts: names.split(',').map(login).collect(), person: None },
        };
        let times: Vec<&str> = words.collect();
        let time = |key| {
            let told = times.chunks(2).find(|told| told[0] == key);
            told.map(|told| self.began + Duration::from_secs_f64(told[1].parse().unwrap()))
        };
        let wanted = Wanted {
            intent: Intent::new(list, wish),
            origin: Origin::default(),
            deadline: time("until").unwrap_or(self.began + Duration::from_mins(2)),
            ends: time("ending"),
        };
        Input::Submit { ticket: self.machine.ticket(), wanted }
    }

    fn read(&self, how: &str) -> Result<PolicyFile, Error> {
        match how.split_once(' ').unwrap_or((how, "")) {
            ("", _) => Ok(file(&self.policy)),
            ("old", _) => Ok(file(&self.before)),
            ("untagged", _) => Ok(PolicyFile { etag: None, ..file(&self.policy) }),
            ("text", text) => Ok(PolicyFile { text: Bytes::from(text.to_owned()), etag: Some(tag("other")) }),
            ("limited", seconds) => Err(limited(seconds)),
            ("forbidden", _) => Err(forbidden()),
            ("down", _) => Err(down()),
            other => panic!("no such read: {other:?}"),
        }
    }

    fn posted(&mut self, how: &str, rest: &str) -> Posted {
        let (tag, text) = self.written.take().unwrap();
        match (how, rest) {
            ("200", _) => {
                self.change_policy(text);
                Posted::Stored
            }
            ("412", _) => Posted::Stale,
            ("400", words) => Posted::Unacceptable(words.to_owned()),
            ("403", _) => Posted::Refused(forbidden()),
            ("429", seconds) => Posted::Refused(limited(seconds)),
            ("401", _) => Posted::NotSent(forbidden()),
            ("unrecorded", _) => Posted::Unrecorded(unrecorded()),
            ("unsent", _) => Posted::NotSent(down()),
            ("500" | "timeout", rest) => {
                if rest == "stored" {
                    self.change_policy(text.clone());
                }
                self.lost = Some((tag, text));
                Posted::Lost { server_error: how == "500", error: down() }
            }
            other => panic!("no such input: {other:?}"),
        }
    }

    fn change_policy(&mut self, policy: String) {
        self.before = std::mem::replace(&mut self.policy, policy);
    }

    fn word(&mut self, output: Output) -> Option<String> {
        match output {
            Output::Seen(..) => None,
            Output::Send(Request::Read) => Some("read".to_owned()),
            Output::Send(Request::Write { text, etag, .. }) => {
                let text = members(&text);
                let word = format!("write {text}");
                self.written = Some((etag.as_str().to_owned(), text));
                Some(word)
            }
            Output::Send(Request::Foresee { members, survey, patience, .. }) => {
                let mut word = "foresee".to_owned();
                word.extend(members.iter().map(|(ticket, _)| format!(" {ticket}")));
                match survey {
                    Survey::Needless => word.push_str(" by the text"),
                    Survey::Recent => {}
                    Survey::BegunAfter(earliest) => {
                        assert_eq!(earliest, self.now);
                        word.push_str(" afresh");
                    }
                }
                if patience < SURVEY {
                    word.extend([" within ".to_owned(), patience.as_secs_f64().to_string()]);
                }
                Some(word)
            }
            Output::Send(Request::Validate { text }) => Some(format!("judge {}", members(&text))),
            Output::Reply(ticket, answer) => Some(format!("{ticket}: {}", answer_word(&answer))),
        }
    }
}

fn answer_word(answer: &Answer) -> String {
    match answer {
        Answer::Done(Done::Written) => "written".to_owned(),
        Answer::Done(Done::Held) => "held".to_owned(),
        Answer::Impossible(_) => "impossible".to_owned(),
        Answer::Foreseen(rejection) => rejection.message.clone(),
        Answer::Rejected(words) => format!("rejected ({words})"),
        Answer::Broken(words) => format!("broken ({words})"),
        Answer::Unproved(_) => "unproved".to_owned(),
        Answer::Failed(Error::Credential { .. }) => "credential".to_owned(),
        Answer::Failed(Error::Invalid(_)) => "ended".to_owned(),
        Answer::Failed(Error::RateLimited { retry_after, .. }) => format!("limited for {retry_after:?}"),
        Answer::Failed(Error::Unavailable { reason: Unavailable::Journal, .. }) => "unrecorded".to_owned(),
        Answer::Failed(Error::Unavailable { message, .. }) => {
            let late = message.split_once(" before the deadline");
            late.map_or("upstream", |(why, _)| why).to_owned()
        }
        Answer::Failed(_) => "failed".to_owned(),
        Answer::Contended => "contended".to_owned(),
        Answer::OutcomeUnknown => "unknown".to_owned(),
        Answer::QueueFull(_) => "queue full".to_owned(),
        Answer::Draining => "draining".to_owned(),
    }
}

/// What tickets are foreseen to be, such as `bad 2 3`.
pub(super) fn foresight(told: &str) -> Foresight {
    let (what, rest) = told.split_once(' ').unwrap_or((told, ""));
    let tickets = || rest.split(' ').map(|ticket| ticket.parse().unwrap());
    let mut foresight = Foresight::default();
    match what {
        "" => {}
        "bad" => foresight.offenders = tickets().map(|ticket| (ticket, rejection("breaks a test"))).collect(),
        "undecided" => foresight.undecided = tickets().collect(),
        "broken" => foresight.broken = Some(rejection(rest)),
        other => panic!("no such foresight: {other:?}"),
    }
    foresight
}

fn rejection(message: &str) -> Rejection {
    let text = file(TESTS).text;
    let document = parse(&text).unwrap();
    let position = Policy::read(&document).unwrap().tests[0].position;
    let failure = Failure {
        section: "tests",
        index: 0,
        position,
        source: login("ada"),
        errors: vec!["why".to_owned()],
        certain: true,
    };
    Rejection { status: 400, message: message.to_owned(), position, failures: vec![failure], certain: true }
}

pub(super) fn login(name: &str) -> String {
    format!("{name}@example.com")
}

fn list(name: &str) -> ListId {
    if name.starts_with("acl:") {
        ListId::Rule(Section::Acls, name.to_owned())
    } else {
        ListId::Group(format!("group:{name}"))
    }
}

/// The policy text of `acl:a=ada eng=ada,bob ops= tests`, with that as its tag.
pub(super) fn file(policy: &str) -> PolicyFile {
    let (mut rules, mut groups) = (Vec::new(), Vec::new());
    for list in policy.split_whitespace().filter(|word| *word != TESTS) {
        let (name, members) = list.split_once('=').unwrap();
        let members = members.split(',').filter(|name| !name.is_empty());
        let members = members.map(element).collect::<Vec<_>>().join(", ");
        match name.strip_prefix("acl:") {
            Some(pin) => {
                let rule = format!(
                    "\n  // tailgrant: id={pin}\n  {{\"src\": [{members}], \"dst\": [\"{pin}:1\"]}},"
                );
                rules.push(rule);
            }
            None => groups.push(format!("  \"group:{name}\": [{members}],\n")),
        }
    }
    let tests = if policy.ends_with(TESTS) { r#", "tests": [{"src": "ada@example.com"}]"# } else { "" };
    let (rules, groups) = (rules.concat(), groups.concat());
    let text = format!("{{\"groups\": {{\n{groups}}}, \"acls\": [{rules}]{tests}}}\n");
    PolicyFile { text: text.into(), etag: Some(tag(policy)) }
}

/// A member as it stands in an array; of `ada@10` with its end.
fn element(member: &str) -> String {
    match member.split_once('@') {
        None => format!("{:?}", login(member)),
        Some((name, end)) => format!("{:?} /* tailgrant: until={} */", login(name), lease(end).until),
    }
}

fn lease(seconds: &str) -> Lease {
    Lease { until: Timestamp::from_second(seconds.parse().unwrap()).unwrap(), by: None }
}

fn tag(text: &str) -> ETag {
    ETag::from_header(&HeaderValue::from_str(text).unwrap()).unwrap()
}

pub(super) fn members(text: &[u8]) -> String {
    let document = parse(text).unwrap();
    let policy = Policy::read(&document).unwrap();
    let named = |item: &Item<'_>| {
        let name = item.text.split('@').next().unwrap();
        match Lease::of(&item.directives()) {
            Some(lease) => format!("{name}@{}", lease.until.as_second()),
            None => name.to_owned(),
        }
    };
    let groups = policy.groups.iter().map(|group| {
        let members: Vec<String> = group.items().map(named).collect();
        (group.name.trim_start_matches("group:").to_owned(), members)
    });
    let rules = policy.rules.iter().map(|rule| (rule.id.clone(), rule.source_items().map(named).collect()));
    let lists: BTreeMap<String, Vec<String>> = rules.chain(groups).collect();
    let mut words: Vec<String> =
        lists.into_iter().map(|(name, members)| format!("{name}={}", members.join(","))).collect();
    words.extend((!policy.tests.is_empty()).then(|| TESTS.to_owned()));
    words.join(" ")
}

pub(super) fn down() -> Error {
    unavailable(Unavailable::Upstream)
}

fn unrecorded() -> Error {
    unavailable(Unavailable::Journal)
}

fn unavailable(reason: Unavailable) -> Error {
    Error::Unavailable { tailnet: "example.com".to_owned(), reason, message: String::new(), cause: None }
}

pub(super) fn limited(seconds: &str) -> Error {
    let retry_after = Duration::from_secs_f64(seconds.parse().unwrap());
    Error::RateLimited { tailnet: "example.com".to_owned(), retry_after }
}

fn forbidden() -> Error {
    let cause = crate::tailscale::Error::Settings("forbidden".to_owned());
    Error::Credential {
        tailnet: "example.com".to_owned(),
        needs: "policy_file".to_owned(),
        cause: std::sync::Arc::new(cause),
    }
}
