//! Parses, runs, and turns an error into an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    tailgrant::cli::main()
}
