//! Generated devices.

use super::{Clock, policy};
use crate::sandbox::settings::Generate;
use crate::sandbox::world::{Device, User, UserType};

/// Devices 1 to `sizes.devices`. Of every twenty, eleven belong to users, one more awaits approval, five
/// are tagged servers (one of them with Tailscale SSH off), one is an ephemeral CI runner, one a subnet
/// router and one is shared in from another tailnet.
pub(super) fn devices(
    sizes: &Generate,
    domain: &str,
    users: &[User],
    clock: Clock,
    random: &mut fastrand::Rng,
) -> Vec<Device> {
    let owners: Vec<&User> = users
        .iter()
        .filter(|user| user.r#type == UserType::Member && user.status != "needs-approval")
        .collect();
    let tags = policy::services(sizes);
    (1..=sizes.devices)
        .map(|number| {
            let owner = owners.get(random.usize(..owners.len().max(1)));
            let mut device = plain(number, domain, clock, random);
            device.user = owner.map(|user| user.login_name.clone()).unwrap_or_default();
            specialise(&mut device, number, tags);
            device
        })
        .collect()
}

/// Makes of a user's device what its number says.
fn specialise(device: &mut Device, number: usize, tags: usize) {
    match number % 20 {
        12..=16 => {
            device.tags = vec![policy::service(number % tags + 1)];
            device.ssh_enabled = number % 20 != 16;
            device.key_expiry_disabled = true;
        }
        17 => {
            device.tags = vec![policy::CI.to_owned()];
            device.is_ephemeral = true;
        }
        18 => {
            device.tags = vec![policy::ROUTER.to_owned()];
            device.key_expiry_disabled = true;
            device.advertised_routes = vec![policy::site_prefix(number / 20 + 1)];
            device.enabled_routes = device.advertised_routes.clone();
        }
        19 => {
            device.user = format!("partner{number}@example.net");
            make_external(device);
        }
        0 => device.authorized = false,
        _ => {}
    }
}

/// The service tells little of what is not ours.
pub(super) fn make_external(device: &mut Device) {
    device.is_external = true;
    device.client_version.clear();
    device.os.clear();
    device.created.clear();
    device.machine_key.clear();
}

/// A user's device.
pub(super) fn plain(number: usize, domain: &str, clock: Clock, random: &mut fastrand::Rng) -> Device {
    let os = ["linux", "macOS", "windows", "iOS", "android"].get(number % 5).copied().unwrap_or("linux");
    let connected = random.u8(..4) > 0;
    let mut key = || {
        format!(
            "{:016x}{:016x}{:016x}{:016x}",
            random.u64(..),
            random.u64(..),
            random.u64(..),
            random.u64(..)
        )
    };
    Device {
        id: format!("{}", 92_960_230_000_u64 + number as u64),
        node_id: format!("n{number}CNTRL"),
        addresses: vec![
            format!("100.{}.{}.{}", 64 + (number >> 16) % 64, (number >> 8) % 256, number % 256),
            format!("fd7a:115c:a1e0::{:x}:{:x}", (number >> 16) % 0x1_0000, number % 0x1_0000),
        ],
        name: format!("machine{number}.{domain}"),
        hostname: format!("machine{number}"),
        client_version: "1.90.2".to_owned(),
        update_available: number.is_multiple_of(9),
        os: os.to_owned(),
        machine_key: format!("mkey:{}", key()),
        node_key: format!("nodekey:{}", key()),
        created: clock.hours(-24 * random.i64(1..200)),
        connected_to_control: connected,
        last_seen: (!connected).then(|| clock.hours(-random.i64(1..24 * 30))),
        expires: clock.hours(24 * random.i64(1..180)),
        authorized: true,
        ..Device::default()
    }
}
