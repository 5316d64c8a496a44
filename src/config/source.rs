//! Where values come from: flags, environment, file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::Error;
use super::setting::{Environment, SETTINGS, Setting, Takes};

/// Largest configuration file that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the command line.
    Flag,
    /// By this environment variable.
    Environment(String),
    /// In this file.
    File(String),
    /// Nowhere.
    Default,
}

/// The texts of every setting that has any, with their origin.
#[derive(Debug, Default)]
pub struct Values {
    texts: BTreeMap<&'static str, (Vec<String>, Origin)>,
}

/// A value in the file, as the texts it stands for.
struct FileValue(Vec<String>);

/// Reads the few flat forms directly, so that a deeply nested file is an error and not deep recursion.
struct FlatValue;

impl<'de> Visitor<'de> for FlatValue {
    type Value = FileValue;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("true, false, a number, a string, or an array of strings")
    }

    fn visit_bool<E>(self, on: bool) -> Result<FileValue, E> {
        Ok(FileValue(vec![on.to_string()]))
    }

    fn visit_i64<E>(self, number: i64) -> Result<FileValue, E> {
        Ok(FileValue(vec![number.to_string()]))
    }

    fn visit_u64<E>(self, number: u64) -> Result<FileValue, E> {
        Ok(FileValue(vec![number.to_string()]))
    }

    fn visit_str<E>(self, text: &str) -> Result<FileValue, E> {
        Ok(FileValue(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<FileValue, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = elements.next_element::<String>()? {
            texts.push(text);
        }
        Ok(FileValue(texts))
    }
}

impl<'de> Deserialize<'de> for FileValue {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(FlatValue)
    }
}

impl Values {
    /// Collects the values of all settings: flag, then environment, then file, then default. An empty
    /// variable counts as not set, so that it cannot switch off what the file sets.
    ///
    /// # Errors
    ///
    /// Fails when a variable is not UTF-8 text, and when the file that `--config`, `TAILGRANT_CONFIG` or
    /// `BATON_CONFIG` names cannot be read, is no JSON5 object, or has a key that is no setting.
    pub fn collect(flags: &ArgMatches, environment: Environment<'_>) -> Result<Self, Error> {
        let path = match flags.get_one::<String>("config") {
            Some(path) => Some(path.clone()),
            None => match variable(environment, "TAILGRANT_CONFIG")? {
                Some(path) => Some(path),
                None => variable(environment, "BATON_CONFIG")?,
            },
        };
        let mut file = match &path {
            Some(path) => read_file(path)?,
            None => BTreeMap::new(),
        };
        let mut values = Self::default();
        for setting in SETTINGS {
            let from_file = file.remove(setting.name);
            let set = match from_flags(setting, flags) {
                Some(texts) => Some((texts, Origin::Flag)),
                None => from_environment(setting, environment)?,
            };
            let found = set
                .or_else(|| from_file.map(|value| (value.0, Origin::File(path.clone().unwrap_or_default()))))
                .or_else(|| setting.default.map(|text| (vec![text.to_owned()], Origin::Default)));
            if let Some(found) = found {
                values.texts.insert(setting.name, found);
            }
        }
        match (file.into_keys().next(), path) {
            (Some(key), Some(path)) => Err(Error::UnknownKey { path, key }),
            _ => Ok(values),
        }
    }

    /// The one value of a setting, if it has any.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.many(name).first().map(String::as_str)
    }

    /// All values of a setting.
    #[must_use]
    pub fn many(&self, name: &str) -> &[String] {
        self.texts.get(name).map_or(&[], |(texts, _)| texts)
    }

    /// The setting and where it was set, for messages: `--listen`, `TAILGRANT_LISTEN`, `listen in FILE`.
    #[must_use]
    pub fn origin(&self, name: &str) -> String {
        match self.texts.get(name) {
            Some((_, Origin::Environment(variable))) => variable.clone(),
            Some((_, Origin::File(path))) => format!("{name} in {path}"),
            Some((_, Origin::Flag | Origin::Default)) | None => format!("--{name}"),
        }
    }
}

/// Nothing for a setting that the command does not take on its command line.
fn from_flags(setting: &Setting, flags: &ArgMatches) -> Option<Vec<String>> {
    if flags.try_contains_id(setting.name).is_err()
        || flags.value_source(setting.name) != Some(ValueSource::CommandLine)
    {
        return None;
    }
    Some(match setting.takes {
        Takes::Switch => vec!["true".to_owned()],
        Takes::One(_) | Takes::Many(_) => flags.get_many::<String>(setting.name)?.cloned().collect(),
    })
}

fn from_environment(
    setting: &Setting,
    environment: Environment<'_>,
) -> Result<Option<(Vec<String>, Origin)>, Error> {
    for name in setting.environment_names() {
        let Some(text) = variable(environment, &name)? else { continue };
        let texts: Vec<String> = match setting.takes {
            Takes::Many(_) => text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
            Takes::Switch | Takes::One(_) => vec![text],
        };
        if !texts.is_empty() {
            return Ok(Some((texts, Origin::Environment(name))));
        }
    }
    Ok(None)
}

/// The text of a variable that is set and not empty.
fn variable(environment: Environment<'_>, name: &str) -> Result<Option<String>, Error> {
    let text = environment(name).map(OsString::into_string).transpose();
    let text = text.map_err(|_| Error::NotText { name: name.to_owned() })?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn read_file(path: &str) -> Result<BTreeMap<String, FileValue>, Error> {
    let unreadable = |cause| Error::Unreadable { path: path.to_owned(), cause };
    if std::fs::metadata(path).map_err(unreadable)?.len() > LARGEST_FILE {
        return Err(unreadable(std::io::Error::other("it is larger than 1 MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let malformed = |place: String, cause| Error::Malformed { path: path.to_owned(), place, cause };
    let mut reader = json5::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        malformed(place, error.into_inner())
    })
}
