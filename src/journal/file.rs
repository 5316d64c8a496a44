//! Where lines go.

use std::fs::File;
use std::io::{self, Write};

/// What lines are appended to: a file, or whatever else keeps them.
pub trait Sink: Send {
    /// Appends whole lines, and returns when they are on the disk. After a failure nothing of them counts:
    /// they are given again.
    ///
    /// # Errors
    ///
    /// Fails as the file does.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// A file that is appended to, locked as long as it is open.
#[derive(Debug)]
pub(super) struct JournalFile {
    file: File,
    mend: Option<Mend>,
}

/// What has to be done before the next line, so that it begins at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mend {
    /// The file ends here: what follows is a part of a line.
    CutAt(u64),
    /// The last line lacks its end.
    EndLine,
}

impl JournalFile {
    pub(super) const fn new(file: File, mend: Option<Mend>) -> Self {
        Self { file, mend }
    }

    fn mend(&mut self) -> io::Result<()> {
        match self.mend {
            Some(Mend::CutAt(length)) if self.file.metadata()?.len() > length => self.file.set_len(length)?,
            Some(Mend::EndLine) => self.file.write_all(b"\n")?,
            Some(Mend::CutAt(_)) | None => {}
        }
        self.mend = None;
        Ok(())
    }
}

impl Sink for JournalFile {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.mend()?;
        let length = self.file.metadata()?.len();
        self.mend = Some(Mend::CutAt(length));
        self.file.write_all(lines)?;
        self.file.sync_data()?;
        self.mend = None;
        Ok(())
    }
}
