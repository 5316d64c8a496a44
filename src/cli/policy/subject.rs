//! What a command is about: a policy, and the tailnet it is for.

use std::time::Duration;

use clap::{Arg, ArgMatches};

use super::input::Source;
use super::{Error, topology_file};
use crate::cli::{block_on, upstream};
use crate::config::{self, Environment, Upstream, Values};
use crate::connector;
use crate::policy::Topology;
use crate::tailnet::Part;
use crate::tailscale::{self, Client};

/// How long a person at a terminal waits while Tailscale fails or limits the rate.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands above the flags of the tailnet in the help.
const HEADING: &str = "The tailnet, read live";

/// A policy and, where it is known, the tailnet it is for.
pub(super) struct Subject {
    pub(super) source: Source,
    pub(super) topology: Option<Topology>,
}

/// The flags that say which tailnet a policy is for.
pub(super) fn arguments() -> Vec<Arg> {
    let file = Arg::new("topology").long("topology").value_name("FILE").help(
        "Users and devices: a JSON object with `users` and `nodes`, or one that has it as its `topology`; nothing \
         is read from a tailnet then",
    );
    std::iter::once(file).chain(live_arguments(HEADING, "Tailnet to read")).collect()
}

/// The flags that say how a tailnet is reached, under a heading; what the tailnet is for is the command's.
pub(super) fn live_arguments(heading: &'static str, what: &'static str) -> impl Iterator<Item = Arg> {
    config::upstream_arguments().into_iter().map(move |argument| {
        let argument = argument.help_heading(heading);
        if argument.get_id() == "tailnet" {
            argument.help(format!("{what} [default: -, the credential's own]"))
        } else {
            argument
        }
    })
}

/// What a tailnet's own policy is called in messages.
pub(super) fn policy_name(tailnet: &str) -> String {
    match tailnet {
        "-" => "the tailnet's policy".to_owned(),
        name => format!("policy of {name}"),
    }
}

impl Subject {
    /// Reads the policy that `--policy` or the positional argument of that id names, and the topology file;
    /// where these are not given, the tailnet, if there is a credential for one.
    ///
    /// # Errors
    ///
    /// Fails when there is neither a file nor a tailnet to read the policy from, and when what is given
    /// cannot be read.
    pub(super) fn gather(
        flags: &ArgMatches,
        policy: &'static str,
        environment: Environment<'_>,
    ) -> Result<Self, Error> {
        let path = flags.get_one::<String>(policy);
        let topology = flags.get_one::<String>("topology");
        if [path, topology].iter().all(|path| path.is_some_and(|path| path == "-")) {
            return Err(Error::TwiceStandardInput);
        }
        let source = path.map(|path| Source::read(path)).transpose()?;
        if let Some(path) = topology {
            let topology = Some(topology_file::read(path)?);
            return match source {
                Some(source) => Ok(Self { source, topology }),
                None => Err(Error::NoPolicy),
            };
        }
        match (Upstream::check_optional(&Values::collect(flags, environment)?)?, source) {
            (Some(upstream), source) => live(&upstream, source),
            (None, Some(source)) => Ok(Self { source, topology: None }),
            (None, None) => Err(Error::NoPolicy),
        }
    }

    /// The topology of a command that can do nothing without one.
    pub(super) fn topology(&self) -> Result<&Topology, Error> {
        self.topology.as_ref().ok_or(Error::NoTopology)
    }
}

/// Reads users and devices, and the policy too where there is none yet.
fn live(upstream: &Upstream, source: Option<Source>) -> Result<Subject, Error> {
    let client = upstream::client(upstream, None, PATIENCE)?;
    let read =
        block_on(async { read(&client, source).await.map_err(|error| Error::Tailscale(Box::new(error))) });
    let (users, devices, source) = read?;
    match devices {
        Part::Read(devices) => Ok(Subject { source, topology: Some(connector::topology(&users, &devices)) }),
        Part::Unreadable(needs) => Err(Error::NoDevices { tailnet: upstream.tailnet.clone(), needs }),
    }
}

type Read = (Vec<crate::tailnet::User>, Part<Vec<crate::tailnet::Device>>, Source);

async fn read(client: &Client, source: Option<Source>) -> Result<Read, tailscale::Error> {
    let policy = async {
        match source {
            Some(source) => Ok(source),
            None => client
                .policy()
                .await
                .map(|policy| Source { name: policy_name(client.tailnet()), text: policy.text.to_vec() }),
        }
    };
    tokio::try_join!(client.users(), client.devices(), policy)
}
