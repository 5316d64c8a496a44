//! The policy at the beginning, and who may be in it.

/// Lists that callers ask for. Two are rules of one section, and are planned one after the other. The last two refuse
/// grants: one is not there, one is closed.
pub(super) const LISTS: [&str; 11] = [
    "group:g0",
    "group:g1",
    "group:g2",
    "group:g3",
    "group:g4",
    "tag:t0",
    "tag:t1",
    "acl:web",
    "acl:ops",
    "group:closed",
    "group:absent",
];

/// A list that only others edit.
pub(super) const OTHERS: &str = "group:others";

/// Who is granted and revoked.
pub(super) const PEOPLE: [&str; 8] = [
    "ada@example.com",
    "bob@example.com",
    "cyn@example.com",
    "dan@example.com",
    "eve@example.com",
    "fay@example.com",
    "gus@example.com",
    "hal@example.com",
];

/// The policy at the beginning. Lists in every style; with tests, writes are foreseen.
pub(super) fn policy(chance: &mut fastrand::Rng) -> String {
    let tests = if chance.bool() { "  \"tests\": [{\"src\": \"ada@example.com\"}],\n" } else { "" };
    let text = format!(
        r#"// Edited by hand, mind the comments.
{{
  "groups": {{
    // The engineers.
    "group:g0": [
      "ada@example.com", // on call
      // Since May.
      "Bob@Example.com",
    ],
    "group:g1": ["ada@example.com", "cyn@example.com"],
    "group:g2": [],
    "group:g3":  [
      "dan@example.com",

      // Nobody else.
    ],
    "group:g4": [ "eve@example.com" /* deputy */, "fay@example.com" ],
    // tailgrant: grant=never
    "group:closed": [
      "gus@example.com",
    ],
    "group:others": [
      "xan@example.com"
    ],
  }},
  "tagOwners": {{
    "tag:t0": ["group:g0"],
    "tag:t1": [
      "hal@example.com",
      "group:g1" ],
  }},
  "acls": [
    {{"action": "accept", "src": ["*"], "dst": ["tag:t0:22"]}},
    // The web.
    // tailgrant: id=web
    {{
      "action": "accept",
      "src": [
        "group:g0", /* all of them */
        "ada@example.com",
      ],
      "dst": ["tag:t1:443"], // only this
    }},
    // tailgrant: id=ops
    {{"action": "accept", "src": ["bob@example.com", "ada@example.com"], "dst": ["tag:t1:22"]}},
  ],
  "hosts": {{
    "h0": "100.64.0.1",
  }},
{tests}}}
"#
    );
    if chance.u8(..4) == 0 { text.replace('\n', "\r\n") } else { text }
}
