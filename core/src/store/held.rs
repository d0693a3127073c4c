//! Held envelopes: what cannot be opened or understood yet. Shown as held, tried again, blocking nothing.

use himaya_wire::{Digest, Kid, SpaceId};
use rusqlite::{Connection, Row, Transaction, params};

use super::StoreError;
use super::column::{Columns, change, collect, first};

/// Why an envelope is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeldReason {
    /// No key of its name is here yet.
    MissingKey,
    /// Its author is in no registry here yet.
    UnknownAuthor,
    /// Its signature does not verify.
    Signature,
    /// Its key is here and does not open it, or two of its headers disagree.
    DoesNotOpen,
    /// A newer program wrote it.
    Newer,
    /// Its bytes are in no format known here.
    Malformed,
    /// Its space is not known here yet.
    UnknownSpace,
    /// Its author had no right to write it when it was checked.
    NoRight,
}

impl HeldReason {
    const ALL: [Self; 8] = [
        Self::MissingKey,
        Self::UnknownAuthor,
        Self::Signature,
        Self::DoesNotOpen,
        Self::Newer,
        Self::Malformed,
        Self::UnknownSpace,
        Self::NoRight,
    ];

    /// Whether something that may still arrive can free it.
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::MissingKey | Self::UnknownAuthor | Self::Newer | Self::UnknownSpace | Self::NoRight)
    }
}

/// One held envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its space, where its header could be read.
    pub space: Option<SpaceId>,
    /// The key it needs, where its header could be read.
    pub kid: Option<Kid>,
    /// Why.
    pub reason: HeldReason,
    /// How often it was tried. Not read by [`hold`], which counts.
    pub tries: u32,
    /// When it was first held, milliseconds since the Unix epoch.
    pub first_seen_millis: i64,
    /// Its bytes, where it stands in no log because its header cannot be read.
    pub bytes: Option<Vec<u8>>,
}

const SELECT: &str = "SELECT digest, space, kid, reason, tries, first_seen_millis, bytes FROM held";

fn read(row: &Row<'_>) -> Result<HeldRow, StoreError> {
    let reason: usize = row.get::<_, u8>(3)?.into();
    Ok(HeldRow {
        digest: row.blob(0)?,
        space: row.maybe_blob(1)?,
        kid: row.maybe_blob(2)?,
        reason: HeldReason::ALL.get(reason).copied().ok_or(StoreError::Row("reason"))?,
        tries: row.get(4)?,
        first_seen_millis: row.get(5)?,
        bytes: row.get(6)?,
    })
}

/// Holds an envelope, or counts one more try of one that is held: the reason is renewed, the first moment stays.
pub fn hold(tx: &Transaction<'_>, row: &HeldRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO held (digest, space, kid, reason, tries, first_seen_millis, bytes)
               VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
               ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason, tries = tries + 1";
    let (space, kid) = (row.space.as_ref().map(SpaceId::as_bytes), row.kid.as_ref().map(Kid::as_bytes));
    let values = params![row.digest.as_bytes(), space, kid, row.reason as u8, row.first_seen_millis, row.bytes];
    change(tx, sql, values).map(|_| ())
}

/// Ends holding, once opened. Says whether it was held.
pub fn release(tx: &Transaction<'_>, digest: Digest) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM held WHERE digest = ?1", [digest.as_bytes()])? == 1)
}

/// Everything held, oldest first.
pub fn held(connection: &Connection) -> Result<Vec<HeldRow>, StoreError> {
    collect(connection, &format!("{SELECT} ORDER BY first_seen_millis, rowid"), [], read)
}

/// What is held of one space: to try again when something of it arrives.
pub fn held_in(connection: &Connection, space: SpaceId) -> Result<Vec<HeldRow>, StoreError> {
    let sql = format!("{SELECT} WHERE space = ?1 ORDER BY first_seen_millis, rowid");
    collect(connection, &sql, [space.as_bytes()], read)
}

/// What waits for one key: to try again when it arrives.
pub fn held_by_kid(connection: &Connection, kid: Kid) -> Result<Vec<HeldRow>, StoreError> {
    let sql = format!("{SELECT} WHERE kid = ?1 ORDER BY first_seen_millis, rowid");
    collect(connection, &sql, [kid.as_bytes()], read)
}

/// How many are held.
pub fn held_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(first(connection, "SELECT count(*) FROM held", [], |row| row.number(0))?.unwrap_or(0))
}
