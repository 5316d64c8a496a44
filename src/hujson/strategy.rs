//! Generated documents for property tests: every value with arbitrary space and comments around it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::document::Document;
use super::value::Value;

/// What stands in generated text for a byte that is not UTF-8.
const NOT_UTF8: char = '\u{e000}';

/// A document in three parts, the middle one an array or object. Comments are numbered, so that each
/// is unlike the others.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) head: String,
    pub(super) composite: String,
    pub(super) tail: String,
}

impl Sample {
    pub(super) fn text(&self) -> String {
        number_comments(&[&*self.head, &self.composite, &self.tail].concat())
    }

    /// The text with bytes in its strings that are not UTF-8.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let text = self.text();
        text.split(NOT_UTF8).map(str::as_bytes).collect::<Vec<_>>().join(&0xff)
    }
}

/// Documents with an array at the top or inside an object.
pub(super) fn sample() -> impl Strategy<Value = Sample> {
    around(array(value(&[])))
}

/// Documents with an array or an object at the top or inside an object, with names and strings that
/// are no text, or not at first sight.
pub(super) fn strange_sample() -> impl Strategy<Value = Sample> {
    let strings = [r#""\ud83d""#, r#""\ude02\ud83d\ude02""#, "\"a\u{e000}\"", r#""gro\u0075ps""#];
    around(prop_oneof![array(value(&strings)), object(value(&strings))])
}

/// The array or object of a sample.
pub(super) fn composite<'d>(document: &'d Document<'d>) -> Value<'d> {
    let root = document.root();
    let mut members = root.members();
    members.find(|member| member.name.raw() == b"\"under test\"").map_or(root, |member| member.value)
}

fn around(composite: impl Strategy<Value = String>) -> impl Strategy<Value = Sample> {
    let around = (trivia(), trivia(), trivia(), trivia(), any::<bool>());
    (composite, around).prop_map(|(composite, (t1, t2, t3, t4, inside))| {
        let (head, tail) = if inside {
            (format!("{t1}{{\n\t\"z\": 0,{t2}\"under test\"{t3}: "), format!("{t4},\n}}{t1}"))
        } else {
            (t1, t2)
        };
        Sample { head, composite, tail }
    })
}

/// Any document.
pub(super) fn document() -> impl Strategy<Value = String> {
    (trivia(), value(&[]), trivia())
        .prop_map(|(before, value, after)| number_comments(&[before, value, after].concat()))
}

/// Text that is seldom a document.
pub(super) fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let scrap = select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "1", "-0.5e3", "true", "null", "//", "/*",
        "*/", "/", "\n", "\r\n", " ", "\t", "\\", "é", "\u{feff}", "\\u00e9", "\0",
    ]);
    let scrap = prop_oneof![
        9 => scrap.prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    vec(scrap, 0..24).prop_map(|scraps| scraps.concat())
}

fn value(strings: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let usual = [
        r#""s""#,
        r#""// no /* none""#,
        r#""a\"\\\u00e9""#,
        "\"é\"",
        "0",
        "-1.5e3",
        "true",
        "null",
        "[]",
        "{}",
    ];
    select([&usual, strings].concat())
        .prop_map(str::to_owned)
        .prop_recursive(3, 24, 4, |inner| prop_oneof![array(inner.clone()), object(inner)])
}

fn array(element: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (style(), vec((trivia(), element, trivia()), 0..5), any::<bool>(), trivia()).prop_map(
        |(style, elements, comma, end)| {
            let elements =
                elements.into_iter().map(|(before, element, after)| style.apply(before, element, after));
            list("[", &elements.collect::<Vec<_>>(), comma, &end, "]")
        },
    )
}

const NAMES: &[&str] = &["\"k\"", "\"name\"", "\"l\\u00f6ng\"", "\"new\"", "\"n\\u0065w\""];

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (trivia(), (select(NAMES), trivia(), trivia(), value), trivia());
    (style(), vec(member, 0..4), any::<bool>(), trivia()).prop_map(|(style, members, comma, end)| {
        let members = members.into_iter().map(|(before, (name, t1, t2, value), after)| {
            style.apply(before, format!("{name}{t1}:{t2}{value}"), after)
        });
        list("{", &members.collect::<Vec<_>>(), comma, &end, "}")
    })
}

fn list(open: &str, items: &[String], comma: bool, end: &str, close: &str) -> String {
    let comma = if comma && !items.is_empty() { "," } else { "" };
    [open, &items.join(","), comma, end, close].concat()
}

/// Whether what is generated around elements is kept, or replaced by something more usual.
#[derive(Clone, Copy, Debug)]
enum Style {
    Wild,
    Inline,
    Lines,
    CommaFirst,
}

impl Style {
    fn apply(self, before: String, element: String, after: String) -> String {
        match self {
            Self::Wild => [before, element, after].concat(),
            Self::Inline => format!(" {element}"),
            Self::Lines => format!("\n\t{}{element}", before.trim_start_matches([' ', '\t', '\r', '\n'])),
            Self::CommaFirst => format!(" {element}{after}\n  "),
        }
    }
}

fn style() -> impl Strategy<Value = Style> {
    let all =
        [Style::Wild, Style::Wild, Style::Wild, Style::Inline, Style::Lines, Style::Lines, Style::CommaFirst];
    select(all.to_vec())
}

/// Space and comments.
fn trivia() -> impl Strategy<Value = String> {
    let space = select(vec![" ", "  ", "\t", "\n", "\n", "\r\n", "\n\t", "\n\n", "\r"]);
    let comment = select(vec![
        "// #\n",
        "// #\r\n",
        "//#  \n\t",
        "/*#*/",
        "/* # */ ",
        "/* #\n * more\n */",
        "/* #\r\n\t\tmore\r\n\n*/\n",
    ]);
    prop_oneof![
        3 => Just(String::new()),
        3 => Just(" ".to_owned()),
        4 => vec(prop_oneof![3 => space, 1 => comment], 0..5).prop_map(|scraps| scraps.concat()),
    ]
}

fn number_comments(text: &str) -> String {
    let mut parts = text.split('#');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |text, (number, part)| format!("{text}#{number}#{part}"))
}

/// The numbers of the comments in a text, in order.
pub(super) fn comment_numbers(text: impl AsRef<[u8]>) -> Vec<usize> {
    String::from_utf8_lossy(text.as_ref())
        .split('#')
        .skip(1)
        .step_by(2)
        .map(|number| number.parse().unwrap_or(usize::MAX))
        .collect()
}
