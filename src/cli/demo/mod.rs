//! `tailgrant demo`: the main job on a simulated tailnet, in one process and in seconds.
//!
//! Nothing is faked beyond the tailnet itself: the daemon, its gRPC server and the client talk over
//! loopback exactly as `tailgrant serve` and a governance platform would.

mod client;
mod show;
mod stage;

use std::io;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use self::client::{Client, Synced};
use self::show::{Changed, check, heading, names, remark};
use self::stage::Stage;
use super::block_on;
use super::error::Error;
use super::output::{HEADING, Output};
use crate::proto::annotation;
use crate::proto::c1::connector::v2::{Entitlement, Grant, GrantAlreadyExists, Resource};

/// How many rules are shown with their people.
const RULES_SHOWN: usize = 3;

/// Runs the demo and prints it.
pub(super) fn run(output: &mut Output) -> Result<(), Error> {
    block_on(async {
        // A reader that closed the pipe early is told apart from a demo that failed.
        tell(output)
            .await
            .map_err(|error| error.downcast::<io::Error>().map_or_else(Error::Demo, Error::Output))
    })
}

async fn tell(output: &mut Output) -> anyhow::Result<()> {
    output.styled(HEADING, "tailgrant: a simulated tailnet, the real daemon, a real gRPC client")?;
    let stage = Stage::set().await?;
    stage.settle().await?;
    let client = Client::connect(stage.daemon()).await?;
    remark(output, &format!("sandbox {}, daemon {}", stage.sandbox().url(), stage.daemon()))?;

    heading(output, 1, "Sync")?;
    let synced = client.sync("demo-1", &progress()).await.context("the sync failed")?;
    show::counts(output, &synced)?;
    let calls = stage.api_calls();
    check(
        output,
        &format!(
            "synced in {} ms with {calls} calls to the Tailscale API, however many groups and rules there are",
            synced.took.as_millis()
        ),
    )?;

    heading(output, 2, "Who can do what")?;
    show_rules(output, &synced)?;

    let (rule, entitlement, person) = newcomer(&synced)?;
    heading(output, 3, &format!("Grant \"{}\" to {}", rule.display_name, person.display_name))?;
    let original = stage.sandbox().policy();
    let grant = give(output, &stage, &client, entitlement, person, &original).await?;
    again(output, &stage, &client, entitlement, person).await?;

    heading(output, 4, "Somebody else edits the policy, and the grant is revoked")?;
    take_back(output, &stage, &client, &grant, &original).await?;

    output.line("")?;
    output.styled(HEADING, "What to try next")?;
    for (command, purpose) in NEXT {
        output.line(format_args!("   {command:<59}{purpose}"))?;
    }
    stage.strike().await
}

/// Commands for after the demo.
const NEXT: [(&str, &str); 4] = [
    ("tailgrant serve --sandbox --provisioning", "point your own Baton client at it"),
    ("tailgrant serve --api-key KEY --tailnet NAME", "your tailnet, read only"),
    ("tailgrant sandbox --users 1000 --groups 200 --rules 400", "a larger simulated tailnet"),
    ("tailgrant serve --help", "everything that can be set"),
];

fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("   {bar:30} {pos}/{len} {msg}");
    // The template is a constant; a bar without it would only look plainer.
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Shows some rules: who stands in them, and the people behind.
fn show_rules(output: &mut Output, synced: &Synced) -> anyhow::Result<()> {
    for kind in ["sshrule", "aclrule", "grantrule"].into_iter().take(RULES_SHOWN) {
        let shown = synced.of_kind(kind).filter_map(|rule| Some((rule, synced.membership(rule)?)));
        // The rule with the most to tell: most people, as long as it is not simply everybody.
        let Some((rule, entitlement)) =
            shown.max_by_key(|(_, entitlement)| synced.people(&entitlement.id).len())
        else {
            continue;
        };
        output.line(format_args!("   {HEADING}{}{HEADING:#}", rule.display_name))?;
        let sources: Vec<&str> =
            synced.holders(&entitlement.id).map(|holder| holder.principal.display_name.as_str()).collect();
        output.line(format_args!("     for    {}", names(sources, 12)))?;
        let people = synced.people(&entitlement.id);
        output.line(format_args!("     people {}", names(people.iter().map(String::as_str), 12)))?;
    }
    Ok(())
}

/// An SSH rule and an enabled member of the tailnet who cannot use it yet.
fn newcomer(synced: &Synced) -> anyhow::Result<(&Resource, &Entitlement, &Resource)> {
    use crate::proto::c1::connector::v2::status::ResourceStatus;
    for rule in synced.of_kind("sshrule") {
        let Some(entitlement) = synced.membership(rule) else { continue };
        if !entitlement.grantable_to.iter().any(|kind| kind.id == "user") {
            continue;
        }
        let people = synced.people(&entitlement.id);
        let enabled = |user: &&Resource| {
            user.status.as_ref().is_some_and(|status| status.status == i32::from(ResourceStatus::Enabled))
        };
        // Members have a role; people from other tailnets have none.
        let mut users = synced.of_kind("user").filter(enabled).filter(|user| synced.has_role(user));
        if let Some(user) = users.find(|user| !people.contains(&user.display_name)) {
            return Ok((rule, entitlement, user));
        }
    }
    bail!("the simulated tailnet has no SSH rule that somebody lacks")
}

/// Grants, and shows what that did to the policy.
async fn give(
    output: &mut Output,
    stage: &Stage,
    client: &Client,
    entitlement: &Entitlement,
    person: &Resource,
    original: &[u8],
) -> anyhow::Result<Grant> {
    let begin = Instant::now();
    let answer = client.grant(entitlement, person).await.context("the grant failed")?;
    let took = begin.elapsed();
    let changed = show::diff(output, original, &stage.sandbox().policy())?;
    ensure!(changed.lines() == 1, "the grant changed more than one line: {changed:?}");
    let lines = original.split(|&byte| byte == b'\n').count() - 1;
    check(output, &format!("granted in {} ms: one line changed of {lines}", took.as_millis()))?;
    answer.grants.into_iter().next().context("the answer holds no grant")
}

/// Grants once more.
async fn again(
    output: &mut Output,
    stage: &Stage,
    client: &Client,
    entitlement: &Entitlement,
    person: &Resource,
) -> anyhow::Result<()> {
    let before = stage.policy_writes();
    let answer = client.grant(entitlement, person).await.context("granting again failed")?;
    ensure!(
        annotation::find::<GrantAlreadyExists>(&answer.annotations)?.is_some(),
        "granting again was not noticed"
    );
    ensure!(stage.policy_writes() == before, "granting again wrote the policy");
    Ok(check(output, "granted again: already there, nothing was written")?)
}

/// Revokes after a foreign edit, which must survive.
async fn take_back(
    output: &mut Output,
    stage: &Stage,
    client: &Client,
    grant: &Grant,
    original: &[u8],
) -> anyhow::Result<()> {
    remark(
        output,
        "a colleague puts a line on top, which the daemon has not seen; original and outcome differ by:",
    )?;
    let edited = with_remark(&stage.sandbox().policy());
    stage.sandbox().edit_policy(edited);
    let begin = Instant::now();
    client.revoke(grant).await.context("the revoke failed")?;
    let took = begin.elapsed();
    let now = stage.sandbox().policy();
    let changed = show::diff(output, original, &now)?;
    ensure!(changed == Changed { added: 1, removed: 0 }, "more than the foreign edit is left: {changed:?}");
    ensure!(now == with_remark(original), "the text is not the original plus the foreign edit");
    check(output, &format!("revoked in {} ms; the foreign edit survived", took.as_millis()))?;
    let compared = now.len();
    Ok(check(
        output,
        &format!("the text is the original plus that edit, bit for bit ({compared} bytes compared)"),
    )?)
}

/// The policy as a colleague leaves it: with a remark on top.
fn with_remark(policy: &[u8]) -> Vec<u8> {
    [b"// Reviewed by the network team.\n", policy].concat()
}
