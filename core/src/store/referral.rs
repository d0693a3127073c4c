//! The index of referrals: what the lists of sent and received ones read. Made again from the log.

use himaya_wire::{EventId, SpaceId, Stamp, UnitId};
use rusqlite::{Connection, Row, Transaction, params};

use super::StoreError;
use super::column::{Columns, change, collect, first, limit_column, stamp_column};

/// Whether this unit sent a referral or received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// One referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralRow {
    /// The space it stands in.
    pub space: SpaceId,
    /// The referral.
    pub element: EventId,
    /// Sent or received.
    pub direction: Direction,
    /// To whom.
    pub to_unit: UnitId,
    /// From whom.
    pub from_unit: UnitId,
    /// Its step, by the number of the records above.
    pub step: u8,
    /// When it was sent.
    pub sent: Option<Stamp>,
    /// When it arrived at the unit's device, milliseconds since the Unix epoch.
    pub received_at_millis: Option<i64>,
    /// Whether a person of the unit has seen it.
    pub seen: bool,
    /// When the answer is due, milliseconds since the Unix epoch.
    pub answer_due_millis: Option<i64>,
    /// Its last change.
    pub updated: Stamp,
}

const SELECT: &str = "SELECT space, element, direction, to_unit, from_unit, step, sent, received_at_millis, seen, \
                      answer_due_millis, updated FROM referral";

fn read(row: &Row<'_>) -> Result<ReferralRow, StoreError> {
    Ok(ReferralRow {
        space: row.blob(0)?,
        element: row.blob(1)?,
        direction: match row.get::<_, u8>(2)? {
            0 => Direction::In,
            1 => Direction::Out,
            _ => return Err(StoreError::Row("direction")),
        },
        to_unit: row.blob(3)?,
        from_unit: row.blob(4)?,
        step: row.get(5)?,
        sent: row.maybe_stamp(6)?,
        received_at_millis: row.get(7)?,
        seen: row.get(8)?,
        answer_due_millis: row.get(9)?,
        updated: row.stamp(10)?,
    })
}

/// Writes a referral's row.
pub fn put_referral(tx: &Transaction<'_>, row: &ReferralRow) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO referral (space, element, direction, to_unit, from_unit, step, sent,
                   received_at_millis, seen, answer_due_millis, updated)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let values = params![
        row.space.as_bytes(),
        row.element.as_bytes(),
        row.direction as u8,
        row.to_unit.as_bytes(),
        row.from_unit.as_bytes(),
        row.step,
        row.sent.map(stamp_column),
        row.received_at_millis,
        row.seen,
        row.answer_due_millis,
        stamp_column(row.updated),
    ];
    change(tx, sql, values).map(|_| ())
}

/// One referral.
pub fn referral(connection: &Connection, space: SpaceId, element: EventId) -> Result<Option<ReferralRow>, StoreError> {
    let sql = format!("{SELECT} WHERE space = ?1 AND element = ?2");
    first(connection, &sql, params![space.as_bytes(), element.as_bytes()], read)
}

/// Every referral of a space, oldest change first.
pub fn referrals_in(connection: &Connection, space: SpaceId) -> Result<Vec<ReferralRow>, StoreError> {
    let sql = format!("{SELECT} WHERE space = ?1 ORDER BY updated, element");
    collect(connection, &sql, [space.as_bytes()], read)
}

/// Received or sent referrals at one of `steps` (none given: any), last changed first.
pub fn referrals(
    connection: &Connection,
    direction: Direction,
    steps: &[u8],
    limit: usize,
) -> Result<Vec<ReferralRow>, StoreError> {
    // The steps as bits of one number: the statement stays the same for any choice.
    let wanted = steps.iter().filter(|step| **step < 63).fold(0_i64, |bits, step| bits | 1 << step);
    let sql = format!(
        "{SELECT} WHERE direction = ?1 AND (?2 OR (1 << step) & ?3) ORDER BY updated DESC, element DESC LIMIT ?4"
    );
    collect(connection, &sql, params![direction as u8, steps.is_empty(), wanted, limit_column(limit)], read)
}

/// Takes a space's referrals out of the index.
pub fn remove_referrals(tx: &Transaction<'_>, space: SpaceId) -> Result<usize, StoreError> {
    change(tx, "DELETE FROM referral WHERE space = ?1", [space.as_bytes()])
}

/// A referral by its element alone.
pub fn referral_by_element(connection: &Connection, element: EventId) -> Result<Option<ReferralRow>, StoreError> {
    first(connection, &format!("{SELECT} WHERE element = ?1"), [element.as_bytes()], read)
}
