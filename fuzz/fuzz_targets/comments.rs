//! Comments behind the elements of any array: they come where they belong to their element, no element
//! and no byte outside changes, and taken away again they leave no trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ops::Range;
use tailgrant_fuzz::hujson::{CommentChange, Kind, edit_array_and_comments, parse};
use tailgrant_fuzz::{second, walk};

/// What the new comments say; nothing in a document says it already.
const NEW: &str = "tailgrant: until=2030-01-31T12:00:00Z";

// Which array, which of its elements, and a document.
fuzz_target!(|input: &[u8]| {
    let [which, chosen, text @ ..] = input else { return };
    let Ok(document) = parse(text) else { return };
    let arrays: Vec<_> =
        walk::composites(&document).into_iter().filter(|value| value.kind() == Kind::Array).collect();
    let says_it = text.windows(NEW.len()).any(|window| window == NEW.as_bytes());
    if arrays.is_empty() || says_it || second::depth(text) > 1_000 {
        return;
    }
    let span = arrays[usize::from(*which) % arrays.len()].span();
    let before = walk::entries(text, span.start);
    let chosen: Vec<usize> = (0..before.len()).filter(|index| chosen >> (index % 8) & 1 == 1).collect();
    let changed = |text: &[u8], changes: &[(usize, CommentChange)]| {
        walk::edited(text, span.start, |array| edit_array_and_comments::<&str>(array, &[], &[], changes))
    };

    let changes: Vec<_> = chosen.iter().map(|index| (*index, CommentChange::Add(NEW.to_owned()))).collect();
    let added = changed(text, &changes);
    assert_eq!(added[..span.start], text[..span.start], "before it");
    let tail = text.len() - span.end;
    assert_eq!(added[added.len() - tail..], text[text.len() - tail..], "behind it");
    assert_eq!(walk::entries(&added, span.start), before);

    let there = new_comments(&added, span.start);
    assert_eq!(there.iter().map(|(index, _)| *index).collect::<Vec<_>>(), chosen, "whose they are");
    let all: Vec<_> =
        there.iter().map(|(index, place)| (*index, CommentChange::Remove(place.clone()))).collect();
    assert_eq!(changed(&added, &all), text, "removed together");
    let first_first = chosen.iter().fold(added, |text, _| {
        let (index, place) = new_comments(&text, span.start).swap_remove(0);
        changed(&text, &[(index, CommentChange::Remove(place))])
    });
    assert_eq!(first_first, text, "removed one by one");
});

/// The new comments of the array that starts at `start`, by element.
fn new_comments(text: &[u8], start: usize) -> Vec<(usize, Range<usize>)> {
    let document = parse(text).expect("an edit leaves HuJSON");
    let array = walk::value_at(&document, start).expect("an edit leaves the value where it was");
    let mut new = Vec::new();
    for (index, element) in array.elements().enumerate() {
        let trailing = element.comments().trailing;
        new.extend(trailing.into_iter().filter(|comment| comment.text == NEW).map(|it| (index, it.span)));
    }
    new
}
