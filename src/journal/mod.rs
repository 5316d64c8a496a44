//! The journal: every attempted change as one line of a hash-chained file.
