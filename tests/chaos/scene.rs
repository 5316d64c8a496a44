//! A sandbox in this process, replicas as processes, and what is told by all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tailgrant::sandbox::{self, Author, Sandbox};
use tokio::sync::watch;
use tonic::transport::Channel;

use crate::checker::{Answer, By, Call, Event, History, Op, Run, Store, Stored};
use crate::client::{Patience, Told, ask};
use crate::daemon::{Daemon, Manner, TOKENS, replica_of};
use crate::roles::{Known, RoleCall, RoleSet, RoleStep};
use crate::tailnet::{LISTS, entitlement, id_of, login};

/// How far two times of a history may be apart that mean the same moment: a millisecond has two ends.
const SLACK: u64 = 2;

/// How far the clock of the wall may be from the history's, beyond that.
const CLOCKS: u64 = 20;

/// How the end of a lease is written.
pub(crate) const END: &str = "tailgrant: until=";

/// Sandbox, replicas and record of a run.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    store: Store,
    directory: PathBuf,
    manner: Manner,
    /// Unix time at the beginning.
    epoch: Duration,
    /// Where each replica can be reached; nothing while it is down.
    replicas: Vec<watch::Sender<Option<Channel>>>,
    /// How many calls have ended.
    ended: watch::Sender<u64>,
    calls: AtomicU64,
    record: Mutex<Record>,
}

/// What happened, beside what was stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    calls: BTreeMap<u64, Call>,
    lives: Vec<Event>,
    /// From when to when a replica was down: from the signal until its successor could be called.
    downs: Vec<(u32, u64, u64)>,
    role_calls: Vec<RoleCall>,
    /// Connections that broke.
    cuts: Vec<Cut>,
    /// Refusals of what is asked for in good order.
    odd: Vec<String>,
    /// Answers by their word.
    pub(crate) answers: BTreeMap<String, u64>,
    /// Those to calls about roles.
    pub(crate) role_answers: BTreeMap<String, u64>,
}

/// A connection that broke during a call.
#[derive(Clone, Debug)]
struct Cut {
    replica: u32,
    called: u64,
    heard: u64,
    what: String,
}

/// A replica that can be called.
struct Reached {
    replica: u32,
    at: u64,
    channel: Channel,
    next: watch::Receiver<Option<Channel>>,
}

impl Scene {
    /// Starts a sandbox for so many replicas, which write into `directory`.
    pub(crate) async fn set(
        settings: sandbox::Settings,
        (replicas, manner): (u32, Manner),
        directory: &Path,
    ) -> Self {
        let store = match settings.store {
            sandbox::Store::Verbatim => Store::Verbatim,
            sandbox::Store::Formatted => Store::Formatted,
        };
        let settings = sandbox::Settings { history: 100_000, ..settings };
        let sandbox = Sandbox::start(settings).await.unwrap();
        Self {
            epoch: epoch(&sandbox),
            store,
            directory: directory.to_owned(),
            manner,
            sandbox,
            replicas: (0..replicas).map(|_| watch::Sender::new(None)).collect(),
            ended: watch::Sender::new(0),
            calls: AtomicU64::new(0),
            record: Mutex::default(),
        }
    }

    /// Milliseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.sandbox.elapsed().as_millis()).unwrap()
    }

    /// The first whole second, in Unix seconds, that is at least `after` seconds away.
    pub(crate) fn second(&self, after: i64) -> i64 {
        let now = self.epoch + self.sandbox.elapsed();
        i64::try_from(now.as_secs()).unwrap() + i64::from(now.subsec_nanos() > 0) + after
    }

    /// The stored policy.
    pub(crate) fn policy(&self) -> String {
        String::from_utf8(self.sandbox.policy()).unwrap()
    }

    /// How long it takes until all ends of leases have passed that stand in the policy.
    pub(crate) fn until_last_end(&self) -> Option<Duration> {
        let policy = self.policy();
        let ends = policy.split(END).skip(1).filter_map(|rest| rest.split_ascii_whitespace().next());
        let last = ends.filter_map(|end| end.parse::<jiff::Timestamp>().ok()).max()?.as_second();
        let now = self.epoch + self.sandbox.elapsed();
        Duration::from_secs(u64::try_from(last).ok()?).checked_sub(now).filter(|left| !left.is_zero())
    }

    /// Waits until so many calls have ended.
    pub(crate) async fn ended(&self, calls: u64) {
        self.ended.subscribe().wait_for(|ended| *ended >= calls).await.unwrap();
    }

    fn record<T>(&self, write: impl FnOnce(&mut Record) -> T) -> T {
        write(&mut self.record.lock().unwrap())
    }

    /// Starts a replica.
    pub(crate) async fn start(&self, number: u32) -> Daemon {
        let at = self.now();
        self.record(|record| record.lives.push(Event::Started { at, replica: number }));
        let daemon = Daemon::start(number, &self.sandbox.url(), &self.directory, self.manner).await;
        self.replicas[number as usize].send_replace(Some(daemon.channel().await));
        daemon
    }

    /// Waits for the end of a replica that was told or made to end at `since`, and starts it again.
    pub(crate) async fn replace(&self, number: u32, daemon: &mut Daemon, since: u64) {
        daemon.ended().await;
        let at = self.now();
        self.replicas[number as usize].send_replace(None);
        self.record(|record| record.lives.push(Event::Ended { at, replica: number }));
        *daemon = self.start(number).await;
        let to = self.now();
        self.record(|record| record.downs.push((number, since, to)));
    }

    /// Waits until a replica can be called.
    async fn reach(&self, replica: u32) -> Reached {
        let mut next = self.replicas[replica as usize].subscribe();
        let channel = next.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        Reached { replica, at: self.now(), channel, next }
    }

    /// A call has ended: comes back when there is a replica to make the next one.
    async fn leave(&self, mut reached: Reached, told: &Told, call: impl ToString) {
        if told.is_cut() {
            let what = format!("{}: the connection broke: {}", call.to_string(), told.message);
            let cut = Cut { replica: reached.replica, called: reached.at, heard: self.now(), what };
            self.record(|record| record.cuts.push(cut));
        }
        if told.is_cut() || told.is_draining() {
            // The successor comes in a moment. If none does, the connection broke for no good reason, which
            // is told in the end.
            let _ = tokio::time::timeout(Duration::from_secs(10), reached.next.changed()).await;
        }
    }

    /// Makes a call and notes it; comes back when there is a replica to make the next one.
    pub(crate) async fn call(
        &self,
        replica: u32,
        token: usize,
        (op, list, person): (Op, usize, &str),
        patience: Patience,
    ) -> Told {
        let reached = self.reach(replica).await;
        let id = self.calls.fetch_add(1, Ordering::SeqCst);
        let token = TOKENS[token % TOKENS.len()];
        let mut call = Call {
            id,
            replica,
            caller: token.to_owned(),
            op,
            list: LISTS[list].0.to_owned(),
            principal: login(person),
            also: Vec::new(),
            called: self.now(),
            answered: None,
            answer: Answer::Gone,
            due: None,
            again: 0,
        };
        self.record(|record| record.calls.insert(id, call.clone()));
        let id_of_person = id_of(&self.sandbox, person);
        let told = ask(reached.channel.clone(), token, op, entitlement(list), &id_of_person, patience).await;
        (call.answered, call.answer) = (Some(self.now()), told.answer);
        self.record(|record| {
            *record.answers.entry(told.word.clone()).or_default() += 1;
            if is_odd(op, &call.list, &told) {
                record.odd.push(format!("{call}: {}", told.message));
            }
            record.calls.insert(id, call.clone());
        });
        self.ended.send_modify(|ended| *ended += 1);
        self.leave(reached, &told, call).await;
        told
    }

    /// Asks for a change of a role and notes it.
    pub(crate) async fn call_for_role(&self, token: usize, step: RoleStep) {
        let reached = self.reach(step.replica).await;
        let token = TOKENS[token % TOKENS.len()];
        let id_of_person = id_of(&self.sandbox, step.person);
        let mut call = RoleCall { step, called: self.now(), answered: None, answer: Answer::Gone };
        let number = self.record(|record| {
            record.role_calls.push(call.clone());
            record.role_calls.len() - 1
        });
        let channel = reached.channel.clone();
        let told = ask(channel, token, step.op(), step.entitlement(), &id_of_person, step.patience).await;
        (call.answered, call.answer) = (Some(self.now()), told.answer);
        self.record(|record| {
            *record.role_answers.entry(told.word.clone()).or_default() += 1;
            if ["NotFound", "grant_cancelled", "FailedPrecondition", "InvalidArgument"]
                .contains(&told.word.as_str())
            {
                record.odd.push(format!("{call}: {}", told.message));
            }
            record.role_calls[number] = call.clone();
        });
        self.leave(reached, &told, call).await;
    }

    /// What became of roles.
    pub(crate) fn roles(&self) -> Known {
        let people = crate::roles::PEOPLE.map(|person| (id_of(&self.sandbox, person), person));
        let named = |id: String| {
            let known = people.iter().find(|(known, _)| *known == id);
            known.map_or(id, |(_, person)| (*person).to_owned())
        };
        let sets = self.sandbox.role_changes().into_iter().map(|set| RoleSet {
            at: set.milliseconds,
            replica: set.key.as_deref().and_then(replica_of),
            person: named(set.user),
            before: set.before,
            after: set.after,
        });
        let (calls, lives) = self.record(|record| (record.role_calls.clone(), record.lives.clone()));
        let ends = lives.into_iter().filter_map(|event| match event {
            Event::Ended { at, replica } => Some((at, replica)),
            _ => None,
        });
        let lifetime = self.manner.request_lifetime();
        Known { lifetime, slack: SLACK, calls, sets: sets.collect(), ends: ends.collect() }
    }

    /// Everything that happened, and how the service's texts stand beside it.
    pub(crate) fn history(&self, seed: u64) -> (History, Record) {
        let record = self.record(|record| record.clone());
        let mut history = History::new(Run {
            seed,
            store: self.store,
            epoch: i64::try_from(self.epoch.as_millis()).unwrap(),
            lifetime: self.manner.write_lifetime(),
            clock_tolerance: CLOCKS,
            lease_delay: 65_000,
            recovery: 60_000,
            slack: SLACK,
            ordered: false,
            restores: false,
            duration: self.now(),
        });
        history.stored = self.sandbox.history().into_iter().map(stored).collect();
        history.calls = record.calls.values().cloned().collect();
        record.lives.iter().for_each(|event| history.record(event.clone()));
        (history, record)
    }
}

/// Unix time when a sandbox began. Between two looks at clocks the machine may do something else: the closest of
/// several counts.
fn epoch(sandbox: &Sandbox) -> Duration {
    let looks = (0..10).map(|_| {
        let before = sandbox.elapsed();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        (sandbox.elapsed().saturating_sub(before), now.checked_sub(before).unwrap())
    });
    looks.min().unwrap().1
}

fn stored(stored: sandbox::Stored) -> Stored {
    let replica = stored.key.as_deref().and_then(replica_of);
    Stored {
        at: stored.milliseconds,
        by: match stored.by {
            Author::Api => By::Tailgrant { replica, request: None },
            Author::Start | Author::SomebodyElse => By::Foreign,
        },
        tag: stored.after,
        text: stored.text,
    }
}

impl Record {
    /// What callers should not have been told: refusals without a reason, and connections that broke although
    /// nobody touched the replica.
    pub(crate) fn oddities(&self) -> Vec<String> {
        let excused = |cut: &Cut| {
            self.downs
                .iter()
                .any(|(replica, from, to)| *replica == cut.replica && *from <= cut.heard && *to >= cut.called)
        };
        let odd = self.cuts.iter().filter(|cut| !excused(cut)).map(|cut| cut.what.clone());
        let unanswered = self.calls.values().filter(|call| call.answered.is_none()).map(Call::to_string);
        let roles = self.role_calls.iter().filter(|call| call.answered.is_none()).map(RoleCall::to_string);
        odd.chain(self.odd.iter().cloned()).chain(unanswered).chain(roles).collect()
    }
}

/// Whether a refusal has no reason in what was asked: people and lists are there, nothing is malformed. Access
/// that somebody has through a group cannot be revoked, which groups do not have; and an end may have passed on the way.
fn is_odd(op: Op, list: &str, told: &Told) -> bool {
    match told.word.as_str() {
        "NotFound" | "grant_cancelled" => true,
        "FailedPrecondition" => op != Op::Revoke || list.starts_with("group:"),
        "InvalidArgument" => !matches!(op, Op::Lease { .. }),
        _ => false,
    }
}
