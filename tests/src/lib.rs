//! The whole system end to end: what its tests share.
mod python;
mod town;

pub use self::python::python;
pub use self::town::{NIGHT_MILLIS, RunningHub, TestClock, Town, Worker, keystore, options};
