//! The laws of records. Children, staff and units here are invented.
mod build;
mod format;
mod laws;
mod merge;
mod rights;
mod world;
