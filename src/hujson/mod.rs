//! HuJSON text: JSON with comments and trailing commas, the language of the policy file.
//!
//! [`parse()`] finds out where every value stands and keeps nothing else: a [`Document`] is the
//! borrowed text and a flat list of offsets. Whatever is between two values (space, comments, a
//! comma) is read again from the text when somebody asks. So a document always prints as the bytes
//! it came from, and a change is a list of [`Edit`]s to those bytes.
//!
//! The grammar is the reference implementation's (`github.com/tailscale/hujson`), error texts and
//! positions included. The one limit of ours is [`DEEPEST`].

mod comment_edit;
mod comments;
mod composite;
mod document;
mod edit;
mod format;
mod parse;
mod plain;
mod pointer;
mod position;
mod scan;
#[cfg(test)]
mod second;
#[cfg(test)]
mod strategy;
mod string;
mod trivia;
mod value;

pub use comment_edit::insert_comment_above;
pub use comments::{Comment, Comments};
pub use composite::{
    CommentChange, NewElement, NewValue, edit_array, edit_array_and_comments, edit_object, replace,
};
pub use document::Document;
pub use edit::{Edit, Overlap, apply};
pub use format::format;
pub use parse::{DEEPEST, SyntaxError, parse};
pub use plain::{minimize, standardize, standardize_in_place};
pub use position::{Position, position};
pub use value::{Elements, Kind, Member, Members, Value};
