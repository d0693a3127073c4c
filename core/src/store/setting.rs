//! Settings: small values by name.

use rusqlite::{Connection, Transaction, params};

use super::StoreError;
use super::column::{change, first};

/// A setting's value.
pub fn setting(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    first(connection, "SELECT value FROM setting WHERE key = ?1", [key], |row| Ok(row.get(0)?))
}

/// Writes a setting.
pub fn put_setting(tx: &Transaction<'_>, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    change(tx, sql, params![key, value]).map(|_| ())
}

/// Takes a setting away.
pub fn remove_setting(tx: &Transaction<'_>, key: &str) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM setting WHERE key = ?1", [key])? == 1)
}
