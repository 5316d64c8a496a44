use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::journal::tests::{grant, journal_of};
use crate::journal::{Verification, verify};

struct Place {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { path: directory.path().join("journal"), _directory: directory }
    }

    fn put(&self, text: &[u8]) {
        std::fs::write(&self.path, text).unwrap();
    }

    fn text(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    fn verified(&self) -> Verification {
        verify(self.text().as_slice(), None).unwrap()
    }
}

#[tokio::test]
async fn every_cut_of_the_last_line_is_repaired() {
    let place = Place::new();
    let whole = journal_of(&place.path, 3).await;
    let lines: Vec<&[u8]> = whole.split_inclusive(|&byte| byte == b'\n').collect();
    let kept = lines[0].len() + lines[1].len();
    for cut in kept + 1..whole.len() {
        place.put(&whole[..cut]);
        drop(Journal::open(&place.path).unwrap());
        assert!(matches!(place.verified(), Verification::Sound(_)), "cut at {cut}: {:?}", place.verified());
        let after = place.lines();
        let repair = after.last().unwrap();
        assert_eq!(repair["kind"], "repair");
        if cut == whole.len() - 1 {
            assert_eq!((after.len(), &repair["cut"]), (4, &Value::from(0)));
            assert_eq!(&place.text()[..whole.len()], whole);
        } else {
            assert_eq!((after.len(), &repair["cut"]), (3, &Value::from(cut - kept)), "cut at {cut}");
            let sum = Hash::of(&whole[kept..cut]).to_string();
            assert_eq!(repair["sha256"], Value::from(sum));
            assert_eq!(&place.text()[..kept], &whole[..kept]);
        }
    }
}

#[tokio::test]
async fn a_first_line_that_was_cut_is_repaired() {
    let place = Place::new();
    let whole = journal_of(&place.path, 1).await;
    for cut in 1..whole.len() {
        place.put(&whole[..cut]);
        drop(Journal::open(&place.path).unwrap());
        assert!(matches!(place.verified(), Verification::Sound(_)), "cut at {cut}");
    }
    place.put(&[0; 4096]);
    drop(Journal::open(&place.path).unwrap());
    assert_eq!(place.lines()[0]["cut"], Value::from(4096));
}

#[tokio::test]
async fn a_journal_goes_on_where_it_ended() {
    let place = Place::new();
    let before = journal_of(&place.path, 2).await;
    let journal = Journal::open(&place.path).unwrap();
    assert_eq!(journal.head().unwrap().seq, 2);
    let receipt = journal.append(grant(2)).await.unwrap();
    assert_eq!((receipt.seq, journal.head()), (3, Some(receipt)));
    drop(journal);
    assert_eq!(&place.text()[..before.len()], before);
    assert!(matches!(place.verified(), Verification::Sound(there) if there.lines == 3));
}

#[tokio::test]
async fn a_damaged_journal_goes_on_and_stays_damaged() {
    let place = Place::new();
    let whole = journal_of(&place.path, 3).await;
    let mut lines: Vec<Vec<u8>> = whole.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    lines[1] = b"\xff not JSON\n".to_vec();
    place.put(&lines.concat());
    let journal = Journal::open(&place.path).unwrap();
    assert_eq!(journal.append(grant(3)).await.unwrap().seq, 4);
    drop(journal);
    assert_eq!(place.verified(), Verification::Broken { line: 2, flaw: Flaw::NotALine });
    assert_eq!(&place.text()[..lines.concat().len()], lines.concat());
}

#[test]
fn something_else_is_left_alone() {
    let place = Place::new();
    for text in [
        "{\n\t\"groups\": {},\n}",
        "x",
        "{\"sequence\":1}\n",
        "{\"seq\":1,\"name\":\"something else\"}",
        "\0\0\0\0some other file",
        "{\"seq\"\0\0:1",
    ] {
        place.put(text.as_bytes());
        let error = Journal::open(&place.path).unwrap_err();
        assert!(matches!(error, Error::NotAJournal { .. }), "{text}: {error}");
        assert_eq!(place.text(), text.as_bytes());
    }
}

#[test]
fn one_file_is_for_one_daemon() {
    let place = Place::new();
    let first = Journal::open(&place.path).unwrap();
    let error = Journal::open(&place.path).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    drop(first.clone());
    assert!(matches!(Journal::open(&place.path), Err(Error::InUse { .. })), "a clone is left");
    drop(first);
    Journal::open(&place.path).unwrap();
}

#[test]
fn what_cannot_be_opened_is_named() {
    let place = Place::new();
    let error = Journal::open(&place.path.join("below")).unwrap_err();
    assert!(error.to_string().contains("journal/below"), "{error}");
    let directory = place.path.parent().unwrap();
    assert!(matches!(Journal::open(directory), Err(Error::NotAFile { .. })));
}

#[cfg(unix)]
#[test]
fn what_keeps_nothing_is_no_journal() {
    let error = Journal::open("/dev/null".as_ref()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the journal /dev/null is no regular file; name one that is, or that can be made"
    );
}

#[cfg(unix)]
#[test]
fn a_new_journal_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let _journal = Journal::open(&place.path).unwrap();
    assert_eq!(std::fs::metadata(&place.path).unwrap().permissions().mode() & 0o777, 0o600);
}
