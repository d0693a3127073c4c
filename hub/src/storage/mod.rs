//! Where the hub keeps what it was given.
//!
//! Stores are simple and equal: they keep rows and number them. Every rule about who may do what is in
//! [`relay`](crate::relay), above the trait, so that a further store adds no rule. Methods block; callers on an
//! async runtime use `spawn_blocking`.
mod error;
mod memory;
mod page;
mod sqlite;
mod sqlite_write;
#[cfg(feature = "testing")]
mod suite;
mod traits;

pub(crate) use self::sqlite::open_file;
#[cfg(feature = "testing")]
pub use self::suite::store_suite;
pub use self::{
    error::StoreError,
    memory::MemoryStore,
    sqlite::{SqliteStore, StoreOptions},
    traits::{
        Backfill, Counts, FeedPage, FeedQuery, Holding, HubStore, NewEnvelope, RegistryPage, RegistryRow, Transaction,
        Work,
    },
};
