//! The command line's shape and its help.

use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;

use crate::{config, sandbox};

/// Most users, groups, rules or devices that are generated.
const LARGEST_SANDBOX: i64 = 1_000_000;

/// The whole command line.
pub(super) fn command() -> Command {
    Command::new("tailgrant")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Connects a Tailscale tailnet to access-governance platforms")
        .long_about(
            "Connects a Tailscale tailnet to access-governance platforms: serves users, groups, roles, devices and \
             rules over the Baton connector protocol, and grants and revokes access by minimal edits of the tailnet \
             policy file.\n\nNew here? Run `tailgrant demo`.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .subcommand(
            Command::new("serve")
                .about("Serve one tailnet over gRPC")
                .long_about(
                    "Serves one tailnet over gRPC (c1.connector.v2). The first line on standard output is \
                     `serving c1.connector.v2 on ADDR`; logs go to standard error.\n\nEvery value is taken from the \
                     flag, else from the environment (TAILGRANT_ or BATON_ and the flag in upper case, such as \
                     TAILGRANT_API_KEY), else from the file, else from the default. Any secret can be file:PATH.",
                )
                .args(config::arguments()),
        )
        .subcommand(super::policy::command())
        .subcommand(super::journal::command())
        .subcommand(
            Command::new("demo").about("Show the main job on a simulated tailnet: sync, grant, revoke; takes seconds"),
        )
        .subcommand(with_environment(sandbox_command(), "TAILGRANT_SANDBOX_"))
        .subcommand(with_environment(health_check_command(), "TAILGRANT_HEALTH_CHECK_"))
        .subcommand(
            Command::new("completion")
                .about("Print a completion script for a shell")
                .arg(Arg::new("shell").required(true).value_parser(value_parser!(Shell))),
        )
}

/// Gives each flag an environment name: the prefix and the flag in upper case. The names are not those of
/// `serve`, so that a shell set up for the daemon changes nothing here.
fn with_environment(command: Command, prefix: &str) -> Command {
    let hint =
        format!("Each flag can also be given in the environment as {prefix} and its name in upper case.");
    command.after_help(hint).mut_args(|argument| {
        let name = argument.get_id().as_str().replace('-', "_").to_uppercase();
        argument.env(format!("{prefix}{name}")).hide_env(true)
    })
}

fn sandbox_command() -> Command {
    let sizes = sandbox::Generate::default();
    let number = |name: &'static str, default: usize, help: &'static str| {
        let sizes = value_parser!(u32).range(..=LARGEST_SANDBOX);
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default.to_string())
            .value_parser(sizes)
            .help(help)
    };
    Command::new("sandbox")
        .about("Run a simulated Tailscale API")
        .long_about(
            "Runs a simulated Tailscale API for rehearsals and tests. The first line on standard output is \
             `sandbox listening on http://ADDR`.\n\nBeside the API under /api/v2 it answers GET /_sandbox/stats, \
             GET and PUT /_sandbox/policy (somebody else edits), GET /_sandbox/faults (which struck how often), GET \
             /_sandbox/history and POST /_sandbox/reset-stats.",
        )
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR")
                .default_value("127.0.0.1:8080")
                .help("Address and port; port 0 takes a free one"),
        )
        .arg(
            Arg::new("tailnet")
                .long("tailnet")
                .value_name("NAME")
                .default_value("example.com")
                .help("Name of the simulated tailnet"),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("FILE")
                .help("Policy file to begin with, instead of the generated one"),
        )
        .arg(
            Arg::new("store")
                .long("store")
                .value_name("HOW")
                .default_value("formatted")
                .value_parser(["formatted", "verbatim"])
                .help("Keep the canonical form of a policy, as the service does, or its very bytes"),
        )
        .arg(number("users", sizes.users, "Users of the generated tailnet"))
        .arg(number("groups", sizes.groups, "Its groups"))
        .arg(number("rules", sizes.rules, "Its rules: acls, grants and ssh together"))
        .arg(number("devices", sizes.devices, "Its devices"))
        .arg(
            Arg::new("seed")
                .long("seed")
                .value_name("N")
                .default_value("1")
                .value_parser(value_parser!(u64))
                .help("Equal seeds and sizes give equal tailnets"),
        )
        .arg(
            Arg::new("api-key")
                .long("api-key")
                .value_name("KEY")
                .help("The one API key that is accepted; without it any key is"),
        )
        .arg(
            Arg::new("latency")
                .long("latency")
                .value_name("TIME")
                .default_value("0ms")
                .help("Time that every answer takes, such as 20ms or 1ms..80ms"),
        )
        .arg(
            Arg::new("faults")
                .long("faults")
                .value_name("SPEC")
                .help("Seeded faults, such as `seed=7,acl.post:lost-answer=0.1`; --help has the words")
                .long_help(sandbox::Faults::GRAMMAR),
        )
        .arg(number("history", 0, "How many of the newest stored policy texts GET /_sandbox/history shows"))
}

fn health_check_command() -> Command {
    Command::new("health-check")
        .about("Ask a running daemon whether it is healthy; exit status 0 if so")
        .arg(
            Arg::new("address").long("address").value_name("ADDR").help(
                "Where the daemon listens [default: its --listen, as the environment and --config say]",
            ),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("TIME")
                .default_value("5s")
                .help("How long to wait in all"),
        )
        .arg(Arg::new("config").long("config").value_name("FILE").help("The daemon's configuration file"))
        .arg(
            Arg::new("quiet")
                .long("quiet")
                .short('q')
                .action(ArgAction::SetTrue)
                .help("Say nothing; the exit status tells"),
        )
}
