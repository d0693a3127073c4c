//! The sealed outbox: what waits for the hub. Cleared only by the hub's word on a digest, never dropped.

use himaya_wire::{Digest, Refusal};
use rusqlite::{Connection, Row, Transaction, params};

use crate::store::column::{Columns, change, collect, first, limit_column};
use crate::store::{StoreError, fault};

/// One waiting envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its place, from 1.
    pub seq: u64,
    /// SHA-256 of the envelope.
    pub digest: Digest,
    /// The sealed bytes.
    pub envelope: Vec<u8>,
    /// When it was put here, milliseconds since the Unix epoch.
    pub enqueued_millis: i64,
    /// How often the hub has refused it. A lost connection is no refusal.
    pub refusals: u32,
    /// The number of the last [`Refusal`].
    pub last_refusal: Option<u8>,
    /// Whether it waits for a person: the hub's refusal will not change by itself.
    pub parked: bool,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// To be sent.
    pub waiting: u64,
    /// Refused for good, kept for a person.
    pub parked: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// When the oldest that waits was put here, milliseconds since the Unix epoch.
    pub oldest_millis: Option<i64>,
}

const SELECT: &str = "SELECT seq, digest, envelope, enqueued_millis, refusals, last_refusal, parked FROM outbox";

fn read(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        seq: row.number(0)?,
        digest: row.blob(1)?,
        envelope: row.get(2)?,
        enqueued_millis: row.get(3)?,
        refusals: row.get(4)?,
        last_refusal: row.get(5)?,
        parked: row.get(6)?,
    })
}

/// Puts envelopes in, in this order; one that waits already stays as it is. Says how many are new.
pub fn enqueue<B: AsRef<[u8]>>(tx: &Transaction<'_>, envelopes: &[B], now_millis: i64) -> Result<usize, StoreError> {
    let sql = "INSERT INTO outbox (digest, envelope, enqueued_millis, refusals, parked) VALUES (?1, ?2, ?3, 0, 0)
               ON CONFLICT (digest) DO NOTHING";
    let mut new = 0;
    for envelope in envelopes {
        let bytes = envelope.as_ref();
        new += change(tx, sql, params![Digest::of(bytes).as_bytes(), bytes, now_millis])?;
        fault::reach("carrier.enqueue.after_insert")?;
    }
    Ok(new)
}

/// The next envelopes to send: in order, those never refused first, so that what the hub cannot take yet does not
/// stand in the way of the rest. At most `max_count` and `max_bytes`, but always one if one waits.
pub fn batch(connection: &Connection, max_count: usize, max_bytes: usize) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!("{SELECT} WHERE parked = 0 ORDER BY refusals, seq LIMIT ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([limit_column(max_count)])?;
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let row = read(row)?;
        bytes = bytes.saturating_add(row.envelope.len());
        if bytes > max_bytes && !batch.is_empty() {
            break;
        }
        batch.push(row);
    }
    Ok(batch)
}

/// Every envelope, parked ones too, in order: what a bundle file carries.
pub fn outbox_rows(connection: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    collect(connection, &format!("{SELECT} ORDER BY seq"), [], read)
}

/// Whether this envelope waits here.
pub fn waits(connection: &Connection, digest: Digest) -> Result<bool, StoreError> {
    Ok(first(connection, "SELECT 1 FROM outbox WHERE digest = ?1", [digest.as_bytes()], |_| Ok(()))?.is_some())
}

/// The hub has it. Says whether it waited.
pub fn clear(tx: &Transaction<'_>, digest: Digest) -> Result<bool, StoreError> {
    let gone = change(tx, "DELETE FROM outbox WHERE digest = ?1", [digest.as_bytes()])? == 1;
    fault::reach("carrier.clear.after_delete")?;
    Ok(gone)
}

/// The hub refused it: it is tried again behind the others, or parked where that cannot help. Kept in both cases.
pub fn refused(tx: &Transaction<'_>, digest: Digest, refusal: Refusal) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET refusals = refusals + 1, last_refusal = ?2, parked = ?3 WHERE digest = ?1";
    Ok(change(tx, sql, params![digest.as_bytes(), refusal as u8, !refusal.can_retry()])? == 1)
}

/// Tries the parked ones again: a person asked for it, or the hub's history began anew.
pub fn unpark(tx: &Transaction<'_>) -> Result<usize, StoreError> {
    change(tx, "UPDATE outbox SET parked = 0, refusals = 0 WHERE parked = 1", [])
}

/// Counts what waits.
pub fn outbox_counts(connection: &Connection) -> Result<OutboxCounts, StoreError> {
    let sql = "SELECT coalesce(sum(parked = 0), 0), coalesce(sum(parked), 0), coalesce(sum(length(envelope)), 0),
                   min(iif(parked = 0, enqueued_millis, NULL)) FROM outbox";
    let counts = first(connection, sql, [], |row| {
        Ok(OutboxCounts {
            waiting: row.number(0)?,
            parked: row.number(1)?,
            bytes: row.number(2)?,
            oldest_millis: row.get(3)?,
        })
    })?;
    Ok(counts.unwrap_or_default())
}
