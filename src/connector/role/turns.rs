//! One change of a user at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::OwnedMutexGuard;

/// What is left of earlier changes of a user.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Until then a POST may still be carried out.
    alive_until: Option<Instant>,
}

/// The right to change a user. Ends when dropped.
pub(super) type Turn = OwnedMutexGuard<State>;

/// Hands out turns, in the order in which they are asked for. Remembers a user only while somebody has or
/// awaits a turn, or while a POST may still be carried out.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<String, Arc<tokio::sync::Mutex<State>>>>);

impl Turns {
    /// Waits for the turn to change a user.
    pub(super) async fn take(&self, user: &str) -> Turn {
        let state = {
            let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            users.retain(|_, state| Arc::strong_count(state) > 1 || is_alive(state, now));
            Arc::clone(users.entry(user.to_owned()).or_default())
        };
        state.lock_owned().await
    }
}

fn is_alive(state: &tokio::sync::Mutex<State>, now: Instant) -> bool {
    state.try_lock().map_or(true, |state| state.alive_until.is_some_and(|until| until > now))
}

impl State {
    /// A POST is about to be sent, and may be carried out until then. Noted beforehand: the caller may be
    /// cancelled while it is on its way.
    pub(super) fn begin(&mut self, until: Instant) {
        self.alive_until = Some(until);
    }

    /// It is known how the POST ended.
    pub(super) fn settle(&mut self) {
        self.alive_until = None;
    }

    /// Until when a POST may still be carried out.
    pub(super) fn alive_until(&self) -> Option<Instant> {
        self.alive_until
    }

    /// Waits until no POST can be carried out any more.
    pub(super) async fn wait(&mut self) {
        if let Some(until) = self.alive_until {
            tokio::time::sleep_until(until.into()).await;
            self.alive_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn remembered(turns: &Turns) -> usize {
        turns.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    #[tokio::test]
    async fn users_are_forgotten_unless_a_request_may_live() {
        let turns = Turns::default();
        let first = turns.take("u1").await;
        let mut second = turns.take("u2").await;
        assert_eq!(remembered(&turns), 2, "two turns are taken");
        second.begin(Instant::now() + Duration::from_mins(1));
        drop((first, second));
        drop(turns.take("u3").await);
        assert_eq!(remembered(&turns), 2, "u2 has a living request, u3 just came");
        turns.take("u2").await.settle();
        drop(turns.take("u4").await);
        assert_eq!(remembered(&turns), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_waits_for_the_end_of_a_living_request() {
        let turns = Turns::default();
        let until = tokio::time::Instant::now() + Duration::from_mins(1);
        turns.take("u1").await.begin(until.into_std());
        turns.take("u1").await.wait().await;
        assert!(tokio::time::Instant::now() >= until);
    }

    #[tokio::test]
    async fn a_turn_excludes_others_of_the_same_user_only() {
        let turns = Turns::default();
        let _held = turns.take("u1").await;
        let _other = turns.take("u2").await;
        let same = turns.take("u1");
        tokio::pin!(same);
        assert!(futures_util::poll!(same.as_mut()).is_pending());
    }
}
