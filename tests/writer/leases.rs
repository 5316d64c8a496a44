//! Access that ends by itself.

mod vanished;

use jiff::Timestamp;
use tailgrant::connector::LeaseEnd;
use tailgrant::journal::Journal;
use tempfile::TempDir;

use super::*;

const LATER: LeaseEnd = LeaseEnd::After(Duration::from_secs(3600));

/// A group with one member on each line.
const LINES: &str = r#"{
  "groups": {
    "group:eng": [
      // The builders.
      "ada@example.com",
      "Mei@Example.com", // since 2024
    ],
  },
  "tagOwners": { "tag:db": ["group:eng"] },
  "acls": [
    // tailgrant: id=web
    { "action": "accept", "src": ["group:eng"], "dst": ["tag:db:443"] },
  ],
}
"#;

/// A policy in which Mei's access has ended long ago.
fn ended() -> String {
    LINES.replace("// since 2024", "// tailgrant: until=2024-01-31T12:00:00Z by=REQ-1")
}

fn without_mei() -> String {
    LINES.replace("      \"Mei@Example.com\", // since 2024\n", "")
}

/// Reads the policy often.
fn watchful() -> Settings {
    Settings { lease_poll: Duration::from_millis(200), ..settings() }
}

/// Reads the policy once.
fn drowsy() -> Settings {
    Settings { lease_poll: Duration::from_secs(3600), ..settings() }
}

/// Reads the policy often, and remembers which ends there should be.
fn recorded(folder: &TempDir, name: &str) -> Settings {
    let journal = Journal::open(&folder.path().join(name)).unwrap();
    Settings { journal: Some(journal), ..watchful() }
}

async fn rig(policy: &str, settings: Settings) -> Rig {
    Rig::with(sandbox::Settings { policy: Some(policy.into()), ..sandbox::Settings::default() }, settings)
        .await
}

fn leased(entitlement: &str, principal: &str, end: LeaseEnd, request_id: &str) -> GrantRequest {
    GrantRequest { end: Some(end), request_id: Some(request_id.to_owned()), ..grant(entitlement, principal) }
}

impl Rig {
    async fn lease(&self, entitlement: &str, principal: &str, end: LeaseEnd) -> GrantOutcome {
        let granted = self.connector.grant(leased(entitlement, principal, end, "REQ-7")).await.unwrap();
        let facts: Vec<_> = granted.grant.metadata.iter().map(|(name, _)| *name).collect();
        match facts.as_slice() {
            [] => assert_eq!(granted.outcome, GrantOutcome::AlreadyExists, "a permanent member"),
            facts => assert_eq!(facts, ["expires_at", "requested_by"]),
        }
        granted.outcome
    }

    /// What sync shows of a grant's end.
    async fn shown(&self, resource_id: &str, principal: &str) -> Vec<String> {
        let page = PageRequest { size: 0, token: String::new() };
        let grants = self.connector.grants(&resource(resource_id), &page, None).await.unwrap().items;
        let grant = grants.iter().find(|grant| grant.principal == resource(principal)).unwrap();
        grant.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Somebody takes the directives of a lease away, and leaves the member.
    fn strip(&self, end: Timestamp) {
        self.edit_policy(&format!(" // {}", directive(end)), "");
    }

    fn reads(&self) -> u64 {
        self.sandbox.stats().of(READ)
    }
}

/// Waits until something is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    let patience = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < patience, "it does not come");
        tick.tick().await;
    }
}

/// The directive that is written for an end.
fn directive(end: Timestamp) -> String {
    format!("tailgrant: until={end} by=REQ-7")
}

/// A whole second, so far away.
fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() + seconds).unwrap()
}

#[tokio::test]
async fn access_ends_by_itself_and_leaves_no_trace() {
    let rig = rig(LINES, drowsy()).await;
    rig.connector.keep_leases();
    let (ines, end) = (rig.user("ines"), in_seconds(3));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    let line = format!("+\"ines@example.com\", // {}", directive(end));
    assert_eq!(changed_lines(LINES, &rig.policy()), [line]);
    assert_eq!(
        rig.shown("group:group:eng", &ines).await,
        [format!("expires_at={end}"), "requested_by=REQ-7".to_owned()]
    );
    until(async || rig.policy() == LINES).await;
    let late = Timestamp::now().duration_since(end).as_secs_f64();
    assert!((0.0..5.0).contains(&late), "{late} s late");
    assert_eq!(rig.sandbox.stats().policy_writes, 2);
}

#[tokio::test]
async fn an_end_is_written_in_whole_seconds_with_a_request_that_fits() {
    let rig = rig(LINES, settings()).await;
    let ines = rig.user("ines");
    let before = Timestamp::now();
    let long = LeaseEnd::After(Duration::from_millis(3_600_001));
    let granted = rig.connector.grant(leased(ENG, &ines, long, "a request")).await.unwrap();
    let [("expires_at", end)] = granted.grant.metadata.as_slice() else { panic!("{granted:?}") };
    let end: Timestamp = end.parse().unwrap();
    assert_eq!(end.subsec_nanosecond(), 0);
    let length = end.duration_since(before).as_secs_f64();
    assert!((3_600.001..3_610.0).contains(&length), "{length}");
    assert!(rig.policy().contains(&format!("\"ines@example.com\", // tailgrant: until={end}\n")));
}

#[tokio::test]
async fn what_ended_while_no_daemon_ran_is_made_up_for_at_start_up() {
    let rig = rig(LINES, settings()).await;
    assert_eq!(rig.lease(ENG, &rig.user("ines"), LeaseEnd::At(in_seconds(3))).await, GrantOutcome::Added);
    rig.connector.drain(Duration::from_secs(5)).await;
    let restarted = rig.another(drowsy());
    restarted.keep_leases();
    until(async || rig.policy() == LINES).await;
    assert_eq!(rig.sandbox.stats().policy_writes, 2);
}

#[tokio::test]
async fn two_replicas_that_end_the_same_lease_make_one_change() {
    let rig = rig(&ended(), watchful()).await;
    let other = rig.another(watchful());
    rig.connector.keep_leases();
    other.keep_leases();
    until(async || rig.policy() == without_mei()).await;
    // Both have looked again since.
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 6).await;
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
    assert!(rig.connector.critical().is_empty() && other.critical().is_empty());
}

#[tokio::test]
async fn an_end_that_is_refused_is_told_and_repeated() {
    let test = "  \"tests\": [{ \"src\": \"mei@example.com\", \"accept\": [\"192.0.2.7:443\"] }],\n}\n";
    let policy = ended().replace("tag:db:443", "192.0.2.7:443").replace("\n}\n", &format!("\n{test}"));
    let rig = rig(&policy, watchful()).await;
    rig.connector.keep_leases();
    until(async || !rig.connector.critical().is_empty()).await;
    let validation = rig.connector.validate().await.unwrap();
    let [critical] = validation.critical.as_slice() else { panic!("{validation:?}") };
    for words in ["Mei@Example.com", "group:eng", "2024-01-31T12:00:00Z", "mei@example.com\""] {
        assert!(critical.contains(words), "{critical}");
    }
    assert_eq!(rig.policy(), policy);
    rig.edit_policy(test, "}\n");
    until(async || rig.policy() == without_mei().replace("tag:db:443", "192.0.2.7:443")).await;
    until(async || rig.connector.critical().is_empty()).await;
    assert!(rig.connector.validate().await.unwrap().critical.is_empty());
}

#[tokio::test]
async fn a_renewal_is_not_undone_by_the_old_end() {
    let rig = rig(LINES, drowsy()).await;
    let (ines, end) = (rig.user("ines"), in_seconds(3));
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(end)).await, GrantOutcome::Added);
    let (unaware, reads) = (rig.another(drowsy()), rig.reads());
    unaware.keep_leases();
    until(async || rig.reads() > reads && rig.sandbox.calls_under_way() == 0).await;
    let later = in_seconds(3600);
    assert_eq!(rig.lease(ENG, &ines, LeaseEnd::At(later)).await, GrantOutcome::Added, "it was extended");
    let (renewed, reads) = (rig.policy(), rig.reads());
    assert!(renewed.contains(&directive(later)) && !renewed.contains(&directive(end)), "{renewed}");
    until(async || rig.reads() > reads).await;
    unaware.drain(Duration::from_secs(5)).await;
    assert_eq!(rig.policy(), renewed);
}

#[tokio::test]
async fn an_untimed_grant_makes_a_lease_permanent() {
    let rig = rig(LINES, settings()).await;
    let ines = rig.user("ines");
    assert_eq!(rig.lease(ENG, &ines, LATER).await, GrantOutcome::Added);
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::Added, "its end has gone");
    assert_eq!(changed_lines(LINES, &rig.policy()), ["+\"ines@example.com\","]);
    assert_eq!(rig.grant(ENG, &ines).await.unwrap(), GrantOutcome::AlreadyExists);
    assert!(rig.shown("group:group:eng", &ines).await.is_empty());
}

#[tokio::test]
async fn a_permanent_member_stays_permanent() {
    let rig = rig(LINES, settings()).await;
    for name in ["ada", "mei"] {
        assert_eq!(rig.lease(ENG, &rig.user(name), LATER).await, GrantOutcome::AlreadyExists);
    }
    assert_eq!((rig.policy().as_str(), rig.sandbox.stats().policy_writes), (LINES, 0));
}

#[tokio::test]
async fn the_same_end_again_changes_nothing() {
    let rig = rig(LINES, settings()).await;
    let (ines, end) = (rig.user("ines"), LeaseEnd::At(in_seconds(3600)));
    assert_eq!(rig.lease(ENG, &ines, end).await, GrantOutcome::Added);
    assert_eq!(rig.lease(ENG, &ines, end).await, GrantOutcome::AlreadyExists);
    assert_eq!(rig.sandbox.stats().policy_writes, 1);
}

#[tokio::test]
async fn a_revoke_takes_the_end_along() {
    let rig = rig(LINES, settings()).await;
    let ines = rig.user("ines");
    assert_eq!(rig.lease(ENG, &ines, LATER).await, GrantOutcome::Added);
    assert_eq!(rig.revoke(ENG, &ines).await.unwrap(), RevokeOutcome::Removed);
    assert_eq!(rig.policy(), LINES);
}

#[tokio::test]
async fn lists_of_all_kinds_and_layouts_have_ends() {
    let rig = rig(POLICY, drowsy()).await;
    rig.connector.keep_leases();
    let (ines, end) = (rig.user("ines"), in_seconds(5));
    for (entitlement, principal) in [
        (ENG, ines.as_str()),
        (OPS, &ines),
        ("tag:tag:db:owner", "group:group:ops"),
        ("aclrule:acl:web:member", "group:group:ops"),
    ] {
        assert_eq!(rig.lease(entitlement, principal, LeaseEnd::At(end)).await, GrantOutcome::Added);
    }
    let changed = changed_lines(POLICY, &rig.policy());
    assert_eq!(changed.iter().filter(|line| line.starts_with('+')).count(), 4, "{changed:#?}");
    let comment = format!("/* {} */", directive(end));
    assert_eq!(rig.policy().matches(&comment).count(), 4, "{changed:#?}");
    assert_eq!(rig.shown("tag:tag:db", "group:group:ops").await.len(), 2);
    assert_eq!(rig.shown("aclrule:acl:web", "group:group:ops").await.len(), 2);
    until(async || rig.policy() == POLICY).await;
}

#[tokio::test]
async fn roles_cannot_be_leased() {
    let rig = Rig::start().await;
    let refused = rig.connector.grant(leased("role:auditor:member", &rig.user("ines"), LATER, "r")).await;
    check_refused(refused, "invalid", "roles cannot be leased");
    let past = LeaseEnd::At(in_seconds(0));
    let refused = rig.connector.grant(leased(ENG, &rig.user("ines"), past, "r")).await;
    check_refused(refused, "invalid", "must be in the future");
    assert_eq!((rig.sandbox.stats().of(SET_ROLE), rig.sandbox.stats().policy_writes), (0, 0));
}

#[tokio::test]
async fn an_end_that_cannot_be_read_is_told_and_ends_nothing() {
    let policy = LINES.replace("// since 2024", "// tailgrant: until=2024");
    let rig = rig(&policy, watchful()).await;
    rig.connector.keep_leases();
    let told = async || {
        let notes = rig.connector.validate().await.unwrap().notes;
        notes.iter().any(|note| note.starts_with("policy line 6, ") && note.contains("it never ends"))
    };
    until(told).await;
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 3).await;
    assert_eq!(rig.policy(), policy);
}

#[tokio::test]
async fn a_policy_that_cannot_be_parsed_is_told_until_somebody_repairs_it() {
    let rig = rig(&ended(), watchful()).await;
    rig.edit_policy("\n}\n", "\n} stray\n");
    rig.connector.keep_leases();
    until(async || rig.connector.critical().iter().any(|it| it.contains("so no access ends"))).await;
    let health = rig.connector.health();
    assert_eq!((health.critical.len(), health.leases_overdue), (1, None), "{health:?}");
    rig.edit_policy(" stray", "");
    until(async || rig.policy() == without_mei() && rig.connector.critical().is_empty()).await;
}

#[tokio::test]
async fn a_policy_that_belongs_to_another_pipeline_keeps_its_members_and_that_is_told() {
    let rig = rig(&ended(), watchful()).await;
    rig.sandbox.change(|world| world.settings.acls_externally_managed_on = true);
    rig.connector.keep_leases();
    until(async || rig.connector.critical().iter().any(|it| it.contains("another pipeline"))).await;
    assert_eq!((rig.policy(), rig.sandbox.stats().policy_writes), (ended(), 0));
}

#[tokio::test]
async fn a_dry_run_ends_nothing_and_complains_of_nothing() {
    let rig = rig(&ended(), Settings { dry_run: true, ..watchful() }).await;
    rig.connector.keep_leases();
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 6).await;
    assert_eq!((rig.policy(), rig.sandbox.stats().policy_writes), (ended(), 0));
    assert!(rig.connector.critical().is_empty());
}

#[tokio::test]
async fn a_connector_that_has_drained_or_may_not_write_ends_nothing() {
    let rig = rig(&ended(), Settings { provisioning: false, ..watchful() }).await;
    rig.connector.keep_leases();
    let drained = rig.another(watchful());
    drained.keep_leases();
    drained.drain(Duration::from_secs(5)).await;
    drained.keep_leases();
    let third = rig.another(watchful());
    third.keep_leases();
    drop(third);
    rig.connector.validate().await.unwrap();
    // Whoever wrongly ended the lease would have done so by the time that another one has looked at it often.
    let onlooker = rig.another(Settings { dry_run: true, ..watchful() });
    onlooker.keep_leases();
    let reads = rig.reads();
    until(async || rig.reads() >= reads + 6).await;
    assert_eq!((rig.policy(), rig.sandbox.stats().policy_writes), (ended(), 0));
}
