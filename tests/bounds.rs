//! What the core takes at most of heap and stack, however hostile the text.
//!
//! That the work grows no faster than the text is counted in instructions: `.ci/instructions`.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../benches/heap/mod.rs"]
mod heap;
#[path = "../benches/texts/mod.rs"]
mod texts;

use std::sync::{Mutex, MutexGuard, PoisonError};

use heap::{Heap, heap_of};
use tailgrant::hujson::{Kind, apply, edit_array, format, minimize, parse, standardize};
use tailgrant::policy::{Intent, ListId, Outcome, Policy, Wish, plan};

/// The allocations of all threads are counted, so no two of these tests may run at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The least of a few measurements: the test runner allocates now and then, too.
fn heap_of_parsing(text: &str) -> Heap {
    (0..5).map(|_| heap_of(|| parse(text.as_bytes()))).min().unwrap()
}

/// At most so many bytes for each byte of a text, beside a little for each text.
#[track_caller]
fn check_heap(name: &str, text: &str, most: usize) {
    let heap = heap_of_parsing(text);
    assert!(heap.held <= most * text.len() + 128, "{name}, {} bytes: {heap:?}", text.len());
    assert!(heap.allocations <= 32, "{name}: {heap:?}");
}

#[test]
fn a_tree_is_small() {
    let _alone = alone();
    check_heap("policy", &texts::policy(), 3);
    check_heap("crowd", &texts::crowd(), 3);
    check_heap("20 MB", &texts::elements(20_000_000), 3);
    for (name, text) in texts::hostile(1_000_000) {
        check_heap(name, &text, 12);
    }
}

#[test]
fn a_tree_of_a_shared_policy_is_small() {
    let _alone = alone();
    let Some(cases) = std::env::var_os("TAILGRANT_CASES") else { return };
    let policies = std::path::Path::new(&cases).join("policies");
    for entry in std::fs::read_dir(policies).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "hujson") {
            let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
            check_heap(&path.display().to_string(), &text, 3);
        }
    }
}

/// Everything is done to every hostile text, in a thread with little stack. A change that needs stack for
/// each level or each comment ends the test here.
#[test]
fn hostile_texts_cost_no_stack() {
    let _alone = alone();
    let work =
        || texts::hostile(100_000).into_iter().for_each(|(name, text)| do_everything(name, text.as_bytes()));
    std::thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap();
}

fn do_everything(name: &str, text: &[u8]) {
    let Ok(document) = parse(text) else {
        assert_eq!(name, "brackets");
        return;
    };
    let layout = format(text).unwrap();
    assert!(format(&layout).unwrap() == layout && minimize(text).unwrap().len() <= text.len(), "{name}");
    assert_eq!(standardize(text).unwrap().len(), text.len());
    assert!(document.find("/none/0").is_none());
    let root = document.root();
    let removed: Vec<usize> = (0..root.elements().count()).collect();
    let edited = apply(text, edit_array(root, &removed, &["new"])).unwrap();
    assert!(root.kind() != Kind::Array || parse(&edited).unwrap().root().elements().count() == 1);
    if root.kind() == Kind::Object {
        assert!(Policy::read(&document).unwrap().rules.len() <= text.len());
        let list = ListId::Group("group:a".to_owned());
        let plan = plan(text, &[Intent::new(list, Wish::Add { text: "b@example.com".to_owned() })]).unwrap();
        let proved = plan.prove().unwrap();
        assert_eq!(proved.is_some(), plan.outcomes == [Outcome::Edited]);
    }
}
