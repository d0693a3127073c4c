//! The whole system end to end: what its tests share.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // A test's helper fails by panicking.
mod python;
mod town;

pub use self::python::python;
pub use self::town::{NIGHT_MILLIS, RunningHub, TestClock, Town, Worker, keystore, options};
