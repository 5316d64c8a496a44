//! Mail addresses, as the protocol's `email` bound means them.

/// Whether `text` is an address of RFC 5322 without a display name: `local@domain`, at most 254
/// bytes, of which at most 64 before the last `@`; the domain a host name of letters, digits and
/// hyphens. Letters beyond ASCII may stand in the local part.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && (is_atoms(local) || is_quoted(local))
        && is_host(domain)
}

/// Atoms with single dots between them.
fn is_atoms(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
}

fn is_atom_char(char: char) -> bool {
    char.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(char)
        || (!char.is_ascii() && char.is_alphanumeric())
}

/// A quoted string without control characters.
fn is_quoted(local: &str) -> bool {
    let Some(mut inside) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(str::chars)
    else {
        return false;
    };
    while let Some(char) = inside.next() {
        let quoted = if char == '\\' { inside.next() } else { Some(char).filter(|&char| char != '"') };
        if quoted.is_none_or(char::is_control) {
            return false;
        }
    }
    true
}

fn is_host(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    domain.len() <= 253
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(is_address(text), expected, "{text}");
    }

    #[test]
    fn addresses() {
        check("ada@example.com", true);
        check("Ada.Lovelace+x@Example.Com", true);
        check("o'brien@example", true);
        check("jürgen@example.com", true);
        check("\"ada l\"@example.com", true);
        check(&format!("{}@example.com", "a".repeat(64)), true);
    }

    #[test]
    fn not_addresses() {
        check("", false);
        check("ada", false);
        check("ada@", false);
        check("@example.com", false);
        check("ada@github", true);
        check("ada@exa_mple.com", false);
        check("ada@-example.com", false);
        check("ada@example..com", false);
        check("a..da@example.com", false);
        check("ada l@example.com", false);
        check("Ada <ada@example.com>", false);
        check("\"a\"b\"@example.com", false);
        check("\"\\\"@example.com", false);
        check(&format!("{}@example.com", "a".repeat(65)), false);
        check(&format!("ada@{}.com", "a".repeat(250)), false);
    }
}
