//! Registry entries: those that count, kept to check signatures with no network, and those made here that wait.

use himaya_wire::{Digest, Refusal, RegistryItem};
use rusqlite::{Connection, Transaction, params};

use super::state::{Cursor, put_cursor};
use crate::store::column::{Columns, change, collect, first};
use crate::store::{StoreError, fault};

/// An entry made here that the hub has not numbered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEntryRow {
    /// SHA-256 of the entry.
    pub digest: Digest,
    /// The entry.
    pub bytes: Vec<u8>,
    /// The number of the last [`Refusal`].
    pub last_refusal: Option<u8>,
    /// Whether it waits for a person: it was refused for good, as when its number was taken.
    pub parked: bool,
}

/// Keeps entries of the hub's feed, in order, and moves the cursor with them, or neither. Says how many are new.
pub fn put_entries(tx: &Transaction<'_>, items: &[RegistryItem], next: &Cursor) -> Result<usize, StoreError> {
    let mut new = 0;
    for item in items {
        new += usize::from(put_entry(tx, &item.entry)?);
    }
    fault::reach("carrier.entries.after_insert")?;
    put_cursor(tx, next)?;
    Ok(new)
}

/// Keeps one entry, from a bundle file or at enrolment. Says whether it is new.
pub fn put_entry(tx: &Transaction<'_>, bytes: &[u8]) -> Result<bool, StoreError> {
    let sql = "INSERT INTO entry (digest, bytes) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    Ok(change(tx, sql, params![Digest::of(bytes).as_bytes(), bytes])? == 1)
}

/// Every entry, in the order in which they came: each after those it builds on.
pub fn all_entries(connection: &Connection) -> Result<Vec<Vec<u8>>, StoreError> {
    collect(connection, "SELECT bytes FROM entry ORDER BY seq", [], |row| Ok(row.get(0)?))
}

/// How many entries are kept: whether a folded registry is still the newest.
pub fn entry_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(first(connection, "SELECT count(*) FROM entry", [], |row| row.number(0))?.unwrap_or(0))
}

/// Puts an entry made here in line for the hub. Says whether it is new.
pub fn queue_entry(tx: &Transaction<'_>, bytes: &[u8]) -> Result<bool, StoreError> {
    let sql = "INSERT INTO pending_entry (digest, bytes, parked) VALUES (?1, ?2, 0) ON CONFLICT (digest) DO NOTHING";
    Ok(change(tx, sql, params![Digest::of(bytes).as_bytes(), bytes])? == 1)
}

/// The entries in line, in order, parked ones too.
pub fn pending_entries(connection: &Connection) -> Result<Vec<PendingEntryRow>, StoreError> {
    collect(connection, "SELECT digest, bytes, last_refusal, parked FROM pending_entry ORDER BY seq", [], |row| {
        Ok(PendingEntryRow { digest: row.blob(0)?, bytes: row.get(1)?, last_refusal: row.get(2)?, parked: row.get(3)? })
    })
}

/// The hub has this entry. Says whether it was in line.
pub fn clear_entry(tx: &Transaction<'_>, digest: Digest) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM pending_entry WHERE digest = ?1", [digest.as_bytes()])? == 1)
}

/// The hub refused this entry: tried again, or parked where that cannot help. Kept in both cases.
pub fn refused_entry(tx: &Transaction<'_>, digest: Digest, refusal: Refusal) -> Result<bool, StoreError> {
    let sql = "UPDATE pending_entry SET last_refusal = ?2, parked = ?3 WHERE digest = ?1";
    Ok(change(tx, sql, params![digest.as_bytes(), refusal as u8, !refusal.can_retry()])? == 1)
}

/// Tries the parked ones again.
pub fn unpark_entries(tx: &Transaction<'_>) -> Result<usize, StoreError> {
    change(tx, "UPDATE pending_entry SET parked = 0 WHERE parked = 1", [])
}
