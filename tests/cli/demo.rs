//! The demo in a pipe: plain, complete, and true.

use super::{tailgrant, text};

#[test]
fn the_demo_tells_its_story_without_colours() {
    let output = tailgrant(&["demo"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "a pipe gets no progress");
    let story = text(&output.stdout);
    assert!(!story.contains('\u{1b}'), "{story}");
    for line in story.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let told = [
        "1. Sync",
        "ok: synced in ",
        " with 6 calls to the Tailscale API",
        "2. Who can do what",
        "3. Grant \"SSH as ",
        "@@ -",
        "one line changed of",
        "granted again: already there, nothing was written",
        "the foreign edit survived",
        "the text is the original plus that edit, bit for bit",
        "What to try next",
    ];
    let mut rest = story.as_str();
    for part in told {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("{part:?} is not told, or not in its place: {story}"));
        rest = &rest[at + part.len()..];
    }
}
