//! The worker's data, open only while the vault is unlocked.

use std::path::{Path, PathBuf};

use himaya_wire::Secret;
use rusqlite::{Connection, Transaction};

use super::StoreError;
use super::database::{self, Database, Points};
use super::migrate::STORE;

/// The worker's database. Dropping it closes every connection, and SQLCipher wipes the key.
pub struct Store(Database);

impl Store {
    /// Opens the store, or makes it. A wrong key is [`StoreError::WrongKey`] and leaves the file as it was.
    pub fn open(path: &Path, key: &Secret) -> Result<Self, StoreError> {
        let points = Points {
            begin: "store.write.begin",
            before_commit: "store.write.before_commit",
            after_commit: "store.write.after_commit",
        };
        Database::open(path, key, &STORE, points).map(Self)
    }

    /// Moves a store that cannot be opened to `<path>.set-aside-N` and says where. Only on a person's word; the store
    /// must be closed.
    pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
        database::set_aside(path)
    }

    /// Runs `act` in one transaction: all of it is on the disk when this returns, or nothing. Never call it inside
    /// itself: there is one writer, and it would wait for itself.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.0.write(act)
    }

    /// [`Store::write`] with the caller's own error.
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

    /// [`Store::read`] with the caller's own error.
    pub fn read_with<T, E: From<StoreError>>(&self, act: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        self.0.read(act)
    }

    /// Reads the whole file: every page against its signature, every table and index against each other. False where
    /// something does not hold.
    pub fn is_whole(&self) -> Result<bool, StoreError> {
        self.0.is_whole()
    }

    /// Folds the write-ahead log into the file: before a copy of it is made.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.0.checkpoint()
    }

    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.0.limit_pages(pages);
    }
}
