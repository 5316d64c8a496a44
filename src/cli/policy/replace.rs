//! Replacing a file at once: a reader sees the old text or the new one, never a part.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use tempfile::NamedTempFile;

/// Replaces the text of a file that exists and still is `old`. Its permissions and its owner stay; where the
/// path is a symbolic link, what it points to is replaced.
///
/// # Errors
///
/// Fails, and leaves the file as it is, when it is no regular file, may not be written, has other names, whose
/// text would stay, or was changed meanwhile; and when a file with the same owner cannot be made beside it.
pub(super) fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    refuse(&path, &metadata)?;
    let directory = path.parent().unwrap_or_else(|| Path::new("."));
    let mut beside = NamedTempFile::new_in(directory)?;
    beside.write_all(new)?;
    keep_owner(&beside, &metadata)?;
    // After the owner, whose change takes some permissions away.
    beside.as_file().set_permissions(metadata.permissions())?;
    beside.as_file().sync_all()?;
    if fs::read(&path)? != old {
        return Err(io::Error::other("it was changed meanwhile; run again"));
    }
    beside.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// Refuses what a new file in its place would not do justice to.
fn refuse(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let problem = if !metadata.is_file() {
        "it is no regular file; leave the flag out, or give -, to print the text"
    } else if metadata.permissions().readonly() {
        "it is read-only; make it writable first"
    } else if metadata.nlink() > 1 {
        "it has other names (hard links), which would keep the old text; print the new text and copy it over"
    } else {
        // Whether this user may write it.
        return OpenOptions::new().write(true).open(path).map(drop);
    };
    Err(io::Error::other(problem))
}

fn keep_owner(beside: &NamedTempFile, metadata: &Metadata) -> io::Result<()> {
    let made = beside.as_file().metadata()?;
    let (user, group) = (metadata.uid(), metadata.gid());
    if (made.uid(), made.gid()) == (user, group) {
        return Ok(());
    }
    fchown(beside.as_file(), Some(user), Some(group)).map_err(|_| {
        io::Error::other(format!(
            "it belongs to user {user} and group {group}, which a new file cannot be given to; run as its owner"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    #[track_caller]
    fn refused(path: &Path, old: &[u8], expected: &str) {
        let before = fs::read_dir(path.parent().unwrap()).unwrap().count();
        let error = replace(path, old, b"new").unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), before);
    }

    #[test]
    fn permissions_and_links_stay() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("policy.hujson"), directory.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_owner_stays_where_a_file_can_be_given_away() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("policy.hujson");
        fs::write(&file, "old").unwrap();
        let group = fs::metadata(&file).unwrap().gid();
        // Only root can; for others the file is their own, and stays so.
        let other = if chown(&file, Some(4321), Some(4321)).is_ok() { 4321 } else { group };
        replace(&file, b"old", b"new").unwrap();
        let metadata = fs::metadata(&file).unwrap();
        assert_eq!((fs::read(&file).unwrap(), metadata.gid()), (b"new".to_vec(), other));
    }

    #[test]
    fn what_a_new_file_would_break_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        refused(&path("none"), b"", "No such file");
        refused(Path::new("/dev/null"), b"", "no regular file");
        fs::write(path("read-only"), "old").unwrap();
        fs::set_permissions(path("read-only"), fs::Permissions::from_mode(0o444)).unwrap();
        refused(&path("read-only"), b"old", "read-only");
        fs::write(path("linked"), "old").unwrap();
        fs::hard_link(path("linked"), path("other")).unwrap();
        refused(&path("linked"), b"old", "hard links");
        fs::write(path("edited"), "of somebody else").unwrap();
        refused(&path("edited"), b"old", "changed meanwhile; run again");
        assert_eq!(fs::read(path("edited")).unwrap(), b"of somebody else");
    }
}
