//! The simulated tailnet as the policy sees it.

use std::collections::HashMap;

use crate::policy::{self, Person, Prefix, Topology, login_key};
use crate::sandbox::world::{Device, User, UserType, World};

/// The people, devices and domains of the world. Devices that await approval take part in nothing. One that
/// is shared in is neither its user's nor its tags' here.
pub(super) fn of(world: &World) -> Topology {
    let users: HashMap<String, usize> =
        world.users.iter().enumerate().map(|(index, user)| (login_key(&user.login_name), index)).collect();
    let devices = world.devices.iter().filter(|device| device.authorized);
    Topology {
        people: world.users.iter().map(person).collect(),
        devices: devices.map(|it| device(it, &users)).collect(),
        domains: domains(world),
    }
}

/// The tailnet's own domain and the one its owner logs in with: those that `user:*@domain` may name.
fn domains(world: &World) -> Vec<String> {
    let owner = world.users.iter().find(|user| user.role == "owner");
    let of_owner = owner.and_then(|user| user.login_name.rsplit_once('@')).map(|(_, domain)| domain);
    let mut domains = vec![world.tailnet.clone()];
    domains.extend(of_owner.filter(|domain| *domain != world.tailnet).map(str::to_owned));
    domains
}

fn person(user: &User) -> Person {
    Person {
        logins: vec![user.login_name.clone()],
        role: user.role.clone(),
        member: user.r#type == UserType::Member,
        shared: user.r#type == UserType::Shared,
    }
}

fn device(device: &Device, users: &HashMap<String, usize>) -> policy::Device {
    let tags = if device.is_external { Vec::new() } else { device.tags.clone() };
    let owner = users.get(&login_key(&device.user)).copied();
    let routes =
        |routes: &[String]| routes.iter().filter_map(|route| route.parse().ok()).collect::<Vec<Prefix>>();
    policy::Device {
        name: device.name.clone(),
        owner: owner.filter(|_| tags.is_empty() && !device.is_external),
        tags,
        addresses: device.addresses.iter().filter_map(|address| address.parse().ok()).collect(),
        advertised_routes: routes(&device.advertised_routes),
        approved_routes: routes(&device.enabled_routes),
    }
}
