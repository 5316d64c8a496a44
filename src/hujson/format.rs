//! The canonical layout, byte for byte the reference formatter's: the service's `ETag` of a policy
//! file is the SHA-256 of it.
//!
//! Two passes over the tokens. The first ([`plan`](mod@plan)) reads what stands between them and decides
//! which arrays and objects are expanded, from the inside out. The second ([`write`](mod@write)) writes and
//! finds out which values are to be aligned; the spaces that align them are put in at the end, all
//! at once. Neither pass recurses, so nesting costs no stack, and neither allocates for a token.

mod comments;
mod extra;
mod plan;
mod scalar;
#[cfg(test)]
mod tests;
mod write;

use super::parse::{SyntaxError, parse};
use super::position::Position;

/// The longest layout that is made. Deep nesting costs a TAB for each level on each line, and a long
/// name pads its neighbours to its length, so that a short hostile text could have a layout without
/// end.
const LONGEST: usize = 64 << 20;

/// The canonical layout of a text: TABs, LF, one member a line or all on one, values aligned.
/// Plain JSON stays plain JSON. Laying out twice is laying out once.
///
/// # Errors
///
/// Fails when the text is not HuJSON, and when the layout would take more than 64 MiB, which only a
/// text made for it does.
pub fn format(text: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let document = parse(text)?;
    let plan = plan::plan(&document);
    write::write(&document, &plan).map_err(|write::TooLong| {
        let reason = "the canonical layout would be too long".to_owned();
        let expected = "less nesting and shorter names";
        SyntaxError { position: Position { line: 1, column: 1 }, offset: 0, reason, expected }
    })
}
