//! Who calls: in words for the log, and as one caller among others.

use std::fmt;
use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use http::Extensions;
use sha2::{Digest, Sha256};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use crate::rpc;

/// Bytes of a certificate's fingerprint that are told: enough to tell an operator's certificates apart.
const FINGERPRINT: usize = 8;

/// What is known of a caller that was let in. None of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Caller {
    peer: Option<SocketAddr>,
    certificate: Option<[u8; 32]>,
    token: Option<u32>,
}

impl Caller {
    /// What a request's connection tells.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let encrypted = extensions.get::<TlsConnectInfo<TcpConnectInfo>>();
        let plain = encrypted.map(TlsConnectInfo::get_ref).or_else(|| extensions.get::<TcpConnectInfo>());
        let chain = encrypted.and_then(TlsConnectInfo::peer_certs);
        Self {
            peer: plain.and_then(TcpConnectInfo::remote_addr),
            certificate: chain.as_ref().and_then(|chain| chain.first()).map(|own| Sha256::digest(own).into()),
            token: None,
        }
    }

    /// The same, known by the token at this position in the settings; the first one is 1.
    pub(super) fn with_token(self, position: u32) -> Self {
        Self { token: Some(position), ..self }
    }

    /// Who asks, for the operations.
    pub(super) fn asking(&self) -> rpc::Caller {
        rpc::Caller { words: self.to_string().into(), identity: self.identity().into() }
    }

    /// The same for every connection that this caller opens, and no other's: its token, else its certificate,
    /// else its address without the port.
    fn identity(&self) -> String {
        match (self.token, &self.certificate, self.peer) {
            (Some(position), _, _) => format!("token {position}"),
            (None, Some(fingerprint), _) => format!("certificate {}", HEXLOWER.encode(fingerprint)),
            (None, None, Some(peer)) => peer.ip().to_canonical().to_string(),
            (None, None, None) => String::new(),
        }
    }

    /// Whether a client certificate was presented. The handshake has verified it.
    pub(super) fn has_certificate(&self) -> bool {
        self.certificate.is_some()
    }
}

/// `192.0.2.1:4711, certificate 0123456789abcdef, token 2`: the certificate by the first 16 hex digits of its
/// SHA-256 fingerprint, the token by its position in the settings.
impl fmt::Display for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(out, "{peer}")?,
            None => out.write_str("unknown address")?,
        }
        if let Some(fingerprint) = &self.certificate {
            let shown = fingerprint.get(..FINGERPRINT).unwrap_or_default();
            write!(out, ", certificate {}", HEXLOWER.encode(shown))?;
        }
        match self.token {
            Some(position) => write!(out, ", token {position}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_told_by_address_certificate_and_token() {
        let peer: SocketAddr = "[2001:db8::1]:4711".parse().unwrap();
        let certificate = Some(Sha256::digest("the certificate").into());
        let hex = HEXLOWER.encode(&Sha256::digest("the certificate"));
        for (caller, expected) in [
            (Caller::default(), "unknown address".to_owned()),
            (Caller { peer: Some(peer), ..Caller::default() }, "[2001:db8::1]:4711".to_owned()),
            (
                Caller { peer: Some(peer), certificate, token: None }.with_token(2),
                format!("[2001:db8::1]:4711, certificate {}, token 2", &hex[..16]),
            ),
        ] {
            assert_eq!(caller.to_string(), expected);
        }
    }

    #[test]
    fn connections_of_one_caller_share_an_identity() {
        let from = |peer: &str| Caller { peer: Some(peer.parse().unwrap()), ..Caller::default() };
        let (ada, again) = (from("192.0.2.1:4711"), from("[::ffff:192.0.2.1]:4712"));
        let certified =
            |caller: Caller, name: &str| Caller { certificate: Some(Sha256::digest(name).into()), ..caller };
        for (one, other, same) in [
            (ada.clone(), again.clone(), true),
            (ada.clone(), from("192.0.2.2:4711"), false),
            (ada.clone().with_token(1), from("192.0.2.2:4711").with_token(1), true),
            (ada.clone().with_token(1), again.clone().with_token(2), false),
            (certified(ada.clone(), "a"), certified(from("192.0.2.2:4711"), "a"), true),
            (certified(ada.clone(), "a"), certified(again.clone(), "b"), false),
            (certified(ada, "a").with_token(1), certified(again, "b").with_token(1), true),
        ] {
            assert_eq!(one.asking().identity == other.asking().identity, same, "{one} and {other}");
        }
    }

    #[test]
    fn a_plain_connection_tells_its_address() {
        let mut extensions = Extensions::new();
        let remote = "192.0.2.7:9".parse().unwrap();
        extensions.insert(TcpConnectInfo { local_addr: None, remote_addr: Some(remote) });
        let caller = Caller::of(&extensions);
        assert_eq!((caller.to_string().as_str(), caller.has_certificate()), ("192.0.2.7:9", false));
    }
}
