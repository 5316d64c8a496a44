use std::convert::Infallible;

use secrecy::SecretString;
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt;

use super::*;

const SYNC: &str = "/c1.connector.v2.GrantsService/ListGrants";
const PROVISION: &str = "/c1.connector.v2.GrantManagerService/Grant";
const KNOWN: &str = "/c1.ratelimit.v1.RateLimiterService/Do";
const OPEN: &str = "/grpc.health.v1.Health/Check";

fn gate(tokens: &[(Rights, &str)], client_ca: Option<&str>) -> Gate {
    let tokens =
        tokens.iter().map(|(rights, secret)| Token::new(*rights, &SecretString::from(*secret))).collect();
    Gate::new(
        &Settings {
            listen: String::new(),
            tls: None,
            client_ca: client_ca.map(str::to_owned),
            tokens,
            insecure_listen: false,
            grace: Duration::ZERO,
            metrics: Metrics::default(),
        },
        Phase::default(),
    )
}

fn request(path: &str, authorization: &[&str]) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().unwrap();
    for value in authorization {
        request.headers_mut().append(AUTHORIZATION, value.parse().unwrap());
    }
    request
}

#[track_caller]
fn check(gate: &Gate, path: &str, authorization: &[&str], expected: Code) {
    let code =
        gate.admit(&mut request(path, authorization)).map_or_else(|status| status.code(), |_| Code::Ok);
    assert_eq!(code, expected, "{path} {authorization:?}");
}

#[test]
fn tokens_open_what_they_have_rights_to() {
    let gate = gate(&[(Rights::SYNC, "reader"), (Rights::PROVISION, "writer"), (Rights::ALL, "both")], None);
    for (secret, sync, provision) in [
        ("Bearer reader", Code::Ok, Code::PermissionDenied),
        ("Bearer writer", Code::PermissionDenied, Code::Ok),
        ("bearer both", Code::Ok, Code::Ok),
    ] {
        check(&gate, SYNC, &[secret], sync);
        check(&gate, PROVISION, &[secret], provision);
        check(&gate, KNOWN, &[secret], Code::Ok);
        check(&gate, OPEN, &[secret], Code::Ok);
    }
}

#[test]
fn callers_without_a_token_are_not_let_in() {
    let gate = gate(&[(Rights::ALL, "both")], None);
    let without: [&[&str]; 7] = [
        &[],
        &["Bearer wrong"],
        &["Bearer"],
        &["Bearer "],
        &["both"],
        &["Basic both"],
        &["Bearer both", "Bearer both"],
    ];
    for authorization in without {
        for path in [SYNC, PROVISION, KNOWN, "/unheard.Service/Of"] {
            check(&gate, path, authorization, Code::Unauthenticated);
        }
        check(&gate, OPEN, authorization, Code::Ok);
    }
}

#[tokio::test]
async fn a_call_carries_who_makes_it() {
    async fn who(request: Request<Body>) -> Result<Response<Body>, Infallible> {
        let caller = request.extensions().get::<Caller>().unwrap().to_string();
        Ok(Response::builder().header("caller", caller).body(Body::empty()).unwrap())
    }
    let tokens = [(Rights::SYNC, "reader"), (Rights::ALL, "both")];
    let (open, closed) = (gate(&[], None), gate(&tokens, None));
    for (gate, authorization, expected) in [
        (&open, "", "192.0.2.7:4711"),
        (&closed, "Bearer reader", "192.0.2.7:4711, token 1"),
        (&closed, "Bearer both", "192.0.2.7:4711, token 2"),
    ] {
        let mut request = request(SYNC, &[authorization]);
        let remote_addr = Some("192.0.2.7:4711".parse().unwrap());
        request.extensions_mut().insert(TcpConnectInfo { local_addr: None, remote_addr });
        let answer = gate.layer(tower::service_fn(who)).oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["caller"], expected);
    }
}

#[test]
fn a_certificate_is_demanded_besides_the_token() {
    let gate = gate(&[(Rights::ALL, "both")], Some("an authority"));
    check(&gate, SYNC, &["Bearer both"], Code::Unauthenticated);
    check(&gate, OPEN, &[], Code::Ok);
}

#[test]
fn without_tokens_or_authorities_everybody_may_call() {
    let gate = gate(&[], None);
    check(&gate, SYNC, &[], Code::Ok);
    check(&gate, PROVISION, &[], Code::Ok);
}

#[tokio::test]
async fn closing_waits_for_calls_under_way_and_counts_those_cut_off() {
    let gate = gate(&[], None);
    let place = gate.admit(&mut request(SYNC, &[])).unwrap();
    assert_eq!(gate.close(Duration::ZERO).await, 1);
    check(&gate, SYNC, &[], Code::Unavailable);
    check(&gate, OPEN, &[], Code::Ok);
    drop(place);
    assert_eq!(gate.close(Duration::ZERO).await, 0);
}

#[tokio::test]
async fn a_handler_that_breaks_is_answered() {
    async fn broken(_: Request<Body>) -> Result<Response<Body>, Infallible> {
        panic!("a defect")
    }
    let gate = gate(&[], None);
    let answer = gate.layer(tower::service_fn(broken)).oneshot(request(SYNC, &[])).await.unwrap();
    assert_eq!(Status::from_header_map(answer.headers()).unwrap().code(), Code::Internal);
    assert_eq!(gate.close(Duration::ZERO).await, 0);
}
