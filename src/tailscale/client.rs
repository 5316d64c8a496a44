//! The client: one short method for each endpoint.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use tracing::{Instrument, Span, info_span};

use super::answer::Answer;
use super::auth::Auth;
use super::call::{Call, Calls};
use super::retry::repeat;
use super::transport::{Failure, Transport};
use super::{Credential, ETag, Error, Metrics, PolicyFile, Sent, Settings, Verdict, wire};
use crate::tailnet::{Device, Invite, Key, Login, Part, PolicyPipeline, Role, User};

/// A client of one tailnet. Clones share connections and the access token.
///
/// Reading calls are repeated while [`Settings::patience`] lasts. Those of the policy writer, which has its
/// own pace and deadlines, are not: [`Client::policy_uncached`] and [`Client::validate_policy`] make one
/// attempt. [`Client::put_policy`] and [`Client::set_role`] send their request at most once, and never wait
/// for an access token: a safe call before them gets it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    calls: Calls,
    transport: Transport,
    auth: Auth,
    settings: Settings,
    metrics: Metrics,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`] for an address, tailnet name or credential that cannot be used, and when an
    /// `https` service is to be called without any CA certificates on this machine.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::counted(settings, Metrics::default())
    }

    /// Prepares a client whose calls are counted here.
    ///
    /// # Errors
    ///
    /// As [`Client::new`].
    pub fn counted(settings: Settings, metrics: Metrics) -> Result<Self, Error> {
        let calls = Calls::new(&settings.tailnet)?;
        let inner = Inner {
            transport: Transport::new(&settings, metrics.clone())?,
            auth: Auth::new(&settings, &calls)?,
            calls,
            settings,
            metrics,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The tailnet as configured; `-` is the credential's own.
    #[must_use]
    pub fn tailnet(&self) -> &str {
        self.inner.calls.tailnet()
    }

    /// Everybody, shared users and suspended ones included.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; a 403 needs the scope `users:read`. A user without an id fails the whole call.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        self.read(&self.inner.calls.users(), wire::users).await
    }

    /// One user, as of now.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Error::is_not_found`] for nobody.
    pub async fn user(&self, id: &str) -> Result<User, Error> {
        self.read(&self.inner.calls.user(id)?, wire::user).await
    }

    /// Invites that nobody has accepted yet. Only API keys of users may read them: for other credentials
    /// the service answers 403 or 404, which gives [`Part::Unreadable`].
    ///
    /// # Errors
    ///
    /// Any other [`Error`].
    pub async fn invites(&self) -> Result<Part<Vec<Invite>>, Error> {
        let call = self.inner.calls.invites();
        let forbidden = "invites need an API key that belongs to a user";
        self.safe(&call, |answer| match answer.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(Part::Unreadable(forbidden.to_owned())),
            _ => wire::invites(&answer.success()?).map(Part::Read),
        })
        .await
    }

    /// Devices, those shared in included. 403 gives [`Part::Unreadable`].
    ///
    /// # Errors
    ///
    /// Any other [`Error`]. A device without an id fails the whole call.
    pub async fn devices(&self) -> Result<Part<Vec<Device>>, Error> {
        let call = self.inner.calls.devices();
        let forbidden = "devices need the scope devices:core:read";
        self.safe(&call, |answer| match answer.status {
            StatusCode::FORBIDDEN => Ok(Part::Unreadable(forbidden.to_owned())),
            _ => wire::devices(&answer.success()?).map(Part::Read),
        })
        .await
    }

    /// Logins under which the audit log knows a user, who may have left; the newest first. It reaches back
    /// 90 days. 403 and 404 give [`Part::Unreadable`].
    ///
    /// # Errors
    ///
    /// Any other [`Error`].
    pub async fn former_logins(&self, user_id: &str) -> Result<Part<Vec<Login>>, Error> {
        let call = self.inner.calls.audit_log(user_id, Timestamp::now());
        let forbidden = "the audit log needs the scope logs:configuration:read, or an API key of an owner, \
                         admin, IT admin, network admin or auditor";
        self.safe(&call, |answer| match answer.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(Part::Unreadable(forbidden.to_owned())),
            _ => wire::former_logins(&answer.success()?, user_id).map(Part::Read),
        })
        .await
    }

    /// The pipeline that owns the policy file, if the tailnet's settings name one. 403, 404, and settings that leave it
    /// out, as they do for a credential that may not know, give [`Part::Unreadable`].
    ///
    /// # Errors
    ///
    /// Any other [`Error`].
    pub async fn policy_pipeline(&self) -> Result<Part<Option<PolicyPipeline>>, Error> {
        let forbidden = "who manages the policy file needs the scope policy_file:read";
        self.safe(&self.inner.calls.settings(), |answer| match answer.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(Part::Unreadable(forbidden.to_owned())),
            _ => wire::policy_pipeline(&answer.success()?, forbidden),
        })
        .await
    }

    /// The policy file as it is stored, perhaps from a cache on the way.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; a 403 needs the scope `policy_file:read` with its companions.
    pub async fn policy(&self) -> Result<PolicyFile, Error> {
        self.read(&self.inner.calls.policy(), wire::policy_file).await
    }

    /// The policy file as it is stored now: no cache answers `no-cache` and a query it has never seen. One
    /// attempt.
    ///
    /// # Errors
    ///
    /// As [`Client::policy`].
    pub async fn policy_uncached(&self) -> Result<PolicyFile, Error> {
        let call = self.inner.calls.policy_uncached(fastrand::u64(..));
        self.attempt(&call, |answer| wire::policy_file(&answer.success()?)).await
    }

    /// Stores a policy text if `etag` is still the current one. The request is sent at most once, and
    /// [`Sent`] tells what is certain about it. A text without an object is refused here: the service
    /// would take an empty one as the wish to reset the policy.
    ///
    /// Dropping the future while it runs leaves the outcome unknown.
    pub async fn put_policy(&self, text: Bytes, etag: &ETag) -> Sent {
        let call = match self.inner.calls.put_policy(text, etag) {
            Ok(call) => call,
            Err(error) => return Sent::Refused(error),
        };
        self.once(&call).await.into()
    }

    /// Asks whether the service would store this text, in one attempt.
    ///
    /// # Errors
    ///
    /// Any [`Error`], except the 400 of a text that cannot be parsed, which is a verdict.
    pub async fn validate_policy(&self, text: Bytes) -> Result<Verdict, Error> {
        let call = self.inner.calls.validate_policy(text);
        self.attempt(&call, |answer| match answer.status {
            StatusCode::OK | StatusCode::BAD_REQUEST => wire::verdict(&answer),
            _ => Err(answer.refusal()),
        })
        .await
    }

    /// Gives a user another role. The request is sent at most once, and [`Sent`] tells what is certain
    /// about it; any 2xx is [`Sent::Stored`]. After [`Sent::Lost`], read the user to know.
    pub async fn set_role(&self, user_id: &str, role: &Role) -> Sent {
        let call = match self.inner.calls.set_role(user_id, role) {
            Ok(call) => call,
            Err(error) => return Sent::Refused(error),
        };
        match self.once(&call).await {
            Ok(answer) if answer.status.is_success() => Sent::Stored(None),
            Ok(answer) if answer.status.is_client_error() => Sent::Refused(answer.refusal()),
            outcome => outcome.into(),
        }
    }

    /// The API key in use. `None` for OAuth clients, when the key's text does not tell its id, and when
    /// the service does not show it (403 or 404).
    ///
    /// # Errors
    ///
    /// Any other [`Error`].
    pub async fn own_key(&self) -> Result<Option<Key>, Error> {
        let Some(call) = own_key_id(&self.inner.settings.credential).and_then(|id| self.inner.calls.key(id))
        else {
            return Ok(None);
        };
        self.safe(&call, |answer| match answer.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(None),
            _ => wire::key(&answer.success()?).map(Some),
        })
        .await
    }

    /// Scopes of the OAuth token in use. `None` for API keys and when the service did not tell.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the token exchange, which is made if there is no token yet.
    pub async fn token_scopes(&self) -> Result<Option<Vec<String>>, Error> {
        let Inner { auth, transport, settings, metrics, .. } = &*self.inner;
        let repeated = || auth.exchange().into_iter().for_each(|call| metrics.repeated(call));
        let pass = repeat(settings.patience, repeated, || auth.pass(transport)).await?;
        Ok(pass.scopes().map(<[String]>::to_vec))
    }

    /// A call whose answer is worth reading only when it is 200.
    async fn read<T>(
        &self,
        call: &Call,
        read: impl Fn(&Answer<'_>) -> Result<T, Error> + Sync,
    ) -> Result<T, Error> {
        self.safe(call, |answer| read(&answer.success()?)).await
    }

    /// A call that may be repeated, with its answer read inside the repetition: one that holds nonsense
    /// is asked for again.
    async fn safe<T>(
        &self,
        call: &Call,
        read: impl Fn(Answer<'_>) -> Result<T, Error> + Sync,
    ) -> Result<T, Error> {
        let Inner { settings, metrics, .. } = &*self.inner;
        let attempt = || async { read(self.inner.attempt(call).await?) };
        repeat(settings.patience, || metrics.repeated(call), attempt).instrument(span(call)).await
    }

    /// One attempt of a call whose caller repeats it at its own pace.
    async fn attempt<T>(
        &self,
        call: &Call,
        read: impl Fn(Answer<'_>) -> Result<T, Error> + Sync,
    ) -> Result<T, Error> {
        async { read(self.inner.attempt(call).await?) }.instrument(span(call)).await
    }

    /// A call that must not be repeated. It leaves now or not at all: how long it lives is counted from
    /// here, so no exchange for a token may come first.
    async fn once<'call>(&self, call: &'call Call) -> Result<Answer<'call>, Failure> {
        let Inner { auth, transport, .. } = &*self.inner;
        async {
            let Some(pass) = auth.ready() else {
                let cause = "it was not sent, since the access token has to be renewed first";
                return Err(Failure { settled: true, error: call.no_answer(cause.into()) });
            };
            let answer = transport.exchange_status(call, pass.header()).await?;
            if answer.status == StatusCode::UNAUTHORIZED && auth.forget(&pass).await {
                return Err(Failure { settled: true, error: answer.refusal() });
            }
            Ok(answer)
        }
        .instrument(span(call))
        .await
    }
}

impl Inner {
    /// One attempt of a safe call. An access token that was refused before its time (somebody revoked
    /// it) is replaced once.
    async fn attempt<'call>(&self, call: &'call Call) -> Result<Answer<'call>, Error> {
        let pass = self.auth.pass(&self.transport).await?;
        let answer = self.transport.exchange(call, Some(pass.header())).await?;
        if answer.status != StatusCode::UNAUTHORIZED || !self.auth.forget(&pass).await {
            return Ok(answer);
        }
        let pass = self.auth.pass(&self.transport).await?;
        self.transport.exchange(call, Some(pass.header())).await
    }
}

fn span(call: &Call) -> Span {
    info_span!("api", tailnet = %call.tailnet, method = %call.method, path = call.path)
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("tailnet", &self.tailnet()).finish_non_exhaustive()
    }
}

/// `tskey-api-<id>-<secret>`: the id is the middle part.
fn own_key_id(credential: &Credential) -> Option<&str> {
    let Credential::ApiKey(key) = credential else {
        return None;
    };
    let (id, secret) = key.expose_secret().trim().strip_prefix("tskey-api-")?.split_once('-')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}
