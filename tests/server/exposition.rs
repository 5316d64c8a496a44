//! A reader of the text that a scrape gets, as strict as the `OpenMetrics` specification.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a text that is wrong fails the test")]

use std::collections::{BTreeMap, BTreeSet};

/// What was scraped: series with their values, and the type of each family.
pub(crate) struct Exposition {
    types: BTreeMap<String, String>,
    series: BTreeMap<(String, Labels), f64>,
}

type Labels = BTreeMap<String, String>;

impl Exposition {
    /// Reads a text and fails on whatever a scraper might object to.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("no end: {text}"));
        let mut read = Self { types: BTreeMap::new(), series: BTreeMap::new() };
        let mut family = Family::default();
        for line in body.lines() {
            let Some(comment) = line.strip_prefix("# ") else {
                let (name, labels, value) = sample(line);
                assert!(family.may_have(&name), "{name} is no sample of {family:?}");
                assert!(read.series.insert((name, labels), value).is_none(), "twice: {line}");
                continue;
            };
            let [kind, name, rest] =
                comment.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{line}"));
            match kind {
                "HELP" => {
                    assert!(rest.ends_with('.') && !rest.ends_with(".."), "{line}");
                    family = Family { name: name.to_owned(), ..Family::default() };
                }
                "TYPE" => {
                    assert_eq!(family.name, name, "HELP comes first: {line}");
                    rest.clone_into(&mut family.kind);
                    let before = read.types.insert(name.to_owned(), rest.to_owned());
                    assert_eq!(before, None, "{name} is there twice");
                }
                "UNIT" => assert!(family.name == name && name.ends_with(&format!("_{rest}")), "{line}"),
                _ => panic!("{line}"),
            }
        }
        read.check_histograms();
        read
    }

    /// Names of families, as documentation and queries know them: counters with `_total`, infos with `_info`.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let suffix = |kind: &str| match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        self.types.iter().map(|(name, kind)| format!("{name}{}", suffix(kind))).collect()
    }

    /// The value of the series of a name with all of these labels, as `key=value` words; there must be one.
    #[track_caller]
    pub(crate) fn value(&self, name: &str, labels: &str) -> f64 {
        let found = self.find(name, labels);
        let [value] = found[..] else { panic!("{} series of {name} with {labels}", found.len()) };
        value
    }

    /// The sum over the series of a name with all of these labels.
    pub(crate) fn sum(&self, name: &str, labels: &str) -> f64 {
        self.find(name, labels).into_iter().sum()
    }

    fn find(&self, name: &str, labels: &str) -> Vec<f64> {
        let wanted: Vec<(&str, &str)> = labels.split(' ').filter_map(|word| word.split_once('=')).collect();
        let matches = |labels: &Labels| {
            wanted.iter().all(|(key, value)| labels.get(*key).map(String::as_str) == Some(value))
        };
        let series = self.series.iter().filter(|((known, labels), _)| known == name && matches(labels));
        series.map(|(_, value)| *value).collect()
    }

    /// Buckets grow, and the last one holds as many as the histogram counts.
    fn check_histograms(&self) {
        for (family, _) in self.types.iter().filter(|(_, kind)| *kind == "histogram") {
            let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
            for ((name, labels), value) in &self.series {
                if *name == format!("{family}_bucket") {
                    let mut labels = labels.clone();
                    let bound = labels.remove("le").unwrap().replace("+Inf", "inf").parse().unwrap();
                    buckets.entry(labels).or_default().push((bound, *value));
                }
            }
            for (labels, mut buckets) in buckets {
                buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
                assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{family}: {buckets:?}");
                let count = self.series[&(format!("{family}_count"), labels.clone())];
                assert_eq!(buckets.last().copied(), Some((f64::INFINITY, count)), "{family} {labels:?}");
                assert!(self.series.contains_key(&(format!("{family}_sum"), labels)), "{family}");
            }
        }
    }
}

#[derive(Debug, Default)]
struct Family {
    name: String,
    kind: String,
}

impl Family {
    fn may_have(&self, sample: &str) -> bool {
        let suffixes: &[&str] = match self.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            _ => &[],
        };
        sample.strip_prefix(self.name.as_str()).is_some_and(|suffix| suffixes.contains(&suffix))
    }
}

/// `name{key="value",…} number`.
fn sample(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let legal =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || b"0123456789_".contains(&byte));
    assert!(name.starts_with("tailgrant_") && legal(name), "{line}");
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (key, behind) = rest.split_once("=\"").unwrap();
            let (value, behind) = quoted(behind);
            assert!(legal(key), "{line}");
            assert_eq!(labels.insert(key.to_owned(), value), None, "{line}");
            rest = behind.strip_prefix(',').unwrap_or(behind);
        }
        rest = &rest[1..];
    }
    let value: f64 = rest.strip_prefix(' ').unwrap().parse().unwrap();
    assert!(value.is_finite(), "{line}");
    (name.to_owned(), labels, value)
}

/// The text up to its closing quote, without escapes, and what follows.
fn quoted(text: &str) -> (String, &str) {
    let (mut value, mut letters) = (String::new(), text.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match letters.next().unwrap().1 {
                'n' => '\n',
                escaped @ ('"' | '\\') => escaped,
                other => panic!("\\{other} in {text}"),
            }),
            letter => value.push(letter),
        }
    }
    panic!("no closing quote: {text}")
}
