//! The vault as a whole.
