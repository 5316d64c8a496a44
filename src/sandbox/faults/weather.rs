//! The faults that strike the calls as they come.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;

use super::{Fault, Faults, Scope};

/// A schedule under way, and the faults that a test asked for.
#[derive(Debug)]
pub(in crate::sandbox) struct Weather {
    faults: Faults,
    draws: Draws,
    asked: VecDeque<(Scope, Fault)>,
    latency: Range<Duration>,
    hits: BTreeMap<String, u64>,
}

/// A source of draws for each endpoint, so that the order in which calls of several endpoints arrive does not
/// change what strikes them; and one for what somebody else does.
#[derive(Debug)]
struct Draws {
    scopes: BTreeMap<Option<Scope>, Rng>,
    edits: Rng,
}

impl Draws {
    fn new(seed: u64) -> Self {
        let mut root = Rng::with_seed(seed);
        let scopes = Scope::ALL.map(Some).into_iter().chain([None]);
        Self { scopes: scopes.map(|scope| (scope, root.fork())).collect(), edits: root.fork() }
    }

    fn of(&mut self, scope: Option<Scope>) -> &mut Rng {
        self.scopes.entry(scope).or_insert_with(|| Rng::with_seed(0))
    }
}

impl Weather {
    /// Starts a schedule; `latency` counts where the schedule has none.
    pub(in crate::sandbox) fn new(faults: Faults, latency: Range<Duration>) -> Self {
        let draws = Draws::new(faults.seed);
        Self { faults, draws, asked: VecDeque::new(), latency, hits: BTreeMap::new() }
    }

    /// Starts another schedule from its seed.
    pub(in crate::sandbox) fn change(&mut self, faults: Faults) {
        self.draws = Draws::new(faults.seed);
        self.faults = faults;
    }

    pub(in crate::sandbox) fn ask(&mut self, scope: Scope, fault: Fault) {
        self.asked.push_back((scope, fault));
    }

    /// How long the next call of this scope takes.
    pub(in crate::sandbox) fn latency(&mut self, scope: Option<Scope>) -> Duration {
        let Range { start, end } = self.faults.latency.clone().unwrap_or(self.latency.clone());
        start + part_of(end.saturating_sub(start), self.draws.of(scope))
    }

    /// What strikes the next call of this scope: what was asked for, else what the schedule draws.
    pub(in crate::sandbox) fn strike(&mut self, scope: Option<Scope>) -> Option<Fault> {
        let struck = self.asked(scope).or_else(|| self.scheduled(scope))?;
        let scope = scope.map(|scope| format!("{scope}:")).unwrap_or_default();
        *self.hits.entry(format!("{scope}{}", struck.name())).or_default() += 1;
        Some(struck)
    }

    /// What somebody else's edit is drawn with.
    pub(in crate::sandbox) fn draw(&mut self) -> u64 {
        self.draws.edits.u64(..)
    }

    /// How often each fault struck, by scope and fault as in a schedule.
    pub(in crate::sandbox) fn hits(&self) -> &BTreeMap<String, u64> {
        &self.hits
    }

    pub(in crate::sandbox) fn reset_hits(&mut self) {
        self.hits.clear();
    }

    fn asked(&mut self, scope: Option<Scope>) -> Option<Fault> {
        let asked = self.asked.iter().position(|(wanted, _)| Some(*wanted) == scope);
        asked.and_then(|index| self.asked.remove(index)).map(|(_, fault)| fault)
    }

    fn scheduled(&mut self, scope: Option<Scope>) -> Option<Fault> {
        let random = self.draws.of(scope);
        let suited = self
            .faults
            .items
            .iter()
            .filter(|item| item.fault.suits(scope) && (item.scope.is_none() || item.scope == scope));
        let mut struck = None;
        for item in suited {
            // Every item is drawn on every call, so that a hit does not shift the draws that follow.
            if random.f64() < item.probability && struck.is_none() {
                struck = Some(item.fault);
            }
        }
        match struck {
            Some(Fault::LateEffect(longest)) => Some(Fault::LateEffect(part_of(longest, random))),
            other => other,
        }
    }
}

fn part_of(whole: Duration, random: &mut Rng) -> Duration {
    if whole.is_zero() { whole } else { whole.mul_f64(random.f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(spec: &str, scope: Scope) -> Vec<Option<Fault>> {
        let mut weather = Weather::new(spec.parse().unwrap(), Duration::ZERO..Duration::ZERO);
        (0..200).map(|_| weather.strike(Some(scope))).collect()
    }

    #[test]
    fn calls_of_other_endpoints_change_nothing() {
        let spec = "seed=9,latency=1ms..9ms,acl.post:late-effect=0.3/2s,acl.get:500=0.5";
        let run = |others: bool| {
            let mut weather = Weather::new(spec.parse().unwrap(), Duration::ZERO..Duration::ZERO);
            let mut call = |scope| (weather.latency(scope), weather.strike(scope));
            let drawn = (0..50).map(|_| {
                if others {
                    call(Some(Scope::ReadPolicy));
                    call(None);
                }
                call(Some(Scope::WritePolicy))
            });
            drawn.collect::<Vec<_>>()
        };
        assert_eq!(run(false), run(true));
    }

    #[test]
    fn hits_are_counted_by_scope_and_fault() {
        let mut weather = Weather::new("503=1".parse().unwrap(), Duration::ZERO..Duration::ZERO);
        weather.ask(Scope::WritePolicy, Fault::LostAnswer);
        for scope in [Some(Scope::WritePolicy), Some(Scope::WritePolicy), Some(Scope::Users), None] {
            weather.strike(scope);
        }
        let hits: Vec<_> = weather.hits().iter().map(|(name, hits)| (name.as_str(), *hits)).collect();
        assert_eq!(hits, [("503", 1), ("acl.post:503", 1), ("acl.post:lost-answer", 1), ("users:503", 1)]);
        weather.reset_hits();
        assert!(weather.hits().is_empty());
    }

    #[test]
    fn a_seed_repeats_its_faults() {
        let spec = "seed=3,429=0.2/5,acl.post:lost-answer=0.2";
        let drawn = draws(spec, Scope::WritePolicy);
        assert_eq!(drawn, draws(spec, Scope::WritePolicy));
        assert_ne!(drawn, draws("seed=4,429=0.2/5,acl.post:lost-answer=0.2", Scope::WritePolicy));
        for fault in [Fault::RateLimited { seconds: 5 }, Fault::LostAnswer] {
            let hits = drawn.iter().filter(|&&drawn| drawn == Some(fault)).count();
            assert!((20..60).contains(&hits), "{fault:?}: {hits}");
        }
    }

    #[test]
    fn faults_strike_only_their_scope_and_what_they_suit() {
        assert!(draws("acl.post:500=1", Scope::Users).iter().all(Option::is_none));
        assert!(draws("lost-answer=1", Scope::ReadPolicy).iter().all(Option::is_none));
        assert!(draws("lost-answer=1", Scope::Role).iter().all(|&fault| fault == Some(Fault::LostAnswer)));
    }

    #[test]
    fn what_was_asked_for_comes_first_and_once() {
        let mut weather = Weather::new("500=0".parse().unwrap(), Duration::ZERO..Duration::ZERO);
        weather.ask(Scope::WritePolicy, Fault::ResetAfter);
        assert_eq!(weather.strike(Some(Scope::ReadPolicy)), None);
        assert_eq!(weather.strike(Some(Scope::WritePolicy)), Some(Fault::ResetAfter));
        assert_eq!(weather.strike(Some(Scope::WritePolicy)), None);
    }
}
