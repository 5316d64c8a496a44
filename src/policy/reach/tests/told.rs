//! What devices are told, as the service writes it.

use super::compiled;
use serde_json::Value;

/// What a device is told, as JSON.
#[track_caller]
fn check_told(sections: &str, device: &str, expected: &str) {
    let told = serde_json::to_value(compiled(sections)).unwrap();
    assert_eq!(
        told["filters"][device],
        serde_json::from_str::<Value>(expected).unwrap(),
        "{device}: {}",
        told["filters"]
    );
}

#[test]
fn rules_with_the_same_sources_are_told_as_one() {
    check_told(
        r#""grants": [
            {"src": ["bob@example.com"], "dst": ["box"], "ip": ["22", "tcp:80"]},
            {"src": ["100.64.0.3", "fd7a:115c:a1e0::3"], "dst": ["box", "100.64.0.0/24"], "ip": ["443"]},
        ]"#,
        "web",
        r#"[
            {"SrcIPs": ["100.64.0.3", "fd7a:115c:a1e0::3"], "DstPorts": [
                {"IP": "100.64.0.6", "Ports": {"First": 22, "Last": 22}},
                {"IP": "100.64.0.6", "Ports": {"First": 443, "Last": 443}},
                {"IP": "100.64.0.0/24", "Ports": {"First": 443, "Last": 443}}
            ]},
            {"SrcIPs": ["100.64.0.3", "fd7a:115c:a1e0::3"], "IPProto": [6], "DstPorts": [
                {"IP": "100.64.0.6", "Ports": {"First": 80, "Last": 80}}
            ]}
        ]"#,
    );
}

#[test]
fn applications() {
    let drive = r#""grants": [{
        "src": ["bob@example.com"], "dst": ["100.64.0.6", "10.1.0.0/24"],
        "app": {"tailscale.com/cap/drive": [{"shares": ["*"], /* all */ "n": 1e400,}]}
    }]"#;
    let given = r#""CapMap": {"tailscale.com/cap/drive": [{"shares": ["*"], "n": 1e400}]}"#;
    let told = serde_json::to_string(&compiled(drive)).unwrap();
    assert!(told.contains(&given.replace(' ', "")), "values are told as they are written: {told}");
    let drive = drive.replace("1e400", "1");
    let given = given.replace("1e400", "1");
    let bob = r#""SrcIPs": ["100.64.0.3", "fd7a:115c:a1e0::3"]"#;
    check_told(
        &drive,
        "web",
        &format!(r#"[{{{bob}, "CapGrant": [{{"Dsts": ["100.64.0.6/32"], {given}}}]}}]"#),
    );
    check_told(
        &drive,
        "router",
        &format!(r#"[{{{bob}, "CapGrant": [{{"Dsts": ["10.1.0.0/24"], {given}}}]}}]"#),
    );
    check_told(
        &drive,
        "bob",
        r#"[{"SrcIPs": ["10.1.0.0/24", "100.64.0.6"], "CapGrant": [{
            "Dsts": ["100.64.0.3/32", "fd7a:115c:a1e0::3/128"], "CapMap": {"tailscale.com/cap/drive-sharer": null}
        }]}]"#,
    );
    check_told(&drive, "ada1", "[]");
}

#[test]
fn applications_for_nobody() {
    let empty = |src: &str| {
        format!(r#""grants": [{{"src": [{src}], "dst": ["box"], "app": {{"example.com/cap": []}}}}]"#)
    };
    check_told(
        &empty(r#""group:empty""#),
        "web",
        r#"[{"SrcIPs": [], "CapGrant": [{"Dsts": ["100.64.0.6/32"], "CapMap": {"example.com/cap": []}}]}]"#,
    );
    check_told(&empty(""), "web", "[]");
}

#[test]
fn applications_on_own_devices() {
    check_told(
        r#""grants": [{"src": ["100.64.0.1"], "dst": ["autogroup:self"], "app": {"tailscale.com/cap/relay": [{}]}}]"#,
        "ada1",
        r#"[
            {"SrcIPs": ["100.64.0.1"], "CapGrant": [{
                "Dsts": ["100.64.0.1/32", "fd7a:115c:a1e0::1/128"], "CapMap": {"tailscale.com/cap/relay": [{}]}
            }]},
            {"SrcIPs": ["100.64.0.1", "100.64.0.2", "fd7a:115c:a1e0::1", "fd7a:115c:a1e0::2"], "CapGrant": [{
                "Dsts": ["100.64.0.1/32"], "CapMap": {"tailscale.com/cap/relay-target": null}
            }]}
        ]"#,
    );
}
