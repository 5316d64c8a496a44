//! A second reader of HuJSON, which shares nothing with the first, for tests that judge edits. It
//! knows only texts that the first one accepts: no errors, no bound on depth.

/// What a value means. Members keep their order and their duplicates.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A number, `true`, `false` or `null`, as it is written.
    Word(String),
    Text(String),
    List(Vec<Meaning>),
    Table(Vec<(String, Meaning)>),
}

/// What a whole text means.
pub(super) fn meaning(text: &[u8]) -> Meaning {
    let mut rest = text;
    let meaning = value(&mut rest);
    skip(&mut rest);
    assert!(rest.is_empty(), "something is left of {:?}", String::from_utf8_lossy(text));
    meaning
}

fn value(rest: &mut &[u8]) -> Meaning {
    match next(rest) {
        b'"' => Meaning::Text(text(rest)),
        b'[' => {
            let mut list = Vec::new();
            while !closes(rest, b']') {
                list.push(value(rest));
            }
            Meaning::List(list)
        }
        b'{' => {
            let mut table = Vec::new();
            while !closes(rest, b'}') {
                assert_eq!(next(rest), b'"');
                let name = text(rest);
                assert_eq!(next(rest), b':');
                table.push((name, value(rest)));
            }
            Meaning::Table(table)
        }
        first => {
            let mut word = String::from(char::from(first));
            while let [byte, more @ ..] = rest
                && (byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            {
                word.push(char::from(*byte));
                *rest = more;
            }
            Meaning::Word(word)
        }
    }
}

/// Reads up to the next element or the bracket that closes; commas are as good as space.
fn closes(rest: &mut &[u8], bracket: u8) -> bool {
    loop {
        skip(rest);
        match rest {
            [b',', more @ ..] => *rest = more,
            [byte, more @ ..] if *byte == bracket => {
                *rest = more;
                return true;
            }
            _ => return false,
        }
    }
}

fn next(rest: &mut &[u8]) -> u8 {
    skip(rest);
    let (first, more) = rest.split_first().unwrap();
    *rest = more;
    *first
}

fn skip(rest: &mut &[u8]) {
    loop {
        let length = match rest {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => 1,
            [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap() + 1,
            [b'/', b'*', more @ ..] => more.windows(2).position(|end| end == b"*/").unwrap() + 4,
            _ => return,
        };
        *rest = &rest[length..];
    }
}

/// The text of a string from behind its opening quote, as code units, so that lone halves of
/// characters and bytes that are none show as what Go makes of them.
fn text(rest: &mut &[u8]) -> String {
    let mut units: Vec<u16> = Vec::new();
    loop {
        let length =
            match rest {
                [b'"', more @ ..] => {
                    *rest = more;
                    return String::from_utf16_lossy(&units);
                }
                [b'\\', b'u', a, b, c, d, ..] => {
                    let digits = [a, b, c, d].map(|digit| char::from(*digit));
                    units.push(digits.iter().fold(0, |unit, digit| {
                        unit << 4 | u16::try_from(digit.to_digit(16).unwrap()).unwrap()
                    }));
                    6
                }
                [b'\\', escaped, ..] => {
                    let plain = *b"\"\\/\x08\x0c\n\r\t";
                    let at = b"\"\\/bfnrt".iter().position(|letter| letter == escaped).unwrap();
                    units.push(u16::from(plain[at]));
                    2
                }
                _ => {
                    let character = (1..=4).find_map(|length| std::str::from_utf8(rest.get(..length)?).ok());
                    units.extend(character.unwrap_or("\u{fffd}").encode_utf16());
                    character.map_or(1, str::len)
                }
            };
        *rest = &rest[length..];
    }
}

#[test]
fn it_reads_what_there_is_to_read() {
    let text = b" //\n{\"a\\n\\u00e9\\ud83d\\ude02\": [1,-2e5 , null,], /*,*/ \"b\": {}, \"b\": \"\xff\xc3\xa9\\ud800\"}";
    let word = |text: &str| Meaning::Word(text.to_owned());
    let expected = vec![
        ("a\n\u{e9}\u{1f602}".to_owned(), Meaning::List(vec![word("1"), word("-2e5"), word("null")])),
        ("b".to_owned(), Meaning::Table(vec![])),
        ("b".to_owned(), Meaning::Text("\u{fffd}\u{e9}\u{fffd}".to_owned())),
    ];
    assert_eq!(meaning(text), Meaning::Table(expected));
}
