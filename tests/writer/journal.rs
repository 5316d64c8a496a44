//! What the journal says of grants, revokes and role changes, and what happens when it cannot be written.

use std::path::PathBuf;

use serde_json::{Value, json};
use tailgrant::connector::LeaseEnd;
use tailgrant::journal::{Journal, Verification, verify};
use tailgrant::sandbox::{Fault, ForeignEdit, Scope};

use super::*;

struct Journaled {
    rig: Rig,
    journal: Journal,
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl Journaled {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let journal = Journal::open(&path).unwrap();
        let settings =
            Settings { settle: Duration::from_millis(50), journal: Some(journal.clone()), ..settings() };
        let rig = Rig::with(sandbox::Settings::default(), settings).await.warm().await;
        Self { rig, journal, path, _directory: directory }
    }

    /// All lines but those of requests that are about to be sent.
    fn lines(&self) -> Vec<Value> {
        let mut lines = self.all_lines();
        lines.retain(|line| line.get("kind").and_then(Value::as_str) != Some("sending"));
        lines
    }

    fn all_lines(&self) -> Vec<Value> {
        let text = std::fs::read(&self.path).unwrap();
        assert!(matches!(verify(text.as_slice(), None).unwrap(), Verification::Sound(_)));
        let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    /// Each line's outcome, with what was wanted: `stored: grant group:eng ines@example.com`.
    fn story(&self) -> Vec<String> {
        let tell = |line: Value| {
            let word = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap().to_owned();
            let intents =
                line.get("intents").and_then(Value::as_array).unwrap().iter().map(|intent| {
                    ["action", "entitlement", "principal"].map(|key| word(intent, key)).join(" ")
                });
            let mut intents: Vec<String> = intents.collect();
            intents.sort();
            format!("{}: {}", word(&line, "outcome"), intents.join(", "))
        };
        self.lines().into_iter().map(tell).collect()
    }
}

#[tokio::test]
async fn a_grant_is_in_the_journal_before_it_is_answered() {
    let it = Journaled::start().await;
    let request = GrantRequest { request_id: Some("REQ-7".to_owned()), ..grant(ENG, &it.rig.user("ines")) };
    it.rig.connector.grant(request).await.unwrap();
    let lines = it.all_lines();
    let [sending, line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&sending["kind"], &sending["change"]), (&json!("sending"), &json!("policy")));
    assert_eq!((&sending["etag_before"], &sending["intents"]), (&line["etag_before"], &line["intents"]));
    assert_eq!(line["of"], sending["seq"]);
    assert_eq!(
        (&line["kind"], &line["tailnet"], &line["outcome"]),
        (&json!("policy"), &json!("example.com"), &json!("stored"))
    );
    let intent = json!({"action": "grant", "entitlement": "group:eng", "principal": "ines@example.com",
        "caller": "test", "request_id": "REQ-7"});
    assert_eq!(line["intents"], json!([intent]));
    assert!(line["etag_before"].as_str().is_some_and(|tag| tag.len() == 64), "{line}");
    assert_eq!((&line["lines_added"], &line["lines_removed"]), (&json!(1), &json!(1)));
    let diff = line["diff"].as_str().unwrap();
    assert!(diff.starts_with("@@ -"), "{diff}");
    assert!(diff.contains("\n+") && diff.contains("ines@example.com"), "{diff}");
}

#[tokio::test]
async fn every_end_of_a_write_is_told() {
    let it = Journaled::start().await;
    let (ines, noor) = (it.rig.user("ines"), it.rig.user("noor"));
    it.rig.sandbox.fail_next(Scope::WritePolicy, Fault::ForeignEdit(ForeignEdit::Remark));
    it.rig.grant(ENG, &ines).await.unwrap();
    it.rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    it.rig.revoke(ENG, &ines).await.unwrap();
    it.rig.grant("role:admin:member", &noor).await.unwrap();
    it.rig.revoke("role:admin:member", &noor).await.unwrap();
    let story = it.story();
    assert_eq!(
        story[..3],
        [
            "conflict: grant group:eng ines@example.com",
            "stored: grant group:eng ines@example.com",
            "lost: revoke group:eng ines@example.com",
        ]
    );
    let id = noor.strip_prefix("user:").unwrap();
    let roles = [format!("stored: grant role:admin {id}"), format!("stored: revoke role:admin {id}")];
    assert_eq!(story[story.len() - 2..], roles);
    let told = it.lines();
    assert!(told[2]["words"].is_string(), "why it was lost: {}", told[2]);
    assert_eq!(told[told.len() - 2]["diff"], "-network-admin\n+admin\n");
}

#[tokio::test]
async fn what_a_lost_request_made_is_told_before_its_caller_is() {
    let it = Journaled::start().await;
    let (ines, noor) = (it.rig.user("ines"), it.rig.user("noor"));
    it.rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    it.rig.grant(ENG, &ines).await.unwrap();
    it.rig.sandbox.fail_next(Scope::Role, Fault::LostAnswer);
    it.rig.grant("role:admin:member", &noor).await.unwrap();
    let id = noor.strip_prefix("user:").unwrap();
    assert_eq!(
        it.story(),
        [
            "lost: grant group:eng ines@example.com".to_owned(),
            "in_effect: grant group:eng ines@example.com".to_owned(),
            format!("lost: grant role:admin {id}"),
            format!("in_effect: grant role:admin {id}"),
        ]
    );
    let told = it.lines();
    assert_eq!((&told[1]["kind"], &told[1]["change"]), (&json!("settled"), &json!("policy")));
    assert_eq!(told[3]["change"], "role");
}

/// An end that was taken off by a request whose answer was lost is not missed later.
#[tokio::test]
async fn what_a_lost_request_did_to_a_lease_is_known() {
    let it = Journaled::start().await;
    let ines = it.rig.user("ines");
    let lease = GrantRequest { end: Some(LeaseEnd::After(Duration::from_hours(1))), ..grant(ENG, &ines) };
    it.rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    it.rig.connector.grant(lease).await.unwrap();
    assert_eq!(it.journal.leases("example.com").len(), 1, "granted by a lost request");
    it.rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    it.rig.grant(ENG, &ines).await.unwrap();
    assert_eq!(it.journal.leases("example.com"), [], "made permanent by a lost request");
}

#[tokio::test]
async fn what_the_service_refuses_is_told_in_its_words() {
    let it = Journaled::start().await;
    it.rig.sandbox.change(|world| world.refuse_policies_with("\"ines@example.com\"", "test(s) failed"));
    let ines = it.rig.user("ines");
    check_refused(it.rig.grant(ENG, &ines).await, "cancelled", "test(s) failed");
    let told = it.lines();
    assert_eq!(told[0]["outcome"], "refused");
    assert!(told[0]["words"].as_str().is_some_and(|words| words.contains("test(s) failed")), "{}", told[0]);
}

#[tokio::test]
async fn a_batch_is_one_line_with_everybody_in_it() {
    let it = Journaled::start().await;
    let (ines, noor) = (it.rig.user("ines"), it.rig.user("noor"));
    let (one, two) = tokio::join!(it.rig.grant(ENG, &ines), it.rig.grant(ENG, &noor));
    one.and(two).unwrap();
    let intents: usize = it.lines().iter().map(|line| line["intents"].as_array().unwrap().len()).sum();
    assert_eq!(intents, 2);
    assert!(it.lines().len() as u64 == it.rig.sandbox.stats().policy_writes);
}

#[tokio::test]
async fn who_leaves_is_still_told() {
    let it = Journaled::start().await;
    let ines = it.rig.user("ines");
    let stored = async {
        while it.rig.policy() == POLICY {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = stored => {}
        outcome = it.rig.grant(ENG, &ines) => drop(outcome.unwrap()),
    }
    while it.lines().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(it.story(), ["stored: grant group:eng ines@example.com"]);
}

#[tokio::test]
async fn on_a_full_disk_access_is_taken_away_and_not_given() {
    let journal = Journal::begin("/full", Box::new(Full)).unwrap();
    let settings = Settings { journal: Some(journal), ..settings() };
    let rig = Rig::with(sandbox::Settings::default(), settings).await.warm().await;
    let (ada, ines, noor) = (rig.user("ada"), rig.user("ines"), rig.user("noor"));
    for first in [&ines, &noor] {
        check_refused(
            rig.grant(ENG, first).await,
            "journal_unavailable",
            "the journal /full cannot be written",
        );
    }
    check_refused(rig.grant("role:admin:member", &noor).await, "journal_unavailable", "/full");
    assert_eq!(rig.grant(ENG, &ada).await.unwrap(), GrantOutcome::AlreadyExists, "nothing is to be written");
    let stats = rig.sandbox.stats();
    assert_eq!((stats.policy_writes, rig.policy().as_str()), (0, POLICY), "{stats:?}");
    let both = tokio::join!(rig.grant(ENG, &noor), rig.revoke(ENG, &ada));
    check_refused(both.0, "journal_unavailable", "try again");
    assert_eq!(both.1.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}
