//! The log: every envelope this device has, in the order in which it came, opened where a key is known.

use std::fmt;

use himaya_wire::{Digest, EventId, Kid, Purpose, SpaceId, Stamp, UnitId};
use rusqlite::{Connection, Row, Transaction, named_params, params};

use super::column::{Columns, change, collect, first, number_column, purpose_of, stamp_column};
use super::tombstone::erased_by;
use super::{StoreError, fault};

/// Where an envelope came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Made on this device.
    Here,
    /// Pulled from the hub.
    Pulled,
    /// Read from a bundle file.
    Bundle,
}

impl Origin {
    fn of(number: u8) -> Result<Self, StoreError> {
        [Self::Here, Self::Pulled, Self::Bundle].get(usize::from(number)).copied().ok_or(StoreError::Row("origin"))
    }
}

/// One envelope of the log.
#[derive(Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its place on this device: growing, from 1, not without gaps. Not read by [`append`].
    pub seq: u64,
    /// SHA-256 of the envelope.
    pub digest: Digest,
    /// The envelope's id.
    pub id: EventId,
    /// The space.
    pub space: SpaceId,
    /// The author's unit.
    pub unit: UnitId,
    /// The author: a member, or a device for captures and receipts.
    pub author: [u8; 16],
    /// Event, grant, capture or receipt.
    pub purpose: Purpose,
    /// The key it needs.
    pub kid: Kid,
    /// The author's stamp; none while unopened.
    pub stamp: Option<Stamp>,
    /// The sealed bytes.
    pub envelope: Vec<u8>,
    /// The opened body; none while unopened.
    pub body: Option<Vec<u8>>,
    /// When the hub stored it, by the hub's clock, milliseconds since the Unix epoch; none until the hub has told.
    pub stored_at_millis: Option<i64>,
    /// Whether the hub is known to have it.
    pub confirmed: bool,
    /// Where it came from.
    pub origin: Origin,
}

impl fmt::Debug for LogRow {
    /// Without the body, which is a child's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogRow").field("seq", &self.seq).field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// An opened row without its envelope: what folding reads.
#[derive(Clone, PartialEq, Eq)]
pub struct BodyRow {
    /// Its place on this device.
    pub seq: u64,
    /// SHA-256 of the envelope.
    pub digest: Digest,
    /// The envelope's id.
    pub id: EventId,
    /// The author's unit.
    pub unit: UnitId,
    /// The author.
    pub author: [u8; 16],
    /// Event, grant, capture or receipt.
    pub purpose: Purpose,
    /// The key it was sealed under.
    pub kid: Kid,
    /// The author's stamp.
    pub stamp: Option<Stamp>,
    /// The opened body.
    pub body: Vec<u8>,
    /// When the hub stored it, milliseconds since the Unix epoch.
    pub stored_at_millis: Option<i64>,
}

impl fmt::Debug for BodyRow {
    /// Without the body, which is a child's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyRow").field("seq", &self.seq).field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// What came of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// It is new, at this place.
    New(u64),
    /// The same envelope was there.
    Had,
    /// Its space was erased: refused, not kept.
    Erased,
}

/// How many rows the log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// All.
    pub all: u64,
    /// Not yet opened.
    pub unopened: u64,
    /// Not known to be at the hub.
    pub unconfirmed: u64,
    /// Spaces with at least one row.
    pub spaces: u64,
}

const COLUMNS: &str = "seq, digest, id, space, unit, author, purpose, kid, stamp, envelope, body, stored_at_millis, \
                       confirmed, origin";

fn read(row: &Row<'_>) -> Result<LogRow, StoreError> {
    Ok(LogRow {
        seq: row.number(0)?,
        digest: row.blob(1)?,
        id: row.blob(2)?,
        space: row.blob(3)?,
        unit: row.blob(4)?,
        author: row.blob(5)?,
        purpose: purpose_of(row.get(6)?)?,
        kid: row.blob(7)?,
        stamp: row.maybe_stamp(8)?,
        envelope: row.get(9)?,
        body: row.get(10)?,
        stored_at_millis: row.get(11)?,
        confirmed: row.get(12)?,
        origin: Origin::of(row.get(13)?)?,
    })
}

/// Adds an envelope once: the same digest again changes nothing. An erased space takes nothing.
pub fn append(tx: &Transaction<'_>, row: &LogRow) -> Result<Appended, StoreError> {
    fault::reach("store.append.before_insert")?;
    if erased_by(tx, row.space)?.is_some() {
        return Ok(Appended::Erased);
    }
    let added = change(
        tx,
        "INSERT INTO log (digest, id, space, unit, author, purpose, kid, stamp, envelope, body, stored_at_millis,
             confirmed, origin)
         VALUES (:digest, :id, :space, :unit, :author, :purpose, :kid, :stamp, :envelope, :body, :stored_at,
             :confirmed, :origin)
         ON CONFLICT (digest) DO NOTHING",
        named_params! {
            ":digest": row.digest.as_bytes(),
            ":id": row.id.as_bytes(),
            ":space": row.space.as_bytes(),
            ":unit": row.unit.as_bytes(),
            ":author": row.author,
            ":purpose": row.purpose as u8,
            ":kid": row.kid.as_bytes(),
            ":stamp": row.stamp.map(stamp_column),
            ":envelope": row.envelope,
            ":body": row.body,
            ":stored_at": row.stored_at_millis,
            ":confirmed": row.confirmed,
            ":origin": row.origin as u8,
        },
    )?;
    fault::reach("store.append.after_insert")?;
    if added == 0 {
        return Ok(Appended::Had);
    }
    u64::try_from(tx.last_insert_rowid()).map(Appended::New).map_err(|_| StoreError::Row("number"))
}

/// Keeps the opened body of an envelope that was held. Says whether the envelope is here.
pub fn set_body(tx: &Transaction<'_>, digest: Digest, stamp: Option<Stamp>, body: &[u8]) -> Result<bool, StoreError> {
    let sql = "UPDATE log SET body = ?2, stamp = ?3 WHERE digest = ?1";
    Ok(change(tx, sql, params![digest.as_bytes(), body, stamp.map(stamp_column)])? == 1)
}

/// One envelope by its digest.
pub fn event(connection: &Connection, digest: Digest) -> Result<Option<LogRow>, StoreError> {
    first(connection, &format!("SELECT {COLUMNS} FROM log WHERE digest = ?1"), [digest.as_bytes()], read)
}

/// The digests of every envelope with this id. More than one is a thing to flag.
pub fn same_id(connection: &Connection, id: EventId) -> Result<Vec<Digest>, StoreError> {
    collect(connection, "SELECT digest FROM log WHERE id = ?1 ORDER BY seq", [id.as_bytes()], |row| row.blob(0))
}

/// Every envelope of a space, in the order in which they came.
pub fn events_of(connection: &Connection, space: SpaceId) -> Result<Vec<LogRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM log WHERE space = ?1 ORDER BY seq");
    collect(connection, &sql, [space.as_bytes()], read)
}

/// What is opened of a space, without the envelopes, in the order in which it came.
pub fn bodies_of(connection: &Connection, space: SpaceId) -> Result<Vec<BodyRow>, StoreError> {
    let sql = "SELECT seq, digest, id, unit, author, purpose, kid, stamp, body, stored_at_millis
               FROM log WHERE space = ?1 AND body IS NOT NULL ORDER BY seq";
    collect(connection, sql, [space.as_bytes()], |row| {
        Ok(BodyRow {
            seq: row.number(0)?,
            digest: row.blob(1)?,
            id: row.blob(2)?,
            unit: row.blob(3)?,
            author: row.blob(4)?,
            purpose: purpose_of(row.get(5)?)?,
            kid: row.blob(6)?,
            stamp: row.maybe_stamp(7)?,
            body: row.get(8)?,
            stored_at_millis: row.get(9)?,
        })
    })
}

/// Every space with at least one row, in the order of its first.
pub fn spaces(connection: &Connection) -> Result<Vec<SpaceId>, StoreError> {
    collect(connection, "SELECT space FROM log GROUP BY space ORDER BY min(seq)", [], |row| row.blob(0))
}

/// The spaces in which an author wrote.
pub fn spaces_by(connection: &Connection, author: &[u8; 16]) -> Result<Vec<SpaceId>, StoreError> {
    collect(connection, "SELECT DISTINCT space FROM log WHERE author = ?1", [author], |row| row.blob(0))
}

/// Whether the hub is not yet known to have something of a space.
pub fn has_unconfirmed(connection: &Connection, space: SpaceId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM log WHERE space = ?1 AND confirmed = 0 LIMIT 1";
    Ok(first(connection, sql, [space.as_bytes()], |_| Ok(()))?.is_some())
}

/// Sizes of the newest envelopes, bytes.
pub fn newest_sizes(connection: &Connection, count: usize) -> Result<Vec<u32>, StoreError> {
    let sql = "SELECT length(envelope) FROM log ORDER BY seq DESC LIMIT ?1";
    collect(connection, sql, [super::column::limit_column(count)], |row| Ok(row.get(0)?))
}

/// Opened captures whose space nobody has written in yet, oldest first.
pub fn unclaimed(connection: &Connection) -> Result<Vec<LogRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM log AS capture WHERE purpose = ?1 AND body IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM log AS event WHERE event.space = capture.space AND event.purpose = ?2)
         ORDER BY seq"
    );
    collect(connection, &sql, params![Purpose::Capture as u8, Purpose::Event as u8], read)
}

/// How many ids came with more than one content: an alarm.
pub fn reused_id_count(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM log GROUP BY id HAVING count(*) > 1)";
    Ok(first(connection, sql, [], |row| row.number(0))?.unwrap_or(0))
}

/// The hub has said that it stored this envelope. The first time it told stays. Says whether the envelope is here.
pub fn mark_confirmed(tx: &Transaction<'_>, digest: Digest, stored_at_millis: Option<i64>) -> Result<bool, StoreError> {
    let sql = "UPDATE log SET confirmed = 1, stored_at_millis = coalesce(stored_at_millis, ?2) WHERE digest = ?1";
    Ok(change(tx, sql, params![digest.as_bytes(), stored_at_millis])? == 1)
}

/// The envelope stands in the hub's feed, so the hub has it.
pub fn seen_in_feed(tx: &Transaction<'_>, digest: Digest) -> Result<bool, StoreError> {
    mark_confirmed(tx, digest, None)
}

/// Forgets what the hub has: after its restore. The pull that follows tells what is still there.
pub fn mark_all_unconfirmed(tx: &Transaction<'_>) -> Result<usize, StoreError> {
    change(tx, "UPDATE log SET confirmed = 0 WHERE confirmed = 1", [])
}

/// Every envelope that the hub is not known to have, in order, at most `limit` after place `after`.
pub fn unconfirmed(connection: &Connection, after: u64, limit: usize) -> Result<Vec<LogRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM log WHERE confirmed = 0 AND seq > ?1 ORDER BY seq LIMIT ?2");
    collect(connection, &sql, params![number_column(after), super::column::limit_column(limit)], read)
}

/// Counts the log.
pub fn log_counts(connection: &Connection) -> Result<LogCounts, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(body IS NULL), 0), coalesce(sum(confirmed = 0), 0), count(DISTINCT space)
               FROM log";
    let counts = first(connection, sql, [], |row| {
        Ok(LogCounts {
            all: row.number(0)?,
            unopened: row.number(1)?,
            unconfirmed: row.number(2)?,
            spaces: row.number(3)?,
        })
    })?;
    Ok(counts.unwrap_or_default())
}
