//! What can go wrong with a journal.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a journal cannot be used at all. A damaged one can.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or made.
    #[error("the journal {} cannot be opened; name a file that this user may make, read and write", path.display())]
    Open {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// A pipe or a device keeps nothing that could be verified, and cannot be synced.
    #[error("the journal {} is no regular file; name one that is, or that can be made", path.display())]
    NotAFile {
        /// The file as it was named.
        path: PathBuf,
    },
    /// Two daemons on one file would break each other's chain.
    #[error("the journal {} is in use by another daemon; give each a file of its own", path.display())]
    InUse {
        /// The file as it was named.
        path: PathBuf,
    },
    /// Without a lock nobody can tell whether another daemon uses the file.
    #[error("the journal {} cannot be locked; name a file on a file system with locks", path.display())]
    Lock {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// What is in it cannot be read.
    #[error("the journal {} cannot be read", path.display())]
    Read {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// Something else is in the file; it stays as it is.
    #[error("{} is not empty and not a journal; name another file", path.display())]
    NotAJournal {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The thread that writes cannot be started.
    #[error("the journal {} cannot be written: no thread can be started", path.display())]
    Thread {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

/// Why entries are not being written just now. They are kept, and written when that works again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal {path} cannot be written: {reason}")]
pub struct Trouble {
    /// The file as it was named.
    pub path: Arc<str>,
    /// What the system says, or that it says nothing.
    pub reason: Arc<str>,
}
