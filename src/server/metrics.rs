//! What is counted about the calls that come in.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Code;

use crate::proto::FILE_DESCRIPTOR_SET;

/// What is counted about one server; clones count together. Those of the default are shown nowhere until they
/// are [registered](Self::register). Paths of methods that do not exist are all one label, `other`.
#[derive(Clone, Debug)]
pub struct Metrics {
    calls: Family<Answered, Counter>,
    duration: Family<Rpc, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

/// Upper bounds of the buckets of a call's duration: from a page out of memory to the deadline of a caller who
/// names none. Those of `connector` are the same, so that one panel can show both.
const SECONDS: [f64; 13] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// `package.Service/Method`, or `other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rpc(&'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Answered {
    rpc: Rpc,
    code: Code,
}

/// Codes that alerts watch for. They have their series before the first one, which an alert on an increase would
/// else miss.
const WATCHED: [Code; 2] = [Code::Internal, Code::Unauthenticated];

impl Default for Metrics {
    fn default() -> Self {
        let calls = Family::default();
        for rpc in RPCS.iter().map(String::as_str).chain(["other"]).map(Rpc) {
            for code in WATCHED {
                calls.get_or_create_owned(&Answered { rpc, code });
            }
        }
        Self {
            calls,
            duration: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            in_flight: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Shows these metrics in `registry`, which has the prefix.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("rpcs", "gRPC calls by the code of their answer", self.calls.clone());
        registry.register_with_unit(
            "rpc_duration",
            "Time from a gRPC call's arrival to its answer",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register("rpcs_in_flight", "gRPC calls that are being worked on", self.in_flight.clone());
    }

    /// Counts the call with a path `/package.Service/Method` from now until what is returned is dropped.
    pub(super) fn begin(&self, path: &str) -> UnderWay {
        self.in_flight.inc();
        UnderWay { metrics: self.clone(), rpc: Rpc::of(path), begun: Instant::now(), code: Code::Cancelled }
    }
}

/// A call that is counted when it ends. One that is dropped unanswered was given up by its caller.
pub(super) struct UnderWay {
    metrics: Metrics,
    rpc: Rpc,
    begun: Instant,
    code: Code,
}

impl UnderWay {
    /// The answer has this code. Tells how long it took.
    pub(super) fn answered(&mut self, code: Code) -> Duration {
        self.code = code;
        self.begun.elapsed()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Self { metrics, rpc, begun, code } = self;
        metrics.in_flight.dec();
        metrics.duration.get_or_create(rpc).observe(begun.elapsed().as_secs_f64());
        metrics.calls.get_or_create(&Answered { rpc: *rpc, code: *code }).inc();
    }
}

impl Rpc {
    fn of(path: &str) -> Self {
        Self(path.strip_prefix('/').and_then(|name| RPCS.get(name)).map_or("other", String::as_str))
    }
}

/// Every method that is served, as `package.Service/Method`.
static RPCS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let sets = [
        FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let files =
        sets.into_iter().filter_map(|set| FileDescriptorSet::decode(set).ok()).flat_map(|set| set.file);
    let mut names = HashSet::new();
    for file in files {
        for service in &file.service {
            let methods = service.method.iter();
            names.extend(methods.map(|it| format!("{}.{}/{}", file.package(), service.name(), it.name())));
        }
    }
    names
});

impl EncodeLabelSet for Rpc {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("rpc", self.0).encode(encoder.encode_label())
    }
}

impl EncodeLabelSet for Answered {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.rpc.encode(encoder)?;
        ("code", word(self.code)).encode(encoder.encode_label())
    }
}

/// The code as the gRPC specification spells it.
const fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(Rpc::of(path).0, expected, "{path}");
    }

    #[test]
    fn only_methods_that_exist_have_a_label() {
        check("/c1.connector.v2.GrantManagerService/Grant", "c1.connector.v2.GrantManagerService/Grant");
        check("/c1.ratelimit.v1.RateLimiterService/Do", "c1.ratelimit.v1.RateLimiterService/Do");
        check("/grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check");
        let reflection = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        check(&format!("/{reflection}"), reflection);
        for path in ["", "/", "/c1.connector.v2.GrantManagerService/Unheard", "/ada@example.com", "//x"] {
            check(path, "other");
        }
    }
}
