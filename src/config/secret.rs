//! Secrets: literal, or in a file.

use secrecy::SecretString;

use super::Error;

/// Largest file that a secret is read from, in bytes.
const LARGEST_SECRET_FILE: u64 = 64 << 10;

/// Reads a secret: the text itself, or with `file:PATH` the file's content less one final line end.
/// `origin` names the setting in errors.
///
/// # Errors
///
/// Fails when the file cannot be read, or when the secret is empty or no UTF-8 text.
pub fn read_secret(origin: &str, text: &str) -> Result<SecretString, Error> {
    let bad = |problem| Error::BadSecret { origin: origin.to_owned(), problem };
    let Some(path) = text.strip_prefix("file:") else {
        return if text.is_empty() { Err(bad("empty")) } else { Ok(SecretString::from(text)) };
    };
    let unreadable = |cause| Error::SecretFile { origin: origin.to_owned(), path: path.to_owned(), cause };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LARGEST_SECRET_FILE {
        return Err(bad("in a file of more than 64 KiB"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let content = String::from_utf8(bytes).map_err(|_| bad("not UTF-8 text"))?;
    let secret =
        content.strip_suffix('\n').map_or(content.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if secret.is_empty() { Err(bad("empty")) } else { Ok(SecretString::from(secret)) }
}
