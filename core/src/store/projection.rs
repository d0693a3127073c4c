//! Projections: one row a space, what lists and boards show. Everything here can be made again from the log.

use std::fmt;

use himaya_wire::{SpaceId, Stamp, UnitId};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, named_params, params, params_from_iter};

use super::column::{Columns, change, collect, first, limit_column, stamp_column};
use super::{StoreError, fault};

/// What a list shows of a space. Numbers of kinds and terms are those of the records above.
#[derive(Clone, PartialEq, Eq)]
pub struct ProjectionRow {
    /// The space.
    pub space: SpaceId,
    /// What kind of space.
    pub kind: u8,
    /// First line.
    pub title: String,
    /// Second line.
    pub subtitle: String,
    /// Case number.
    pub number: Option<String>,
    /// Stage of the circuit.
    pub stage: Option<u8>,
    /// Risk.
    pub risk: Option<u8>,
    /// Sex.
    pub sex: Option<u8>,
    /// Age band.
    pub age_band: Option<u8>,
    /// Commune or other area, by code.
    pub area: Option<String>,
    /// The unit that owns the stage.
    pub owner: Option<UnitId>,
    /// Stamp of the newest event.
    pub updated: Stamp,
    /// Stamp of the first event.
    pub created: Stamp,
    /// Open conflicts.
    pub conflicts: u32,
    /// Events set aside for want of right.
    pub set_aside: u32,
    /// Parents named and not here.
    pub missing: u32,
    /// The space's circuit card.
    pub card_space: Option<SpaceId>,
    /// The space this one is about: a card's or a sheet's file.
    pub subject: Option<SpaceId>,
    /// Next deadline, milliseconds since the Unix epoch.
    pub deadline_millis: Option<i64>,
    /// Whatever else a list wants, encoded by its owner.
    pub extra: Option<Vec<u8>>,
}

impl fmt::Debug for ProjectionRow {
    /// Without the words, which are a child's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectionRow")
            .field("space", &self.space)
            .field("kind", &self.kind)
            .field("updated", &self.updated)
            .finish_non_exhaustive()
    }
}

/// A row of a list, with what this worker has not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRow {
    /// The projection.
    pub row: ProjectionRow,
    /// Whether something arrived since this worker last looked.
    pub news: bool,
    /// How many events arrived since.
    pub unread: u32,
    /// The row's place in the order of lists; the next page is `before` it.
    pub recency: i64,
}

/// Which rows a list wants. Empty and `None` mean any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds of space.
    pub kinds: Vec<u8>,
    /// The owner unit.
    pub owner: Option<UnitId>,
    /// The least risk.
    pub min_risk: Option<u8>,
    /// The last stage wanted: one below "closed" leaves the closed ones out. Rows without a stage stay.
    pub max_stage: Option<u8>,
    /// Only rows with a deadline before this moment, milliseconds since the Unix epoch.
    pub due_before_millis: Option<i64>,
    /// Only rows about this space.
    pub subject: Option<SpaceId>,
    /// Only rows with something this worker has not looked at.
    pub only_news: bool,
}

pub(super) const SELECT: &str = "SELECT p.space, p.kind, p.title, p.subtitle, p.number, p.stage, p.risk, p.sex, \
    p.age_band, p.area, p.owner, p.updated, p.created, p.conflicts, p.set_aside, p.missing, p.card_space, p.subject, \
    p.deadline_millis, p.extra, coalesce(a.news, 0), coalesce(a.unread, 0), p.recency, p.search_text";
const FROM: &str = "FROM projection p LEFT JOIN attention a ON a.space = p.space";

pub(super) fn read(row: &Row<'_>) -> Result<ListedRow, StoreError> {
    Ok(ListedRow {
        row: ProjectionRow {
            space: row.blob(0)?,
            kind: row.get(1)?,
            title: row.get(2)?,
            subtitle: row.get(3)?,
            number: row.get(4)?,
            stage: row.get(5)?,
            risk: row.get(6)?,
            sex: row.get(7)?,
            age_band: row.get(8)?,
            area: row.get(9)?,
            owner: row.maybe_blob(10)?,
            updated: row.stamp(11)?,
            created: row.stamp(12)?,
            conflicts: row.get(13)?,
            set_aside: row.get(14)?,
            missing: row.get(15)?,
            card_space: row.maybe_blob(16)?,
            subject: row.maybe_blob(17)?,
            deadline_millis: row.get(18)?,
            extra: row.get(19)?,
        },
        news: row.get(20)?,
        unread: row.get(21)?,
        recency: row.get(22)?,
    })
}

/// Writes a space's row and its words for search, which the caller has folded. The same row again changes nothing.
pub fn put_projection(tx: &Transaction<'_>, row: &ProjectionRow, search_text: &str) -> Result<(), StoreError> {
    fault::reach("store.projection.before_put")?;
    let recency = free_recency(tx, row)?;
    change(
        tx,
        "INSERT INTO projection (recency, space, kind, title, subtitle, number, stage, risk, sex, age_band, area, owner,
             updated, created, conflicts, set_aside, missing, card_space, subject, deadline_millis, extra, search_text)
         VALUES (:recency, :space, :kind, :title, :subtitle, :number, :stage, :risk, :sex, :age_band, :area, :owner,
             :updated, :created, :conflicts, :set_aside, :missing, :card_space, :subject, :deadline, :extra, :text)
         ON CONFLICT (space) DO UPDATE SET recency = excluded.recency, kind = excluded.kind, title = excluded.title,
             subtitle = excluded.subtitle, number = excluded.number, stage = excluded.stage, risk = excluded.risk,
             sex = excluded.sex, age_band = excluded.age_band, area = excluded.area, owner = excluded.owner,
             updated = excluded.updated, created = excluded.created, conflicts = excluded.conflicts,
             set_aside = excluded.set_aside, missing = excluded.missing, card_space = excluded.card_space,
             subject = excluded.subject, deadline_millis = excluded.deadline_millis, extra = excluded.extra,
             search_text = excluded.search_text",
        named_params! {
            ":recency": recency,
            ":space": row.space.as_bytes(),
            ":kind": row.kind,
            ":title": row.title,
            ":subtitle": row.subtitle,
            ":number": row.number,
            ":stage": row.stage,
            ":risk": row.risk,
            ":sex": row.sex,
            ":age_band": row.age_band,
            ":area": row.area,
            ":owner": row.owner.as_ref().map(UnitId::as_bytes),
            ":updated": stamp_column(row.updated),
            ":created": stamp_column(row.created),
            ":conflicts": row.conflicts,
            ":set_aside": row.set_aside,
            ":missing": row.missing,
            ":card_space": row.card_space.as_ref().map(SpaceId::as_bytes),
            ":subject": row.subject.as_ref().map(SpaceId::as_bytes),
            ":deadline": row.deadline_millis,
            ":extra": row.extra,
            ":text": search_text,
        },
    )?;
    fault::reach("store.projection.after_put")
}

/// The row's place in the order of lists: its stamp, or the next free number after it where two spaces share one.
fn free_recency(tx: &Transaction<'_>, row: &ProjectionRow) -> Result<i64, StoreError> {
    let known = first(
        tx,
        "SELECT recency FROM projection WHERE space = ?1 AND updated = ?2",
        params![row.space.as_bytes(), stamp_column(row.updated)],
        |row| Ok(row.get(0)?),
    )?;
    if let Some(recency) = known {
        return Ok(recency);
    }
    // A stamp beyond the year 6429 keeps its order only among the last of the list.
    let mut recency = i64::try_from(row.updated.to_bits()).unwrap_or(i64::MAX - (1 << 40));
    let sql = "SELECT 1 FROM projection WHERE recency = ?1";
    while first(tx, sql, [recency], |_| Ok(()))?.is_some() {
        recency += 1;
    }
    Ok(recency)
}

/// The newest rows, newest first, at most `limit`; `before` is the `recency` of the last row of the page before.
pub fn newest(
    connection: &Connection,
    filter: &Filter,
    limit: usize,
    before: Option<i64>,
) -> Result<Vec<ListedRow>, StoreError> {
    let mut sql = format!("{SELECT} {FROM} WHERE p.recency < ?");
    let mut values = vec![Value::Integer(before.unwrap_or(i64::MAX))];
    let mut only = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push(value);
        }
    };
    let owner = filter.owner.map(|owner| Value::Blob(owner.as_bytes().to_vec()));
    let subject = filter.subject.map(|subject| Value::Blob(subject.as_bytes().to_vec()));
    only(" AND p.owner = ?", owner);
    only(" AND p.subject = ?", subject);
    only(" AND p.risk >= ?", filter.min_risk.map(|risk| Value::Integer(risk.into())));
    only(" AND coalesce(p.stage, 0) <= ?", filter.max_stage.map(|stage| Value::Integer(stage.into())));
    only(" AND p.deadline_millis < ?", filter.due_before_millis.map(Value::Integer));
    only(" AND coalesce(a.news, 0) = ?", filter.only_news.then_some(Value::Integer(1)));
    match filter.kinds.as_slice() {
        [] => {}
        // One kind walks its own index from the end; several walk the table.
        [kind] => only(" AND p.kind = ?", Some(Value::Integer((*kind).into()))),
        kinds => {
            let places = vec!["?"; kinds.len()].join(", ");
            sql.extend([" AND +p.kind IN (", &places, ")"]);
            values.extend(kinds.iter().map(|kind| Value::Integer((*kind).into())));
        }
    }
    sql.push_str(" ORDER BY p.recency DESC LIMIT ?");
    values.push(Value::Integer(limit_column(limit)));
    collect(connection, &sql, params_from_iter(values), read)
}

/// The row of one space.
pub fn by_space(connection: &Connection, space: SpaceId) -> Result<Option<ListedRow>, StoreError> {
    first(connection, &format!("{SELECT} {FROM} WHERE p.space = ?1"), [space.as_bytes()], read)
}

/// Takes one space's row away.
pub fn remove_projection(tx: &Transaction<'_>, space: SpaceId) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM projection WHERE space = ?1", [space.as_bytes()])? == 1)
}

/// Empties what can be made again from the log: projections, search, the index of referrals.
pub fn clear_projections(tx: &Transaction<'_>) -> Result<(), StoreError> {
    change(tx, "DELETE FROM projection", [])?;
    change(tx, "DELETE FROM referral", []).map(|_| ())
}

/// All that [`clear_projections`] empties, in canonical bytes: equal if and only if two rebuilds are. Places in lists
/// that only the order of arrival decides, and what a worker has looked at, are left out.
pub fn dump_projections(connection: &Connection) -> Result<Vec<u8>, StoreError> {
    let tables = [
        "SELECT space, kind, title, subtitle, number, stage, risk, sex, age_band, area, owner, updated, created,
             conflicts, set_aside, missing, card_space, subject, deadline_millis, extra, search_text
         FROM projection ORDER BY space",
        "SELECT space, element, direction, to_unit, from_unit, step, sent, received_at_millis, seen, answer_due_millis,
             updated
         FROM referral ORDER BY space, element",
    ];
    let mut bytes = Vec::new();
    for sql in tables {
        let mut statement = connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for index in 0..columns {
                dump_value(&mut bytes, &row.get(index)?);
            }
        }
        bytes.push(0xff);
    }
    Ok(bytes)
}

fn dump_value(bytes: &mut Vec<u8>, value: &Value) {
    let (kind, content): (u8, &[u8]) = match value {
        Value::Null => (0, &[]),
        Value::Integer(number) => (1, &number.to_be_bytes()),
        Value::Real(number) => (2, &number.to_be_bytes()),
        Value::Text(text) => (3, text.as_bytes()),
        Value::Blob(blob) => (4, blob),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
    bytes.extend_from_slice(content);
}

/// Something arrived that this worker has not looked at: `events` more of it.
pub fn mark_news(tx: &Transaction<'_>, space: SpaceId, events: u32) -> Result<(), StoreError> {
    let sql = "INSERT INTO attention (space, news, unread) VALUES (?1, 1, ?2)
               ON CONFLICT (space) DO UPDATE SET news = 1, unread = unread + excluded.unread";
    change(tx, sql, params![space.as_bytes(), events]).map(|_| ())
}

/// This worker has looked. Says whether there was something.
pub fn mark_read(tx: &Transaction<'_>, space: SpaceId) -> Result<bool, StoreError> {
    Ok(change(tx, "DELETE FROM attention WHERE space = ?1", [space.as_bytes()])? == 1)
}

/// How many spaces have news.
pub fn news_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(first(connection, "SELECT count(*) FROM attention WHERE news = 1", [], |row| row.number(0))?.unwrap_or(0))
}

/// The spaces with something set aside: to be judged again when registries change.
pub fn unsettled_spaces(connection: &Connection) -> Result<Vec<SpaceId>, StoreError> {
    collect(connection, "SELECT space FROM projection WHERE set_aside > 0", [], |row| row.blob(0))
}

/// How many questions have two answers.
pub fn conflict_count(connection: &Connection) -> Result<u64, StoreError> {
    Ok(first(connection, "SELECT coalesce(sum(conflicts), 0) FROM projection", [], |row| row.number(0))?.unwrap_or(0))
}
