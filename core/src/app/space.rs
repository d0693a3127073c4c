//! One space as it stands on this device: its events opened, judged and folded.

use std::collections::BTreeSet;

use himaya_wire::{MemberId, Purpose, Registries, SpaceId, Stamp, UnitId};
use rusqlite::Connection;

use super::error::AppError;
use crate::record::{Event, EventBody, Fold, Holders, SpaceKind, View, judge_all};
use crate::store::{self, BodyRow};

/// A space, folded.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Which.
    pub id: SpaceId,
    /// What it looks like.
    pub view: View,
    /// Which units hold it.
    pub holders: Holders,
}

impl Space {
    /// Reads and folds a space. One without events gives an empty view.
    pub(super) fn load(connection: &Connection, registries: &Registries, id: SpaceId) -> Result<Self, AppError> {
        let holders = holders(connection, id)?;
        let events: Vec<Event> = store::bodies_of(connection, id)?.iter().filter_map(|row| event_of(id, row)).collect();
        let verdicts = judge_all(&events, registries, &holders);
        let mut fold = Fold::new();
        for event in &events {
            if let Some(verdict) = verdicts.get(&event.digest) {
                fold.apply(event, *verdict);
            }
        }
        Ok(Self { id, view: fold.view(), holders })
    }

    /// What the space is for, or an error where nothing of it counts here.
    pub(super) fn kind(&self) -> Result<SpaceKind, AppError> {
        self.view.kind.ok_or(AppError::NotFound("file"))
    }

    /// The latest stamp of the events here.
    pub(super) fn updated(&self) -> Stamp {
        self.view.last.unwrap_or(Stamp::at_millis(0))
    }

    /// The earliest stamp of the events here.
    pub(super) fn created(&self) -> Stamp {
        self.view.first.unwrap_or(Stamp::at_millis(0))
    }
}

/// The units that hold a space, by the grants this device has. The first grant here that its own unit is a recipient
/// of, by the unit that made it, founds the space.
pub(super) fn holders(connection: &Connection, id: SpaceId) -> Result<Holders, AppError> {
    let rows = store::holders(connection, id)?;
    let founder = rows.iter().find(|row| row.unit == row.granted_by).map(|row| row.unit);
    let mut units: BTreeSet<UnitId> = founder.into_iter().collect();
    // A grant counts only from a unit that holds the space itself, whatever order grants came in.
    loop {
        let before = units.len();
        units.extend(rows.iter().filter(|row| units.contains(&row.granted_by)).map(|row| row.unit).collect::<Vec<_>>());
        if units.len() == before {
            return Ok(Holders { founder, units });
        }
    }
}

fn event_of(space: SpaceId, row: &BodyRow) -> Option<Event> {
    if row.purpose != Purpose::Event {
        return None;
    }
    let body: EventBody = himaya_wire::decode(&row.body, "event").ok()?;
    Some(Event {
        id: row.id,
        digest: row.digest,
        space,
        unit: row.unit,
        author: MemberId::from_bytes(row.author),
        body,
    })
}

/// A space's short number: eight letters and digits of its random id, readable aloud (no 0, 1, 8, 9 to mistake).
pub(super) fn number(space: SpaceId) -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&space.as_bytes()[..5]);
    let (first, rest) = text.split_at(4);
    format!("{first}-{rest}")
}
