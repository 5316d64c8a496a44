//! What an edit of canonical text leaves alone when the result is laid out anew, as the service does.
//!
//! The lines that may change are those of the touched array or object: the one that is edited or, if
//! it stands inside others that are not expanded, the outermost of them, since a line that becomes too
//! long is broken from there. If that is the value of a member, also the lines above and below whose
//! values are aligned with it, or come to be: neighbouring members that take one line each, without a
//! blank line or a comment line between them. Every other line stays as it is, byte for byte.

use std::ops::Range;

use proptest::prelude::*;

use super::properties::{added, chosen, count, edited};
use crate::hujson::strategy::{composite, strange_sample};
use crate::hujson::{Kind, Value, format, parse};

/// The lines, counted from 0, that an edit of an array or object may change in canonical text.
fn touched(composite: Value<'_>) -> Range<usize> {
    let text = composite.document().text();
    let lines = |range: Range<usize>| memchr::memchr_iter(b'\n', &text[range]).count();
    let mut outermost = composite;
    while let Some(around) = outermost.parent().filter(|around| !is_expanded(*around)) {
        outermost = around;
    }
    let span = outermost.span();
    let mut touched = lines(0..span.start)..lines(0..span.end) + 1;
    let Some(object) = outermost.parent().filter(|around| around.kind() == Kind::Object) else {
        return touched;
    };
    let members: Vec<_> =
        object.members().map(|member| member.name.span().start..member.value.span().end).collect();
    let at = members.iter().position(|member| member.end == span.end).unwrap();
    // Comments behind a value, before its comma, would break its line.
    let one_line = |member: usize| {
        let next = members.get(member + 1).map_or(object.span().end - 1, |next| next.start);
        let comma = text[members[member].end..next].iter().position(|byte| *byte == b',').unwrap_or(0);
        lines(members[member].start..members[member].end + comma) == 0
    };
    let neighbours = |above: usize| lines(members[above].end..members[above + 1].start) == 1;
    let mut first = at;
    while first > 0 && neighbours(first - 1) && one_line(first - 1) {
        first -= 1;
    }
    let mut last = at;
    while last + 1 < members.len() && neighbours(last) && one_line(last + 1) {
        last += 1;
    }
    touched.start = lines(0..members[first].start);
    touched.end = touched.end.max(lines(0..members[last].end) + 1);
    touched
}

fn is_expanded(composite: Value<'_>) -> bool {
    let document = composite.document();
    let mut inside = composite.elements().chain(composite.members().map(|member| member.name));
    inside.next().is_some_and(|first| document.slice(first.gap_before()).contains(&b'\n'))
}

fn check(canonical: &[u8], remove: &[usize], add: &[usize]) -> Result<(), TestCaseError> {
    let document = parse(canonical).unwrap();
    let touched = touched(composite(&document));
    let after = format(&edited(canonical, remove, add)).unwrap();
    let lines =
        |text: &[u8]| text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (before, after) = (lines(canonical), lines(&after));
    let (above, below) = (&before[..touched.start], &before[touched.end.min(before.len())..]);
    let shown = |lines: &[Vec<u8>]| String::from_utf8_lossy(&lines.concat()).into_owned();
    prop_assert!(
        after.len() >= above.len() + below.len() && after.starts_with(above) && after.ends_with(below),
        "only lines {touched:?} may change\n{}\n{}",
        shown(&before),
        shown(&after)
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn only_the_touched_composite_and_its_block_change(
        sample in strange_sample(),
        mask: u8,
        add in added(),
        which in 0..3_u8,
    ) {
        let canonical = format(&sample.bytes()).unwrap();
        let remove = if which == 0 { Vec::new() } else { chosen(mask, count(&canonical)) };
        // A comment that is copied into plain JSON brings trailing commas to all of it.
        let add: Vec<_> = if which == 1 { Vec::new() } else { add.into_iter().filter(|new| *new != 5).collect() };
        check(&canonical, &remove, &add)?;
    }
}

#[test]
fn what_is_touched() {
    #[track_caller]
    fn check(text: &str, pointer: &str, lines: Range<usize>) {
        assert_eq!(format(text.as_bytes()).unwrap(), text.as_bytes(), "is canonical");
        let document = parse(text.as_bytes()).unwrap();
        assert_eq!(touched(document.find(pointer).unwrap()), lines, "{pointer}");
    }
    let text = "{\n\t\"a\": 1,\n\n\t\"b\":   2,\n\t\"cde\": [{\"x\": [1]}],\n\t\"f\":   2, // f\n\t\"g\": [\n\t\t1,\n\t],\n\t// h\n\t\"h\": [],\n}\n";
    check(text, "", 0..12);
    check(text, "/cde/0/x", 3..6);
    check(text, "/g", 3..9);
    check(text, "/h", 10..11);
}
