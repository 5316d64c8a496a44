//! The credential: what every request carries, and how it is renewed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::call::{Call, Calls};
use super::transport::Transport;
use super::wire::{self, AccessToken};
use super::{Credential, Error, Settings};

/// A token is renewed when no more than this is left of its life, or a tenth where that is less.
const MARGIN: Duration = Duration::from_secs(60);

/// No token is kept for longer, whatever its answer says. Documented ones live for an hour.
const LONGEST: Duration = Duration::from_hours(24);

/// Adds the credential to requests.
pub(super) enum Auth {
    /// An API key needs no exchange.
    ApiKey(HeaderValue),
    /// The access token is shared by all calls.
    OAuth(Box<OAuth>),
}

/// An OAuth client and the token it has at present.
pub(super) struct OAuth {
    call: Call,
    /// Bound of waiting for somebody else's exchange.
    timeout: Duration,
    /// Held while a token is being fetched, so that concurrent calls share one exchange.
    token: Mutex<Option<Arc<Token>>>,
}

/// An access token in use.
pub(super) struct Token {
    authorization: HeaderValue,
    scopes: Option<Vec<String>>,
    renew_at: Instant,
}

impl Token {
    fn is_good(&self) -> bool {
        Instant::now() < self.renew_at
    }
}

/// What one request is authorised by.
pub(super) enum Pass<'auth> {
    Key(&'auth HeaderValue),
    Token(Arc<Token>),
}

impl Pass<'_> {
    /// The `Authorization` header.
    pub(super) fn header(&self) -> &HeaderValue {
        match self {
            Self::Key(header) => header,
            Self::Token(token) => &token.authorization,
        }
    }

    /// Scopes of the token, where there is one and its answer told them.
    pub(super) fn scopes(&self) -> Option<&[String]> {
        match self {
            Self::Key(_) => None,
            Self::Token(token) => token.scopes.as_deref(),
        }
    }
}

impl Auth {
    pub(super) fn new(settings: &Settings, calls: &Calls) -> Result<Self, Error> {
        match &settings.credential {
            Credential::ApiKey(key) => {
                let key = key.expose_secret().trim();
                if key.is_empty() {
                    return Err(Error::Settings("the API key is empty (--api-key)".to_owned()));
                }
                let header = bearer(key).ok_or_else(|| {
                    Error::Settings("the API key holds characters that no key has (--api-key)".to_owned())
                })?;
                Ok(Self::ApiKey(header))
            }
            Credential::OAuth { client_id, client_secret } => {
                let (id, secret) = (client_id.trim(), client_secret.expose_secret().trim());
                if id.is_empty() || secret.is_empty() {
                    return Err(Error::Settings(
                        "an OAuth client needs both --oauth-client-id and --oauth-client-secret".to_owned(),
                    ));
                }
                Ok(Self::OAuth(Box::new(OAuth {
                    call: calls.token(id, secret),
                    timeout: settings.timeout,
                    token: Mutex::new(None),
                })))
            }
        }
    }

    /// What the next request carries: the key, or a token that still lives long enough. Exchanges the
    /// OAuth client for a token where needed, once, without repeating.
    pub(super) async fn pass(&self, transport: &Transport) -> Result<Pass<'_>, Error> {
        match self {
            Self::ApiKey(header) => Ok(Pass::Key(header)),
            Self::OAuth(oauth) => oauth.token(transport).await.map(Pass::Token),
        }
    }

    /// The call that gets an access token, where there is one to get.
    pub(super) fn exchange(&self) -> Option<&Call> {
        match self {
            Self::ApiKey(_) => None,
            Self::OAuth(oauth) => Some(&oauth.call),
        }
    }

    /// What a request may carry right now; `None` while a token has yet to be fetched or renewed.
    pub(super) fn ready(&self) -> Option<Pass<'_>> {
        match self {
            Self::ApiKey(header) => Some(Pass::Key(header)),
            Self::OAuth(oauth) => {
                let current = oauth.token.try_lock().ok()?;
                current.as_ref().filter(|token| token.is_good()).cloned().map(Pass::Token)
            }
        }
    }

    /// Forgets the token that a request was refused with (401), unless another call has replaced it.
    /// Tells whether trying again makes sense.
    pub(super) async fn forget(&self, refused: &Pass<'_>) -> bool {
        let (Self::OAuth(oauth), Pass::Token(refused)) = (self, refused) else {
            return false;
        };
        let mut current = oauth.token.lock().await;
        if current.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            *current = None;
        }
        true
    }
}

impl OAuth {
    async fn token(&self, transport: &Transport) -> Result<Arc<Token>, Error> {
        let waiting = tokio::time::timeout(self.timeout, self.token.lock());
        let mut current = waiting.await.map_err(|elapsed| self.call.no_answer(elapsed.into()))?;
        if let Some(token) = current.as_ref().filter(|token| token.is_good()) {
            return Ok(Arc::clone(token));
        }
        let answer = transport.exchange(&self.call, None).await?.success()?;
        let token = wire::access_token(&answer)?;
        let authorization = bearer(token.secret.expose_secret())
            .ok_or_else(|| answer.unreadable("the access token holds characters that no token has".into()))?;
        let token = Arc::new(Token {
            authorization,
            renew_at: renew_at(Instant::now(), &token),
            scopes: token.scopes,
        });
        *current = Some(Arc::clone(&token));
        Ok(token)
    }
}

/// When a token obtained at `now` is to be replaced.
fn renew_at(now: Instant, token: &AccessToken) -> Instant {
    let left = token.life.saturating_sub(MARGIN.min(token.life / 10));
    now + left.min(LONGEST)
}

/// The header, marked so that nobody prints it. `None` for text that cannot be in a header.
fn bearer(secret: &str) -> Option<HeaderValue> {
    let text = SecretString::from(format!("Bearer {secret}"));
    let mut header = HeaderValue::from_str(text.expose_secret()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(life: u64, kept: u64) {
        let now = Instant::now();
        let token = AccessToken { secret: "t".into(), life: Duration::from_secs(life), scopes: None };
        assert_eq!(renew_at(now, &token), now + Duration::from_secs(kept));
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        check(3600, 3540);
        check(600, 540);
        check(100, 90);
        check(0, 0);
    }

    #[test]
    fn an_endless_token_is_renewed_each_day() {
        check(u64::MAX, 24 * 3600);
    }

    #[test]
    fn the_header_is_marked_secret() {
        let header = bearer("tskey-api-k1-s1").unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer tskey-api-k1-s1");
        assert!(!format!("{header:?}").contains("s1"));
        assert!(bearer("line\nbreak").is_none());
    }
}
