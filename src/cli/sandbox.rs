//! `tailgrant sandbox`: a simulated Tailscale API by itself.

use std::net::ToSocketAddrs;
use std::ops::Range;
use std::time::Duration;

use clap::ArgMatches;
use secrecy::SecretString;

use super::block_on;
use super::error::Error;
use super::output::Output;
use crate::sandbox::{Faults, Generate, Sandbox, Settings, Store};
use crate::{config, shutdown};

/// Runs the sandbox until a signal.
pub(super) fn run(flags: &ArgMatches, output: &mut Output) -> Result<(), Error> {
    let settings = settings(flags)?;
    block_on(async {
        let stop = shutdown::on_signals().map_err(Error::Runtime)?;
        let sandbox = Sandbox::start(settings).await?;
        output.line(format_args!("sandbox listening on {}", sandbox.url()))?;
        stop.drain.cancelled().await;
        sandbox.stop().await;
        Ok(())
    })
}

fn settings(flags: &ArgMatches) -> Result<Settings, Error> {
    let text = |name: &str| flags.get_one::<String>(name).map_or("", String::as_str);
    let size = |name: &str| flags.get_one::<u32>(name).map_or(0, |&size| size as usize);
    let listen = text("listen").to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    let policy = match flags.get_one::<String>("policy") {
        Some(path) => Some(std::fs::read(path).map_err(|cause| Error::File { path: path.clone(), cause })?),
        None => None,
    };
    Ok(Settings {
        listen: listen
            .ok_or_else(|| wrong("listen", "it is not an address and port such as 127.0.0.1:8080"))?,
        tailnet: text("tailnet").to_owned(),
        policy,
        store: text("store").parse::<Store>().map_err(|error| wrong("store", error.to_string()))?,
        generate: Generate {
            users: size("users"),
            groups: size("groups"),
            rules: size("rules"),
            devices: size("devices"),
            seed: flags.get_one::<u64>("seed").copied().unwrap_or_default(),
        },
        api_key: flags.get_one::<String>("api-key").map(|key| SecretString::from(key.as_str())),
        faults: text("faults").parse::<Faults>().map_err(|error| wrong("faults", error.to_string()))?,
        history: size("history"),
        latency: latency(text("latency"))
            .map_err(|expected| wrong("latency", format!("it is not {expected}")))?,
    })
}

/// One duration, or the two ends of a range joined by `..`.
fn latency(text: &str) -> Result<Range<Duration>, &'static str> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    Ok(config::duration(least)?..config::duration(most)?)
}

fn wrong(flag: &'static str, problem: impl Into<String>) -> Error {
    Error::Flag { flag, problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Settings, String> {
        let words = ["tailgrant", "sandbox"].iter().chain(words);
        let matches = super::super::arguments::command().try_get_matches_from(words).unwrap();
        settings(matches.subcommand_matches("sandbox").unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn without_flags_it_is_the_small_tailnet() {
        let settings = parse(&[]).unwrap();
        assert_eq!(settings.generate, Generate::default());
        assert_eq!((settings.store, settings.latency), (Store::Formatted, Duration::ZERO..Duration::ZERO));
    }

    #[test]
    fn mistakes_name_the_flag() {
        for (words, expected) in [
            (["--listen", "here"], "--listen: it is not an address and port"),
            (["--latency", "slow"], "--latency: it is not a duration"),
            (["--faults", "acl.get:rain=1"], "--faults: "),
        ] {
            let message = parse(&words).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
        assert_eq!(
            parse(&["--latency", "1ms..80ms"]).unwrap().latency,
            Duration::from_millis(1)..Duration::from_millis(80)
        );
    }
}
