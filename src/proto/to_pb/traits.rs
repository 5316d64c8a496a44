//! Trait messages of resources.
#![expect(deprecated, reason = "older readers know only the traits' own profile, status and creation time")]

use prost_types::{Any, Struct};

use super::resource::{status_number, timestamp};
use crate::access::{DeviceTrait, GroupSource, Resource, Status, Trait, UserTrait, fit, is_address};
use crate::proto::annotation::pack;
use crate::proto::c1::connector::v2::{
    self as pb, device_os::OsType, managed_device_trait::DeviceType, user_trait,
};

/// The trait message of a resource, if it has one.
pub(super) fn of(resource: &Resource, profile: Option<&Struct>) -> Option<Any> {
    match &resource.details {
        Trait::None => None,
        Trait::User(details) => Some(pack(&user(details, resource, profile))),
        Trait::Group(source) => Some(pack(&group(*source, profile))),
        Trait::Role => Some(pack(&pb::RoleTrait { profile: profile.cloned(), role_scope_conditions: None })),
        Trait::Device(details) => Some(pack(&device(details))),
    }
}

fn user(of: &UserTrait, resource: &Resource, profile: Option<&Struct>) -> pb::UserTrait {
    // What breaks the protocol's rule for addresses is left out here; the login is given all the same.
    let addresses = of.emails.iter().filter(|address| is_address(address));
    pb::UserTrait {
        emails: addresses
            .enumerate()
            .map(|(at, address)| user_trait::Email { address: address.clone(), is_primary: at == 0 })
            .collect(),
        login: fit(&of.login, 1024),
        account_type: user_trait::AccountType::Human.into(),
        last_login: of.last_login.map(timestamp),
        status: resource.status.as_ref().map(status),
        profile: profile.cloned(),
        created_at: resource.created.map(timestamp),
        ..Default::default()
    }
}

fn status(of: &Status) -> user_trait::Status {
    user_trait::Status { status: status_number(of.kind), details: fit(&of.details, 1024) }
}

fn group(source: GroupSource, profile: Option<&Struct>) -> pb::GroupTrait {
    let source = match source {
        GroupSource::Native => "native",
        GroupSource::BuiltIn => "built_in",
        GroupSource::DirectorySynced => "directory_synced",
    };
    pb::GroupTrait { profile: profile.cloned(), group_source_type: source.to_owned(), ..Default::default() }
}

/// Whether somebody manages the device is not known to the tailnet, so the state stays unspecified.
fn device(of: &DeviceTrait) -> pb::ManagedDeviceTrait {
    let os = os_type(&of.os);
    let device_type = match os {
        OsType::Ios | OsType::Android => DeviceType::Mobile,
        _ => DeviceType::Unspecified,
    };
    pb::ManagedDeviceTrait {
        device_type: device_type.into(),
        os: (os != OsType::Unspecified).then(|| pb::DeviceOs {
            r#type: os.into(),
            name: fit(&of.os, 1024),
            ..Default::default()
        }),
        enrolled_at: of.enrolled.map(timestamp),
        ..Default::default()
    }
}

/// The tailnet's words are those of the client's build target, with Apple's capitals.
fn os_type(word: &str) -> OsType {
    match word.to_ascii_lowercase().as_str() {
        "" => OsType::Unspecified,
        "linux" => OsType::Linux,
        "macos" => OsType::Macos,
        "windows" => OsType::Windows,
        "ios" => OsType::Ios,
        "ipados" => OsType::Ipados,
        "android" => OsType::Android,
        "solaris" => OsType::Solaris,
        "aix" => OsType::Aix,
        "chromeos" => OsType::Chromeos,
        _ => OsType::Other,
    }
}
