//! What edits do to arrays and objects: as people write them, and as nobody does.

mod arrays;
mod locality;
mod objects;
mod properties;
mod trailing;
