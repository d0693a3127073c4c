//! The whole system end to end: what its tests share.
mod canary;
mod child;
mod decrypt;
mod faulty;
mod forge;
mod liar;
mod proxy;
mod python;
mod scan;
mod town;

pub use self::canary::{Canary, fresh_point, fresh_words};
pub use self::child::{ChildHub, serve_child_hub};
pub use self::decrypt::{database_key, decrypt};
pub use self::faulty::{Frozen, Same, Thawed, assert_same, child, gap_free, views};
pub use self::forge::{Forge, ForgedEvent};
pub use self::liar::{Asked, Liar, Reply};
pub use self::proxy::{Fault, Proxy};
pub use self::python::python;
pub use self::scan::{Found, Scanner};
pub use self::town::{NIGHT_MILLIS, RunningHub, TestClock, Town, Worker, keystore, options, spotting, sync};
