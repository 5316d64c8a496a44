//! What a seed decides: how many replicas, what goes wrong, what is asked for, who is killed.

use std::fmt::Write;
use std::time::Duration;

use fastrand::Rng;

use crate::checker::Store;
use crate::client::Patience;
use crate::daemon::Manner;
use crate::roles::{self, OF_ROLES, RoleStep};
use crate::tailnet::{LISTS, PEOPLE};

/// A run before it runs.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) store: Store,
    pub(crate) replicas: u32,
    pub(crate) manner: Manner,
    /// The sandbox's schedule.
    pub(crate) faults: String,
    /// Per client what it asks for, one after the other.
    pub(crate) clients: Vec<Vec<Step>>,
    /// The same of those who ask for roles.
    pub(crate) role_clients: Vec<Vec<RoleStep>>,
    /// In the order in which they happen.
    pub(crate) blows: Vec<Blow>,
}

/// One call of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) replica: u32,
    pub(crate) wish: Wish,
    /// Index in [`LISTS`].
    pub(crate) list: usize,
    /// Index in [`PEOPLE`].
    pub(crate) person: usize,
    pub(crate) patience: Patience,
}

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Grant,
    /// For so many seconds, rounded up to a whole second of the clock.
    Lease(i64),
    Revoke,
}

/// Something done to a replica, which is started again afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blow {
    /// It comes when so many calls have ended.
    pub(crate) after: u64,
    pub(crate) replica: u32,
    pub(crate) signal: Signal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Kill,
    Terminate,
}

/// Clients of a run, and the calls of each: at least 128 in all.
const CLIENTS: usize = 8;
const STEPS: std::ops::Range<usize> = 16..24;

/// What strikes writes. Each about as often as the others.
pub(crate) const OF_WRITES: [&str; 13] = [
    "429",
    "500",
    "502",
    "503",
    "504",
    "reset-before",
    "reset-after",
    "truncate",
    "lost-answer",
    "lost-answer/hold",
    "504/after",
    "late-effect",
    "foreign-edit",
];

/// Limit for a request, short so that a run is: it lives for twice as long.
const LIMIT: Duration = Duration::from_millis(900);

/// The longest that a lost write takes to take effect: almost as long as it lives. On its way it may be held up by a
/// busy machine for [as long as a run counts](crate::run::Outcome::proves_nothing) and still be within that.
const LATEST: &str = "1400ms";

/// From the latest effect to the end of a request's life.
pub(crate) const MARGIN: Duration = Duration::from_millis(400);

impl Plan {
    /// Equal seeds give equal plans.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let replicas = random.u32(1..=3);
        let clients: Vec<Vec<Step>> = (0..CLIENTS)
            .map(|_| (0..random.usize(STEPS)).map(|_| Step::draw(&mut random, replicas)).collect())
            .collect();
        let steps = clients.iter().map(Vec::len).sum::<usize>() as u64;
        let mut blows: Vec<Blow> =
            (0..random.usize(1..=3)).map(|_| Blow::draw(&mut random, replicas, steps)).collect();
        blows.sort_by_key(|blow| blow.after);
        Self {
            seed,
            store: if random.bool() { Store::Verbatim } else { Store::Formatted },
            replicas,
            manner: Manner { limit: LIMIT, journal: random.bool() },
            faults: faults(&mut random, seed),
            role_clients: roles::steps(&mut random, replicas),
            clients,
            blows,
        }
    }
}

impl Step {
    fn draw(random: &mut Rng, replicas: u32) -> Self {
        let wish = match random.u8(..20) {
            0..9 => Wish::Grant,
            9..13 => Wish::Lease(random.i64(1..=3)),
            _ => Wish::Revoke,
        };
        let patience = match random.u8(..20) {
            0..3 => Patience::Leaves(Duration::from_millis(random.u64(1..150))),
            3..8 => Patience::Deadline(Duration::from_millis(random.u64(250..2_500))),
            _ => Patience::Endless,
        };
        Self {
            replica: random.u32(..replicas),
            wish,
            list: random.usize(..LISTS.len()),
            person: random.usize(..PEOPLE.len()),
            patience,
        }
    }
}

impl Blow {
    /// Neither at the very beginning nor at the very end.
    fn draw(random: &mut Rng, replicas: u32, steps: u64) -> Self {
        Self {
            after: random.u64(steps / 10..steps * 8 / 10),
            replica: random.u32(..replicas),
            signal: if random.u8(..3) == 0 { Signal::Terminate } else { Signal::Kill },
        }
    }
}

fn faults(random: &mut Rng, seed: u64) -> String {
    let mut spec = format!("seed={seed},latency=0ms..{}ms", random.u32(1..20));
    let mut of_writes = OF_WRITES.to_vec();
    // Of two that strike one call the first counts.
    random.shuffle(&mut of_writes);
    for fault in of_writes {
        let (name, argument) = fault.split_once('/').unwrap_or((fault, ""));
        let argument = match name {
            _ if !argument.is_empty() => format!("/{argument}"),
            "429" if random.u8(..4) == 0 => "/1".to_owned(),
            "429" => "/0".to_owned(),
            "foreign-edit" => "/any".to_owned(),
            "late-effect" => format!("/{LATEST}"),
            _ => String::new(),
        };
        let _ = write!(spec, ",acl.post:{name}={:.3}{argument}", 0.02 + 0.05 * random.f64());
    }
    let mut of_roles = OF_ROLES.to_vec();
    random.shuffle(&mut of_roles);
    for fault in of_roles {
        let (name, argument) = fault.split_once('/').unwrap_or((fault, ""));
        let argument = match (name, argument) {
            ("late-effect", _) => format!("/{LATEST}"),
            (_, "") => String::new(),
            (_, argument) => format!("/{argument}"),
        };
        let _ = write!(spec, ",role:{name}={:.3}{argument}", 0.02 + 0.04 * random.f64());
    }
    for fault in ["500", "503", "504", "reset-before", "reset-after", "truncate"] {
        let _ = write!(spec, ",acl.get:{fault}={:.3}", 0.03 * random.f64());
    }
    let _ = write!(
        spec,
        ",acl.get:429={:.3}/0,acl.get:foreign-edit={:.3}/any",
        0.02 * random.f64(),
        0.1 * random.f64()
    );
    spec + ",users:502=0.05,users:truncate=0.05,acl.validate:503=0.05"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_plan_that_asks_for_enough() {
        assert_eq!(format!("{:?}", Plan::of(7)), format!("{:?}", Plan::of(7)));
        for seed in 0..200 {
            let plan = Plan::of(seed);
            plan.faults.parse::<tailgrant::sandbox::Faults>().unwrap();
            assert!(plan.clients.iter().map(Vec::len).sum::<usize>() >= 128);
        }
    }
}
