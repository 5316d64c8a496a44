//! Turns between callers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::waiter::Waiter;

/// Whose turn it is when not everybody fits. A caller with thousands of intents is served as often as one
/// with a single one, however many connections they came by.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Who was served last.
    last: Option<Arc<str>>,
}

impl Turns {
    /// Chooses at most `most`: one of each caller, by name from the one after whoever was served last, and
    /// so on round by round; of each caller first what gives no access, else in the order of arrival.
    pub(super) fn choose<'q>(&mut self, waiters: Vec<&'q Waiter>, most: usize) -> Vec<&'q Waiter> {
        if waiters.len() <= most {
            self.last = waiters.last().map(|waiter| Arc::clone(&waiter.origin.caller.identity));
            return waiters;
        }
        let (grants, others): (Vec<_>, Vec<_>) =
            waiters.into_iter().partition(|waiter| waiter.gives_access());
        let mut callers: BTreeMap<&Arc<str>, VecDeque<&'q Waiter>> = BTreeMap::new();
        for waiter in others.into_iter().chain(grants) {
            callers.entry(&waiter.origin.caller.identity).or_default().push_back(waiter);
        }
        let mut line: VecDeque<(&Arc<str>, VecDeque<&'q Waiter>)> = callers.into_iter().collect();
        let served = line.iter().take_while(|(caller, _)| self.last.as_ref() >= Some(*caller)).count();
        line.rotate_left(served);
        let (mut chosen, mut last) = (Vec::with_capacity(most), None);
        while chosen.len() < most
            && let Some((caller, mut waiting)) = line.pop_front()
        {
            chosen.extend(waiting.pop_front());
            last = Some(caller);
            if !waiting.is_empty() {
                line.push_back((caller, waiting));
            }
        }
        self.last = last.map(Arc::clone);
        chosen.sort_unstable_by_key(|waiter| waiter.ticket);
        chosen
    }
}
