//! What people see when they get something wrong.

use super::{shown, tailgrant};

#[test]
fn every_mistake_says_what_to_do() {
    let closed = "127.0.0.1:1";
    let cases: &[(&[&str], &str)] = &[
        (&["serve"], "exit code 2"),
        (&["serve", "--listen", "0.0.0.0:0", "--sandbox"], "exit code 1"),
        (&["serve", "--listen", "nowhere", "--sandbox"], "exit code 2"),
        (&["serve", "--api-key", "file:/does/not/exist"], "exit code 2"),
        (
            &["serve", "--sandbox", "--tls-cert", "/does/not/exist", "--tls-key", "/does/not/exist"],
            "exit code 2",
        ),
        (&["sandbox", "--faults", "acl.get:rain=0.1"], "exit code 2"),
        (&["sandbox", "--policy", "/does/not/exist"], "exit code 2"),
        (&["health-check", "--address", closed], "exit code 1"),
        (&["health-check", "--address", closed, "--timeout", "soon"], "exit code 2"),
        (&["frobnicate"], "exit code 2"),
    ];
    let mut all = String::new();
    for (words, code) in cases {
        let output = tailgrant(words).output().unwrap();
        let shown = shown(&output);
        assert!(shown.starts_with(code), "{words:?}: {shown}");
        all += &["$ tailgrant ", &words.join(" "), "\n", &shown, "\n"].concat();
    }
    insta::assert_snapshot!(all);
}
