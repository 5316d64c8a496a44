//! Texts that fit.

/// The text, or, where it has more than `limit` bytes, as many whole characters of its head as leave
/// room for a `…`.
#[must_use]
pub fn fit(text: &str, limit: usize) -> String {
    const CUT: char = '…';
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(CUT.len_utf8());
    let ends = text.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|&at| at <= room).last().unwrap_or_default();
    let mut cut = text.get(..end).unwrap_or_default().trim_end().to_owned();
    cut.push(CUT);
    cut
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[track_caller]
    fn check(text: &str, limit: usize, expected: &str) {
        let fitted = fit(text, limit);
        assert_eq!(fitted, expected);
        assert!(fitted.len() <= limit, "{} bytes", fitted.len());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        check("", 4, "");
        check("abcd", 4, "abcd");
        check("abcde", 4, "a…");
        check("äöü", 6, "äöü");
        check("äöüx", 6, "ä…");
        check("ab cdef", 6, "ab…");
        check("🧸🧸", 7, "🧸…");
    }

    proptest::proptest! {
        #[test]
        fn the_limit_holds(text in ".{0,40}", limit in 3_usize..30) {
            let fitted = fit(&text, limit);
            proptest::prop_assert!(fitted.len() <= limit);
            proptest::prop_assert_eq!(fitted == text, text.len() <= limit);
        }
    }
}
