//! The whole system end to end: what its tests share.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // A test's helper fails by panicking.
mod canary;
mod child;
mod decrypt;
mod forge;
mod liar;
mod python;
mod scan;
mod town;

pub use self::canary::{Canary, fresh_point, fresh_words};
pub use self::child::{ChildHub, serve_child_hub};
pub use self::decrypt::{database_key, decrypt};
pub use self::forge::{Forge, ForgedEvent, street_spotting};
pub use self::liar::{Asked, Liar, Reply};
pub use self::python::python;
pub use self::scan::{Found, Scanner};
pub use self::town::{NIGHT_MILLIS, RunningHub, TestClock, Town, Worker, keystore, options};
