//! Texts → one checked configuration.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;

use super::{Error, Upstream, Values, read_secret};
use crate::telemetry;

/// Which ids rules and devices have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Our own, stable ones.
    Native,
    /// Those of the Go connector, where they are stable.
    BatonTailscale,
}

/// A bearer token that callers may present.
#[derive(Clone, Debug)]
pub struct Token {
    /// Covers reading.
    pub sync: bool,
    /// Covers changing.
    pub provision: bool,
    /// The token itself.
    pub secret: SecretString,
}

/// Certificate files of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
    /// Authorities of client certificates, PEM.
    pub client_authorities: Option<PathBuf>,
}

/// Where the daemon can be reached, and how.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Address and port.
    pub address: SocketAddr,
    /// TLS, if any.
    pub tls: Option<Tls>,
}

impl Listening {
    /// Checks the values that say where a daemon listens; it needs no others.
    ///
    /// # Errors
    ///
    /// Fails when the address is none, or when certificate and key are not given together.
    pub fn check(values: &Values) -> Result<Self, Error> {
        Ok(Self { address: listen(values)?, tls: tls(values)? })
    }
}

/// What `serve` runs with. Only valid values can be in here.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Serve {
    /// Where to listen.
    pub listening: Listening,
    /// The tailnet and the way to it.
    pub upstream: Upstream,
    /// Grant and Revoke are on.
    pub provisioning: bool,
    /// Id scheme.
    pub ids: Ids,
    /// Expand everybody-sources.
    pub expand_everyone: bool,
    /// Traits above number 5 on resource types.
    pub new_traits: bool,
    /// Accept lists that shrank.
    pub allow_shrink: bool,
    /// Write a policy file that belongs to another pipeline.
    pub allow_external: bool,
    /// Answer with what would happen.
    pub dry_run: bool,
    /// Put ends of leases back that vanished.
    pub restore_leases: bool,
    /// File for attempted changes.
    pub journal: Option<PathBuf>,
    /// Where to serve metrics and probes.
    pub admin: Option<SocketAddr>,
    /// Tokens of callers.
    pub tokens: Vec<Token>,
    /// Start outside loopback without protection.
    pub insecure_listen: bool,
    /// How long a lost write may live beyond its timeout: up to 1 h.
    pub settle: Duration,
    /// Grace for calls under way at shutdown: up to 1 h.
    pub shutdown_grace: Duration,
    /// Logs.
    pub logs: telemetry::Settings,
}

impl Serve {
    /// Checks every value.
    ///
    /// # Errors
    ///
    /// Fails on the first value that is not of its setting's form, on secrets that cannot be read,
    /// and on settings that exclude or need each other.
    pub fn check(values: &Values) -> Result<Self, Error> {
        let serve = Self {
            listening: Listening::check(values)?,
            upstream: Upstream::check(values)?,
            provisioning: switch(values, "provisioning")?,
            ids: choice(values, "ids", &[("native", Ids::Native), ("baton-tailscale", Ids::BatonTailscale)])?
                .unwrap_or(Ids::Native),
            expand_everyone: switch(values, "expand-everyone")?,
            new_traits: switch(values, "new-traits")?,
            allow_shrink: switch(values, "allow-shrink")?,
            allow_external: switch(values, "allow-external")?,
            dry_run: switch(values, "dry-run")?,
            restore_leases: switch(values, "restore-leases")?,
            journal: values.one("journal").map(PathBuf::from),
            admin: admin(values)?,
            tokens: tokens(values)?,
            insecure_listen: switch(values, "insecure-listen")?,
            settle: time(values, "settle", Duration::ZERO, Duration::from_hours(1))?,
            shutdown_grace: time(values, "shutdown-grace", Duration::ZERO, Duration::from_hours(1))?,
            logs: logs(values)?,
        };
        serve.check_needs()?;
        Ok(serve)
    }

    /// Switches that would do nothing by themselves are mistakes: somebody relies on them.
    fn check_needs(&self) -> Result<(), Error> {
        let needs = [
            ("dry-run", self.dry_run, "provisioning", self.provisioning),
            ("restore-leases", self.restore_leases, "provisioning", self.provisioning),
            ("restore-leases", self.restore_leases, "journal", self.journal.is_some()),
        ];
        match needs.into_iter().find(|(_, wanted, _, given)| *wanted && !given) {
            Some((name, _, need, _)) => {
                Err(Error::Combination(format!("--{name} needs --{need}: by itself it does nothing")))
            }
            None => Ok(()),
        }
    }
}

/// Reads a duration such as `20ms`, `30s`, `1m30s`.
///
/// # Errors
///
/// The error is what was expected, for a message.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or("a duration such as 20ms, 30s or 5m")
}

pub(super) fn invalid(values: &Values, name: &str, value: &str, expected: impl Into<String>) -> Error {
    Error::Invalid { origin: values.origin(name), value: value.to_owned(), expected: expected.into() }
}

pub(super) fn switch(values: &Values, name: &str) -> Result<bool, Error> {
    let forms = [("true", true), ("1", true), ("false", false), ("0", false)];
    choice(values, name, &forms)
        .map(Option::unwrap_or_default)
        .map_err(|_| invalid(values, name, values.one(name).unwrap_or_default(), "true or false"))
}

fn choice<T: Copy>(values: &Values, name: &str, forms: &[(&str, T)]) -> Result<Option<T>, Error> {
    let Some(text) = values.one(name) else { return Ok(None) };
    let found = forms.iter().find(|(form, _)| text.eq_ignore_ascii_case(form));
    found.map(|(_, value)| Some(*value)).ok_or_else(|| {
        let names: Vec<&str> = forms.iter().map(|(form, _)| *form).collect();
        invalid(values, name, text, format!("one of {}", names.join(", ")))
    })
}

fn listen(values: &Values) -> Result<SocketAddr, Error> {
    address(values, "listen", values.one("listen").unwrap_or_default())
}

fn admin(values: &Values) -> Result<Option<SocketAddr>, Error> {
    values.one("admin-listen").map(|text| address(values, "admin-listen", text)).transpose()
}

fn address(values: &Values, name: &str, text: &str) -> Result<SocketAddr, Error> {
    text.to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .ok_or_else(|| invalid(values, name, text, "an address and port such as 127.0.0.1:50051"))
}

fn tokens(values: &Values) -> Result<Vec<Token>, Error> {
    let origin = values.origin("auth-token");
    // The text is never shown: somebody may have given the bare secret.
    let malformed = || {
        invalid(values, "auth-token", "(hidden)", "RIGHTS=SECRET, where RIGHTS is sync, provision or both")
    };
    let read = |text: &String| {
        let (rights, secret) = text.split_once('=').ok_or_else(malformed)?;
        let (mut sync, mut provision) = (false, false);
        for right in rights.split(',') {
            match right.trim() {
                "sync" => sync = true,
                "provision" => provision = true,
                _ => return Err(malformed()),
            }
        }
        Ok(Token { sync, provision, secret: read_secret(&origin, secret)? })
    };
    values.many("auth-token").iter().map(read).collect()
}

fn tls(values: &Values) -> Result<Option<Tls>, Error> {
    match (values.one("tls-cert"), values.one("tls-key"), values.one("tls-client-ca")) {
        (Some(certificate), Some(key), authorities) => Ok(Some(Tls {
            certificate: certificate.into(),
            key: key.into(),
            client_authorities: authorities.map(PathBuf::from),
        })),
        (None, None, None) => Ok(None),
        (None, None, Some(_)) => {
            Err(Error::Combination("--tls-client-ca needs --tls-cert and --tls-key".to_owned()))
        }
        _ => Err(Error::Combination("--tls-cert and --tls-key are needed together".to_owned())),
    }
}

pub(super) fn time(values: &Values, name: &str, least: Duration, most: Duration) -> Result<Duration, Error> {
    let text = values.one(name).unwrap_or_default();
    let time = duration(text).map_err(|expected| invalid(values, name, text, expected))?;
    if time < least || time > most {
        return Err(invalid(values, name, text, format!("between {least:?} and {most:?}")));
    }
    Ok(time)
}

fn logs(values: &Values) -> Result<telemetry::Settings, Error> {
    use telemetry::{Format, Level};
    let levels = [
        ("error", Level::ERROR),
        ("warn", Level::WARN),
        ("info", Level::INFO),
        ("debug", Level::DEBUG),
        ("trace", Level::TRACE),
    ];
    Ok(telemetry::Settings {
        level: choice(values, "log-level", &levels)?.unwrap_or(Level::INFO),
        format: choice(values, "log-format", &[("console", Format::Console), ("json", Format::Json)])?,
    })
}
