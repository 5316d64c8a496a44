use super::*;
use crate::journal::line::LONGEST;
use crate::journal::tests::{Disk, grant, remark};
use crate::journal::{Diff, Stage, Verification, verify};

fn journal_on(disk: &Disk, retry: Duration) -> Journal {
    let scribe = Scribe::new(Box::new(disk.clone()), Chain::EMPTY);
    Journal::start("/journal".into(), scribe, Leases::default(), None, retry).unwrap()
}

fn lines(disk: &Disk) -> Vec<serde_json::Value> {
    let text = disk.text();
    assert!(matches!(verify(text.as_slice(), None).unwrap(), Verification::Sound(_)));
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// When each change happened, as the lines tell in their order.
fn seconds(disk: &Disk) -> Vec<i64> {
    let time = |line: &serde_json::Value| line["time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    lines(disk).iter().map(|line| time(line).as_second() - 1_800_000_000).collect()
}

#[tokio::test]
async fn what_a_full_disk_kept_out_comes_with_the_next_line() {
    let disk = Disk::default();
    let journal = journal_on(&disk, Duration::from_hours(1));
    journal.append(grant(0)).await.unwrap();
    journal.check().unwrap();
    disk.fill(true);
    for number in 1..4 {
        let trouble = journal.append(grant(number)).await.unwrap_err();
        assert_eq!(trouble.to_string(), "the journal /journal cannot be written: no space left");
        assert_eq!(journal.check(), Err(trouble));
    }
    assert_eq!(seconds(&disk), [0]);
    disk.fill(false);
    assert_eq!(journal.append(grant(4)).await.unwrap().seq, 5);
    journal.check().unwrap();
    assert_eq!(seconds(&disk), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn an_end_names_the_line_from_before_it_was_sent() {
    let disk = Disk::default();
    let journal = journal_on(&disk, Duration::from_hours(1));
    journal.append(grant(0)).await.unwrap();
    disk.fill(true);
    let told = Entry { request: Some(journal.request()), ..grant(1) };
    journal.remark(remark(&told, Stage::Sending)).await.unwrap_err();
    disk.fill(false);
    journal.append(told).await.unwrap();
    let lines = lines(&disk);
    assert_eq!(
        (&lines[1]["kind"], &lines[1]["seq"], &lines[2]["of"]),
        (&"sending".into(), &2.into(), &2.into())
    );
    assert_eq!(lines[0].get("of"), None);
}

#[tokio::test]
async fn what_a_full_disk_kept_out_comes_by_itself() {
    let disk = Disk::default();
    disk.fill(true);
    let journal = journal_on(&disk, Duration::from_millis(1));
    journal.append(grant(0)).await.unwrap_err();
    disk.fill(false);
    while journal.check().is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(seconds(&disk), [0]);
}

#[tokio::test]
async fn all_that_waited_is_written_as_soon_as_that_works() {
    let disk = Disk::default();
    disk.fill(true);
    let journal = journal_on(&disk, Duration::from_hours(1));
    let waiting = 3 * 256;
    for number in 0..waiting {
        drop(journal.append(grant(number)));
    }
    journal.append(grant(waiting)).await.unwrap_err();
    disk.fill(false);
    let _ = journal.append(grant(waiting + 1)).await;
    while journal.check().is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(seconds(&disk), (0..waiting + 2).collect::<Vec<_>>());
}

#[test]
fn what_was_lost_is_counted_until_nothing_waits() {
    let mut state = State { failure: Some("no space left".into()), ..State::default() };
    state.queue.push(Waiting::new(Content::Change(grant(0)), None));
    assert_eq!(state.recovered(300), None);
    state.queue.take();
    assert_eq!(state.recovered(2), Some(302));
    assert_eq!(state.recovered(0), None, "it is told once");
}

#[tokio::test]
async fn the_end_writes_what_waits() {
    let disk = Disk::default();
    disk.fill(true);
    let journal = journal_on(&disk, Duration::from_hours(1));
    journal.append(grant(0)).await.unwrap_err();
    disk.fill(false);
    drop(journal);
    assert_eq!(seconds(&disk), [0]);
}

#[test]
fn lost_entries_leave_a_line() {
    let disk = Disk::default();
    let mut scribe = Scribe::new(Box::new(disk.clone()), Chain::EMPTY);
    let batch = [Waiting::new(Content::Change(grant(7)), None)];
    assert_eq!(scribe.write(3, &batch).unwrap()[0].seq, 2);
    let lines = lines(&disk);
    assert_eq!((&lines[0]["kind"], &lines[0]["lost"]), (&"gap".into(), &3.into()));
    assert_eq!(lines[1]["kind"], "policy");
}

#[test]
fn the_queue_is_bounded_and_counts_what_goes() {
    let mut queue = Queue::default();
    for number in 0..10_003 {
        queue.push(Waiting::new(Content::Change(grant(number)), None));
    }
    assert_eq!((queue.len(), queue.lost), (10_000, 3));
    let mut large = Queue::default();
    for number in 0..100 {
        let mut entry = grant(number);
        entry.diff.text = "x".repeat(1 << 20);
        large.push(Waiting::new(Content::Change(entry), None));
    }
    assert!(large.len() < 64 && large.lost > 36, "{}", large.len());
    let batch = large.take();
    let (taken, lost) = (batch.len(), large.lost);
    large.push(Waiting::new(Content::Change(grant(0)), None));
    large.take_back(batch);
    assert_eq!((large.len(), large.lost), (taken + 1, lost), "what was taken back is still the oldest");
}

#[tokio::test]
async fn many_at_once_keep_their_order() {
    let disk = Disk::default();
    let journal = journal_on(&disk, RETRY);
    let all = futures_util::future::join_all((0..1000).map(|number| journal.append(grant(number)))).await;
    let numbers: Vec<u64> = all.into_iter().map(|receipt| receipt.unwrap().seq).collect();
    assert_eq!(numbers, (1..=1000).collect::<Vec<_>>());
    assert_eq!(seconds(&disk), (0..1000).collect::<Vec<_>>());
}

#[test]
fn a_line_is_never_longer_than_is_read() {
    let disk = Disk::default();
    let mut scribe = Scribe::new(Box::new(disk.clone()), Chain::EMPTY);
    let mut many = grant(0);
    let mut one = many.intents[0].clone();
    (one.entitlement, one.principal) = ("\u{1}".repeat(5000), "é\"".repeat(5000));
    one.aliases = vec!["a".repeat(5000); 500];
    one.caller = "\n".repeat(5000).into();
    many.intents = vec![one; 40];
    many.diff = Diff::of(b"", "\u{1}\n".repeat(150_000).as_bytes());
    many.outcome = crate::journal::Outcome::Refused("\u{2}".repeat(100_000));
    scribe.write(0, &[Waiting::new(Content::Change(many), None)]).unwrap();
    let longest = disk.text().split(|&byte| byte == b'\n').map(<[u8]>::len).max().unwrap();
    assert!(longest < LONGEST, "{longest}");
    let lines = lines(&disk);
    assert_eq!(lines[0]["part"], format!("1/{}", lines.len()));
    let intents: usize = lines.iter().map(|line| line["intents"].as_array().unwrap().len()).sum();
    assert_eq!(intents, 40);
}

/// A disk whose driver panics once.
struct Defective(Disk, bool);

impl Sink for Defective {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        assert!(std::mem::replace(&mut self.1, true), "a defect");
        self.0.append(lines)
    }
}

#[tokio::test]
async fn a_defect_is_a_failure_that_passes() {
    let disk = Disk::default();
    let scribe = Scribe::new(Box::new(Defective(disk.clone(), false)), Chain::EMPTY);
    let hour = Duration::from_hours(1);
    let journal = Journal::start("/journal".into(), scribe, Leases::default(), None, hour).unwrap();
    let trouble = journal.append(grant(0)).await.unwrap_err();
    assert!(trouble.to_string().ends_with("broke off inside tailgrant; please report this"), "{trouble}");
    journal.append(grant(1)).await.unwrap();
    assert_eq!(seconds(&disk), [0, 1]);
}
