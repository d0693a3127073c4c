//! Matching: names as they are searched, across spellings.
//!
//! Folds spellings inside one alphabet. Matching across alphabets (محمد = Mohamed) builds on this and comes in files of
//! its own.
mod fold_name;

pub use self::fold_name::{fold_name, search_key};
