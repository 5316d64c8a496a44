//! `tailgrant completion`: completion scripts.

use clap::ArgMatches;
use clap_complete::Shell;

use super::error::Error;
use super::output::Output;

/// Prints the script of the shell that was asked for.
pub(super) fn run(flags: &ArgMatches, output: &mut Output) -> Result<(), Error> {
    if let Some(&shell) = flags.get_one::<Shell>("shell") {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut super::arguments::command(), "tailgrant", &mut script);
        std::io::Write::write_all(output, &script)?;
    }
    Ok(())
}
