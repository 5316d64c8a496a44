//! Tailnets to simulate: a small one made by hand, and generated ones of any size.
//!
//! Every generated part follows from its number and the seed; the files say which share of what there is.
//! All names are invented: `user17@example.com`, `group:team3`, `tag:service5`.

mod devices;
mod people;
mod policy;
mod rules;
mod small;
mod text;

use jiff::{SignedDuration, Timestamp};

use super::settings::Generate;
use super::world::Population;

/// The tailnet of these sizes and its policy, laid out as people write it.
pub(super) fn tailnet(sizes: &Generate, name: &str, now: Timestamp) -> (Population, Vec<u8>) {
    let domain = if name.contains('.') && !name.contains('@') { name } else { "example.com" };
    let clock = Clock { now };
    if sizes.is_small() {
        return small::tailnet(domain, clock);
    }
    let mut random = fastrand::Rng::with_seed(sizes.seed);
    let users = people::users(sizes.users.max(1), domain, clock, &mut random);
    let policy = policy::text(sizes, domain, &users, &mut random);
    let devices = devices::devices(sizes, domain, &users, clock, &mut random);
    let population = Population {
        invites: people::invites(users.len(), domain),
        users,
        devices,
        synced_groups: vec![format!("group:{}@{domain}", policy::SYNCED)],
    };
    (population, policy)
}

/// Times before and after the start of the sandbox.
#[derive(Clone, Copy, Debug)]
struct Clock {
    now: Timestamp,
}

impl Clock {
    /// RFC 3339 in whole seconds, so many hours from now (negative: ago).
    fn hours(self, hours: i64) -> String {
        let time = self.now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.now);
        Timestamp::from_second(time.as_second()).unwrap_or(self.now).to_string()
    }
}

#[cfg(test)]
mod tests;
