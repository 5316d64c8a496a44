//! Opening a journal: what is in it, and what a crash left of its last line.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::chain::{Chain, Flaw, Link};
use super::error::Error;
use super::file::{JournalFile, Mend, Sink};
use super::hash::Hash;
use super::leases::Leases;
use super::line::read;
use super::lines::{Lines, Span};
use super::queue::Content;
use super::writer::{Journal, RETRY, Scribe};

/// How each line of a journal begins.
const BEGINNING: &[u8] = b"{\"seq\":";

/// How its first line begins.
const FIRST: &[u8] =
    b"{\"seq\":1,\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"time\":\"";

/// What was found in a file.
#[derive(Debug)]
struct Found {
    chain: Chain,
    leases: Leases,
    lines: u64,
    /// The first line that does not follow.
    flaw: Option<(u64, Flaw)>,
    torn: Option<Torn>,
    /// Something in it is of a journal, or there is nothing in it.
    ours: bool,
}

/// A last line without line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Torn {
    /// Only the line end is missing.
    End,
    /// The line is a part of one.
    Line(Span),
}

impl Journal {
    /// Opens a journal, or makes it, for this process alone; reads what is in it, follows its chain, and
    /// repairs a last line that was cut off. A chain that is broken is logged and goes on from the last line.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be opened or read, is no regular file, is in use, or holds something else.
    pub fn open(path: &Path) -> Result<Self, Error> {
        // Before it is opened: that alone would make a pipe or a device do something.
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
            return Err(Error::NotAFile { path: path.into() });
        }
        let file = open(path).map_err(|cause| Error::Open { path: path.into(), cause })?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::InUse { path: path.into() },
            TryLockError::Error(cause) => Error::Lock { path: path.into(), cause },
        })?;
        let unreadable = |cause| Error::Read { path: path.into(), cause };
        let found = Found::scan(&file).map_err(unreadable)?;
        if !found.ours {
            return Err(Error::NotAJournal { path: path.into() });
        }
        let name: Arc<str> = path.display().to_string().into();
        if let Some((line, flaw)) = found.flaw {
            tracing::error!(
                journal = &*name,
                line,
                %flaw,
                "the journal was altered or damaged; it goes on after its last line, keep it as evidence"
            );
        }
        let (mend, first) = match found.torn {
            None => (None, None),
            Some(torn) => {
                let (mend, cut) = torn.repair(&file).map_err(unreadable)?;
                let bytes_removed = torn.length();
                tracing::warn!(
                    journal = &*name,
                    bytes_removed,
                    "the last line of the journal was cut off by a crash; what is left of it is removed, or its \
                     line end is added"
                );
                (Some(mend), Some(cut))
            }
        };
        let scribe = Scribe::new(Box::new(JournalFile::new(file, mend)), found.chain);
        let journal = Self::start(Arc::clone(&name), scribe, found.leases, first, RETRY)
            .map_err(|cause| Error::Thread { path: path.into(), cause })?;
        let (seq, hash) = match journal.head() {
            Some(head) => (head.seq, head.hash),
            None => (0, Hash::ZERO),
        };
        tracing::info!(journal = &*name, seq, %hash, "journal opened");
        Ok(journal)
    }

    /// Begins a journal that is kept somewhere else than in a file; `name` is for messages.
    ///
    /// # Errors
    ///
    /// Fails when no thread can be started.
    pub fn begin(name: &str, sink: Box<dyn Sink>) -> Result<Self, Error> {
        Self::start(name.into(), Scribe::new(sink, Chain::EMPTY), Leases::default(), None, RETRY)
            .map_err(|cause| Error::Thread { path: name.into(), cause })
    }
}

/// Opens the file for appending. A new one is for its owner alone, and its name is on the disk.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.create(true).open(path)?;
    #[cfg(unix)]
    {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(file)
}

impl Found {
    fn nothing() -> Self {
        Self { chain: Chain::EMPTY, leases: Leases::default(), lines: 0, flaw: None, torn: None, ours: true }
    }

    fn scan(file: &File) -> io::Result<Self> {
        let mut lines = Lines::new(BufReader::with_capacity(1 << 16, file));
        let mut line = Vec::new();
        let mut found = Self::nothing();
        while let Some(span) = lines.next(&mut line)? {
            if span.start == 0 {
                found.ours = looks_ours(&line, span.ended);
            }
            found.lines += 1;
            if !span.ended && !read(&line).is_some_and(|past| past.sealed) {
                found.torn = Some(Torn::Line(span));
                break;
            }
            if !span.ended {
                found.torn = Some(Torn::End);
            }
            let follows = if span.too_long { Link::UNREADABLE } else { found.chain.follow(&line) };
            let past = match follows {
                Link::Follows(past) => Some(past),
                Link::Broken { flaw, past } => {
                    found.flaw.get_or_insert((found.lines, flaw));
                    past
                }
            };
            if let Some(past) = past {
                found.ours = true;
                found.leases.replay(past);
            }
        }
        Ok(found)
    }
}

/// Whether the first line of a file may be that of a journal. Without an end it is cut away, so it has to be
/// what a crash leaves of one: its beginning, and zeros where the file system had kept the bytes from the disk.
fn looks_ours(line: &[u8], ended: bool) -> bool {
    if ended {
        return line.starts_with(BEGINNING);
    }
    let written = line.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let kept = line.get(..written).unwrap_or_default();
    kept.starts_with(FIRST) || FIRST.starts_with(kept)
}

impl Torn {
    /// How many bytes of it go.
    const fn length(self) -> u64 {
        match self {
            Self::End => 0,
            Self::Line(span) => span.length,
        }
    }

    /// What is to be done about it, and what the journal says of that.
    fn repair(self, mut file: &File) -> io::Result<(Mend, Content)> {
        let mut sum = Sha256::new();
        let (mend, cut) = match self {
            Self::End => (Mend::EndLine, 0),
            Self::Line(span) => {
                file.seek(SeekFrom::Start(span.start))?;
                let mut rest = BufReader::new(file.take(span.length));
                let cut = io::copy(&mut rest, &mut Summing(&mut sum))?;
                (Mend::CutAt(span.start), cut)
            }
        };
        Ok((mend, Content::Repair { time: Timestamp::now(), cut, sha256: sum.into() }))
    }
}

/// Sums up what is written to it.
struct Summing<'s>(&'s mut Sha256);

impl io::Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
