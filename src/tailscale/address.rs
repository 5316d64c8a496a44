//! Where the API is.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::Error;

/// Address of a service: scheme, host and port, perhaps a path. Printed without a final slash, so that a
/// call's path can follow.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    base: String,
}

impl Address {
    /// Reads an address as people give it; a final `/` or `/api/v2` is dropped.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Settings(format!("the API's address is wrong (--api-url): {why}"));
        let url = Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not hold a user or a password; the credential is given by itself"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not have a query or a fragment"));
        }
        let base = url.as_str().trim_end_matches('/').trim_end_matches("/api/v2").to_owned();
        Ok(Self { url, base })
    }

    /// Without TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// On this machine, by address or as `localhost`.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Address::read(text).unwrap().to_string(), expected);
    }

    #[track_caller]
    fn check_wrong(text: &str, words: &str) {
        let error = Address::read(text).unwrap_err().to_string();
        assert!(error.contains("--api-url") && error.contains(words), "{error}");
    }

    #[test]
    fn an_address_is_a_scheme_a_host_and_perhaps_a_path() {
        check("https://api.tailscale.com", "https://api.tailscale.com");
        check(" https://api.tailscale.com/ ", "https://api.tailscale.com");
        check("https://api.tailscale.com/api/v2/", "https://api.tailscale.com");
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        check("https://gateway.example.com/tailscale", "https://gateway.example.com/tailscale");
        check_wrong("api.tailscale.com", "relative URL");
        check_wrong("ftp://api.tailscale.com", "https://");
        check_wrong("https://", "empty host");
        check_wrong("https://ada:secret@api.tailscale.com", "user or a password");
        check_wrong("https://api.tailscale.com/?x=1", "query");
    }

    #[test]
    fn loopback_is_recognised() {
        let check = |text: &str| Address::read(text).unwrap().is_loopback();
        assert!(check("http://127.0.0.1:1") && check("http://127.8.0.1") && check("http://[::1]:1"));
        assert!(check("http://localhost:1"));
        assert!(!check("http://10.0.0.1") && !check("https://localhost.example.com"));
    }
}
