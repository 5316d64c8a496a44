//! Finding out, before anything is sent, which intents of a batch the service would refuse.
//!
//! The same law as the [hunt](super::hunt)'s, without a call: revokes are tried without the grants, then
//! the last intent of the shortest refused prefix is an offender, and so on with the rest.

use std::time::{Duration, Instant};

use super::draft::candidate;
use super::queue::Ticket;
use crate::policy::{Forecast, Intent, Rejection, Selector, Topology, Wish, has_tests};

/// How long a write waits at most for people and devices to be read.
pub(super) const SURVEY: Duration = Duration::from_secs(2);

/// How long a write waits at most for what is foreseen of it, once they are known. After that the service is
/// left to judge.
pub(super) const JUDGING: Duration = Duration::from_secs(10);

/// Edited texts that are judged for one batch before what is undecided goes alone.
const JUDGEMENTS: u32 = 64;

type Member = (Ticket, Intent);

/// What is foreseen of a batch. Nothing: it may be sent.
#[derive(Debug, Default)]
pub(super) struct Foresight {
    /// Intents that the service would certainly refuse, and with what.
    pub(super) offenders: Vec<(Ticket, Rejection)>,
    /// Intents that would have taken too long to tell from the offenders.
    pub(super) undecided: Vec<Ticket>,
    /// What the service seems to have against the policy as it is. Then nothing is said of the batch.
    pub(super) broken: Option<Rejection>,
    /// When the load of the people and devices began by which it was judged; nothing if they do not matter.
    pub(super) surveyed: Option<Instant>,
}

/// What has to be known to foresee something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// There is nothing to foresee.
    Nothing,
    /// The policy alone: a new source or owner is not just a person.
    Policy,
    /// People and devices as well: there are tests.
    Survey,
}

/// Which people and devices a write is to be judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Survey {
    /// None: the policy has no tests.
    Needless,
    /// Those that are known, if they are as fresh as reads need them.
    Recent,
    /// Those of a load that began at this time or later.
    BegunAfter(Instant),
}

/// Looks for what could be foreseen of a batch.
pub(super) fn need(text: &[u8], members: &[Member]) -> Need {
    if has_tests(text).unwrap_or_default() {
        return Need::Survey;
    }
    let may_be_wrong = |intent: &Intent| match &intent.wish {
        Wish::Add { text } | Wish::Lease { text, .. } => !matches!(Selector::parse(text), Selector::Login(_)),
        Wish::Remove { .. } | Wish::End { .. } | Wish::Restore { .. } => false,
    };
    if members.iter().any(|(_, intent)| may_be_wrong(intent)) { Need::Policy } else { Need::Nothing }
}

/// Looks ahead, for as long as `go_on` says. What cannot be foreseen is left to the service.
pub(super) fn foresee(
    base: &[u8],
    members: &[Member],
    topology: &Topology,
    go_on: impl Fn() -> bool,
) -> Foresight {
    let Ok(forecast) = Forecast::of(base, topology) else { return Foresight::default() };
    if let Some(rejection) = forecast.rejection() {
        return Foresight { broken: Some(rejection.clone()), ..Foresight::default() };
    }
    let judge = |members: &[Member]| {
        if !go_on() {
            return Err(OutOfTime);
        }
        let edited = candidate(base, members).ok().flatten();
        Ok(edited.and_then(|text| forecast.objection(&text).ok().flatten()))
    };
    Search { judge, left: JUDGEMENTS, kept: Vec::new(), foresight: Foresight::default() }.run(members)
}

/// There is no time left to look further.
#[derive(Debug)]
struct OutOfTime;

struct Search<J> {
    judge: J,
    /// Judgements that may still be made.
    left: u32,
    /// Members that are accepted together.
    kept: Vec<Member>,
    foresight: Foresight,
}

impl<J: FnMut(&[Member]) -> Result<Option<Rejection>, OutOfTime>> Search<J> {
    fn run(mut self, members: &[Member]) -> Foresight {
        if let Ok(Some(_)) = (self.judge)(members) {
            let (grants, others): (Vec<Member>, Vec<Member>) =
                members.iter().cloned().partition(|(_, intent)| intent.gives_access());
            for mut pending in [others, grants] {
                if self.part(&mut pending).is_err() {
                    self.foresight.undecided.extend(pending.iter().map(|(ticket, _)| *ticket));
                }
            }
        }
        self.foresight
    }

    /// Parts the pending members, in order: some are kept, the others are offenders. After an error those of
    /// whom nothing is known are left.
    fn part(&mut self, pending: &mut Vec<Member>) -> Result<(), OutOfTime> {
        while let Some(mut rejection) = self.objection(pending)? {
            let (mut accepted, mut refused) = (0, pending.len());
            while refused > accepted + 1 {
                let middle = usize::midpoint(accepted, refused);
                match self.objection(pending.get(..middle).unwrap_or_default())? {
                    Some(earlier) => (refused, rejection) = (middle, earlier),
                    None => accepted = middle,
                }
            }
            self.kept.extend(pending.drain(..accepted));
            let offender = pending.drain(..1).next();
            self.foresight.offenders.extend(offender.map(|(ticket, _)| (ticket, rejection)));
        }
        self.kept.append(pending);
        Ok(())
    }

    /// What stands against these members, together with those that are kept.
    fn objection(&mut self, pending: &[Member]) -> Result<Option<Rejection>, OutOfTime> {
        if pending.is_empty() {
            return Ok(None);
        }
        self.left = self.left.checked_sub(1).ok_or(OutOfTime)?;
        let mut together = self.kept.clone();
        together.extend_from_slice(pending);
        together.sort_unstable_by_key(|(ticket, _)| *ticket);
        (self.judge)(&together)
    }
}

#[cfg(test)]
mod tests;
