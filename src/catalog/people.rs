//! Users: members, shared users, open invites, and addresses only the policy file knows.

use std::collections::HashMap;

use crate::access::{
    Attribute, Profile, ResourceId, ResourceKind, Status, StatusKind, Trait, UserTrait, bounded, fit,
    is_address,
};
use crate::policy::login_key;
use crate::tailnet::{Invite, Login, Part, Role, Tailnet, User, UserKind, UserStatus};

use super::draft::Draft;
use super::text::LONGEST_NAME;

/// Largest count that a double holds exactly.
const LARGEST_EXACT: u64 = 1 << 53;
/// Characters of a link-only invite's id that are shown.
const INVITE_ID_SHOWN: usize = 6;

/// The users and invites of a tailnet with their ids.
#[derive(Debug)]
pub(super) struct People<'t> {
    /// By kind (members first), then id.
    users: Vec<(ResourceId, &'t User)>,
    /// By id.
    invites: Vec<(ResourceId, &'t Invite)>,
}

impl<'t> People<'t> {
    pub(super) fn index(tailnet: &'t Tailnet) -> Self {
        let id = |text: &str| ResourceId::new(ResourceKind::User, bounded(text.as_bytes()));
        let mut users: Vec<_> = tailnet.users.iter().map(|user| (id(&user.id), user)).collect();
        users.sort_by(|(a_id, a), (b_id, b)| (rank(&a.kind), a_id).cmp(&(rank(&b.kind), b_id)));
        let mut invites: Vec<_> = match &tailnet.invites {
            Part::Read(invites) => invites.iter(),
            Part::Unreadable(_) => [].iter(),
        }
        .map(|invite| (id(&invite.id), invite))
        .collect();
        invites.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { users, invites }
    }

    /// Who stands for a login: a member before a shared user before an invite, then the lower id.
    pub(super) fn logins(&self) -> HashMap<String, ResourceId> {
        let mut logins = HashMap::with_capacity(self.users.len() + self.invites.len());
        let users = self.users.iter().map(|(id, user)| (id, user.login_name.as_str()));
        let invites = self.invites.iter().filter_map(|(id, invite)| Some((id, invite.email.as_deref()?)));
        for (id, login) in users.chain(invites) {
            let key = login_key(login);
            if !key.is_empty() {
                logins.entry(key).or_insert_with(|| id.clone());
            }
        }
        logins
    }

    /// Every user with its id.
    pub(super) fn users(&self) -> impl Iterator<Item = (&ResourceId, &'t User)> {
        self.users.iter().map(|(id, user)| (id, *user))
    }

    /// Direct members with their ids.
    pub(super) fn members(&self) -> impl Iterator<Item = (&ResourceId, &'t User)> {
        self.users().filter(|(_, user)| user.kind == UserKind::Member)
    }

    /// Roles that somebody has or is invited to.
    pub(super) fn roles(&self) -> impl Iterator<Item = &'t Role> {
        let users = self.users.iter().map(|(_, user)| &user.role);
        users.chain(self.invites.iter().map(|(_, invite)| &invite.role))
    }

    /// The user resources, with those who are in no list of the tailnet.
    pub(super) fn list<'s>(self, strangers: impl Iterator<Item = (&'s ResourceId, &'s str)>) -> Vec<Draft> {
        let users = self.users.into_iter().map(|(id, user)| user_draft(id, user));
        let invites = self.invites.into_iter().map(|(id, invite)| invite_draft(id, invite));
        let strangers = strangers.map(|(id, login)| stranger_draft(id.clone(), login));
        users.chain(invites).chain(strangers).collect()
    }
}

fn rank(kind: &UserKind) -> u8 {
    match kind {
        UserKind::Member => 0,
        UserKind::Shared => 1,
        UserKind::Other(_) => 2,
    }
}

fn user_draft(id: ResourceId, user: &User) -> Draft {
    let login = user.login_name.trim();
    let display_name = Some(user.display_name.trim()).filter(|name| !name.is_empty()).unwrap_or(login);
    let devices = i64::try_from(user.device_count.min(LARGEST_EXACT)).unwrap_or_default();
    let mut draft = account(id, display_name, login, status(&user.status));
    draft.resource.created = user.created;
    draft.resource.raw_id = Some(user.id.clone());
    if let Trait::User(details) = &mut draft.resource.details {
        details.last_login = user.last_seen;
    }
    draft.resource.profile = vec![
        ("login", Attribute::Text(login.to_owned())),
        ("type", Attribute::Text(user.kind.as_str().to_owned())),
        ("shared", Attribute::Flag(user.kind == UserKind::Shared)),
        ("role", Attribute::Text(user.role.as_str().to_owned())),
        ("status", Attribute::Text(user.status.as_str().to_owned())),
        ("device_count", Attribute::Number(devices)),
        ("currently_connected", Attribute::Flag(user.currently_connected)),
    ];
    draft
}

fn invite_draft(id: ResourceId, invite: &Invite) -> Draft {
    let email = invite.email.as_deref().unwrap_or_default().trim();
    let display_name = if email.is_empty() {
        let skipped = invite.id.chars().count().saturating_sub(INVITE_ID_SHOWN);
        let end: String = invite.id.chars().skip(skipped).collect();
        format!("Invite link …{end}")
    } else {
        email.to_owned()
    };
    let mut draft = account(id, &display_name, email, (StatusKind::Disabled, "invited"));
    let mut profile: Profile = vec![
        ("type", Attribute::Text("invite".to_owned())),
        ("role", Attribute::Text(invite.role.as_str().to_owned())),
        ("link_only", Attribute::Flag(email.is_empty())),
    ];
    if !email.is_empty() {
        profile.push(("login", Attribute::Text(email.to_owned())));
    }
    if let Some(sent) = invite.last_email_sent {
        profile.push(("last_email_sent", Attribute::Text(sent.to_string())));
    }
    draft.resource.profile = profile;
    draft.resource.raw_id = Some(invite.id.clone());
    draft
}

/// An address that is in the policy file or owns a device, but is no user: it never joined, has left,
/// or belongs to another tailnet. Not `Deleted`, which would say that it once was here.
fn stranger_draft(id: ResourceId, login: &str) -> Draft {
    let mut draft = account(id, login, login, (StatusKind::Disabled, "not in the tailnet"));
    draft.resource.profile = vec![
        ("login", Attribute::Text(login.to_owned())),
        ("type", Attribute::Text("not in the tailnet".to_owned())),
    ];
    draft
}

fn account(id: ResourceId, display_name: &str, login: &str, status: (StatusKind, &str)) -> Draft {
    let mut draft = Draft::new(id, display_name);
    let (kind, details) = status;
    draft.resource.status = Some(Status { kind, details: fit(details, LONGEST_NAME) });
    draft.resource.details = Trait::User(UserTrait {
        login: login.to_owned(),
        emails: email(login).into_iter().collect(),
        last_login: None,
    });
    draft
}

/// Only the states that are known to be usable are enabled.
fn status(status: &UserStatus) -> (StatusKind, &str) {
    match status {
        UserStatus::Active => (StatusKind::Enabled, ""),
        UserStatus::Idle => (StatusKind::Enabled, status.as_str()),
        UserStatus::Suspended
        | UserStatus::NeedsApproval
        | UserStatus::OverBillingLimit
        | UserStatus::Other(_) => (StatusKind::Disabled, status.as_str()),
    }
}

/// The login as a mail address, where it is one and its domain can be a host of the Internet: `ada@github`
/// is a login, but no address.
fn email(login: &str) -> Option<String> {
    let login: Login = login.parse().ok()?;
    let (_, domain) = login.spelling().rsplit_once('@')?;
    (domain.contains('.') && is_address(login.spelling())).then(|| login.spelling().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_usable_accounts_are_enabled() {
        use StatusKind::{Disabled, Enabled};
        let unknown = UserStatus::Other("frozen".to_owned());
        for (state, kind, details) in [
            (&UserStatus::Active, Enabled, ""),
            (&UserStatus::Idle, Enabled, "idle"),
            (&UserStatus::Suspended, Disabled, "suspended"),
            (&UserStatus::NeedsApproval, Disabled, "needs-approval"),
            (&UserStatus::OverBillingLimit, Disabled, "over-billing-limit"),
            (&unknown, Disabled, "frozen"),
        ] {
            assert_eq!(status(state), (kind, details));
        }
    }

    #[test]
    fn emails_are_addresses() {
        for (login, expected) in [
            ("Ada@Example.com", Some("Ada@Example.com")),
            (" ada.b+c@mail.example.com ", Some("ada.b+c@mail.example.com")),
            ("pär@example.com", Some("pär@example.com")),
            ("ada@github", None),
            ("ada@", None),
            ("a..b@example.com", None),
            ("a,b@example.com", None),
            ("ada@-example.com", None),
            ("ada@example..com", None),
            ("ada", None),
            ("", None),
        ] {
            assert_eq!(email(login).as_deref(), expected, "{login:?}");
        }
        assert_eq!(email(&format!("{}@example.com", "a".repeat(65))), None);
    }
}
