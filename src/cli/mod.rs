//! The command line: one file per subcommand.

mod arguments;
mod completion;
mod counted;
mod demo;
mod error;
mod excerpt;
mod health_check;
mod journal;
mod output;
mod policy;
mod probe;
mod sandbox;
mod serve;
mod upstream;

use std::process::ExitCode;

use error::Error;
use output::Output;

/// Runs the program on the process's arguments and environment.
#[must_use]
pub fn main() -> ExitCode {
    let matches = arguments::command().get_matches();
    let environment = |name: &str| std::env::var_os(name);
    let mut output = Output::stdout();
    let done = |()| ExitCode::SUCCESS;
    let result = match matches.subcommand() {
        Some(("serve", flags)) => serve::run(flags, &environment, &mut output).map(done),
        Some(("policy", flags)) => Ok(policy::run(flags, &environment, &mut output)),
        Some(("journal", flags)) => journal::run(flags, &mut output),
        Some(("demo", _)) => demo::run(&mut output).map(done),
        Some(("sandbox", flags)) => sandbox::run(flags, &mut output).map(done),
        Some(("health-check", flags)) => health_check::run(flags, &environment, &mut output).map(done),
        Some(("completion", flags)) => completion::run(flags, &mut output).map(done),
        _ => Ok(ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| error::report(&error))
}

/// Runs a subcommand's future on a runtime of its own.
fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Runtime)?.block_on(work)
}
