//! A plan carried out and judged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tailgrant::sandbox::{self, Faults};
use tempfile::TempDir;
use tokio::task::AbortHandle;

use crate::checker::{History, Op, Store, Violation, check};
use crate::client::Patience;
use crate::daemon::Daemon;
use crate::plan::{Blow, MARGIN, Plan, Signal, Step, Wish};
use crate::planted::{Bug, plant};
use crate::roles::{self, RoleStep};
use crate::scene::{END, Scene};
use crate::tailnet::{PEOPLE, POLICY, login};

/// How long a run may take. Nothing in it takes longer than a call without a deadline: 120 s.
const LONGEST: Duration = Duration::from_secs(150);

/// How long a replica may take to end what it has seen, or what ended before it started: far more than a few requests,
/// far less than the time between two polls.
const SOON: Duration = Duration::from_secs(20);

/// What became of a plan.
pub(crate) struct Outcome {
    pub(crate) history: History,
    /// What must not be.
    pub(crate) violations: Vec<Violation>,
    /// What must not be either, and the checker cannot know.
    pub(crate) oddities: Vec<String>,
    /// Answers by their word.
    pub(crate) answers: BTreeMap<String, u64>,
    /// Those to calls for roles, and how many roles were set.
    pub(crate) role_answers: BTreeMap<String, u64>,
    pub(crate) roles_set: u64,
    /// Faults that struck.
    pub(crate) hits: BTreeMap<String, u64>,
    pub(crate) blows: Vec<Signal>,
    /// The longest time for which the machine kept this process from its work.
    pub(crate) held_up: Duration,
    /// How often bugs were planted into the history to see whether they are found.
    pub(crate) planted: BTreeMap<Bug, u64>,
    /// The history as a file, and what the replicas said.
    pub(crate) directory: TempDir,
}

impl Outcome {
    /// The recorded history.
    pub(crate) fn recording(&self) -> PathBuf {
        recording(self.directory.path())
    }

    pub(crate) fn is_good(&self) -> bool {
        self.violations.is_empty() && self.oddities.is_empty()
    }

    /// Whether the machine was so busy that a request may have taken longer than it may live, by nobody's fault.
    pub(crate) fn proves_nothing(&self) -> bool {
        self.held_up > MARGIN / 2
    }
}

/// Looks how busy the machine is: whether what is to happen at a time happens then.
struct Watch {
    longest: Arc<AtomicU64>,
    task: AbortHandle,
}

impl Watch {
    fn begin() -> Self {
        let longest = Arc::new(AtomicU64::new(0));
        let noted = Arc::clone(&longest);
        let task = tokio::spawn(async move {
            loop {
                let (pause, begun) = (Duration::from_millis(10), Instant::now());
                tokio::time::sleep(pause).await;
                let late = u64::try_from(begun.elapsed().saturating_sub(pause).as_millis()).unwrap();
                noted.fetch_max(late, Ordering::Relaxed);
            }
        });
        Self { longest, task: task.abort_handle() }
    }

    fn held_up(&self) -> Duration {
        self.task.abort();
        Duration::from_millis(self.longest.load(Ordering::Relaxed))
    }
}

/// A folder for what a run leaves behind; removed with the value.
pub(crate) fn directory(name: &str) -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix(&format!("chaos-{name}-")).tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn recording(directory: &Path) -> PathBuf {
    directory.join("history.jsonl")
}

/// Carries a plan out and judges it.
pub(crate) async fn run(plan: &Plan) -> Outcome {
    let directory = directory(&plan.seed.to_string());
    let settings = sandbox::Settings {
        policy: Some(POLICY.into()),
        store: match plan.store {
            Store::Verbatim => sandbox::Store::Verbatim,
            Store::Formatted => sandbox::Store::Formatted,
        },
        faults: plan.faults.parse().unwrap(),
        ..sandbox::Settings::default()
    };
    let watch = Watch::begin();
    let scene = Arc::new(Scene::set(settings, (plan.replicas, plan.manner), directory.path()).await);
    scene.sandbox.change(|world| {
        for person in roles::PEOPLE {
            world.add_user(&login(person), "member");
        }
    });
    let mut daemons = Vec::new();
    for number in 0..plan.replicas {
        daemons.push(scene.start(number).await);
    }
    let clients = plan.clients.iter().cloned().enumerate();
    let clients = clients.map(|(number, steps)| tokio::spawn(client(Arc::clone(&scene), number, steps)));
    let role_clients = plan.role_clients.iter().cloned().enumerate();
    let role_clients =
        role_clients.map(|(number, steps)| tokio::spawn(role_client(Arc::clone(&scene), number, steps)));
    let clients: Vec<_> = clients.chain(role_clients).collect();
    let acting = async {
        for blow in &plan.blows {
            strike(&scene, *blow, &mut daemons).await;
        }
        for client in clients {
            client.await.unwrap();
        }
    };
    // Calls that are not answered by then are told as such.
    let _ = tokio::time::timeout(LONGEST, acting).await;
    let mut oddities = settle(&scene, plan, daemons).await;
    let held_up = watch.held_up();
    let (history, record) = scene.history(plan.seed);
    oddities.extend(record.oddities());
    let roles = scene.roles();
    oddities.extend(roles.violations());
    std::fs::write(recording(directory.path()), history.write()).unwrap();
    // What is judged is what can be judged again. It takes a while, in which the others go on.
    let history = recorded(&recording(directory.path()));
    let judged = tokio::task::spawn_blocking(move || {
        let violations = check(&history);
        let (planted, missed) = if violations.is_empty() { plant(&history) } else { Default::default() };
        (history, violations, planted, missed)
    });
    let (history, violations, planted, missed) = judged.await.unwrap();
    oddities.extend(missed);
    Outcome {
        violations,
        held_up,
        planted,
        history,
        oddities,
        answers: record.answers,
        role_answers: record.role_answers,
        roles_set: roles.sets.len() as u64,
        hits: scene.sandbox.fault_hits(),
        blows: plan.blows.iter().map(|blow| blow.signal).collect(),
        directory,
    }
}

/// A history out of a file.
pub(crate) fn recorded(path: &Path) -> History {
    History::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Asks for one thing after the other.
async fn client(scene: Arc<Scene>, number: usize, steps: Vec<Step>) {
    for step in steps {
        let op = match step.wish {
            Wish::Grant => Op::Grant,
            Wish::Lease(seconds) => Op::Lease { until: scene.second(seconds) },
            Wish::Revoke => Op::Revoke,
        };
        scene.call(step.replica, number, (op, step.list, PEOPLE[step.person]), step.patience).await;
    }
}

/// The same for roles.
async fn role_client(scene: Arc<Scene>, number: usize, steps: Vec<RoleStep>) {
    for step in steps {
        scene.call_for_role(number, step).await;
    }
}

/// Hits a replica when its time has come, and starts it again.
async fn strike(scene: &Scene, blow: Blow, daemons: &mut [Daemon]) {
    scene.ended(blow.after).await;
    let daemon = &mut daemons[blow.replica as usize];
    let since = scene.now();
    match blow.signal {
        Signal::Kill => daemon.kill(),
        Signal::Terminate => daemon.terminate(),
    }
    scene.replace(blow.replica, daemon, since).await;
}

/// Lets everything come to its end: lost writes that may still take effect, leases, the replicas. What is wrong
/// with that.
async fn settle(scene: &Scene, plan: &Plan, mut daemons: Vec<Daemon>) -> Vec<String> {
    let mut oddities = Vec::new();
    scene.sandbox.set_faults(Faults::default());
    // Nobody tells of the end of a lost write: it is over when its time is.
    tokio::time::sleep(Duration::from_millis(plan.manner.write_lifetime())).await;
    // Every other run asks a replica that stays to end what it has seen, the others one that starts.
    let stays = plan.seed.is_multiple_of(2);
    if stays {
        let until = scene.second(1);
        scene.call(0, 0, (Op::Lease { until }, 2, PEOPLE[0]), Patience::Endless).await;
    }
    while let Some(left) = scene.until_last_end() {
        tokio::time::sleep(left).await;
    }
    if !stays && let Some(daemon) = daemons.first_mut() {
        let since = scene.now();
        daemon.kill();
        scene.replace(0, daemon, since).await;
    }
    let ended = async {
        while scene.policy().contains(END) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(SOON, ended).await.is_err() {
        oddities.push(format!(
            "a lease was not ended in time (the replica stayed: {stays}):\n{}",
            scene.policy()
        ));
    }
    for mut daemon in daemons {
        daemon.terminate();
        let status = daemon.ended().await;
        let log = daemon.log();
        if !status.success() || log.contains("panicked") {
            oddities.push(format!("a replica ended with {status}:\n{log}"));
        }
        oddities.extend(daemon.journal().err());
    }
    oddities
}
