//! What edits do to arrays and objects: as people write them, and as nobody does.

mod arrays;
mod objects;
mod properties;
