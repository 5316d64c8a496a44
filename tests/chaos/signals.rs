//! SIGTERM and SIGKILL in the middle of 200 grants: what the callers are told, and what is in the file.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use tailgrant::sandbox;
use tokio::task::JoinSet;

use crate::checker::{Answer, Op, check};
use crate::client::{Patience, Told};
use crate::daemon::Manner;
use crate::plan::Signal;
use crate::run::directory;
use crate::scene::Scene;
use crate::tailnet::{POLICY, login};

/// How many people are granted a group, half of them before the signal and half of them with it.
const GRANTS: usize = 200;

/// Nothing is lost here, however busy the machine is.
const MANNER: Manner = Manner { limit: Duration::from_secs(20), journal: true };

/// What the callers of a run were told, each with whether the file has the member.
struct Told200 {
    told: Vec<(Told, bool)>,
    violations: usize,
}

impl Told200 {
    /// How many were told this, and how many of these are in the file.
    fn of(&self, is: impl Fn(&Told) -> bool) -> (usize, usize) {
        let are = || self.told.iter().filter(|(told, _)| is(told));
        (are().count(), are().filter(|(_, in_file)| *in_file).count())
    }

    fn show(&self, signal: Signal) -> String {
        let mut shown = format!("{signal:?} in the middle of {GRANTS} grants at 20 ms latency\n");
        for (name, (told, in_file)) in [
            ("OK", self.of(|told| told.answer.is_ok())),
            ("UNAVAILABLE draining", self.of(Told::is_draining)),
            ("UNAVAILABLE outcome_unknown", self.of(|told| told.answer == Answer::Unknown)),
            ("connection lost", self.of(Told::is_cut)),
        ] {
            let _ = writeln!(shown, "  {name:<28}{told:>4}, of these in the file {in_file:>4}");
        }
        let members = self.told.iter().filter(|(_, in_file)| *in_file).count();
        let _ = writeln!(shown, "  members in the file {members}, violations {}", self.violations);
        shown
    }
}

/// Half of the grants are under way and one is answered; then the signal and the other half. The daemon is started
/// again.
async fn granted_around(signal: Signal) -> Told200 {
    let directory = directory(&format!("{signal:?}"));
    let settings = sandbox::Settings {
        policy: Some(POLICY.into()),
        latency: Duration::from_millis(20)..Duration::from_millis(20),
        ..sandbox::Settings::default()
    };
    let scene = Arc::new(Scene::set(settings, (1, MANNER), directory.path()).await);
    let person = |number: usize| format!("person{number}");
    scene.sandbox.change(|world| {
        for number in 0..GRANTS {
            world.add_user(&login(&person(number)), "member");
        }
    });
    let mut daemon = scene.start(0).await;
    let mut grants = JoinSet::new();
    let mut grant = |number: usize| {
        let scene = Arc::clone(&scene);
        grants.spawn(async move {
            let name = person(number);
            let told = scene.call(0, number, (Op::Grant, 0, &name), Patience::Endless).await;
            (told, name)
        });
    };
    (0..GRANTS / 2).for_each(&mut grant);
    scene.ended(1).await;
    let since = scene.now();
    match signal {
        Signal::Terminate => daemon.terminate(),
        Signal::Kill => daemon.kill(),
    }
    (GRANTS / 2..GRANTS).for_each(&mut grant);
    scene.replace(0, &mut daemon, since).await;
    let told = grants.join_all().await;
    daemon.terminate();
    assert!(daemon.ended().await.success());
    assert_eq!(daemon.journal(), Ok(()));
    let policy = scene.policy();
    let told = told.into_iter().map(|(told, name)| {
        let in_file = policy.contains(&format!("\"{}\"", login(&name)));
        (told, in_file)
    });
    let (history, record) = scene.history(0);
    assert_eq!(record.oddities(), Vec::<String>::new());
    Told200 { told: told.collect(), violations: check(&history).len() }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_ok_before_sigterm_is_in_the_file_and_nobody_else() {
    let told = granted_around(Signal::Terminate).await;
    println!("{}", told.show(Signal::Terminate));
    assert_eq!(told.violations, 0);
    let (ok, in_file) = told.of(|told| told.answer.is_ok());
    assert_eq!(ok, in_file);
    assert!(ok > 0, "what was under way was finished");
    assert_eq!(told.of(|told| !told.answer.is_ok()).1, 0, "nobody else is in the file");
    assert_eq!(told.of(|told| told.answer == Answer::Unknown).0, 0, "the service answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_ok_before_sigkill_is_in_the_file() {
    let told = granted_around(Signal::Kill).await;
    println!("{}", told.show(Signal::Kill));
    assert_eq!(told.violations, 0);
    let (ok, in_file) = told.of(|told| told.answer.is_ok());
    assert_eq!(ok, in_file);
    assert!(ok > 0 && ok < GRANTS, "{ok}");
    assert_eq!(told.of(|told| told.answer.is_ok() || told.is_cut()).0, GRANTS, "the dead tell nothing else");
}
