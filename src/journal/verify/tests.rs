use super::*;
use crate::journal::tests::{grant, journal_of, remark};
use crate::journal::{Entry, Journal, Stage};

async fn lines(count: i64) -> Vec<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let text = journal_of(&directory.path().join("journal"), count).await;
    text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn verified(lines: &[Vec<u8>], expected: Option<Hash>) -> Verification {
    verify(lines.concat().as_slice(), expected).unwrap()
}

#[track_caller]
fn check_broken(lines: &[Vec<u8>], line: u64, flaw: Flaw) {
    assert_eq!(verified(lines, None), Verification::Broken { line, flaw });
}

fn hash_of(line: &[u8]) -> Hash {
    let value: serde_json::Value = serde_json::from_slice(line).unwrap();
    value.get("hash").unwrap().as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_whole_journal_is_sound() {
    let lines = lines(3).await;
    let Verification::Sound(summary) = verified(&lines, None) else { panic!("it is not") };
    assert_eq!((summary.lines, summary.head), (3, hash_of(&lines[2])));
    assert_eq!(summary.from.as_deref(), Some("2027-01-15T08:00:00.000Z"));
    assert_eq!(summary.to.as_deref(), Some("2027-01-15T08:00:02.000Z"));
    let empty = Summary { lines: 0, from: None, to: None, under_way: 0, head: Hash::ZERO };
    assert_eq!(verified(&[], None), Verification::Sound(empty));
}

#[tokio::test]
async fn what_has_no_end_was_under_way() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let journal = Journal::open(&path).unwrap();
    for (number, expected) in [(0, 0), (1, 1), (2, 2)] {
        let told = Entry { request: Some(journal.request()), ..grant(number) };
        journal.remark(remark(&told, Stage::Sending)).await.unwrap();
        if number == 0 {
            journal.append(told).await.unwrap();
        }
        let Verification::Sound(summary) = verify(std::fs::read(&path).unwrap().as_slice(), None).unwrap()
        else {
            panic!("it is not")
        };
        assert_eq!(summary.under_way, expected);
    }
}

#[tokio::test]
async fn the_hash_is_that_of_the_line_without_it() {
    let lines = lines(1).await;
    let line = String::from_utf8(lines[0].clone()).unwrap();
    let (content, hash) = line.trim_end().split_once(",\"hash\":\"").unwrap();
    assert_eq!(format!("{}\"}}", Hash::of(format!("{content}}}").as_bytes())), hash);
}

#[tokio::test]
async fn what_is_not_as_it_was_is_named() {
    let whole = lines(5).await;
    let without = |gone: &[usize]| -> Vec<Vec<u8>> {
        let kept = whole.iter().enumerate().filter(|(at, _)| !gone.contains(at));
        kept.map(|(_, line)| line.clone()).collect()
    };
    check_broken(&without(&[0]), 1, Flaw::Removed { count: 1, found: 2, expected: 1 });
    check_broken(&without(&[1, 2]), 2, Flaw::Removed { count: 2, found: 4, expected: 2 });
    let mut moved = whole.clone();
    moved.swap(1, 3);
    check_broken(&moved, 2, Flaw::Removed { count: 2, found: 4, expected: 2 });
    let mut twice = whole.clone();
    twice.insert(2, whole[1].clone());
    check_broken(&twice, 3, Flaw::Reordered { found: 2, expected: 3 });
    let mut garbage = whole.clone();
    garbage[2] = b"{}\n".to_vec();
    check_broken(&garbage, 3, Flaw::NotALine);
    let mut other = whole.clone();
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(&directory.path().join("other")).unwrap();
    journal.append(grant(77)).await.unwrap();
    drop(journal);
    other[0] = std::fs::read(directory.path().join("other")).unwrap();
    check_broken(&other, 2, Flaw::Replaced);
}

#[tokio::test]
async fn every_altered_byte_is_found() {
    let whole = lines(3).await.concat();
    for at in 0..whole.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut altered = whole.clone();
            altered[at] ^= flip;
            let found = verify(altered.as_slice(), None).unwrap();
            assert!(!matches!(found, Verification::Sound(_)), "byte {at} by {flip:#x}");
        }
    }
}

#[tokio::test]
async fn every_cut_is_found_except_between_lines() {
    let lines = lines(3).await;
    let whole = lines.concat();
    let ends: Vec<usize> = (0..=3).map(|count| lines[..count].concat().len()).collect();
    for cut in 0..whole.len() {
        let found = verify(&whole[..cut], None).unwrap();
        let anchored = verify(&whole[..cut], Some(hash_of(&lines[2]))).unwrap();
        if let Some(count) = ends.iter().position(|&end| end == cut) {
            assert!(matches!(&found, Verification::Sound(there) if there.lines == count as u64));
            assert!(matches!(anchored, Verification::Missing { .. }), "the anchor is gone: {anchored:?}");
        } else {
            assert!(matches!(found, Verification::Torn { .. }), "{cut}: {found:?}");
            let gone = matches!(anchored, Verification::Missing { torn: Some(_), .. });
            // The last byte is a line end.
            assert_eq!(gone, cut < whole.len() - 1, "{cut}: {anchored:?}");
        }
    }
}

#[tokio::test]
async fn an_earlier_head_is_still_there() {
    let lines = lines(3).await;
    for head in lines.iter().map(|line| hash_of(line)).chain([Hash::ZERO]) {
        assert!(matches!(verified(&lines, Some(head)), Verification::Sound(_)), "{head}");
    }
    assert!(matches!(verified(&lines, Some(Hash::of(b"other"))), Verification::Missing { .. }));
}

#[test]
fn a_line_without_end_is_not_read_into_memory() {
    let endless = io::BufReader::new(io::Read::take(io::repeat(b'x'), 20 << 20));
    let found = verify(endless, None).unwrap();
    assert!(matches!(found, Verification::Torn { line: 1, bytes: 0x140_0000, .. }), "{found:?}");
}
