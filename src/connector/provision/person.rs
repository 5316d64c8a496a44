//! Which login names a person goes by, on a tailnet as it is now.

use std::sync::Arc;
use std::time::Instant;

use super::{Provisioner, Time};
use crate::access::{ResourceId, Trait};
use crate::connector::Error;
use crate::connector::snapshot::Snapshot;
use crate::connector::topology;
use crate::policy::{Person, login_key};
use crate::tailnet::{Invite, Login, Part, User};

/// What stands before the address of somebody whom only the policy knows.
const POLICY_ONLY: &str = "policy:";

/// Who an id is.
enum Who<'s> {
    User(&'s User),
    Invite(&'s Invite),
    /// An address that is in the policy and not in the tailnet.
    PolicyOnly(String),
}

impl Provisioner {
    /// The login to write for a person, spelled as the tailnet spells it.
    ///
    /// # Errors
    ///
    /// Fails when a load that began after the call does not know the person, for an invite that has no
    /// address, and when the tailnet cannot be loaded in time.
    pub(super) async fn login_of(&self, principal: &ResourceId, time: Time) -> Result<String, Error> {
        let (_, login) = self.find(principal, time, login).await?;
        let login = login.ok_or_else(|| Error::NotFound {
            tailnet: self.tailnet.clone(),
            what: principal_words(principal),
        })?;
        login.map(|login| login.spelling().to_owned()).map_err(|reason| self.refused(reason, true))
    }

    /// Every name under which a person may stand in the policy, and what else decides their access. `told`
    /// are names that the request gives; one that is another current user's by now is left alone. Where no
    /// name is left, the audit log is asked.
    ///
    /// # Errors
    ///
    /// Fails when no name is left, for an invite that has no address, and when the tailnet cannot be loaded
    /// in time.
    pub(super) async fn names_of(
        &self,
        principal: &ResourceId,
        told: &[String],
        time: Time,
    ) -> Result<(Vec<String>, Option<Person>), Error> {
        let (snapshot, known) = self.find(principal, time, known).await?;
        let mut person = known.transpose().map_err(|reason| self.refused(reason, false))?.unwrap_or_default();
        // An id that is an address says enough, also when the policy does not have it any more.
        let told = told.iter().map(String::as_str).chain(principal.id().strip_prefix(POLICY_ONLY));
        add_logins(&mut person, principal, &snapshot, told.filter_map(|told| told.parse().ok()));
        if person.logins.is_empty() {
            let former = || async { Ok(self.client.former_logins(principal.id()).await?) };
            let silence = match self.repeat_until(time.by, former).await? {
                Part::Read(former) => {
                    add_logins(&mut person, principal, &snapshot, former.into_iter());
                    "the audit log does not know one either; remove it".to_owned()
                }
                Part::Unreadable(needs) => format!("{needs}; allow that and try again, or remove it"),
            };
            if person.logins.is_empty() {
                return Err(self.refused(nameless(principal, &silence), false));
            }
        }
        Ok((person.logins.clone(), Some(person)))
    }

    /// Looks a person up, for as long as there is time. Returns the snapshot that decided.
    async fn find<T>(
        &self,
        principal: &ResourceId,
        time: Time,
        read: impl Fn(&Who<'_>) -> T,
    ) -> Result<(Arc<Snapshot>, Option<T>), Error> {
        self.repeat_until(time.by, || self.look_up(principal, time.called, &read)).await
    }

    /// Looks a person up in a recent snapshot, and if it does not know them in one that began to load after
    /// `called`.
    async fn look_up<T>(
        &self,
        principal: &ResourceId,
        called: Instant,
        read: impl Fn(&Who<'_>) -> T,
    ) -> Result<(Arc<Snapshot>, Option<T>), Error> {
        let recent = self.snapshots.recent().await?;
        if let Some(who) = self.who(&recent, principal).await? {
            let found = read(&who);
            return Ok((Arc::clone(&recent), Some(found)));
        }
        let fresh = self.snapshots.load_begun_after(called).await?;
        let found = self.who(&fresh, principal).await?.map(|who| read(&who));
        Ok((Arc::clone(&fresh), found))
    }

    fn refused(&self, reason: String, cancelled: bool) -> Error {
        Error::Refused { tailnet: self.tailnet.clone(), reason, cancelled }
    }

    async fn who<'s>(
        &self,
        snapshot: &'s Snapshot,
        principal: &ResourceId,
    ) -> Result<Option<Who<'s>>, Error> {
        let (id, tailnet) = (principal.id(), &snapshot.tailnet);
        if let Some(address) = id.strip_prefix(POLICY_ONLY) {
            if let Some(user) = snapshot.user_by_login(address) {
                return Ok(Some(Who::User(user)));
            }
            let catalog = snapshot.catalog(self.settings.catalog).await?;
            return Ok(catalog.resource(principal).map(|resource| match &resource.details {
                Trait::User(details) if login_key(&details.login) == address => {
                    Who::PolicyOnly(details.login.clone())
                }
                _ => Who::PolicyOnly(address.to_owned()),
            }));
        }
        if let Some(user) = snapshot.user(id) {
            return Ok(Some(Who::User(user)));
        }
        let invites = match &tailnet.invites {
            Part::Read(invites) => invites.as_slice(),
            Part::Unreadable(_) => &[],
        };
        Ok(invites.iter().find(|invite| invite.id == id).map(Who::Invite))
    }
}

/// The login of somebody, as a selector that means one person and nothing else; or why there is none.
fn login(who: &Who<'_>) -> Result<Login, String> {
    let text = match who {
        Who::User(user) => &user.login_name,
        Who::PolicyOnly(address) => address,
        Who::Invite(Invite { email: Some(email), .. }) => email,
        Who::Invite(Invite { id, email: None, .. }) => {
            return Err(format!(
                "invite {id} is a link that anybody may accept, so no address in the policy file can stand for \
                 it; invite the person by e-mail address"
            ));
        }
    };
    text.parse().map_err(|error| format!("the policy file has no place for this principal: {error}"))
}

fn known(who: &Who<'_>) -> Result<Person, String> {
    let logins = vec![login(who)?.spelling().to_owned()];
    Ok(match who {
        Who::User(user) => Person { logins, ..topology::person(user) },
        Who::Invite(_) | Who::PolicyOnly(_) => Person { logins, ..Person::default() },
    })
}

/// Adds the logins that are no other current user's.
fn add_logins(
    person: &mut Person,
    principal: &ResourceId,
    snapshot: &Snapshot,
    logins: impl Iterator<Item = Login>,
) {
    for login in logins {
        let owner = snapshot.user_by_login(login.key());
        if owner.is_none_or(|owner| owner.id == principal.id())
            && !person.logins.iter().any(|known| login_key(known) == login.key())
        {
            person.logins.push(login.spelling().to_owned());
        }
    }
}

/// Why nobody can tell under which name a person stands in the policy, and what to do.
fn nameless(principal: &ResourceId, silence: &str) -> String {
    format!(
        "{} is not in the tailnet any more, and the request gives no login that is theirs alone, so nobody can \
         tell which entry of the policy file to remove: {silence} there and sync again",
        principal_words(principal)
    )
}

fn principal_words(principal: &ResourceId) -> String {
    format!("{} {}", principal.kind(), principal.id())
}
