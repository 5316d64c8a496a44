use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use clap::Command;

use super::*;

/// Reads a configuration from flags, environment and a file's text.
fn load(flags: &[&str], environment: &[(&str, &str)], file: Option<&str>) -> Result<Serve, String> {
    let variables: HashMap<&str, &str> = environment.iter().copied().collect();
    let mut words: Vec<String> =
        std::iter::once("serve").chain(flags.iter().copied()).map(str::to_owned).collect();
    let directory = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        words.extend(["--config".to_owned(), write(&directory, "config.json5", text)]);
    }
    let matches = Command::new("serve")
        .args(arguments())
        .try_get_matches_from(words)
        .map_err(|error| error.to_string())?;
    let values = Values::collect(&matches, &|name| variables.get(name).map(OsString::from))
        .map_err(|error| chain(&error))?;
    Serve::check(&values).map_err(|error| chain(&error))
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn write(directory: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn flag_beats_environment_beats_baton_name_beats_file_beats_default() {
    let file = Some("{ 'api-key': 'k', tailnet: 'from-file', /* a comment */ }");
    let tailnet = |flags: &[&str], environment: &[(&str, &str)]| {
        load(flags, environment, file).unwrap().upstream.tailnet
    };
    let (ours, batons) = (("TAILGRANT_TAILNET", "from-env"), ("BATON_TAILNET", "from-baton"));
    assert_eq!(tailnet(&["--tailnet", "from-flag"], &[ours, batons]), "from-flag");
    assert_eq!(tailnet(&[], &[ours, batons]), "from-env");
    assert_eq!(tailnet(&[], &[batons]), "from-baton");
    assert_eq!(tailnet(&[], &[]), "from-file");
    assert_eq!(load(&["--api-key", "k"], &[], None).unwrap().upstream.tailnet, "-");
}

#[test]
fn every_form_of_switch_and_list() {
    let serve = load(
        &["--sandbox"],
        &[
            ("BATON_PROVISIONING", "true"),
            ("TAILGRANT_EXPAND_EVERYONE", "0"),
            ("TAILGRANT_AUTH_TOKEN", "sync=one\nsync,provision=two\n"),
        ],
        Some("{ 'new-traits': false, 'settle': '90s' }"),
    )
    .unwrap();
    assert!(serve.provisioning && !serve.expand_everyone && !serve.new_traits);
    assert_eq!(serve.settle.as_secs(), 90);
    let rights: Vec<(bool, bool)> = serve.tokens.iter().map(|token| (token.sync, token.provision)).collect();
    assert_eq!(rights, [(true, false), (true, true)]);
}

#[test]
fn an_empty_variable_leaves_the_word_to_the_next_source() {
    let file = Some("{ 'api-key': 'k', 'auth-token': ['sync=one', 'provision=two'], provisioning: true }");
    for empty in ["", "\n", "\n\n"] {
        let serve = load(&[], &[("TAILGRANT_AUTH_TOKEN", empty)], file).unwrap();
        assert_eq!(serve.tokens.len(), 2, "{empty:?}");
    }
    let both = [("TAILGRANT_TAILNET", ""), ("BATON_TAILNET", "from-baton"), ("TAILGRANT_PROVISIONING", "")];
    let serve = load(&[], &both, file).unwrap();
    assert_eq!((serve.upstream.tailnet.as_str(), serve.provisioning), ("from-baton", true));
    let none = load(&[], &[("TAILGRANT_API_KEY", "")], None).unwrap_err();
    assert!(none.contains("no credential for the Tailscale API"), "{none}");
}

#[test]
fn a_variable_that_is_no_text_is_named() {
    let matches = Command::new("serve").args(arguments()).get_matches_from(["serve"]);
    for wrong in ["TAILGRANT_AUTH_TOKEN", "BATON_LISTEN", "TAILGRANT_CONFIG"] {
        let environment = |name: &str| (name == wrong).then(|| OsString::from_vec(vec![b's', 0xff]));
        let message = chain(&Values::collect(&matches, &environment).unwrap_err());
        assert_eq!(message, format!("the environment variable {wrong} is not UTF-8 text"));
    }
}

#[test]
fn the_file_is_named_by_the_environment_too() {
    let directory = tempfile::tempdir().unwrap();
    let (ours, batons) = (write(&directory, "a", "{ ids: 'a' }"), write(&directory, "b", "{ ids: 'b' }"));
    let matches = Command::new("serve").args(arguments()).get_matches_from(["serve"]);
    for (variables, expected) in [
        ([("TAILGRANT_CONFIG", ours.as_str()), ("BATON_CONFIG", &batons)], "a"),
        ([("TAILGRANT_CONFIG", ""), ("BATON_CONFIG", &batons)], "b"),
    ] {
        let environment = |name: &str| HashMap::from(variables).get(name).map(OsString::from);
        assert_eq!(Values::collect(&matches, &environment).unwrap().one("ids"), Some(expected));
    }
}

#[test]
fn oauth_is_read_under_both_names() {
    let pairs = [
        [("TAILGRANT_OAUTH_CLIENT_ID", "id"), ("TAILGRANT_OAUTH_CLIENT_SECRET", "s")],
        [("BATON_TAILSCALE_CLIENT_ID", "id"), ("BATON_TAILSCALE_CLIENT_SECRET", "s")],
    ];
    for environment in pairs {
        assert!(
            matches!(load(&[], &environment, None).unwrap().upstream.auth, Auth::OAuth { id, .. } if id == "id")
        );
    }
}

/// Flags, environment, file, and a part of the message.
type Mistake<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], Option<&'a str>, &'a str);

#[test]
fn mistakes_are_named_with_their_place() {
    let cases: &[Mistake<'_>] = &[
        (&[], &[], None, "no credential for the Tailscale API"),
        (&["--api-key", ""], &[], None, "--api-key: the secret is empty"),
        (
            &["--api-key", "file:/does/not/exist"],
            &[],
            None,
            "--api-key: the file /does/not/exist cannot be read: ",
        ),
        (
            &["--api-key", "k", "--oauth-client-id", "i"],
            &[],
            None,
            "--api-key and --oauth-client-id exclude each other",
        ),
        (&["--oauth-client-id", "i"], &[], None, "are needed together"),
        (&["--sandbox", "--listen", "here"], &[], None, "--listen: \"here\" is not an address and port"),
        (
            &["--sandbox"],
            &[("BATON_IDS", "old")],
            None,
            "BATON_IDS: \"old\" is not one of native, baton-tailscale",
        ),
        (
            &["--sandbox"],
            &[("BATON_PROVISIONING", "maybe")],
            None,
            "BATON_PROVISIONING: \"maybe\" is not true or false",
        ),
        (&["--sandbox", "--settle", "soon"], &[], None, "--settle: \"soon\" is not a duration"),
        (&["--sandbox", "--request-timeout", "2h"], &[], None, "is not between 100ms and 1800s"),
        (&["--sandbox", "--tls-cert", "c"], &[], None, "--tls-cert and --tls-key are needed together"),
        (&["--sandbox", "--tls-client-ca", "c"], &[], None, "--tls-client-ca needs --tls-cert and --tls-key"),
        (&["--sandbox", "--dry-run"], &[], None, "--dry-run needs --provisioning"),
        (
            &["--sandbox", "--restore-leases", "--journal", "j"],
            &[],
            None,
            "--restore-leases needs --provisioning",
        ),
        (
            &["--sandbox", "--provisioning"],
            &[("TAILGRANT_RESTORE_LEASES", "true")],
            None,
            "--restore-leases needs --journal",
        ),
        (&["--sandbox", "--api-url", "ftp://x"], &[], None, "--api-url: \"ftp://x\" is not a URL"),
        (&["--sandbox", "--tailnet", " "], &[], None, "--tailnet: \"\" is not the name of a tailnet"),
        (
            &["--sandbox", "--auth-token", "hunter2"],
            &[],
            None,
            "--auth-token: \"(hidden)\" is not RIGHTS=SECRET",
        ),
        (&["--sandbox"], &[], Some("{ tailnets: 'x' }"), "sets \"tailnets\", which does not exist"),
        (&["--sandbox"], &[], Some("{ tailnet: { a: 1 } }"), "is wrong at tailnet"),
        (&["--sandbox"], &[], Some("{ tailnet: [[[['a']]]] }"), "is wrong at tailnet"),
        (&["--sandbox"], &[], Some("{ log-level: 'info' }"), "is wrong at"),
        (&["--sandbox", "--config", "/does/not/exist"], &[], None, "/does/not/exist cannot be read"),
    ];
    for (flags, environment, file, expected) in cases {
        let message = load(flags, environment, *file).unwrap_err();
        assert!(message.contains(expected), "{flags:?} {environment:?} {file:?}: {message}");
    }
}

#[test]
fn secrets_come_from_files_and_are_never_printed() {
    let directory = tempfile::tempdir().unwrap();
    let path = write(&directory, "secret", "tskey-api-hidden\r\n");
    let serve =
        load(&["--api-key", &format!("file:{path}"), "--auth-token", "sync=also-hidden"], &[], None).unwrap();
    let Auth::ApiKey(key) = &serve.upstream.auth else { panic!("{serve:?}") };
    assert_eq!(secrecy::ExposeSecret::expose_secret(key), "tskey-api-hidden");
    assert!(!format!("{serve:?}").contains("hidden"), "{serve:?}");
    let wrong =
        load(&["--sandbox", "--api-url", "https://ada:hunter2@api.example.com"], &[], None).unwrap_err();
    assert!(wrong.contains("--api-url: \"(hidden)\" is not a URL without a user"), "{wrong}");
    assert!(!wrong.contains("hunter2"), "{wrong}");
    let wrong = load(&["--sandbox", "--auth-token", "aGlkZGVuIHRva2Vu=="], &[], None).unwrap_err();
    assert!(!wrong.contains("aGlk"), "{wrong}");
}

#[test]
fn the_readme_lists_every_setting() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for setting in SETTINGS {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `--{}", setting.name)));
        let row = row.unwrap_or_else(|| panic!("--{} is not in the README's table", setting.name));
        if let Some(default) = setting.default {
            assert!(row.contains(default), "default {default} is not in {row}");
        }
        for name in setting.also {
            assert!(row.contains(name), "{name} is not in {row}");
        }
    }
}
