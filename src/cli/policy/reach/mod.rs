//! `tailgrant policy reach`: may this one reach that one, and by which rules?

mod json;
mod party;
mod question;
mod show;

use clap::{Arg, ArgAction, ArgMatches, Command};

use self::party::{Party, parties, split_port};
use self::question::{Question, Way};
use super::subject::{self, Subject};
use super::{Answer, Error, Output, json_argument, words};
use crate::cli::excerpt::harmless;
use crate::cli::output;
use crate::config::Environment;
use crate::policy::reach::Reach;
use crate::policy::{Policy, Protocol};

/// Most ways that are looked at.
const MOST_WAYS: usize = 100_000;

pub(super) fn command() -> Command {
    Command::new("reach")
        .about("Say whether FROM may reach TO, and by which rules")
        .long_about(
            "Says whether FROM may reach TO, and by which rules of the policy.\n\n\
             FROM and TO are the name of a device, an address, a login, a tag, a group, an autogroup, a host of the \
             policy, or * for every device. TO may end with a port: tag:db:5432, [fd7a::1]:22. Without a port the \
             answer says what is open.\n\n\
             The policy comes from --policy, users and devices from --topology; where there is a credential for a \
             tailnet, what is not given is read from it.\n\n\
             Postures are not looked at: where a rule has some, the answer names them. The exit status is 0 for yes \
             and no alike, unless --exit-code is given.",
        )
        .arg(Arg::new("from").value_name("FROM").required(true).help("Who wants to get somewhere"))
        .arg(Arg::new("to").value_name("TO").required(true).help("Where to; may end with :PORT"))
        .arg(Arg::new("policy").long("policy").value_name("FILE").help("Policy file; - is standard input"))
        .arg(
            Arg::new("proto")
                .long("proto")
                .value_name("PROTOCOL")
                .value_parser(|text: &str| text.parse::<Protocol>())
                .help("tcp, udp, icmp, … or a number [default: with a port tcp, else any]"),
        )
        .arg(
            Arg::new("ssh").long("ssh").value_name("ACCOUNT").conflicts_with("proto").help(
                "Ask for a login over Tailscale SSH as this account; that also takes network access to port 22",
            ),
        )
        .arg(
            Arg::new("exit-code")
                .long("exit-code")
                .action(ArgAction::SetTrue)
                .help("Exit with 1 unless the answer is yes for every way"),
        )
        .arg(json_argument())
        .args(subject::arguments())
}

pub(super) fn run(
    flags: &ArgMatches,
    environment: Environment<'_>,
    output: &mut Output,
) -> Result<Answer, Error> {
    let word = |name: &str| flags.get_one::<String>(name).map_or("", String::as_str);
    let (to, port) = split_port(word("to"))?;
    let question = Question {
        protocol: flags.get_one::<Protocol>("proto").copied(),
        port,
        account: flags.get_one::<String>("ssh").cloned(),
    };
    check(&question)?;
    let subject = Subject::gather(flags, "policy", environment)?;
    let topology = subject.topology()?;
    let document = subject.source.parse()?;
    let policy = subject.source.policy(&document)?;
    let from = parties(word("from"), &policy, topology)?;
    let to = parties(&to, &policy, topology)?;
    bound(&from, &to)?;
    for party in from.iter().filter(|party| party.device.is_none()) {
        output::remark(format_args!("no device of the tailnet has the address {}", harmless(&party.name)));
    }
    let ways = question.ask(&Reach::compile(&policy, topology), &from, &to);
    let all_open = !ways.is_empty() && ways.iter().all(Way::is_open);
    let answered =
        Answered { words: [word("from"), word("to")], question: &question, ways: &ways, policy: &policy };
    let answer = if all_open || !flags.get_flag("exit-code") { Answer::Yes } else { Answer::No };
    let printed = if flags.get_flag("json") {
        output.json(&json::view(&answered))
    } else {
        show::show(&answered, &subject.source.name, output)
    };
    answer.printed(printed.map_err(Error::Output))
}

/// A question and its answers.
struct Answered<'a, 'd> {
    /// FROM and TO as they were given.
    words: [&'a str; 2],
    question: &'a Question,
    ways: &'a [Way<'a>],
    policy: &'a Policy<'d>,
}

/// Refuses what excludes each other.
fn check(question: &Question) -> Result<(), Error> {
    let problem = match question {
        Question { account: Some(_), port: Some(_), .. } => {
            "--ssh is about port 22 of a device: leave the port out".to_owned()
        }
        Question { port: Some(_), protocol: Some(protocol), .. } if !protocol.has_ports() => {
            format!("protocol {} has no ports: leave the port out", words::name(*protocol))
        }
        _ => return Ok(()),
    };
    Err(Error::Question(problem))
}

fn bound(from: &[Party], to: &[Party]) -> Result<(), Error> {
    let ways = from.len().saturating_mul(to.len());
    if ways > MOST_WAYS {
        let problem = format!("that is {ways} ways, more than {MOST_WAYS}: ask for fewer devices");
        return Err(Error::Question(problem));
    }
    Ok(())
}
