//! Erasure: what is left of an erased space is its name, so that it is not imported again.

use himaya_wire::{Digest, SpaceId};
use rusqlite::{Connection, Transaction, params};

use super::StoreError;
use super::column::{Columns, change, first};

/// Deletes all that is here of a space and refuses it from now on. `erasure` is the signed event that ordered it.
pub fn erase(tx: &Transaction<'_>, space: SpaceId, erasure: Digest) -> Result<(), StoreError> {
    for table in ["log", "held", "space_key", "holder", "projection", "attention", "referral", "receipt"] {
        change(tx, &format!("DELETE FROM {table} WHERE space = ?1"), [space.as_bytes()])?;
    }
    let sql = "INSERT INTO tombstone (space, erasure) VALUES (?1, ?2) ON CONFLICT (space) DO NOTHING";
    change(tx, sql, params![space.as_bytes(), erasure.as_bytes()]).map(|_| ())
}

/// The erasure of a space, if it was erased.
pub fn erased_by(connection: &Connection, space: SpaceId) -> Result<Option<Digest>, StoreError> {
    first(connection, "SELECT erasure FROM tombstone WHERE space = ?1", [space.as_bytes()], |row| row.blob(0))
}
