//! Parts that broke off and that only a new process brings back.
//!
//! A defect that breaks a task off leaves its state behind in the middle of something. Nothing is kept here that
//! is not in the policy file, so starting anew is the one repair that is always right.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::watch;

/// Tells whoever runs the process that a part of it has broken off. Clones tell of the same.
#[derive(Clone, Debug, Default)]
pub struct Alarm(Arc<watch::Sender<Option<&'static str>>>);

impl Alarm {
    /// Tells that a part has broken off, in words such as `the policy writer`. The first one counts.
    pub fn raise(&self, part: &'static str) {
        tracing::error!(
            part,
            "critical: broken off by a defect, please report this; the process has to start anew"
        );
        self.0.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(part);
            first
        });
    }

    /// The part that has broken off.
    #[must_use]
    pub fn part(&self) -> Option<&'static str> {
        *self.0.borrow()
    }

    /// Waits until a part breaks off.
    pub async fn raised(&self) -> &'static str {
        let mut news = self.0.subscribe();
        loop {
            if let Some(part) = *news.borrow_and_update() {
                return part;
            }
            // The sender lives as long as the alarm that is held here.
            let _ = news.changed().await;
        }
    }

    /// Runs a task that nobody waits for, and raises the alarm if it panics.
    pub(super) async fn guard(self, part: &'static str, task: impl Future<Output = ()>) {
        if AssertUnwindSafe(task).catch_unwind().await.is_err() {
            self.raise(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_part_that_breaks_off_is_told_to_all() {
        let alarm = Alarm::default();
        let waiting = alarm.clone();
        let waiting = tokio::spawn(async move { waiting.raised().await });
        alarm.clone().guard("what ends in order", async {}).await;
        assert_eq!(alarm.part(), None);
        alarm.clone().guard("one", async { panic!("a defect") }).await;
        alarm.clone().guard("another", async { panic!("a defect") }).await;
        assert_eq!((waiting.await.unwrap(), alarm.part()), ("one", Some("one")));
        assert_eq!(alarm.raised().await, "one", "also later");
    }
}
