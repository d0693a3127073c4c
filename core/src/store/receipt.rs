//! Receipts that arrived: which device has signed that it has what.

use himaya_wire::{DeviceId, Digest, SpaceId, Stamp, UnitId};
use rusqlite::{Connection, Row, Transaction, params};

use super::StoreError;
use super::column::{Columns, change, collect, stamp_column};

/// One device's receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The grant that arrived there.
    pub of: Digest,
    /// The space it gives.
    pub space: SpaceId,
    /// The device's unit.
    pub unit: UnitId,
    /// The device.
    pub device: DeviceId,
    /// When, by the device's clock.
    pub at: Stamp,
}

const SELECT: &str = "SELECT of_digest, space, unit, device, at FROM receipt";

fn read(row: &Row<'_>) -> Result<ReceiptRow, StoreError> {
    Ok(ReceiptRow {
        of: row.blob(0)?,
        space: row.blob(1)?,
        unit: row.blob(2)?,
        device: row.blob(3)?,
        at: row.stamp(4)?,
    })
}

/// Keeps the first receipt of each device. Says whether it is new.
pub fn put_receipt(tx: &Transaction<'_>, row: &ReceiptRow) -> Result<bool, StoreError> {
    let sql = "INSERT INTO receipt (of_digest, space, unit, device, at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (of_digest, device) DO NOTHING";
    let values = params![
        row.of.as_bytes(),
        row.space.as_bytes(),
        row.unit.as_bytes(),
        row.device.as_bytes(),
        stamp_column(row.at),
    ];
    Ok(change(tx, sql, values)? == 1)
}

/// The receipts for one grant, first first.
pub fn receipts(connection: &Connection, of: Digest) -> Result<Vec<ReceiptRow>, StoreError> {
    collect(connection, &format!("{SELECT} WHERE of_digest = ?1 ORDER BY at, device"), [of.as_bytes()], read)
}

/// The receipts of one space, first first.
pub fn receipts_in(connection: &Connection, space: SpaceId) -> Result<Vec<ReceiptRow>, StoreError> {
    collect(connection, &format!("{SELECT} WHERE space = ?1 ORDER BY at, device"), [space.as_bytes()], read)
}
