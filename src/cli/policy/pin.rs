//! `tailgrant policy pin`: an `id=` above every rule that has none, in a file or on the tailnet.

use std::path::Path;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;
use similar::TextDiff;

use super::input::Source;
use super::lines::count;
use super::replace::replace;
use super::subject::{live_arguments, policy_name};
use super::{Answer, Error, Output, file_argument, json_argument, words};
use crate::cli::excerpt::harmless;
use crate::cli::output::{self, BAD, GOOD, HEADING, PLACE};
use crate::cli::{block_on, upstream};
use crate::config::{Environment, Upstream, Values};
use crate::policy::{self, Pin};
use crate::tailscale::{self, Client, Sent};

/// How long calls that are safe to repeat are repeated.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the policy is read and pinned anew while others change it.
const ATTEMPTS: u32 = 8;
/// How long is waited before the second attempt; before each further one, twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// Most lines that are named in a remark.
const MOST_LINES: usize = 20;

pub(super) fn command() -> Command {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("pin")
        .about("Give every rule a lasting name, as a comment above it")
        .long_about(
            "Writes `// tailgrant: id=NAME` above every ACL rule, SSH rule and grant rule that says nothing of its id, \
             with a name made of the rule's own words. From then on the rule keeps its id whatever else is edited. \
             Rules that are equal but for their sources are one resource and get one name.\n\n\
             Only comments come, every other byte stays; that is proved before anything is written. Without FILE the \
             tailnet's own policy is pinned: read, pinned, proved, and written only if nobody changed it meanwhile, \
             else all over again; then --tailnet or TAILGRANT_TAILNET must name it. FILE - prints the new text.\n\n\
             With --json: {\"written\":BOOL,\"pins\":[{\"section\",\"index\",\"line\",\"before\",\"id\"}],\
             \"ignored\":[LINE]}, and with FILE - the new \"text\"; ignored are rules whose id= does not count.",
        )
        .arg(file_argument("file"))
        .arg(json_argument())
        .arg(switch("dry-run", "Write nothing; print the change as a unified diff"))
        .arg(switch("allow-external", "Write a policy that the tailnet's settings say another pipeline manages"))
        .args(live_arguments("The tailnet", "Tailnet to pin; must be given where FILE is not"))
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let dry_run = flags.get_flag("dry-run");
    let path = flags.get_one::<String>("file");
    let pinned = if let Some(path) = path {
        pin_file(path, dry_run)?
    } else {
        let upstream = Upstream::check_optional(&Values::collect(flags, environment)?)?;
        let upstream = upstream.ok_or(Error::NoPolicy)?;
        // A credential in the environment is no wish to edit what it opens.
        if upstream.tailnet == "-" && !dry_run {
            return Err(Error::UnnamedTailnet);
        }
        let client = upstream::client(&upstream, None, PATIENCE)?;
        block_on(pin_tailnet(&client, dry_run, flags.get_flag("allow-external")))?
    };
    let to_print = path.is_some_and(|path| path == "-") && !dry_run;
    let printed = if flags.get_flag("json") {
        let text = if to_print { Some(super::text_for_json(pinned.new_text())?) } else { None };
        let written = pinned.text.is_some() && !dry_run && !to_print;
        output
            .json(&Json { written, pins: &pinned.pins, ignored: &pinned.ignored, text })
            .map_err(Error::Output)
    } else if to_print {
        output.bytes(pinned.new_text()).map_err(Error::Output)
    } else {
        show(&pinned, dry_run, output)
    };
    Answer::Yes.printed(printed)
}

/// A text that was pinned.
struct Pinned {
    source: Source,
    /// None: there was nothing to do.
    text: Option<Vec<u8>>,
    /// The rules that get a name.
    pins: Vec<PinJson>,
    /// The lines of rules whose id does not count.
    ignored: Vec<usize>,
    /// How many rules there are.
    rules: usize,
}

/// The outside form; do not rename.
#[derive(Serialize)]
struct Json<'p> {
    /// Whether the file or the tailnet's policy was replaced.
    written: bool,
    pins: &'p [PinJson],
    ignored: &'p [usize],
    /// The new text, where it is not written anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'p str>,
}

#[derive(Serialize)]
struct PinJson {
    section: &'static str,
    index: usize,
    line: usize,
    before: String,
    id: String,
}

impl Pinned {
    /// Pins a text, and proves it.
    fn new(source: Source) -> Result<Self, Error> {
        source.parse()?;
        let pinning =
            policy::pin(&source.text).map_err(|cause| Error::Policy { file: source.name.clone(), cause })?;
        let text = pinning.prove().map_err(|cause| Error::Unproved { file: source.name.clone(), cause })?;
        let of = |pin: &Pin| PinJson {
            section: pin.section.name(),
            index: pin.index,
            line: pin.position.line,
            before: pin.before.clone(),
            id: pin.id.clone(),
        };
        let pins = pinning.pins.iter().map(of).collect();
        let ignored = pinning.ignored.iter().map(|position| position.line).collect();
        let rules = pinning.rules;
        drop(pinning);
        Ok(Self { source, text, pins, ignored, rules })
    }

    fn new_text(&self) -> &[u8] {
        self.text.as_ref().unwrap_or(&self.source.text)
    }
}

fn pin_file(path: &str, dry_run: bool) -> Result<Pinned, Error> {
    let pinned = Pinned::new(Source::read(path)?)?;
    if let Some(text) = pinned.text.as_ref().filter(|_| !dry_run && path != "-") {
        replace(Path::new(path), &pinned.source.text, text)
            .map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
    }
    Ok(pinned)
}

/// Reads, pins, proves and writes; all over again while somebody else is faster.
async fn pin_tailnet(client: &Client, dry_run: bool, allow_external: bool) -> Result<Pinned, Error> {
    let failed = |cause| Error::Tailscale(Box::new(cause));
    let not_stored = |problem: &str, cause: Option<tailscale::Error>| Error::NotStored {
        tailnet: client.tailnet().to_owned(),
        problem: problem.to_owned(),
        cause: cause.map(Box::new),
    };
    if !dry_run && !allow_external && client.policy_pipeline().await.map_err(failed)?.into_read().is_some() {
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
        let name = policy_name(client.tailnet());
        let pinned = Pinned::new(Source { name, text: read.text.to_vec() })?;
        let Some(text) = pinned.text.clone().filter(|_| !dry_run) else { return Ok(pinned) };
        let etag = read.etag.ok_or_else(|| not_stored("the service gave no tag to write it under", None))?;
        match client.put_policy(text.clone().into(), &etag).await {
            Sent::Stored(_) => return Ok(pinned),
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
    if let Some(text) = &pinned.text {
        if dry_run {
            diff(&pinned.source, text, output)?;
        } else {
            for PinJson { line, before, id, .. } in &pinned.pins {
                output.line(format_args!("line {line}: {} is now {}", harmless(before), harmless(id)))?;
            }
        }
        let rules = count(pinned.pins.len(), "rule");
        let what = if dry_run { "would get a name; nothing was written" } else { "got a name" };
        output::remark(format_args!("{name}: {rules} {what}"));
    } else if pinned.rules == 0 {
        output::remark(format_args!("{name}: there are no rules; nothing to do"));
    } else if pinned.ignored.is_empty() {
        output::remark(format_args!("{name}: every rule says what its id is; nothing to do"));
    } else {
        output::remark(format_args!("{name}: no rule is without an id; nothing was written"));
    }
    if !pinned.ignored.is_empty() {
        let rules = count(pinned.ignored.len(), "rule");
        let lines = words::some_of(pinned.ignored.iter().map(ToString::to_string), MOST_LINES);
        output::remark(format_args!(
            "{name}: {rules} with an id= that does not count (malformed, doubled, or on rules that differ), line \
             {lines}: put it right, or remove it and run again"
        ));
    }
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
