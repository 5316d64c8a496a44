//! Policy files as the command line names them.

use std::fs::File;
use std::io::{self, Read};

use super::{Error, NO_POLICY};
use crate::cli::excerpt::{Excerpt, Severity};
use crate::hujson::{self, Document, SyntaxError};
use crate::policy::Policy;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 512 << 20;

/// The text of a policy, and what it is called in messages.
pub(super) struct Source {
    /// The path as it was given, or `standard input`.
    pub(super) name: String,
    /// The bytes.
    pub(super) text: Vec<u8>,
}

impl Source {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be read or is larger than 512 MiB.
    pub(super) fn read(path: &str) -> Result<Self, Error> {
        let (name, text) = match path {
            "-" => ("standard input", read(io::stdin().lock())),
            path => (path, File::open(path).and_then(read)),
        };
        match text {
            Ok(text) => Ok(Self { name: name.to_owned(), text }),
            Err(cause) => Err(Error::File { path: name.to_owned(), cause }),
        }
    }

    /// Parses the text.
    ///
    /// # Errors
    ///
    /// Fails where the text is no HuJSON.
    pub(super) fn parse(&self) -> Result<Document<'_>, Error> {
        hujson::parse(&self.text).map_err(|error| self.broken(&error))
    }

    /// Reads a document of [`Source::parse`] as a policy.
    ///
    /// # Errors
    ///
    /// Fails when it is no object.
    pub(super) fn policy<'d>(&self, document: &'d Document<'d>) -> Result<Policy<'d>, Error> {
        Policy::read(document).map_err(|cause| Error::Policy { file: self.name.clone(), cause })
    }

    /// The error for a text that breaks the grammar, with the place.
    pub(super) fn broken(&self, error: &SyntaxError) -> Error {
        let title = error.to_string();
        let label = if self.text.trim_ascii().is_empty() {
            NO_POLICY.to_owned()
        } else {
            format!("expected {}", error.expected)
        };
        let mut excerpt = Excerpt::at(&self.name, &self.text, error.position, Severity::Error, &title);
        excerpt.label = &label;
        Error::Syntax { file: self.name.clone(), problem: title.clone(), excerpt: excerpt.to_string() }
    }
}

fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 512 MiB"));
    }
    Ok(text)
}
