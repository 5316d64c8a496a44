//! `policy show`, `diff` and `pin`: what a policy says, what changed, and names for its rules.

use super::daemon::Running;
use super::policy::Files;
use super::{shown, tailgrant, text};

const BEFORE: &str = r#"// Example tailnet.
{
	"groups": {
		"group:eng": ["ada@example.com", "bob@example.com"],
		"group:ops": ["eve@example.com"],
	},
	// tailgrant: owner=ops
	"tagOwners": {"tag:db": ["group:ops"], "tag:web": ["group:eng"]},
	"acls": [
		// Databases. Ask ops.
		{"action": "accept", "src": ["group:eng"], "dst": ["tag:db:5432"], "proto": "tcp"},

		// tailgrant: id=web
		{
			"action": "accept",
			"src":    ["autogroup:member", "group:sales@example.com"],
			"dst":    ["tag:web:80,443"],
		},
	],
	"ssh": [{"action": "check", "src": ["group:ops"], "dst": ["tag:db"], "users": ["root"], "checkPeriod": "1h"}],
	"hosts": {"lan": "10.0.0.0/24"},
	"tests": [{"src": "bob@example.com", "accept": ["tag:db:5432"]}],
}
"#;

const TOPOLOGY: &str = r#"{
	"users": [
		{"name": "ada", "login": "ada@example.com", "role": "owner"},
		{"name": "bob", "login": "bob@example.com", "role": "member"},
		{"name": "eve", "login": "eve@example.com", "role": "member"},
	],
	"nodes": {
		"laptop": {"user": "ada", "ipv4": "100.64.0.1"},
		"phone": {"user": "bob", "ipv4": "100.64.0.2"},
		"desk": {"user": "eve", "ipv4": "100.64.0.3"},
		"db1": {"user": null, "tags": ["tag:db"], "ipv4": "100.64.0.4", "ipv6": "fd7a:115c:a1e0::4"},
		"db2": {"user": null, "tags": ["tag:db"], "ipv4": "100.64.0.5"},
		"web1": {"user": null, "tags": ["tag:web"], "ipv4": "100.64.0.6"},
	},
}
"#;

/// Somebody joined and somebody left, a rule was edited, another lost a source, a host moved.
fn after() -> String {
    BEFORE
        .replace("\"bob@example.com\"],\n", "\"Dora@example.com\"],\n")
        .replace("tag:db:5432\"], \"proto\": \"tcp\"", "tag:db:5432\", \"tag:db:9090\"], \"proto\": \"tcp\"")
        .replace("\"autogroup:member\", ", "")
        .replace("10.0.0.0/24", "10.0.1.0/24")
        .replace("\t// tailgrant: owner=ops\n", "")
        .replace("tests\": [{\"src\": \"bob", "tests\": [{\"src\": \"ada")
}

fn files() -> Files {
    Files::new(&[("before.hujson", BEFORE), ("after.hujson", &after()), ("topology.json", TOPOLOGY)])
}

#[test]
fn show() {
    let files = files();
    let alone = shown(&files.run(&["show", "before.hujson"]));
    let with_tailnet = shown(&files.run(&["show", "before.hujson", "--topology", "topology.json"]));
    insta::assert_snapshot!([alone, with_tailnet].join("\n"));
    let json: serde_json::Value =
        serde_json::from_slice(&files.run(&["show", "before.hujson", "--json"]).stdout).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["rules"][1]).unwrap());
}

#[test]
fn ends_of_memberships_are_shown() {
    let leased = BEFORE.replace(
        "[\"eve@example.com\"]",
        "[\"eve@example.com\" /* tailgrant: until=2030-05-01T00:00:00Z by=REQ-1 */]",
    );
    let files = Files::new(&[("before.hujson", BEFORE), ("leased.hujson", &leased)]);
    let shown = text(&files.run(&["show", "leased.hujson"]).stdout);
    assert!(shown.contains("eve@example.com (until 2030-05-01T00:00:00Z)\n"), "{shown}");
    let diff = files.run(&["diff", "before.hujson", "leased.hujson"]);
    let told = text(&diff.stdout);
    assert_eq!(diff.status.code(), Some(1), "{told}");
    assert!(
        told.contains("eve@example.com in group:ops") && told.contains("until=2030-05-01T00:00:00Z by=REQ-1"),
        "{told}"
    );
}

#[test]
fn diff() {
    let files = files();
    let alone = shown(&files.run(&["diff", "before.hujson", "after.hujson"]));
    let topology = ["--topology", "topology.json"];
    let with_tailnet =
        shown(&files.run(&[&["diff", "before.hujson", "after.hujson"][..], &topology].concat()));
    let pinned = files.run_with(&["pin", "-"], BEFORE);
    std::fs::write(files.path("pinned.hujson"), &pinned.stdout).unwrap();
    let names = shown(&files.run(&["diff", "before.hujson", "pinned.hujson"]));
    insta::assert_snapshot!([alone, with_tailnet, names].join("\n"));
    let json = files.run(&["diff", "before.hujson", "after.hujson", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["same_meaning"], &json["default"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(json["lists"][0]["gained"][0], "Dora@example.com");
}

#[test]
fn diff_shouts_when_everything_is_opened_and_is_silent_about_layout() {
    let open = BEFORE.replace("\"acls\"", "\"rules\"");
    let files = Files::new(&[("before.hujson", BEFORE), ("open.hujson", &open)]);
    let opened = shown(&files.run(&["diff", "before.hujson", "open.hujson"]));
    let closed = shown(&files.run(&["diff", "open.hujson", "before.hujson"]));
    insta::assert_snapshot!([opened, closed].join("\n"));
    let laid_out = files.run(&["format", "before.hujson"]);
    let same = files.run_with(&["diff", "before.hujson", "-"], &text(&laid_out.stdout));
    assert_eq!(
        shown(&same),
        "exit code 0\n--- stdout\nbefore.hujson → standard input: no change in meaning\n--- stderr\n"
    );
}

#[test]
fn mistakes() {
    let files = Files::new(&[("a.hujson", "{}"), ("bad.hujson", "{\"acls\": [}\n"), ("list.hujson", "[]")]);
    let cases: &[&[&str]] = &[
        &["diff", "-", "a.hujson", "--topology", "-"],
        &["pin", "--api-key", "tskey-api-k1-s"],
        &["diff", "-", "-"],
        &["diff", "a.hujson", "none.hujson"],
        &["diff", "a.hujson", "bad.hujson"],
        &["diff", "list.hujson", "a.hujson"],
        &["show", "bad.hujson"],
        &["pin", "bad.hujson"],
        &["pin", "list.hujson"],
        &["pin"],
        &["show"],
    ];
    let all = cases.iter().map(|words| {
        ["$ tailgrant policy ", &words.join(" "), "\n", &shown(&files.run(words)), "\n"].concat()
    });
    insta::assert_snapshot!(all.collect::<String>());
}

#[test]
fn pin_a_file() {
    let files = files();
    let would = shown(&files.run(&["pin", "before.hujson", "--dry-run"]));
    assert_eq!(files.read("before.hujson"), BEFORE);
    let done = shown(&files.run(&["pin", "before.hujson"]));
    let pinned = files.read("before.hujson");
    let again = shown(&files.run(&["pin", "before.hujson"]));
    assert_eq!(files.read("before.hujson"), pinned);
    insta::assert_snapshot!([would, done, again].join("\n"));
    let lines = |text: &str| text.lines().filter(|line| !line.contains("tailgrant: id=")).count();
    assert_eq!(lines(&pinned), lines(BEFORE) - 1, "one rule shares its line with the bracket");
}

#[test]
fn pin_tells_which_ids_do_not_count() {
    const RULE: &str = r#"{"action": "accept", "src": ["*"], "dst": ["*:22"]}"#;
    let doubled = format!(
        "{{\"acls\": [\n// tailgrant: id=a\n{RULE},\n// tailgrant: id=a\n{},\n]}}",
        RULE.replace("22", "80")
    );
    let malformed =
        format!("{{\"acls\": [\n// tailgrant: id=A!\n{RULE},\n{},\n]}}", RULE.replace("22", "80"));
    let files =
        Files::new(&[("doubled.hujson", &doubled), ("malformed.hujson", &malformed), ("none.hujson", "{}")]);
    let json = shown(&files.run(&["pin", "malformed.hujson", "--dry-run", "--json"]));
    let printed = shown(&files.run_with(&["pin", "-", "--json"], &malformed));
    let told =
        ["doubled.hujson", "malformed.hujson", "none.hujson"].map(|name| shown(&files.run(&["pin", name])));
    insta::assert_snapshot!([&[json, printed][..], &told].concat().join("\n"));
}

/// Runs `policy` against a simulated tailnet.
#[track_caller]
fn on_tailnet(sandbox: &Running, words: &[&str]) -> String {
    let flags = ["--tailnet", "example.com", "--api-key", "tskey-api-k1-s", "--api-url", &sandbox.address];
    let output = tailgrant(&[&["policy"], words, &flags].concat()).output().unwrap();
    shown(&output)
}

/// Nobody in the simulated tailnet is in the policy, so its tests would not hold there.
fn sandbox(files: &Files, faults: &str) -> Running {
    let policy = files.path("untested.hujson");
    std::fs::write(
        &policy,
        BEFORE
            .lines()
            .filter(|line| !line.contains("\"tests\""))
            .map(|line| line.to_owned() + "\n")
            .collect::<String>(),
    )
    .unwrap();
    let words = ["sandbox", "--listen", "127.0.0.1:0", "--store", "verbatim", "--policy"];
    let words = [&words[..], &[policy.to_str().unwrap(), "--faults", faults]].concat();
    Running::start(&words, "sandbox listening on ")
}

#[test]
fn pin_a_tailnet() {
    let files = files();
    let sandbox = sandbox(&files, "seed=1");
    let would = on_tailnet(&sandbox, &["pin", "--dry-run"]);
    assert!(would.contains("+\t\t// tailgrant: id=eng-to-db-5432-tcp\n"), "{would}");
    let done = on_tailnet(&sandbox, &["pin"]);
    assert!(done.contains(" is now acl:eng-to-db-5432-tcp\n"), "{done}");
    let again = on_tailnet(&sandbox, &["pin"]);
    assert!(again.starts_with("exit code 0") && again.contains("nothing to do"), "{again}");
    let shown = on_tailnet(&sandbox, &["show"]);
    assert!(shown.contains("acl:eng-to-db-5432-tcp  line 12\n"), "{shown}");
}

#[test]
fn pin_a_tailnet_that_others_edit_or_whose_answers_are_lost() {
    let files = files();
    for faults in ["seed=3,acl.post:foreign-edit=0.6", "seed=1,acl.post:lost-answer=1"] {
        let sandbox = sandbox(&files, faults);
        let done = on_tailnet(&sandbox, &["pin"]);
        assert!(done.starts_with("exit code 0") && done.contains("2 rules got a name"), "{faults}: {done}");
        let again = on_tailnet(&sandbox, &["pin"]);
        assert!(again.contains("nothing to do"), "{faults}: {again}");
    }
    let sandbox = sandbox(&files, "seed=1,acl.post:foreign-edit=1");
    let never = on_tailnet(&sandbox, &["pin"]);
    assert!(never.starts_with("exit code 2") && never.contains("others keep changing it"), "{never}");
}
