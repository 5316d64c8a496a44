use super::*;
use crate::journal::Entry;
use crate::journal::Journal;
use crate::journal::tests::{entry, intent, remark};

const END: &str = "2030-01-31T12:00:00Z";
const LATER: &str = "2031-01-31T12:00:00Z";

/// What happened: the action, the principal, its end, and how the write ended.
type Step = (Action, &'static str, Option<&'static str>, Outcome);

fn told(steps: &[Step]) -> Vec<Entry> {
    let steps = steps.iter().enumerate();
    steps
        .map(|(at, (action, principal, until, outcome))| {
            let mut told = entry(i64::try_from(at).unwrap(), *action, "group:eng", principal);
            told.intents[0].until = until.map(|until| until.parse().unwrap());
            told.intents[0].by = until.map(|_| "REQ-1".to_owned());
            told.outcome = outcome.clone();
            told
        })
        .collect()
}

/// While running and after a restart these leases are outstanding.
async fn check(steps: &[Step], expected: &[(&str, &str)]) {
    let found = left(told(steps).into_iter().map(Content::Change).collect()).await;
    let found: Vec<_> =
        found.iter().map(|lease| (lease.principal.as_str(), lease.until.to_string())).collect();
    let expected: Vec<_> = expected.iter().map(|(who, until)| (*who, (*until).to_owned())).collect();
    assert_eq!(found, expected, "{steps:?}");
}

#[tokio::test]
async fn what_is_outstanding() {
    use Action::{End, Grant, Restore, Revoke};
    use Outcome::{Conflict, Stored};
    let (ada, ines) = ("ada@example.com", "ines@example.com");
    let lost = || Outcome::Lost("reset".to_owned());
    let leased = || (Grant, ada, Some(END), Stored);
    check(&[], &[]).await;
    check(&[leased()], &[(ada, END)]).await;
    check(&[leased(), (Grant, ines, Some(LATER), Stored)], &[(ada, END), (ines, LATER)]).await;
    check(&[leased(), (Grant, ada, Some(LATER), Stored)], &[(ada, LATER)]).await;
    check(&[leased(), (Grant, ada, None, Stored)], &[]).await;
    check(&[leased(), (Revoke, "Ada@Example.com", None, Stored)], &[]).await;
    check(&[leased(), (End, ada, Some(END), Stored)], &[]).await;
    check(&[leased(), (Restore, ada, Some(END), Stored)], &[(ada, END)]).await;
    check(&[(Restore, ada, Some(END), Stored)], &[(ada, END)]).await;
    check(&[(Grant, ada, None, Stored)], &[]).await;
    check(&[(Grant, ada, Some(END), Conflict), (Grant, ines, Some(END), lost())], &[]).await;
    check(&[leased(), (Revoke, ada, None, lost())], &[(ada, END)]).await;
    check(&[leased(), (Grant, ada, Some(LATER), Outcome::Refused("no".to_owned()))], &[(ada, END)]).await;
}

#[tokio::test]
async fn a_restart_knows_what_was_known() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let journal = Journal::open(&path).unwrap();
    let mut steps = told(&[
        (Action::Grant, "ada@example.com", Some(END), Outcome::Stored),
        (Action::Grant, "ines@example.com", Some(END), Outcome::Stored),
        (Action::Grant, "noor@example.com", Some(END), Outcome::Stored),
        (Action::End, "ines@example.com", Some(END), Outcome::Stored),
    ]);
    let mut both = intent(Action::Revoke, "group:eng", "noor@old.example.com");
    both.aliases = vec!["Noor@example.com".to_owned()];
    steps[3].intents.push(both);
    for step in steps {
        journal.append(step).await.unwrap();
    }
    let known = journal.leases("example.com");
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].by.as_deref(), Some("REQ-1"));
    assert_eq!(journal.leases("example.org"), []);
    drop(journal);
    assert_eq!(Journal::open(&path).unwrap().leases("example.com"), known);
}

/// What lines leave outstanding, live and read back.
async fn left(contents: Vec<Content>) -> Vec<OutstandingLease> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let journal = Journal::open(&path).unwrap();
    for content in contents {
        match content {
            Content::Change(entry) => journal.append(entry).await.unwrap(),
            Content::Remark(remark) => journal.remark(remark).await.unwrap(),
            Content::Repair { .. } => panic!("no repair"),
        };
    }
    let left = journal.leases("example.com");
    drop(journal);
    assert_eq!(Journal::open(&path).unwrap().leases("example.com"), left);
    left
}

#[tokio::test]
async fn a_lost_change_counts_once_it_is_known_to_hold() {
    let steps = |outcome: Outcome| {
        told(&[
            (Action::Grant, "ada@example.com", Some(END), outcome.clone()),
            (Action::Grant, "ada@example.com", None, outcome),
        ])
    };
    let lost = || Outcome::Lost("reset".to_owned());
    let settled = |entry: &Entry, stage| Content::Remark(remark(entry, stage));
    let [lease, permanent] = &steps(lost())[..] else { panic!() };
    let lost_lease = || Content::Change(lease.clone());
    assert_eq!(left(vec![settled(lease, Stage::Sending), lost_lease()]).await, []);
    assert_eq!(left(vec![lost_lease(), settled(lease, Stage::InEffect)]).await.len(), 1);
    assert_eq!(left(vec![lost_lease(), settled(lease, Stage::Superseded)]).await, []);
    let [stored, _] = &steps(Outcome::Stored)[..] else { panic!() };
    let stored = Content::Change(stored.clone());
    for stage in [Stage::InEffect, Stage::Held, Stage::Seen] {
        assert_eq!(left(vec![stored.clone(), settled(permanent, stage)]).await, [], "{stage:?}");
    }
}

#[tokio::test]
async fn a_rule_is_known_by_all_its_ids() {
    let mut steps = told(&[
        (Action::Grant, "ada@example.com", Some(END), Outcome::Stored),
        (Action::Revoke, "ada@example.com", None, Outcome::Stored),
    ]);
    steps[0].intents[0].entitlement = "acl:0123".to_owned();
    steps[1].intents[0].entitlement = "acl:web".to_owned();
    let contents = |steps: &[Entry]| steps.iter().cloned().map(Content::Change).collect();
    assert_eq!(left(contents(&steps)).await.len(), 1, "another rule");
    steps[1].intents[0].other_ids = vec!["acl:0123".to_owned()];
    assert_eq!(left(contents(&steps)).await, []);
}

#[tokio::test]
async fn an_end_says_nothing_of_a_renewal() {
    let mut steps = told(&[
        (Action::Grant, "ada@example.com", Some(LATER), Outcome::Stored),
        (Action::End, "ada@example.com", Some(END), Outcome::Stored),
    ]);
    steps[1].intents[0].passed = END.parse().ok();
    assert_eq!(left(steps.into_iter().map(Content::Change).collect()).await.len(), 1);
}

#[test]
fn too_many_leases_do_not_fill_the_memory() {
    let mut leases = Leases::default();
    let mut told = entry(0, Action::Grant, "group:eng", "");
    for number in 0..=MOST {
        told.intents[0].principal = format!("user{number:06}@example.com");
        told.intents[0].until = Timestamp::from_second(i64::try_from(number).unwrap()).ok();
        leases.note(&Content::Change(told.clone()));
    }
    let left = leases.of("example.com");
    assert!(left.len() < MOST && left.len() > MOST / 2, "{}", left.len());
    assert!(left.iter().all(|lease| lease.until.as_second() > 9_000), "those that end first go");
}
