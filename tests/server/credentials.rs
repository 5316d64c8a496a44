//! Who may call, over what.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use secrecy::SecretString;
use tailgrant::proto::c1::connector::v2 as pb;
use tailgrant::server::{self, Rights, Server, Tls, Token};
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use pb::connector_service_client::ConnectorServiceClient;
use pb::grant_manager_service_client::GrantManagerServiceClient;

use crate::rig::{Plan, Rig};

/// The code of a call that needs `sync`, of one that needs `provision`, and of one that needs nothing.
async fn codes(channel: Channel, secret: Option<&str>) -> [Code; 3] {
    fn code<T>(answer: Result<T, Status>) -> Code {
        answer.err().map_or(Code::Ok, |status| status.code())
    }
    let sync = bearing(pb::ConnectorServiceGetMetadataRequest::default(), secret);
    let provision = bearing(pb::GrantManagerServiceGrantRequest::default(), secret);
    [
        code(ConnectorServiceClient::new(channel.clone()).get_metadata(sync).await),
        code(GrantManagerServiceClient::new(channel.clone()).grant(provision).await),
        code(HealthClient::new(channel).check(HealthCheckRequest::default()).await),
    ]
}

fn bearing<T>(message: T, secret: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(secret) = secret {
        let value: MetadataValue<_> = format!("Bearer {secret}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    request
}

/// An empty Grant gets as far as the check of its bounds.
const ALLOWED: [Code; 3] = [Code::Ok, Code::InvalidArgument, Code::Ok];
const TURNED_AWAY: [Code; 3] = [Code::Unauthenticated, Code::Unauthenticated, Code::Ok];

/// Whether the transport gave up before anybody could answer.
fn is_unheard(codes: [Code; 3]) -> bool {
    codes.iter().all(|code| matches!(code, Code::Unknown | Code::Unavailable))
}

fn token(rights: Rights, secret: &str) -> Token {
    Token::new(rights, &SecretString::from(secret))
}

#[tokio::test]
async fn tokens_open_what_they_have_rights_to() {
    let tokens =
        vec![token(Rights::SYNC, "reader"), token(Rights::PROVISION, "writer"), token(Rights::ALL, "both")];
    let server = server::Settings { tokens, ..Plan::default().server };
    let rig = Rig::start(Plan { server, ..Plan::default() }).await;
    for (secret, expected) in [
        (None, TURNED_AWAY),
        (Some("wrong"), TURNED_AWAY),
        (Some("reader"), [Code::Ok, Code::PermissionDenied, Code::Ok]),
        (Some("writer"), [Code::PermissionDenied, Code::InvalidArgument, Code::Ok]),
        (Some("both"), ALLOWED),
    ] {
        assert_eq!(codes(rig.channel().await, secret).await, expected, "{secret:?}");
    }
}

/// An authority of its own, and what it has issued.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// Certificate and key.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// A rig behind TLS; `clients` issues the certificates of those who may call.
async fn encrypted(authority: &Authority, clients: Option<&Authority>, tokens: Vec<Token>) -> Rig {
    let (certificate, key) = authority.issue("localhost");
    let server = server::Settings {
        tls: Some(Tls { certificate, key: key.into() }),
        client_ca: clients.map(Authority::pem),
        tokens,
        ..Plan::default().server
    };
    Rig::start(Plan { server, ..Plan::default() }).await
}

async fn channel(
    rig: &Rig,
    trusted: &Authority,
    own: Option<&Authority>,
) -> Result<Channel, tonic::transport::Error> {
    let mut tls =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trusted.pem())).domain_name("localhost");
    if let Some(own) = own {
        let (certificate, key) = own.issue("client");
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    Endpoint::from_shared(format!("https://{}", rig.address))?.tls_config(tls)?.connect().await
}

#[tokio::test]
async fn tls_is_spoken_where_a_certificate_is_given() {
    let authority = Authority::new();
    let rig = encrypted(&authority, None, Vec::new()).await;
    assert_eq!(codes(channel(&rig, &authority, None).await.unwrap(), None).await, ALLOWED);
    assert!(channel(&rig, &Authority::new(), None).await.is_err(), "another authority is not trusted");
    let plain = Endpoint::from_shared(format!("http://{}", rig.address)).unwrap().connect_lazy();
    assert!(is_unheard(codes(plain, None).await), "plain text is not understood");
}

#[tokio::test]
async fn a_client_certificate_has_both_rights() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let rig = encrypted(&authority, Some(&clients), Vec::new()).await;
    let with = channel(&rig, &authority, Some(&clients)).await.unwrap();
    assert_eq!(codes(with, None).await, ALLOWED);
    let without = channel(&rig, &authority, None).await.unwrap();
    assert_eq!(codes(without, None).await, TURNED_AWAY);
    let foreign = channel(&rig, &authority, Some(&Authority::new())).await;
    if let Ok(foreign) = foreign {
        assert!(is_unheard(codes(foreign, None).await), "the handshake fails");
    }
}

#[tokio::test]
async fn authority_and_tokens_are_both_demanded() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let rig = encrypted(&authority, Some(&clients), vec![token(Rights::SYNC, "reader")]).await;
    let with = channel(&rig, &authority, Some(&clients)).await.unwrap();
    assert_eq!(codes(with.clone(), None).await, TURNED_AWAY);
    assert_eq!(codes(with, Some("reader")).await, [Code::Ok, Code::PermissionDenied, Code::Ok]);
    let without = channel(&rig, &authority, None).await.unwrap();
    assert_eq!(codes(without, Some("reader")).await, TURNED_AWAY);
}

#[tokio::test]
async fn a_listener_that_others_reach_does_not_start_open() {
    let open = server::Settings { listen: "0.0.0.0:0".to_owned(), ..Plan::default().server };
    assert!(matches!(Server::bind(open.clone()).await, Err(server::Error::PlainText { .. })));
    let rig_only = server::Settings { insecure_listen: true, ..open };
    assert!(Server::bind(rig_only).await.is_ok());
}
