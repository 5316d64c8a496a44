//! What ends a run badly: the message for people and the exit code for scripts.

use std::io;
use std::process::ExitCode;

use super::output;
use crate::policy::{self, ReadError};
use crate::tailscale::with_causes;
use crate::{config, journal, sandbox, server, tailscale};

/// Why a subcommand failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A flag of a subcommand other than `serve` cannot be used.
    #[error("--{flag}: {problem}")]
    Flag { flag: &'static str, problem: String },
    /// A certificate, key or policy file cannot be read.
    #[error("the file {path} cannot be read")]
    File {
        path: String,
        #[source]
        cause: io::Error,
    },
    /// A file cannot be replaced by its new text.
    #[error("the file {path} was not written")]
    Write {
        path: String,
        #[source]
        cause: io::Error,
    },
    /// A file breaks the grammar of policy files.
    #[error("{file}: {problem}")]
    Syntax {
        file: String,
        /// `line L, column C: …`
        problem: String,
        /// The same with the line it is about, in colour.
        excerpt: String,
    },
    /// A file is HuJSON, but no policy.
    #[error("{file}: {cause}")]
    Policy { file: String, cause: ReadError },
    /// A file does not say what users and devices there are.
    #[error("{file} is no topology: {problem}")]
    Topology { file: String, problem: String },
    /// Two files are to be read, and both are standard input.
    #[error("standard input can be only one of the files: name the other one")]
    TwiceStandardInput,
    /// An edit would do more than it is to do: a defect in this program.
    #[error("{file}: nothing was written")]
    Unproved {
        file: String,
        #[source]
        cause: policy::Unproved,
    },
    /// The policy of a tailnet is as it was.
    #[error("the policy of {} was not written: {problem}", tailnet_name(tailnet))]
    NotStored {
        tailnet: String,
        problem: String,
        #[source]
        cause: Option<Box<tailscale::Error>>,
    },
    /// A write may have been carried out.
    #[error(
        "whether the policy of {} was written is not known; look at it, then try again",
        tailnet_name(tailnet)
    )]
    OutcomeUnknown {
        tailnet: String,
        #[source]
        cause: Box<tailscale::Error>,
    },
    /// Nothing says which policy is meant.
    #[error("no policy: name a file, or - for standard input, or give --api-key to read the tailnet's own")]
    NoPolicy,
    /// The policy of whatever tailnet a credential opens would be edited.
    #[error(
        "no policy: name a file, or the tailnet whose policy is to be edited with --tailnet or TAILGRANT_TAILNET"
    )]
    UnnamedTailnet,
    /// Nothing says which users and devices there are.
    #[error("no users and devices: give --topology FILE, or --api-key to read them from the tailnet")]
    NoTopology,
    /// A question of `policy reach` that cannot be asked.
    #[error("{0}")]
    Question(String),
    /// The credential may not read devices.
    #[error("the devices of {} cannot be read: {needs}", tailnet_name(tailnet))]
    NoDevices { tailnet: String, needs: String },
    /// The runtime or the signal handlers cannot be set up.
    #[error("the process cannot be set up")]
    Runtime(#[source] io::Error),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A journal that is to be verified cannot be read.
    #[error("the journal {path} cannot be read")]
    JournalUnread {
        path: String,
        #[source]
        cause: io::Error,
    },
    /// The API client cannot be made.
    #[error("the Tailscale API cannot be used")]
    Tailscale(#[source] Box<tailscale::Error>),
    /// The server cannot start or failed.
    #[error(transparent)]
    Server(#[from] server::Error),
    /// A part of the daemon broke off, and only a new process brings it back.
    #[error("{0} broke off by a defect of tailgrant: start it anew, and please report this")]
    BrokenOff(&'static str),
    /// The sandbox cannot start.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// The server is not healthy or does not answer.
    #[error("{address} is not healthy: {problem}")]
    Unhealthy { address: String, problem: String },
    /// A step of the demo failed.
    #[error("the demo did not get through")]
    Demo(#[source] anyhow::Error),
    /// Standard output cannot be written to.
    #[error("standard output cannot be written to")]
    Output(#[from] io::Error),
}

impl Error {
    /// The reader closed the pipe early, which is no failure.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe)
    }

    /// 2: what the caller asked for cannot be done; 1: it was tried and failed.
    const fn code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Flag { .. }
            | Self::File { .. }
            | Self::Journal(_)
            | Self::JournalUnread { .. }
            | Self::Topology { .. }
            | Self::NoPolicy
            | Self::NoTopology
            | Self::UnnamedTailnet
            | Self::TwiceStandardInput
            | Self::Question(_) => 2,
            Self::Write { .. }
            | Self::Syntax { .. }
            | Self::Policy { .. }
            | Self::NoDevices { .. }
            | Self::Unproved { .. }
            | Self::NotStored { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Runtime(_)
            | Self::Tailscale(_)
            | Self::Server(_)
            | Self::BrokenOff(_)
            | Self::Sandbox(_)
            | Self::Unhealthy { .. }
            | Self::Demo(_)
            | Self::Output(_) => 1,
        }
    }
}

/// `-`, the credential's own, is no name.
fn tailnet_name(tailnet: &str) -> String {
    if tailnet == "-" { "the tailnet".to_owned() } else { format!("tailnet {tailnet:?}") }
}

/// Prints the error and gives the exit code. A reader that closed the pipe early is no failure.
pub(super) fn report(error: &Error) -> ExitCode {
    if error.is_closed_pipe() {
        return ExitCode::SUCCESS;
    }
    complain(error);
    ExitCode::from(error.code())
}

/// Prints the whole chain of causes once.
pub(super) fn complain(error: &Error) {
    match error {
        Error::Syntax { excerpt, .. } => output::remark(excerpt),
        error => output::complain(&with_causes(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_says_each_cause_once() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = Error::File { path: "cert.pem".to_owned(), cause };
        assert_eq!(with_causes(&error), "the file cert.pem cannot be read: no such file");
        let repeated = Error::Config(config::Error::Combination("give one credential".to_owned()));
        assert_eq!(with_causes(&repeated), "give one credential");
    }
}
