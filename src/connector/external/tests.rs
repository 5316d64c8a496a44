//! With a clock that jumps, and settings that answer as each test says.

use std::collections::VecDeque;
use std::future;

use super::*;

/// What one read of the settings comes to.
#[derive(Clone, Debug)]
enum Reply {
    Ours,
    Theirs,
    Forbidden,
    Fails,
    Hangs,
}

use Reply::{Fails, Forbidden, Hangs, Ours, Theirs};

/// Settings that give these answers, and the last one from then on; and the number of reads.
fn settings(replies: &[Reply]) -> (Arc<External>, Arc<Mutex<u32>>) {
    let (replies, reads) = (Mutex::new(VecDeque::from(replies.to_vec())), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&reads);
    let read = move || {
        *counted.lock().unwrap() += 1;
        let mut replies = replies.lock().unwrap();
        let reply = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
        async move {
            match reply.unwrap() {
                Ours => Ok(Part::Read(None)),
                Theirs => Ok(Part::Read(Some(PolicyPipeline { link: "https://git.example.com".to_owned() }))),
                Forbidden => Ok(Part::Unreadable("it needs a scope".to_owned())),
                Fails => Err(tailscale::Error::Settings("no route".to_owned())),
                Hangs => future::pending().await,
            }
        }
        .boxed()
    };
    (Arc::new(External::reading("example.com".to_owned(), Box::new(read), false)), reads)
}

/// Whether a Grant with two minutes' time may go on, and how many seconds it took to tell.
async fn ask(external: &Arc<External>) -> (bool, u64) {
    let begun = Instant::now();
    let may = external.check(Direction::Grant, begun + Duration::from_secs(120)).await;
    // What was begun in the background ends, if it can.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    (may.is_ok(), begun.elapsed().as_secs())
}

/// Asks every `step` seconds; expects these answers, each with the seconds it took, and so many reads.
async fn check(replies: &[Reply], step: u64, expected: &[(bool, u64)], expected_reads: u32) {
    let (external, reads) = settings(replies);
    let mut told = Vec::new();
    for _ in expected {
        told.push(ask(&external).await);
        tokio::time::sleep(Duration::from_secs(step)).await;
    }
    assert_eq!(told, expected, "{replies:?}");
    assert_eq!(*reads.lock().unwrap(), expected_reads, "{replies:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_a_while() {
    check(&[Ours, Theirs], 200, &[(true, 0), (true, 0), (false, 0)], 2).await;
    check(&[Theirs, Ours], 200, &[(false, 0), (false, 0), (true, 0)], 2).await;
    check(&[Forbidden], 200, &[(true, 0), (true, 0), (true, 0)], 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_no_answer() {
    // The failed read is repeated in the background, so it is the call after that which knows.
    check(&[Fails, Theirs], 31, &[(true, 0), (true, 0), (false, 0)], 2).await;
    check(&[Fails, Theirs], 5, &[(true, 0), (true, 0), (true, 0)], 1).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_known_stays_so_while_nothing_can_be_read() {
    check(&[Theirs, Fails], 301, &[(false, 0), (false, 0), (false, 0)], 3).await;
    check(&[Theirs, Forbidden], 301, &[(false, 0), (false, 0), (false, 0)], 3).await;
    check(&[Ours, Hangs], 301, &[(true, 0), (true, 5), (true, 0)], 3).await;
}

#[tokio::test(start_paused = true)]
async fn settings_that_hang_are_waited_for_once() {
    check(&[Hangs], 10, &[(true, 5), (true, 0), (true, 0), (true, 0), (true, 0), (true, 0)], 2).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_has_little_time_waits_little() {
    let (external, _) = settings(&[Hangs]);
    let begun = Instant::now();
    external.check(Direction::Revoke, begun + Duration::from_secs(4)).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_share_a_read() {
    let (external, reads) = settings(&[Theirs]);
    let asked = futures_util::future::join_all((0..100).map(|_| ask(&external))).await;
    assert!(asked.iter().all(|answer| *answer == (false, 0)), "{asked:?}");
    assert_eq!(*reads.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn loads_read_anew_and_are_held_up_once() {
    let (external, reads) = settings(&[Ours, Ours, Hangs]);
    let begun = Instant::now();
    for (seconds, total) in [(0, 1), (0, 2), (5, 3), (5, 3), (5, 3)] {
        external.refresh().await;
        assert_eq!((begun.elapsed().as_secs(), *reads.lock().unwrap()), (seconds, total));
    }
    tokio::time::sleep(PAUSE).await;
    external.refresh().await;
    tokio::task::yield_now().await;
    assert_eq!((begun.elapsed().as_secs(), *reads.lock().unwrap()), (35, 4), "beside the load");
}

#[tokio::test(start_paused = true)]
async fn people_are_told_what_is_not_known() {
    for (replies, expected) in [
        (&[Ours][..], &[][..]),
        (&[Theirs], &["managed by another pipeline (https://git.example.com)"]),
        (&[Forbidden], &["is not known, and Grant and Revoke change it all the same: it needs a scope"]),
        (&[Fails], &["is not known, and Grant and Revoke change it all the same: no route"]),
        (&[Hangs], &["all the same: no answer within 5 seconds"]),
        (&[Ours, Fails], &["is taken to be as it was: no route"]),
        (&[Theirs, Fails], &["managed by another pipeline (", "is taken to be as it was: no route"]),
        (&[Fails, Ours], &[]),
    ] {
        let (external, _) = settings(replies);
        for _ in replies {
            external.refresh().await;
            tokio::time::sleep(PAUSE).await;
        }
        let notes = external.notes();
        assert_eq!(notes.len(), expected.len(), "{replies:?}: {notes:?}");
        for (note, expected) in notes.iter().zip(expected) {
            assert!(note.contains(expected), "{replies:?}: {note}");
        }
    }
}
