//! One load of a tailnet.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::OnceCell;

use super::{Error, with_causes};
use crate::catalog::{self, Catalog};
use crate::policy::{self, Policy, login_key};
use crate::tailnet::{Tailnet, User};

/// New findings that are logged one by one.
const FINDINGS_TOLD: usize = 20;

/// What one load of a tailnet gave: users, invites, devices and the policy text, read together.
///
/// Never changes. Our own writes make a new snapshot that shares what they did not touch.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// When the load began: what was true before is in it.
    pub(super) begun: Instant,
    /// People and devices.
    pub(super) tailnet: Arc<Tailnet>,
    /// The policy file's text.
    pub(super) policy: Bytes,
    /// Where users stand; shared between snapshots of the same people.
    directory: Arc<OnceLock<Directory>>,
    /// Built when first asked for, and shared between snapshots of equal content.
    catalog: Arc<OnceCell<Arc<Catalog>>>,
    /// The findings that were logged last; shared by all that follow a first load.
    told: Arc<Mutex<Vec<String>>>,
}

/// Where users stand in their list. A thousand grants at once ask for a thousand people.
#[derive(Debug, Default)]
struct Directory {
    by_id: HashMap<String, usize>,
    /// By what logins are compared by.
    by_login: HashMap<String, usize>,
}

impl Directory {
    fn of(users: &[User]) -> Self {
        let mut directory = Self::default();
        for (index, user) in users.iter().enumerate() {
            directory.by_id.entry(user.id.clone()).or_insert(index);
            directory.by_login.entry(login_key(&user.login_name)).or_insert(index);
        }
        directory
    }
}

impl Snapshot {
    /// A load's answer. What equals `before` is shared with it, so that equal content is kept, and worked
    /// on, once.
    pub(super) fn new(begun: Instant, tailnet: Tailnet, policy: Bytes, before: Option<&Self>) -> Self {
        match before {
            Some(before) if *before.tailnet == tailnet => before.with(begun, policy),
            Some(before) => before.with(begun, policy).with_tailnet(tailnet),
            None => Self {
                begun,
                tailnet: Arc::new(tailnet),
                policy,
                directory: Arc::default(),
                catalog: Arc::default(),
                told: Arc::default(),
            },
        }
    }

    /// The same people and devices with another policy text.
    pub(super) fn with_policy(&self, policy: Bytes) -> Self {
        self.with(self.begun, policy)
    }

    /// The same policy text with other people or devices.
    pub(super) fn with_tailnet(&self, tailnet: Tailnet) -> Self {
        let (directory, catalog) = (Arc::default(), Arc::default());
        Self { tailnet: Arc::new(tailnet), directory, catalog, ..self.clone() }
    }

    /// The user with this id.
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.tailnet.users.get(*self.directory().by_id.get(id)?)
    }

    /// The user with this login, given by what logins are compared by.
    pub(super) fn user_by_login(&self, key: &str) -> Option<&User> {
        self.tailnet.users.get(*self.directory().by_login.get(key)?)
    }

    fn directory(&self) -> &Directory {
        self.directory.get_or_init(|| Directory::of(&self.tailnet.users))
    }

    fn with(&self, begun: Instant, policy: Bytes) -> Self {
        let catalog = if policy == self.policy { Arc::clone(&self.catalog) } else { Arc::default() };
        Self { begun, policy, catalog, ..self.clone() }
    }

    /// Resources, entitlements and grants. Built once, on a thread that may block; concurrent callers wait
    /// for the one build.
    ///
    /// # Errors
    ///
    /// Fails when the policy text cannot be read, naming line and column.
    pub(super) async fn catalog(&self, options: catalog::Options) -> Result<&Arc<Catalog>, Error> {
        self.catalog
            .get_or_try_init(|| async {
                let (tailnet, policy) = (Arc::clone(&self.tailnet), self.policy.clone());
                let told = Arc::clone(&self.told);
                let built =
                    tokio::task::spawn_blocking(move || build(&tailnet, &policy, options, &told)).await;
                match built {
                    Ok(Ok(catalog)) => Ok(Arc::new(catalog)),
                    Ok(Err(unread)) => Err(Error::Refused {
                        tailnet: self.tailnet.name.clone(),
                        reason: format!(
                            "{}; correct it in the Tailscale admin console, then sync again",
                            with_causes(&unread)
                        ),
                        cancelled: false,
                    }),
                    Err(_) => Err(Error::Internal {
                        tailnet: self.tailnet.name.clone(),
                        message: "the catalog could not be built; please report this".to_owned(),
                    }),
                }
            })
            .await
    }
}

fn build(
    tailnet: &Tailnet,
    text: &[u8],
    options: catalog::Options,
    told: &Mutex<Vec<String>>,
) -> Result<Catalog, policy::ReadError> {
    let begun = Instant::now();
    let document = policy::parse(text)?;
    let catalog = Catalog::build(tailnet, &Policy::read(&document)?, options);
    let (name, counts, findings) = (&tailnet.name, catalog.counts(), catalog.findings());
    tracing::info!(
        tailnet = name,
        resources = counts.resources,
        entitlements = counts.entitlements,
        grants = counts.grants,
        findings = findings.len(),
        elapsed = ?begun.elapsed(),
        "catalog built"
    );
    for line in news(findings, &mut told.lock().unwrap_or_else(PoisonError::into_inner)) {
        tracing::warn!(tailnet = name, "{line}");
    }
    Ok(catalog)
}

/// The findings that were not there the last time, the first ones in their words and the others as a
/// number. Line numbers are no news: each of our own edits moves what stands below it.
fn news(findings: &[String], told: &mut Vec<String>) -> Vec<String> {
    let words = |finding: &String| finding.replace(|letter: char| letter.is_ascii_digit(), "");
    let now: Vec<String> = findings.iter().map(words).collect();
    let before: HashSet<String> = std::mem::replace(told, now).into_iter().collect();
    let fresh = findings.iter().zip(told.iter()).filter(|(_, words)| !before.contains(words.as_str()));
    let mut lines: Vec<String> = fresh.map(|(finding, _)| finding.clone()).collect();
    let more = lines.len().saturating_sub(FINDINGS_TOLD);
    lines.truncate(FINDINGS_TOLD);
    lines.extend((more > 0).then(|| format!("and {more} more findings")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tailnet::Part;

    #[test]
    fn many_findings_are_told_by_their_number() {
        let findings: Vec<String> = ('a'..='w').map(|letter| format!("finding {letter}")).collect();
        let lines = news(&findings, &mut Vec::new());
        assert_eq!((lines.len(), lines[19].as_str()), (21, "finding t"));
        assert_eq!(lines[20], "and 3 more findings");
        assert_eq!(news(&findings[..20], &mut Vec::new()).len(), 20);
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut told = Vec::new();
        let mut tell = |findings: &[&str]| {
            news(&findings.iter().map(ToString::to_string).collect::<Vec<_>>(), &mut told)
        };
        assert_eq!(tell(&["line 7: groups is there twice"]), ["line 7: groups is there twice"]);
        assert_eq!(tell(&["line 8: groups is there twice", "line 9: odd"]), ["line 9: odd"]);
        assert!(tell(&[]).is_empty());
        assert_eq!(tell(&["line 9: odd"]), ["line 9: odd"], "it had gone");
    }

    #[test]
    fn equal_content_is_shared() {
        let tailnet = |name: &str| Tailnet {
            name: name.to_owned(),
            users: Vec::new(),
            invites: Part::Read(Vec::new()),
            devices: Part::Read(Vec::new()),
        };
        let now = Instant::now();
        let policy = || Bytes::from_static(b"{}");
        let first = Snapshot::new(now, tailnet("a"), policy(), None);
        let same = Snapshot::new(now, tailnet("a"), policy(), Some(&first));
        let other_people = Snapshot::new(now, tailnet("b"), policy(), Some(&first));
        let other_text = Snapshot::new(now, tailnet("a"), Bytes::from_static(b"{ }"), Some(&first));
        assert!(Arc::ptr_eq(&first.catalog, &same.catalog) && Arc::ptr_eq(&first.tailnet, &same.tailnet));
        assert!(!Arc::ptr_eq(&first.catalog, &other_people.catalog));
        assert!(!Arc::ptr_eq(&first.catalog, &other_text.catalog));
        assert!(Arc::ptr_eq(&first.told, &other_text.told), "what was told is known to all that follow");
    }
}
