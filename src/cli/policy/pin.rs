//! `tailgrant policy pin`: an `id=` above every rule that has none, in a file or on the tailnet.

use std::path::Path;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use similar::TextDiff;

use super::input::Source;
use super::lines::count;
use super::replace::replace;
use super::{Answer, Error, Output, file_argument};
use crate::cli::excerpt::harmless;
use crate::cli::output::{self, BAD, GOOD, HEADING, PLACE};
use crate::cli::{block_on, upstream};
use crate::config::{self, Environment, Upstream, Values};
use crate::policy::{self, Pinning};
use crate::tailscale::{self, Client, Sent};

/// How long calls that are safe to repeat are repeated.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the policy is read and pinned anew while others change it.
const ATTEMPTS: u32 = 8;
/// How long is waited before the second attempt; before each further one, twice as long.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn command() -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let live = config::upstream_arguments().into_iter().map(|argument| argument.help_heading("The tailnet"));
    Command::new("pin")
        .about("Give every rule a lasting name, as a comment above it")
        .long_about(
            "Writes `// tailgrant: id=NAME` above every ACL rule, SSH rule and grant rule that says nothing of its id, \
             with a name made of the rule's own words. From then on the rule keeps its id whatever else is edited. \
             Rules that are equal but for their sources are one resource and get one name.\n\n\
             Only comments come, every other byte stays; that is proved before anything is written. Without FILE the \
             tailnet's own policy is pinned: read, pinned, proved, and written only if nobody changed it meanwhile, \
             else all over again. FILE - prints the new text.",
        )
        .arg(file_argument("file"))
        .arg(switch("dry-run", "Write nothing; print the change as a unified diff"))
        .arg(switch("allow-external", "Write a policy that the tailnet's settings say another pipeline manages"))
        .args(live)
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let dry_run = flags.get_flag("dry-run");
    if let Some(path) = flags.get_one::<String>("file") {
        pin_file(path, dry_run, output)?;
    } else {
        let upstream = Upstream::check_optional(&Values::collect(flags, environment)?)?;
        let tailnet = upstream.ok_or(Error::NoPolicy)?;
        let client = upstream::client(&tailnet, None, PATIENCE)?;
        let pinned = block_on(pin_tailnet(&client, dry_run, flags.get_flag("allow-external")))?;
        show(&pinned, dry_run, output)?;
    }
    Ok(Answer::Yes)
}

/// A text that was pinned.
struct Pinned {
    source: Source,
    /// None: there was nothing to do.
    text: Option<Vec<u8>>,
    /// Old and new ids.
    ids: Vec<(usize, String, String)>,
}

impl Pinned {
    /// Pins a text, and proves it.
    fn new(source: Source) -> Result<Self, Error> {
        source.parse()?;
        let pinning =
            policy::pin(&source.text).map_err(|cause| Error::Policy { file: source.name.clone(), cause })?;
        let text = pinning.prove().map_err(|cause| Error::Unproved { file: source.name.clone(), cause })?;
        let ids = ids(&pinning);
        drop(pinning);
        Ok(Self { source, text, ids })
    }
}

fn ids(pinning: &Pinning<'_>) -> Vec<(usize, String, String)> {
    pinning.pins.iter().map(|pin| (pin.position.line, pin.before.clone(), pin.id.clone())).collect()
}

fn pin_file(path: &str, dry_run: bool, output: &mut Output) -> Result<(), Error> {
    let pinned = Pinned::new(Source::read(path)?)?;
    match &pinned.text {
        _ if dry_run => {}
        new if path == "-" => return Ok(output.bytes(new.as_ref().unwrap_or(&pinned.source.text))?),
        Some(text) => {
            replace(Path::new(path), text).map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
        }
        None => {}
    }
    show(&pinned, dry_run, output)
}

/// Reads, pins, proves and writes; all over again while somebody else is faster.
async fn pin_tailnet(client: &Client, dry_run: bool, allow_external: bool) -> Result<Pinned, Error> {
    let failed = |cause| Error::Tailscale(Box::new(cause));
    let not_stored = |problem: &str, cause: Option<tailscale::Error>| Error::NotStored {
        tailnet: client.tailnet().to_owned(),
        problem: problem.to_owned(),
        cause: cause.map(Box::new),
    };
    if !dry_run && !allow_external && client.policy_pipeline().await.map_err(failed)?.is_some() {
        return Err(not_stored(
            "its settings say that another pipeline manages it, which would overwrite the pins: pin the file there, \
             or give --allow-external",
            None,
        ));
    }
    let (mut pause, mut hindrance) = (PAUSE, ("it was not tried", None));
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        let read = client.policy_uncached().await.map_err(failed)?;
        let name = format!("policy of {}", client.tailnet());
        let pinned = Pinned::new(Source { name, text: read.text.to_vec() })?;
        let Some(text) = pinned.text.clone().filter(|_| !dry_run) else { return Ok(pinned) };
        let etag = read.etag.ok_or_else(|| not_stored("the service gave no tag to write it under", None))?;
        match client.put_policy(text.clone().into(), &etag).await {
            Sent::Stored => return Ok(pinned),
            Sent::Stale => hindrance = ("others keep changing it; try again", None),
            Sent::NotSent(cause) => hindrance = ("it could not be sent", Some(cause)),
            Sent::Refused(cause) => return Err(not_stored("the service refused it", Some(cause))),
            Sent::Lost(cause) => {
                // Read once more: either it shows what was sent, or nobody can tell.
                let shown = client.policy_uncached().await;
                if shown.is_ok_and(|shown| policy::stored_as(&text, &shown.text)) {
                    return Ok(pinned);
                }
                return Err(Error::OutcomeUnknown {
                    tailnet: client.tailnet().to_owned(),
                    cause: Box::new(cause),
                });
            }
        }
    }
    let (problem, cause) = hindrance;
    Err(not_stored(problem, cause))
}

fn show(pinned: &Pinned, dry_run: bool, output: &mut Output) -> Result<(), Error> {
    let name = harmless(&pinned.source.name);
    let Some(text) = &pinned.text else {
        output::remark(format_args!("{name}: every rule says what its id is; nothing to do"));
        return Ok(());
    };
    if dry_run {
        diff(&pinned.source, text, output)?;
    } else {
        for (line, before, id) in &pinned.ids {
            output.line(format_args!("line {line}: {} is now {}", harmless(before), harmless(id)))?;
        }
    }
    let rules = count(pinned.ids.len(), "rule");
    let what = if dry_run { "would get a name; nothing was written" } else { "got a name" };
    output::remark(format_args!("{name}: {rules} {what}"));
    Ok(())
}

/// The unified diff of the old and the new text. Every byte is printed, so that it can be applied; where a
/// person watches, what could play with the terminal is replaced.
fn diff(source: &Source, new: &[u8], output: &mut Output) -> Result<(), Error> {
    let (old, new) = (String::from_utf8_lossy(&source.text), String::from_utf8_lossy(new));
    let diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
    let names = (format!("{} before", source.name), format!("{} after", source.name));
    let text = diff.unified_diff().context_radius(3).header(&names.0, &names.1).to_string();
    if !output.is_terminal() {
        return Ok(output.bytes(text.as_bytes())?);
    }
    for line in text.lines() {
        let style = match line.as_bytes() {
            [b'@', ..] => PLACE,
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => HEADING,
            [b'+', ..] => GOOD,
            [b'-', ..] => BAD,
            _ => anstyle::Style::new(),
        };
        output.styled(style, harmless(&line.replace('\t', "    ")))?;
    }
    Ok(())
}
