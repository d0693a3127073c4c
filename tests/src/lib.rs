//! The whole system end to end: what its tests share.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // A test's helper fails by panicking.
mod faulty;
mod proxy;
mod python;
mod town;

pub use self::faulty::{Frozen, Same, Thawed, assert_same, child, gap_free, spotting, sync, views};
pub use self::proxy::{Fault, Proxy};
pub use self::python::python;
pub use self::town::{NIGHT_MILLIS, RunningHub, TestClock, Town, Worker, keystore, options};
