//! The help texts are read by people; a change is reviewed like code.

use super::{tailgrant, text};

#[track_caller]
fn help_of(words: &[&str]) -> String {
    let output = tailgrant(words).env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success());
    text(&output.stdout)
}

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(help_of(&["--help"]));
}

#[test]
fn help_of_serve() {
    insta::assert_snapshot!(help_of(&["serve", "--help"]));
}

#[test]
fn help_of_sandbox() {
    insta::assert_snapshot!(help_of(&["sandbox", "--help"]));
}

#[test]
fn help_of_health_check() {
    insta::assert_snapshot!(help_of(&["health-check", "--help"]));
}

#[test]
fn help_of_policy() {
    insta::assert_snapshot!(help_of(&["policy", "--help"]));
}

#[test]
fn help_of_policy_check() {
    insta::assert_snapshot!(help_of(&["policy", "check", "--help"]));
}

#[test]
fn help_of_policy_compile() {
    insta::assert_snapshot!(help_of(&["policy", "compile", "--help"]));
}

#[test]
fn help_of_policy_format() {
    insta::assert_snapshot!(help_of(&["policy", "format", "--help"]));
}

#[test]
fn help_of_policy_reach() {
    insta::assert_snapshot!(help_of(&["policy", "reach", "--help"]));
}

#[test]
fn help_of_journal_verify() {
    insta::assert_snapshot!(help_of(&["journal", "verify", "--help"]));
}

#[test]
fn completions_name_the_subcommands() {
    for shell in ["bash", "fish", "zsh", "elvish", "powershell"] {
        let script = help_of(&["completion", shell]);
        for subcommand in ["serve", "policy", "reach", "journal", "demo", "sandbox", "health-check"] {
            assert!(script.contains(subcommand), "{shell}: {subcommand}");
        }
    }
}
