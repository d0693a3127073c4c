//! Newtypes in and out of columns: one place where a stored blob becomes an id again.

use himaya_wire::{Circle, DeviceId, Digest, EventId, Incarnation, Kid, Purpose, Scope, SpaceId, Stamp, UnitId};
use rusqlite::Row;

use super::StoreError;

/// A newtype that is kept as a blob.
pub(super) trait Blob: Sized {
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! blobs {
    ($($name:ident),*) => {
        $(impl Blob for $name {
            fn read(bytes: &[u8]) -> Option<Self> {
                Self::from_slice(bytes).ok()
            }
        })*
    };
}
blobs!(DeviceId, Digest, EventId, Incarnation, Kid, SpaceId, UnitId);

impl Blob for [u8; 16] {
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

/// Reads typed columns; a blob of the wrong length is an error, never a panic.
pub(super) trait Columns {
    fn blob<T: Blob>(&self, index: usize) -> Result<T, StoreError>;
    fn maybe_blob<T: Blob>(&self, index: usize) -> Result<Option<T>, StoreError>;
    fn number(&self, index: usize) -> Result<u64, StoreError>;
    fn stamp(&self, index: usize) -> Result<Stamp, StoreError>;
    fn maybe_stamp(&self, index: usize) -> Result<Option<Stamp>, StoreError>;
}

impl Columns for Row<'_> {
    fn blob<T: Blob>(&self, index: usize) -> Result<T, StoreError> {
        let bytes = self.get_ref(index)?.as_blob().map_err(|_| StoreError::Row("id"))?;
        T::read(bytes).ok_or(StoreError::Row("id"))
    }

    fn maybe_blob<T: Blob>(&self, index: usize) -> Result<Option<T>, StoreError> {
        let value = self.get_ref(index)?.as_blob_or_null().map_err(|_| StoreError::Row("id"))?;
        value.map(|bytes| T::read(bytes).ok_or(StoreError::Row("id"))).transpose()
    }

    fn number(&self, index: usize) -> Result<u64, StoreError> {
        u64::try_from(self.get::<_, i64>(index)?).map_err(|_| StoreError::Row("number"))
    }

    fn stamp(&self, index: usize) -> Result<Stamp, StoreError> {
        Ok(Stamp::from_bits(self.get::<_, i64>(index)?.cast_unsigned()))
    }

    fn maybe_stamp(&self, index: usize) -> Result<Option<Stamp>, StoreError> {
        Ok(self.get::<_, Option<i64>>(index)?.map(|bits| Stamp::from_bits(bits.cast_unsigned())))
    }
}

/// A stamp as `SQLite` keeps it: the same 64 bits.
pub(super) const fn stamp_column(stamp: Stamp) -> i64 {
    stamp.to_bits().cast_signed()
}

/// A count or position as `SQLite` keeps it. Above 2^63 nothing was ever counted.
pub(super) fn number_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit as `SQLite` keeps it.
pub(super) fn limit_column(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn purpose_of(number: u8) -> Result<Purpose, StoreError> {
    [Purpose::Event, Purpose::Grant, Purpose::Capture, Purpose::Receipt]
        .into_iter()
        .find(|purpose| *purpose as u8 == number)
        .ok_or(StoreError::Row("purpose"))
}

pub(super) fn circle_of(number: u8) -> Result<Circle, StoreError> {
    Circle::ALL.get(usize::from(number)).copied().ok_or(StoreError::Row("circle"))
}

pub(super) fn scope_of(number: u8) -> Result<Scope, StoreError> {
    match number {
        0 => Ok(Scope::Whole),
        1 => Ok(Scope::FromHere),
        _ => Err(StoreError::Row("scope")),
    }
}

/// Runs a query and maps each row, our own error kept.
pub(super) fn collect<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(map(row)?);
    }
    Ok(all)
}

/// The first row of a query, if any.
pub(super) fn first<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(map).transpose()
}

/// Runs a statement that changes rows; says how many.
pub(super) fn change(
    tx: &rusqlite::Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<usize, StoreError> {
    Ok(tx.prepare_cached(sql)?.execute(parameters)?)
}
