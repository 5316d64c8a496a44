//! The faults that strike the calls as they come.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::{Fault, Faults, Scope};

/// A schedule under way, and the faults that a test asked for.
#[derive(Debug)]
pub(in crate::sandbox) struct Weather {
    faults: Faults,
    random: fastrand::Rng,
    asked: VecDeque<(Scope, Fault)>,
    latency: Range<Duration>,
}

impl Weather {
    /// Starts a schedule; `latency` counts where the schedule has none.
    pub(in crate::sandbox) fn new(faults: Faults, latency: Range<Duration>) -> Self {
        let random = fastrand::Rng::with_seed(faults.seed);
        Self { faults, random, asked: VecDeque::new(), latency }
    }

    /// Starts another schedule from its seed.
    pub(in crate::sandbox) fn change(&mut self, faults: Faults) {
        self.random = fastrand::Rng::with_seed(faults.seed);
        self.faults = faults;
    }

    pub(in crate::sandbox) fn ask(&mut self, scope: Scope, fault: Fault) {
        self.asked.push_back((scope, fault));
    }

    /// How long the next call takes.
    pub(in crate::sandbox) fn latency(&mut self) -> Duration {
        let Range { start, end } = self.faults.latency.clone().unwrap_or(self.latency.clone());
        start + self.part_of(end.saturating_sub(start))
    }

    /// What strikes the next call of this scope: what was asked for, else what the schedule draws.
    pub(in crate::sandbox) fn strike(&mut self, scope: Option<Scope>) -> Option<Fault> {
        let asked = self.asked.iter().position(|(wanted, _)| Some(*wanted) == scope);
        if let Some((_, fault)) = asked.and_then(|index| self.asked.remove(index)) {
            return Some(fault);
        }
        let suited = self
            .faults
            .items
            .iter()
            .filter(|item| item.fault.suits(scope) && (item.scope.is_none() || item.scope == scope));
        let mut struck = None;
        for item in suited {
            // Every item is drawn on every call, so that a hit does not shift the draws that follow.
            if self.random.f64() < item.probability && struck.is_none() {
                struck = Some(item.fault);
            }
        }
        match struck {
            Some(Fault::LateEffect(longest)) => Some(Fault::LateEffect(self.part_of(longest))),
            other => other,
        }
    }

    fn part_of(&mut self, whole: Duration) -> Duration {
        if whole.is_zero() { whole } else { whole.mul_f64(self.random.f64()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(spec: &str, scope: Scope) -> Vec<Option<Fault>> {
        let mut weather = Weather::new(spec.parse().unwrap(), Duration::ZERO..Duration::ZERO);
        (0..200).map(|_| weather.strike(Some(scope))).collect()
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
