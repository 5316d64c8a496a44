//! The tailnet of a run: lists that are written, people who come and go.

use tailgrant::proto::c1::connector::v2 as pb;
use tailgrant::sandbox::Sandbox;

/// The policy in the beginning: lists on one line and on many, empty and not, with comments that must stay.
pub(crate) const POLICY: &str = r#"// The policy of example.com.
{
	"groups": {
		// Builds the product.
		"group:build": [
			"ada@example.com", // leads
			"tomas@example.com",
		],
		"group:run": ["mei@example.com"], // carries the pager
		"group:look": [],
	},

	"hosts": {"office": "192.0.2.0/24"},

	"tagOwners": {
		"tag:web": ["autogroup:admin"],
	},

	"acls": [
		// tailgrant: id=web
		{"action": "accept", "src": ["group:build", "grace@example.com"], "dst": ["tag:web:443"]},
		{"action": "accept", "src": ["office"], "dst": ["tag:web:80"]},
	],

	"ssh": [
		// Root, after a login.
		// tailgrant: id=prod
		{
			"action": "check",
			"src": [
				"group:run", // whoever is on call
			],
			"dst":   ["tag:web"],
			"users": ["root"],
		},
	],
}
"#;

/// The lists that are written: as the checker names them, the type of their resource, the entitlement.
pub(crate) const LISTS: [(&str, &str, &str); 6] = [
    ("group:build", "group", "member"),
    ("group:run", "group", "member"),
    ("group:look", "group", "member"),
    ("tag:web", "tag", "owner"),
    ("acl:web", "aclrule", "member"),
    ("ssh:prod", "sshrule", "member"),
];

/// The people who come and go, by the start of their login.
pub(crate) const PEOPLE: [&str; 8] = ["ada", "grace", "lin", "noor", "kofi", "mei", "Priya", "tomas"];

/// The login of somebody.
pub(crate) fn login(person: &str) -> String {
    format!("{person}@example.com")
}

/// The id of somebody.
pub(crate) fn id_of(sandbox: &Sandbox, person: &str) -> String {
    sandbox.change(|world| world.user(&login(person)).unwrap().id.clone())
}

/// The entitlement to be in a list.
pub(crate) fn entitlement(list: usize) -> pb::Entitlement {
    let (id, kind, slug) = LISTS[list];
    pb::Entitlement {
        id: format!("{kind}:{id}:{slug}"),
        slug: slug.to_owned(),
        resource: Some(resource(kind, id)),
        ..Default::default()
    }
}

pub(crate) fn resource(kind: &str, id: &str) -> pb::Resource {
    let id = pb::ResourceId { resource_type: kind.to_owned(), resource: id.to_owned(), ..Default::default() };
    pb::Resource { id: Some(id), ..Default::default() }
}
