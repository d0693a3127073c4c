//! The sealed inbox: what was pulled while locked, until the vault has taken it in.

use himaya_wire::{Digest, Item, ItemBody};
use rusqlite::{Connection, Transaction, params};

use super::state::{Cursor, put_cursor};
use crate::store::column::{Columns, change, collect, first, limit_column, number_column};
use crate::store::{StoreError, fault};

/// One item of the unit's feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Its place in this inbox: what [`done`] takes.
    pub seq: u64,
    /// Its position in the hub's feed.
    pub position: u64,
    /// When the hub stored it, milliseconds since the Unix epoch.
    pub stored_at_millis: i64,
    /// SHA-256 of the envelope.
    pub digest: Digest,
    /// The envelope; none where this device pushed it itself.
    pub envelope: Option<Vec<u8>>,
}

/// Puts a page of the feed in and moves the cursor with it, or neither. The same page again changes nothing.
pub fn put_page(tx: &Transaction<'_>, items: &[Item], next: &Cursor) -> Result<usize, StoreError> {
    let sql = "INSERT INTO inbox (position, stored_at_millis, digest, envelope) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (digest) DO UPDATE SET envelope = coalesce(envelope, excluded.envelope),
                   position = max(position, excluded.position),
                   stored_at_millis = max(stored_at_millis, excluded.stored_at_millis)";
    for item in items {
        let (digest, envelope) = match &item.what {
            ItemBody::Envelope(bytes) => (Digest::of(bytes), Some(bytes.as_slice())),
            ItemBody::Own(digest) => (*digest, None),
        };
        let values = params![number_column(item.position), item.stored_at_millis, digest.as_bytes(), envelope];
        change(tx, sql, values)?;
    }
    fault::reach("carrier.page.after_items")?;
    put_cursor(tx, next)?;
    Ok(items.len())
}

/// The next items, in the order in which they came. They stay until [`done`].
pub fn take(connection: &Connection, limit: usize) -> Result<Vec<InboxRow>, StoreError> {
    let sql = "SELECT seq, position, stored_at_millis, digest, envelope FROM inbox ORDER BY seq LIMIT ?1";
    collect(connection, sql, [limit_column(limit)], |row| {
        Ok(InboxRow {
            seq: row.number(0)?,
            position: row.number(1)?,
            stored_at_millis: row.get(2)?,
            digest: row.blob(3)?,
            envelope: row.get(4)?,
        })
    })
}

/// The vault has this item on its own disk. Says whether it was here.
pub fn done(tx: &Transaction<'_>, seq: u64) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM inbox WHERE seq = ?1", [number_column(seq)])? == 1)
}

/// The hub's history began anew: what was pulled from the old one is kept, but says no more of what the hub has.
pub fn forget_history(tx: &Transaction<'_>) -> Result<(), StoreError> {
    change(tx, "DELETE FROM inbox WHERE envelope IS NULL", [])?;
    change(tx, "UPDATE inbox SET position = 0 WHERE position > 0", []).map(|_| ())
}

/// How many items wait for the vault.
pub fn inbox_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(first(connection, "SELECT count(*) FROM inbox", [], |row| row.number(0))?.unwrap_or(0))
}
