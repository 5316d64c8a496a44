//! Which sync reads which snapshot.

use std::time::{Duration, Instant};

/// Syncs of one tailnet that are kept apart; the least recently used one goes when another begins.
const MOST: usize = 4;

/// A sync that has asked for nothing for so long has ended.
const SILENCE: Duration = Duration::from_secs(60 * 60);

/// The snapshots of the syncs under way. Bounded in number and in age; losing one is never an error,
/// because a listing continues in whatever snapshot is current.
#[derive(Debug)]
pub(super) struct Pins<T> {
    /// The most recently used one is last.
    held: Vec<Pin<T>>,
}

#[derive(Debug)]
struct Pin<T> {
    sync: String,
    snapshot: T,
    used: Instant,
}

impl<T: Clone> Pins<T> {
    pub(super) const fn new() -> Self {
        Self { held: Vec::new() }
    }

    /// The snapshot of a sync that has one.
    pub(super) fn find(&mut self, sync: &str, now: Instant) -> Option<T> {
        self.held.retain(|pin| now.saturating_duration_since(pin.used) < SILENCE);
        let index = self.held.iter().position(|pin| pin.sync == sync)?;
        let mut pin = self.held.remove(index);
        pin.used = now;
        let snapshot = pin.snapshot.clone();
        self.held.push(pin);
        Some(snapshot)
    }

    /// Gives a sync its snapshot. One that has another already keeps that: of two calls that begin a sync
    /// at once both read the same.
    pub(super) fn pin(&mut self, sync: &str, snapshot: T, now: Instant) -> T {
        if let Some(held) = self.find(sync, now) {
            return held;
        }
        if self.held.len() >= MOST {
            self.held.remove(0);
        }
        self.held.push(Pin { sync: sync.to_owned(), snapshot: snapshot.clone(), used: now });
        snapshot
    }

    /// Lets go of what `ended` says.
    pub(super) fn release(&mut self, ended: impl Fn(&str, &T) -> bool) {
        self.held.retain(|pin| !ended(&pin.sync, &pin.snapshot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(syncs: &[&str], now: Instant) -> Pins<u32> {
        let mut pins = Pins::new();
        for (number, sync) in (0..).zip(syncs) {
            pins.pin(sync, number, now);
        }
        pins
    }

    #[test]
    fn a_sync_keeps_the_snapshot_it_began_with() {
        let now = Instant::now();
        let mut pins = pins(&["a"], now);
        assert_eq!(pins.pin("a", 7, now), 0);
        assert_eq!(pins.find("a", now), Some(0));
        assert_eq!(pins.find("b", now), None);
    }

    #[test]
    fn the_least_recently_used_of_five_goes() {
        let now = Instant::now();
        let mut pins = pins(&["a", "b", "c", "d"], now);
        assert_eq!(pins.find("a", now), Some(0));
        pins.pin("e", 4, now);
        assert_eq!(pins.find("b", now), None);
        for (sync, snapshot) in [("a", 0), ("c", 2), ("d", 3), ("e", 4)] {
            assert_eq!(pins.find(sync, now), Some(snapshot), "{sync}");
        }
    }

    #[test]
    fn an_hour_of_silence_ends_a_sync() {
        let begun = Instant::now();
        let mut pins = pins(&["a", "b"], begun);
        let later = begun + SILENCE / 2;
        assert_eq!(pins.find("a", later), Some(0));
        assert_eq!(pins.find("b", begun + SILENCE), None);
        assert_eq!(pins.find("a", begun + SILENCE), Some(0));
    }

    #[test]
    fn a_released_sync_is_gone() {
        let now = Instant::now();
        let mut pins = pins(&["a", "b"], now);
        pins.release(|sync, _| sync == "a");
        assert_eq!((pins.find("a", now), pins.find("b", now)), (None, Some(1)));
    }
}
