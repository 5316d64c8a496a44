//! What a full sync costs beside the network: building the catalog of a tailnet and walking its pages.

#![expect(clippy::expect_used, reason = "the policy text is our own")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tailgrant::access::{Grant, Resource, ResourceKind};
use tailgrant::catalog::{Catalog, Options};
use tailgrant::policy::{self, Policy};
use tailgrant::tailnet::{Device, Part, Role, Tailnet, User, UserKind, UserStatus};

/// Items on a page; the wire allows no more.
const PAGE: usize = 250;

struct Size {
    name: &'static str,
    users: usize,
    groups: usize,
    rules: usize,
    devices: usize,
}

const SIZES: [Size; 2] = [
    Size { name: "1000 users, 200 groups, 400 rules", users: 1_000, groups: 200, rules: 400, devices: 2_000 },
    Size {
        name: "10000 users, 1000 groups, 2000 rules",
        users: 10_000,
        groups: 1_000,
        rules: 2_000,
        devices: 20_000,
    },
];

fn login(number: usize) -> String {
    format!("user{number}@example.com")
}

fn tailnet(size: &Size) -> Tailnet {
    let users = (0..size.users).map(|number| User {
        id: format!("u{number:05}CNTRL"),
        login_name: login(number),
        display_name: format!("User {number}"),
        kind: UserKind::Member,
        role: match number {
            0 => Role::Owner,
            1..=9 => Role::Admin,
            _ => Role::Member,
        },
        status: UserStatus::Active,
        created: None,
        last_seen: None,
        currently_connected: false,
        device_count: 2,
    });
    // Every fourth device is a server with a tag.
    let devices = (0..size.devices).map(|number| Device {
        node_id: format!("n{number:05}CNTRL"),
        legacy_id: format!("{number}"),
        name: format!("host{number}.example.ts.net"),
        user: login(number % size.users),
        addresses: vec![format!("100.64.{}.{}", number / 256, number % 256)],
        tags: if number % 4 == 0 { vec![format!("tag:t{}", number % 50)] } else { Vec::new() },
        os: "linux".to_owned(),
        authorized: true,
        ..Device::default()
    });
    Tailnet {
        name: "example.com".to_owned(),
        users: users.collect(),
        invites: Part::Read(Vec::new()),
        devices: Part::Read(devices.collect()),
    }
}

/// Groups of twenty; rules with two groups, a user, and every tenth with an autogroup.
fn policy_text(size: &Size) -> String {
    let mut text = String::from("{\n\t\"groups\": {\n");
    let mut line = |line: std::fmt::Arguments<'_>| text.write_fmt(line).expect("a String takes all");
    for group in 0..size.groups {
        line(format_args!("\t\t\"group:g{group}\": [\n"));
        for member in 0..20 {
            line(format_args!("\t\t\t\"{}\",\n", login((group * 7 + member * 13) % size.users)));
        }
        line(format_args!("\t\t],\n"));
    }
    line(format_args!("\t}},\n\t\"tagOwners\": {{\n"));
    for tag in 0..50 {
        line(format_args!("\t\t\"tag:t{tag}\": [\"group:g{}\"],\n", tag % size.groups));
    }
    for section in ["acls", "ssh"] {
        line(format_args!("\t{}\n\t\"{section}\": [\n", if section == "acls" { "}," } else { "]," }));
        for rule in 0..size.rules / 2 {
            let (one, other) = (rule % size.groups, (rule * 3 + 1) % size.groups);
            let wide = if rule % 10 == 0 { ", \"autogroup:member\"" } else { "" };
            let user = login(rule % size.users);
            line(format_args!("\t\t// Rule {rule} of {section}.\n"));
            line(format_args!("\t\t{{\"src\": [\"group:g{one}\", \"group:g{other}\", \"{user}\"{wide}], "));
            match section {
                "acls" => line(format_args!(
                    "\"action\": \"accept\", \"proto\": \"tcp\", \"dst\": [\"tag:t{}:{}\"]}},\n",
                    rule % 50,
                    1000 + rule
                )),
                _ => line(format_args!(
                    "\"action\": \"check\", \"dst\": [\"tag:t{}\"], \"users\": [\"user{rule}\"]}},\n",
                    rule % 50
                )),
            }
        }
    }
    line(format_args!("\t],\n}}\n"));
    text
}

/// Every resource and grant, page by page, as a client gets them.
fn walk(catalog: &Catalog) -> usize {
    let mut items = 0;
    for kind in ResourceKind::ALL {
        for page in catalog.resources(kind).chunks(PAGE) {
            let page: Vec<Resource> = black_box(page.to_vec());
            items += page.len();
            for resource in &page {
                items += black_box(catalog.entitlements(&resource.id).to_vec()).len();
                for grants in catalog.grants(&resource.id).chunks(PAGE) {
                    let grants: Vec<Grant> = black_box(grants.to_vec());
                    items += grants.len();
                }
            }
        }
    }
    items
}

fn catalog(criterion: &mut Criterion) {
    for size in &SIZES {
        let mut group = criterion.benchmark_group(size.name);
        group.sample_size(20);
        let (tailnet, text) = (tailnet(size), policy_text(size));
        let document = policy::parse(text.as_bytes()).expect("it is well-formed");
        group.bench_function("read the policy", |bench| {
            bench.iter(|| {
                let document = policy::parse(black_box(text.as_bytes())).expect("it is well-formed");
                black_box(Policy::read(&document).expect("it is an object").rules.len())
            });
        });
        let policy = Policy::read(&document).expect("it is an object");
        group.bench_function("build the catalog", |bench| {
            bench.iter_with_large_drop(|| {
                Catalog::build(black_box(&tailnet), black_box(&policy), Options::default())
            });
        });
        let catalog = Catalog::build(&tailnet, &policy, Options::default());
        group.bench_function("walk all pages", |bench| bench.iter(|| walk(black_box(&catalog))));
        group.finish();
    }
}

criterion_group!(benches, catalog);
criterion_main!(benches);
