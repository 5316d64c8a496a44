//! The list of settings.

use std::ffi::OsString;

use clap::{Arg, ArgAction};

use super::upstream;

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is on or off. In the environment and the file: `true` or `false`.
    Switch,
    /// One value; the text is its placeholder in the help.
    One(&'static str),
    /// Any number of values; separated by line ends in the environment, an array in the file.
    Many(&'static str),
}

/// One thing that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Flag name without dashes; also the key in the file.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Default, as the help shows it.
    pub default: Option<&'static str>,
    /// Environment names besides `TAILGRANT_NAME` and `BATON_NAME`.
    pub also: &'static [&'static str],
    /// One or two short sentences.
    pub help: &'static str,
}

const fn switch(name: &'static str, help: &'static str) -> Setting {
    Setting { name, takes: Takes::Switch, default: None, also: &[], help }
}

const fn one(
    name: &'static str,
    value: &'static str,
    default: Option<&'static str>,
    help: &'static str,
) -> Setting {
    Setting { name, takes: Takes::One(value), default, also: &[], help }
}

/// Everything that `serve` can be told, in the order of its help.
pub const SETTINGS: &[Setting] = &[
    one(
        "listen",
        "ADDR",
        Some("127.0.0.1:50051"),
        "Address and port to serve gRPC on; port 0 takes a free one",
    ),
    one("tailnet", "NAME", Some("-"), "Tailnet to serve; `-` is the credential's own"),
    one("api-key", "KEY", None, "Tailscale API access token, or file:PATH"),
    Setting {
        name: "oauth-client-id",
        takes: Takes::One("ID"),
        default: None,
        also: &["BATON_TAILSCALE_CLIENT_ID"],
        help: "Id of a Tailscale OAuth client, instead of an API key",
    },
    Setting {
        name: "oauth-client-secret",
        takes: Takes::One("SECRET"),
        default: None,
        also: &["BATON_TAILSCALE_CLIENT_SECRET"],
        help: "Secret of the OAuth client, or file:PATH",
    },
    one("api-url", "URL", Some("https://api.tailscale.com"), "Where the Tailscale API is"),
    switch("sandbox", "Serve an embedded, simulated tailnet instead of a real one"),
    switch("provisioning", "Allow Grant and Revoke, which edit the policy file and user roles"),
    one("ids", "SCHEME", Some("native"), "Ids of rules and devices: `native` or `baton-tailscale`"),
    switch(
        "expand-everyone",
        "Expand `*`, autogroup:member and autogroup:danger-all to every person in every rule",
    ),
    one("new-traits", "BOOL", Some("true"), "Put traits that old clients do not know on resource types"),
    switch("allow-shrink", "Accept a list of users or devices that suddenly lost more than half its entries"),
    switch(
        "allow-external",
        "Write a policy file that the tailnet's settings say is managed by another pipeline",
    ),
    switch(
        "dry-run",
        "With --provisioning: answer Grant and Revoke with what would happen, and change nothing",
    ),
    switch(
        "restore-leases",
        "With --provisioning and --journal: put an end of access back that somebody removed from the policy \
         file while the access stayed",
    ),
    one("journal", "FILE", None, "Append every attempted change to this file, hash-chained"),
    Setting {
        name: "auth-token",
        takes: Takes::Many("RIGHTS=SECRET"),
        default: None,
        also: &[],
        help: "Bearer token a caller may present; RIGHTS is sync, provision or both joined by a comma; \
               SECRET is literal or file:PATH. Repeatable",
    },
    one("tls-cert", "FILE", None, "Certificate chain to serve TLS with (PEM)"),
    one("tls-key", "FILE", None, "Private key of the certificate (PEM)"),
    one("tls-client-ca", "FILE", None, "Demand client certificates from these authorities (PEM)"),
    switch("insecure-listen", "Listen outside loopback without TLS or without caller authentication"),
    one(
        "admin-listen",
        "ADDR",
        None,
        "Address and port to serve /metrics, /live, /ready and /health on, over HTTP",
    ),
    one("request-timeout", "TIME", Some("30s"), "Limit for one request to the Tailscale API"),
    one(
        "settle",
        "TIME",
        Some("30s"),
        "How long beyond its timeout a lost policy write may still take effect",
    ),
    one("shutdown-grace", "TIME", Some("30s"), "How long calls under way may go on after SIGTERM or SIGINT"),
    one("log-level", "LEVEL", Some("info"), "error, warn, info, debug or trace"),
    one("log-format", "FORMAT", None, "console or json [default: console on a terminal, else json]"),
];

/// A view of the process environment, so that tests can bring their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl Setting {
    /// The names under which the environment may set it, first wins.
    #[must_use]
    pub fn environment_names(&self) -> Vec<String> {
        let stem = self.name.replace('-', "_").to_uppercase();
        let mut names = vec![format!("TAILGRANT_{stem}"), format!("BATON_{stem}")];
        names.extend(self.also.iter().map(|&name| name.to_owned()));
        names
    }
}

/// The settings as command-line arguments, `--config` included. Values stay text: they are checked
/// once, together with those of the other sources.
#[must_use]
pub fn arguments() -> Vec<Arg> {
    SETTINGS.iter().map(argument).chain([file_argument()]).collect()
}

/// Those of [`arguments`] that say how a tailnet is reached, for commands that do not serve it.
#[must_use]
pub fn upstream_arguments() -> Vec<Arg> {
    let settings = SETTINGS.iter().filter(|setting| upstream::NAMES.contains(&setting.name));
    settings.map(argument).chain([file_argument()]).collect()
}

fn file_argument() -> Arg {
    Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("JSON5 file with the same names as keys [also: TAILGRANT_CONFIG]")
}

fn argument(setting: &Setting) -> Arg {
    let default = setting.default.map(|default| format!("[default: {default}]"));
    let also = setting.also.iter().map(|name| format!("[also: {name}]"));
    let parts: Vec<String> = [setting.help.to_owned()].into_iter().chain(default).chain(also).collect();
    let argument = Arg::new(setting.name).long(setting.name).help(parts.join(" "));
    match setting.takes {
        Takes::Switch => argument.action(ArgAction::SetTrue),
        Takes::One(value) => argument.value_name(value).action(ArgAction::Set),
        Takes::Many(value) => argument.value_name(value).action(ArgAction::Append),
    }
}
