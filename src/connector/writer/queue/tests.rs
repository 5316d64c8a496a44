//! Turns between callers, and the indices against their definition.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::batch::BATCH;
use super::*;
use crate::connector::Caller;
use crate::connector::writer::Origin;
use crate::policy::{Lease, ListId};

fn wish(verb: &str, name: &str, moment: i64) -> Wish {
    let text = format!("{name}@example.com");
    let moment = Timestamp::from_second(moment).unwrap();
    let lease = || Lease { until: moment, by: None };
    match verb {
        "lease" => Wish::Lease { text, lease: lease() },
        "remove" => Wish::Remove { texts: vec![text], person: None },
        "end" => Wish::End { text, passed: moment },
        "restore" => Wish::Restore { text, lease: lease() },
        _ => Wish::Add { text },
    }
}

fn intent(wish: Wish) -> Intent {
    Intent::new(ListId::Group("group:eng".to_owned()), wish)
}

/// Somebody asks for something.
fn ask(queue: &mut Queue, caller: impl Into<Caller>, wish: Wish) -> Ticket {
    let (ticket, now) = (queue.ticket(), Instant::now());
    let origin = Origin { caller: caller.into(), request_id: None };
    let wanted = Wanted { intent: intent(wish), origin, deadline: now + Duration::from_secs(60), ends: None };
    queue.push(ticket, wanted, now);
    ticket
}

/// So many grants, each of another person.
fn flood(queue: &mut Queue, caller: &str, count: usize) -> Vec<Ticket> {
    (0..count).map(|number| ask(queue, caller, wish("add", &format!("{caller}{number}"), 0))).collect()
}

fn tickets(batch: &[(Ticket, Intent)]) -> Vec<Ticket> {
    batch.iter().map(|(ticket, _)| *ticket).collect()
}

fn alone(queue: &mut Queue, tickets: &[Ticket]) {
    for ticket in tickets {
        queue.find_mut(*ticket).unwrap().company = Company::Nobody;
    }
}

#[test]
fn one_callers_flood_leaves_room_for_others() {
    let mut queue = Queue::default();
    flood(&mut queue, "flood", 9_000);
    let few = [ask(&mut queue, "bob", wish("add", "bob", 0)), ask(&mut queue, "ann", wish("add", "ann", 0))];
    let batch = tickets(&queue.next_batch());
    assert_eq!(batch.len(), BATCH);
    assert!(batch.is_sorted());
    assert!(few.iter().all(|ticket| batch.contains(ticket)), "both are in the first batch");
    for ticket in batch {
        queue.take_done(ticket);
    }
    assert_eq!(queue.next_batch().len(), BATCH);
}

#[test]
fn a_connection_for_each_call_is_no_turn_for_each_call() {
    let mut queue = Queue::default();
    for number in 0..2 * BATCH {
        let caller =
            Caller { words: format!("192.0.2.1:{number}").as_str().into(), identity: "token 1".into() };
        ask(&mut queue, caller, wish("add", &format!("user{number}"), 0));
    }
    let other = Caller { words: "192.0.2.2:1".into(), identity: "token 2".into() };
    let others: Vec<Ticket> = (0..BATCH / 2)
        .map(|number| ask(&mut queue, other.clone(), wish("add", &format!("other{number}"), 0)))
        .collect();
    let batch = tickets(&queue.next_batch());
    assert_eq!(
        others.iter().filter(|ticket| batch.contains(ticket)).count(),
        BATCH / 2,
        "half of it is theirs"
    );
}

#[test]
fn who_was_served_last_waits_for_the_others() {
    let mut queue = Queue::default();
    let callers: Vec<String> = (0..BATCH + 2).map(|number| format!("caller {number:05}")).collect();
    for caller in &callers {
        flood(&mut queue, caller, 2);
    }
    // One of each of the first ones; then the two that were left out begin.
    let batch = tickets(&queue.next_batch());
    assert_eq!((batch.first(), batch.last()), (Some(&1), Some(&(2 * BATCH as Ticket - 1))));
    for ticket in batch {
        queue.take_done(ticket);
    }
    let last = 2 * BATCH as Ticket;
    assert!([last + 1, last + 3].iter().all(|left_out| tickets(&queue.next_batch()).contains(left_out)));
}

#[test]
fn of_each_caller_the_revokes_come_first() {
    let mut queue = Queue::default();
    flood(&mut queue, "flood", 2 * BATCH);
    let revoke = ask(&mut queue, "flood", wish("remove", "ada", 0));
    assert!(tickets(&queue.next_batch()).contains(&revoke));
}

#[test]
fn those_that_go_alone_take_turns_too() {
    let mut queue = Queue::default();
    let mut poisoned = flood(&mut queue, "flood", 4);
    let other = ask(&mut queue, "other", wish("add", "ada", 0));
    poisoned.push(ask(&mut queue, "flood", wish("remove", "bob", 0)));
    alone(&mut queue, &poisoned);
    alone(&mut queue, &[other]);
    let mut order = Vec::new();
    while let [(ticket, _)] = queue.next_batch()[..] {
        order.push(ticket);
        queue.take_done(ticket);
    }
    assert_eq!(order, [6, 5, 1, 2, 3, 4], "the revoke, the other caller, and then the flood");
}

#[test]
fn a_thousand_intents_of_one_key_are_one_after_the_other() {
    let mut queue = Queue::default();
    for _ in 0..1_000 {
        ask(&mut queue, "caller", wish("add", "ada", 0));
    }
    for ticket in 1..=1_000 {
        assert_eq!(tickets(&queue.next_batch()), [ticket]);
        queue.take_done(ticket);
    }
    assert!(queue.is_empty() && queue.lanes.is_empty() && queue.deadlines.is_empty());
}

#[test]
fn a_restore_finds_the_grant_that_decides_about_the_end() {
    let mut queue = Queue::default();
    let restore = intent(wish("restore", "ada", 9));
    assert!(!queue.is_granted(&restore));
    ask(&mut queue, "caller", wish("remove", "ada", 0));
    ask(&mut queue, "caller", wish("lease", "bob", 9));
    assert!(!queue.is_granted(&restore));
    ask(&mut queue, "caller", wish("lease", "ada", 9));
    assert!(queue.is_granted(&restore));
}

/// Who is free, from the beginning of the line to its end.
fn free_by_definition(queue: &Queue) -> Vec<Ticket> {
    let (mut blocked, mut free) = (HashSet::new(), Vec::new());
    for waiter in queue.iter() {
        let undoes_a_part =
            queue.iter().take_while(|earlier| earlier.ticket < waiter.ticket).any(|earlier| {
                let shares = earlier.keys.iter().any(|key| waiter.keys.contains(key));
                shares && earlier.lets_pass() && earlier.is_undone_in_part_by(waiter)
            });
        let is_blocked = waiter.keys.iter().any(|key| blocked.contains(key));
        if waiter.lets_pass() {
            continue;
        }
        if waiter.is_due() && !is_blocked && !undoes_a_part {
            free.push(waiter.ticket);
        }
        blocked.extend(waiter.keys.iter());
    }
    free
}

#[test]
fn the_indices_are_what_their_definition_says() {
    for seed in 0..300 {
        let mut chance = fastrand::Rng::with_seed(seed);
        let (mut queue, mut lost, now) = (Queue::default(), LostRequests::default(), Instant::now());
        for step in 0..150 {
            let waiting: Vec<Ticket> = queue.iter().map(|waiter| waiter.ticket).collect();
            let free: Vec<Ticket> = queue.free.iter().copied().collect();
            match (chance.u8(..9), chance.choice(&waiting).copied(), chance.choice(&free).copied()) {
                (0..3, ..) => {
                    let verb = chance.choice(["add", "lease", "remove", "end", "restore"]).unwrap();
                    let name = chance.choice(["ada", "bob"]).unwrap();
                    let mut wished = wish(verb, name, chance.i64(1..4));
                    if let Wish::Remove { texts, .. } = &mut wished
                        && chance.bool()
                    {
                        *texts = vec!["ada@example.com".to_owned(), "bob@example.com".to_owned()];
                    }
                    ask(&mut queue, "caller", wished);
                }
                (3, Some(ticket), _) => drop(queue.give_up(ticket)),
                (4 | 5, _, Some(ticket)) => {
                    queue.hold(ticket, Done::Held);
                    if lost.may_undo(&queue.find(ticket).unwrap().keys) {
                        queue.wait(ticket);
                    } else {
                        queue.take_done(ticket);
                        queue.wake(&lost, false);
                    }
                }
                (6, _, Some(ticket)) => {
                    let keys = queue.find(ticket).unwrap().keys.iter().cloned().collect();
                    let ends = now + Duration::from_secs(step + 20);
                    lost.add(Bytes::from(format!("text {step}")), keys, ends);
                }
                (7, ..) => {
                    let ended = lost.expire(now + Duration::from_secs(step));
                    for waiter in queue.wake(&lost, ended) {
                        assert!(waiter.held.is_some() && waiter.overtaken.is_some());
                    }
                }
                _ => {}
            }
            assert_eq!(queue.free.iter().copied().collect::<Vec<_>>(), free_by_definition(&queue), "{seed}");
            assert_eq!(queue.grants(), queue.iter().filter(|waiter| waiter.gives_access()).count());
            assert_eq!(queue.deadlines.len(), queue.waiters.len());
            for waiter in queue.iter() {
                let by = waiter.overtaken.map(|overtaken| overtaken.by);
                assert!(by.is_none_or(|by| queue.find(by).is_some_and(|by| by.held.is_some())), "{seed}");
            }
        }
    }
}
