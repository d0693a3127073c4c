//! Where this device stands in the hub's feeds, and the few small things that must be known while locked.

use himaya_wire::{Digest, Incarnation};
use rusqlite::{Connection, Transaction, params};

use crate::store::StoreError;
use crate::store::column::{Columns, change, first, number_column};

/// The last positions this device has, in one history of the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The hub's history; none before the first answer.
    pub incarnation: Option<Incarnation>,
    /// Last position of the unit's feed.
    pub after: u64,
    /// Last position of the registries' feed.
    pub entries_after: u64,
}

/// Where this device stands.
pub fn cursor(connection: &Connection) -> Result<Cursor, StoreError> {
    let sql = "SELECT incarnation, after, entries_after FROM cursor";
    let cursor = first(connection, sql, [], |row| {
        Ok(Cursor { incarnation: row.maybe_blob(0)?, after: row.number(1)?, entries_after: row.number(2)? })
    })?;
    Ok(cursor.unwrap_or_default())
}

/// Moves the cursor. Within one history it never moves back; another history replaces it.
pub fn put_cursor(tx: &Transaction<'_>, next: &Cursor) -> Result<(), StoreError> {
    let sql = "UPDATE cursor SET
                   after = iif(incarnation IS ?1, max(after, ?2), ?2),
                   entries_after = iif(incarnation IS ?1, max(entries_after, ?3), ?3),
                   incarnation = ?1";
    let incarnation = next.incarnation.as_ref().map(Incarnation::as_bytes);
    change(tx, sql, params![incarnation, number_column(next.after), number_column(next.entries_after)]).map(|_| ())
}

/// The hub's history began anew: pull from the start. What waits in outbox and inbox stays.
pub fn restart(tx: &Transaction<'_>, incarnation: Incarnation) -> Result<(), StoreError> {
    let sql = "UPDATE cursor SET incarnation = ?1, after = 0, entries_after = 0";
    change(tx, sql, [incarnation.as_bytes()]).map(|_| ())
}

/// A small value by name: the open round's circle key, the last contact.
pub fn state(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    first(connection, "SELECT value FROM state WHERE key = ?1", [key], |row| Ok(row.get(0)?))
}

/// Writes a small value.
pub fn put_state(tx: &Transaction<'_>, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO state (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    change(tx, sql, params![key, value]).map(|_| ())
}

/// Takes a small value away.
pub fn remove_state(tx: &Transaction<'_>, key: &str) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM state WHERE key = ?1", [key])? == 1)
}

/// Claims the receipt for a grant: true once, then never again. Enqueue the receipt in the same transaction.
pub fn first_receipt(tx: &Transaction<'_>, grant: Digest) -> Result<bool, StoreError> {
    let sql = "INSERT INTO receipted (grant_digest) VALUES (?1) ON CONFLICT (grant_digest) DO NOTHING";
    Ok(change(tx, sql, [grant.as_bytes()])? == 1)
}
