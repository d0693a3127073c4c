//! What a front end calls. Here: words.
mod words;

pub use self::words::{Locale, Words};
