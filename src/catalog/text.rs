//! Fitting text into the bounds of the wire.

/// Longest display name and status, in bytes.
pub(super) const LONGEST_NAME: usize = 1024;
/// Longest description, in bytes.
pub(super) const LONGEST_DESCRIPTION: usize = 2048;

/// Items of a list that are written out when there are too many.
const ITEMS_SHOWN: usize = 3;
/// Longest item of a list, in characters.
const LONGEST_ITEM: usize = 60;

/// `a, b, c`; of more than four the first three `and 2 more`; long items are cut.
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    // Naming the fourth takes no more room than counting it.
    let shown = if items.len() == ITEMS_SHOWN + 1 { items.len() } else { ITEMS_SHOWN };
    let text = items.iter().take(shown).map(|item| short(item.as_ref())).collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(shown) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn short(item: &str) -> String {
    match item.char_indices().nth(LONGEST_ITEM) {
        None => item.to_owned(),
        Some((end, _)) => format!("{}…", item.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_sensibly() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c", "d"]), "a, b, c, d");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
        assert_eq!(list(&["é".repeat(61)]), format!("{}…", "é".repeat(60)));
    }
}
