//! What a process is told about its network by environment variables. Each test runs the client in a
//! process of its own, because a process cannot safely change its own environment.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;
use std::process::{Command, Stdio};

use tailgrant::tailscale::{Client, Settings};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::Routes;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::service::{Service, reply, settings};

/// Tells the child where the API is.
const URL: &str = "TAILGRANT_TEST_URL";

#[tokio::test]
#[ignore = "run by the other tests of this file, in a process of its own"]
async fn child() {
    let settings = Settings { patience: std::time::Duration::ZERO, ..settings(&std::env::var(URL).unwrap()) };
    assert_eq!(Client::new(settings).unwrap().users().await.unwrap(), []);
}

/// Whether the child, with this environment and no other proxies or roots, can list the users at `url`.
async fn reaches(url: &str, environment: &[(&str, &str)]) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["environment::child", "--exact", "--ignored"]).stdout(Stdio::null()).stderr(Stdio::null());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        child.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    child.env(URL, url).envs(environment.iter().copied());
    tokio::task::spawn_blocking(move || child.status().unwrap().success()).await.unwrap()
}

#[tokio::test]
async fn a_private_ca_is_trusted_by_ssl_cert_file() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let identity = Identity::from_pem(key.cert.pem(), key.signing_key.serialize_pem());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let users =
        tower::service_fn(async |_| Ok::<_, Infallible>(http::Response::new(r#"{"users":[]}"#.to_owned())));
    let routes =
        Routes::default().into_axum_router().route_service("/api/v2/tailnet/example.com/users", users);
    let server = Server::builder()
        .accept_http1(true)
        .tls_config(ServerTlsConfig::new().identity(identity))
        .unwrap()
        .add_routes(Routes::from(routes))
        .serve_with_incoming(TcpListenerStream::new(listener));
    let server = tokio::spawn(server);

    let roots = std::env::temp_dir().join(format!("tailgrant-test-roots-{}.pem", std::process::id()));
    std::fs::write(&roots, key.cert.pem()).unwrap();
    let trusted = reaches(&url, &[("SSL_CERT_FILE", roots.to_str().unwrap())]).await;
    let untrusted = reaches(&url, &[]).await;
    std::fs::remove_file(&roots).unwrap();
    server.abort();
    assert!(trusted, "the certificate in SSL_CERT_FILE is a root");
    assert!(!untrusted, "without it the certificate is not trusted");
}

#[tokio::test]
async fn a_proxy_is_used_but_not_for_loopback() {
    let proxy = Service::start(|_| reply(200, r#"{"users":[]}"#)).await;
    let api = Service::start(|_| reply(200, r#"{"users":[]}"#)).await;

    assert!(reaches("http://api.example.com", &[("HTTP_PROXY", &proxy.url)]).await);
    assert_eq!(proxy.count("GET http://api.example.com/api/v2/tailnet/example.com/users"), 1);

    assert!(reaches(&api.url, &[("HTTP_PROXY", &proxy.url)]).await);
    assert_eq!((proxy.seen().len(), api.seen().len()), (1, 1));

    let except = [("HTTP_PROXY", proxy.url.as_str()), ("NO_PROXY", "api.invalid")];
    assert!(!reaches("http://api.invalid", &except).await);
    assert_eq!(proxy.seen().len(), 1);
}
