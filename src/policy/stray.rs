//! Directives that belong to nothing.

use super::directive::{self, MARK};
use super::finding::Findings;
use super::view::Policy;
use crate::hujson::{self, Document};
use std::ops::Range;

/// Reports what is odd about directives at the end of elements' lines, and the directives that belong to no
/// rule, group or tag, nor to an element of their lists.
pub(super) fn report<'d>(policy: &Policy<'d>, document: &'d Document<'d>, findings: &mut Findings<'d>) {
    let text = document.text();
    let mut strays: Vec<usize> = memchr::memmem::find_iter(text, MARK).collect();
    forget_claimed(&mut strays, &findings.claimed());
    if strays.is_empty() {
        return;
    }
    let lists = policy.groups.iter().chain(&policy.tags).map(|named| &named.list);
    let lists = lists.chain(policy.rules.iter().map(|rule| &rule.sources));
    for item in lists.flatten().flat_map(|list| &list.items) {
        if directive::may_have_comment(item.value) {
            directive::report_element(item.value, findings);
        }
    }
    forget_claimed(&mut strays, &findings.claimed());
    // What becomes blank in plain JSON stands in a comment.
    let Ok(plain) = hujson::standardize(text) else { return };
    for at in strays {
        if plain.get(at) == Some(&b' ') && starts_comment_line(text.get(..at).unwrap_or_default()) {
            findings.report_at(at, "this directive belongs to no rule, group or tag: it does not count");
        }
    }
}

/// Drops the places that are inside one of the comments, which are in the order of the text.
fn forget_claimed(places: &mut Vec<usize>, claimed: &[Range<usize>]) {
    places.retain(|at| {
        let before = claimed.partition_point(|comment| comment.start <= *at).checked_sub(1);
        !before.and_then(|index| claimed.get(index)).is_some_and(|comment| comment.contains(at))
    });
}

/// Nothing but a comment's own marks stands between here and the beginning of the line or comment.
fn starts_comment_line(before: &[u8]) -> bool {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let end = before.iter().rposition(|byte| !space(byte)).map_or(0, |at| at + 1);
    match before.get(..end).unwrap_or_default() {
        [.., b'\n'] | [.., b'/', b'/' | b'*'] => true,
        [line @ .., b'*'] => line.iter().rev().find(|byte| !space(byte)) == Some(&b'\n'),
        _ => false,
    }
}
