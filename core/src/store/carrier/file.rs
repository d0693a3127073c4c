//! Opening the carrier's file.

use std::path::{Path, PathBuf};

use himaya_wire::Secret;
use rusqlite::{Connection, Transaction};

use crate::store::StoreError;
use crate::store::database::{self, Database, Points};
use crate::store::migrate::CARRIER;

/// The carrier's database.
pub struct Carrier(Database);

impl Carrier {
    /// Opens the carrier, or makes it. A wrong key is [`StoreError::WrongKey`] and leaves the file as it was.
    pub fn open(path: &Path, key: &Secret) -> Result<Self, StoreError> {
        let points = Points {
            begin: "carrier.write.begin",
            before_commit: "carrier.write.before_commit",
            after_commit: "carrier.write.after_commit",
        };
        Database::open(path, key, &CARRIER, points).map(Self)
    }

    /// Moves a carrier that cannot be opened to `<path>.set-aside-N` and says where. Only on a person's word; the
    /// carrier must be closed.
    pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
        database::set_aside(path)
    }

    /// Runs `act` in one transaction: all of it is on the disk when this returns, or nothing. Never call it inside
    /// itself: there is one writer, and it would wait for itself.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.0.write(act)
    }

    /// [`Carrier::write`] with the caller's own error.
    pub fn write_with<T, E: From<StoreError>>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.write(act)
    }

    /// Runs `act` on a reader that sees one moment. Does not wait for the writer.
    pub fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.0.read(act)
    }

    /// [`Carrier::read`] with the caller's own error.
    pub fn read_with<T, E: From<StoreError>>(&self, act: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        self.0.read(act)
    }

    /// Folds the write-ahead log into the file: before a copy of it is made.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.0.checkpoint()
    }

    #[cfg(test)]
    pub(in crate::store) fn limit_pages(&self, pages: u32) {
        self.0.limit_pages(pages);
    }
}
