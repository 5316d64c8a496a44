use std::io::Write;
use std::sync::{Arc, Mutex};

use tailgrant::tailnet::Role;
use tailgrant::tailscale::{Client, Credential, Settings};
use tracing_subscriber::filter::LevelFilter;

use crate::service::{Service, reply, reply_with};

/// Stands in every secret and every policy text of these tests.
const SECRET: &str = "s3cret";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().map_err(|_| std::io::ErrorKind::Other)?.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn credentials() -> [Credential; 2] {
    [
        Credential::ApiKey(format!("tskey-api-k1-{SECRET}").into()),
        Credential::OAuth {
            client_id: "k1".to_owned(),
            client_secret: format!("tskey-client-k1-{SECRET}").into(),
        },
    ]
}

#[tokio::test]
async fn no_secret_is_printed_or_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let policy = format!("{{}} // {SECRET}");
    let echo = format!(r#"{{"message":"not allowed for tskey-api-k1-{SECRET}"}}"#);
    let token = format!(r#"{{"access_token":"tskey-api-k2-{SECRET}","expires_in":3600}}"#);
    let stored = policy.clone();
    let service = Service::start(move |request| match (request.line.as_str(), request.nth) {
        ("POST /api/v2/oauth/token" | "GET /api/v2/tailnet/example.com/acl", 0) => reply(503, &echo),
        ("POST /api/v2/oauth/token", _) => reply(200, &token),
        ("GET /api/v2/tailnet/example.com/acl", _) => reply_with(200, "ETag: \"a1\"", &stored),
        _ => reply(403, &echo),
    })
    .await;

    let mut printed = Vec::new();
    for credential in credentials() {
        let settings = Settings { credential, ..service.settings() };
        printed.push(format!("{settings:?}"));
        let client = Client::new(settings).unwrap();
        printed.push(format!("{client:?}"));
        let tag = client.policy().await.unwrap().etag.unwrap();
        printed.push(format!("{:?}", client.put_policy(policy.clone().into(), &tag).await));
        printed.push(format!("{:?}", client.set_role("u1", &Role::Member).await));
        for error in [
            client.user("u1").await.unwrap_err(),
            client.users().await.unwrap_err(),
            client.validate_policy(policy.clone().into()).await.unwrap_err(),
        ] {
            printed.push(format!("{error} {error:?}"));
        }
    }
    let printed = printed.concat();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/api/v2/tailnet/example.com/acl") && log.contains("repeating"), "calls are logged");
    assert!(printed.contains("not allowed"), "errors are printed");
    assert!(!printed.contains(SECRET), "{printed}");
    assert!(!log.contains(SECRET), "{log}");
}
