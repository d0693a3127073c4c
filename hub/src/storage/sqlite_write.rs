//! The writing half of the embedded store: statements inside one transaction.

use himaya_wire::{DeviceId, Digest, EventId, Purpose, SpaceId, UnitId};
use rusqlite::{OptionalExtension, Params, params};

use super::sqlite::{position, unit};
use super::{Backfill, Holding, NewEnvelope, StoreError, Transaction};

pub(super) struct SqliteTransaction<'a>(pub(super) &'a rusqlite::Transaction<'a>);

impl SqliteTransaction<'_> {
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        Ok(self.0.prepare_cached(sql)?.execute(params)?)
    }

    fn found(&self, sql: &str, params: impl Params) -> Result<bool, StoreError> {
        Ok(self.0.prepare_cached(sql)?.exists(params)?)
    }
}

impl Transaction for SqliteTransaction<'_> {
    fn has(&mut self, digest: Digest) -> Result<bool, StoreError> {
        self.found("SELECT 1 FROM envelopes WHERE digest = ?1", [digest.as_bytes().as_slice()])
    }

    fn has_id(&mut self, id: EventId) -> Result<bool, StoreError> {
        self.found("SELECT 1 FROM envelopes WHERE id = ?1", [id.as_bytes().as_slice()])
    }

    fn holders(&mut self, space: SpaceId) -> Result<Vec<(UnitId, Holding)>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT unit, whole FROM holders WHERE space = ?1 ORDER BY unit")?;
        let mut rows = statement.query([space.as_bytes().as_slice()])?;
        let mut holders = Vec::new();
        while let Some(row) = rows.next()? {
            let holding = if row.get(1)? { Holding::Whole } else { Holding::FromHere };
            holders.push((unit(&row.get::<_, Vec<u8>>(0)?)?, holding));
        }
        Ok(holders)
    }

    fn hold(&mut self, space: SpaceId, unit: UnitId, holding: Holding, at_millis: i64) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO holders (space, unit, whole, since_millis) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (space, unit) DO UPDATE SET whole = max(whole, excluded.whole)",
            params![space.as_bytes().as_slice(), unit.as_bytes().as_slice(), holding == Holding::Whole, at_millis],
        )?;
        Ok(())
    }

    fn put(&mut self, envelope: &NewEnvelope<'_>) -> Result<(), StoreError> {
        let header = envelope.header;
        self.run(
            "INSERT INTO envelopes
                 (digest, id, space, unit, author, kid, purpose, pushed_by, stored_at_millis, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                envelope.digest.as_bytes().as_slice(),
                header.id.as_bytes().as_slice(),
                header.space.as_bytes().as_slice(),
                header.unit.as_bytes().as_slice(),
                header.author.as_slice(),
                header.kid.as_bytes().as_slice(),
                header.purpose as u8,
                envelope.pushed_by.as_bytes().as_slice(),
                envelope.at_millis,
                envelope.bytes,
            ],
        )?;
        Ok(())
    }

    fn flag(&mut self, digest: Digest, id: EventId) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO flags (digest, id) VALUES (?1, ?2)",
            params![digest.as_bytes().as_slice(), id.as_bytes().as_slice()],
        )?;
        Ok(())
    }

    fn deliver(&mut self, unit: UnitId, digest: Digest) -> Result<(), StoreError> {
        let envelope: Option<i64> = self
            .0
            .prepare_cached("SELECT stored FROM envelopes WHERE digest = ?1")?
            .query_row([digest.as_bytes().as_slice()], |row| row.get(0))
            .optional()?;
        let envelope = envelope.ok_or(StoreError::Damaged("delivery of nothing"))?;
        self.run(
            "INSERT INTO feeds (unit, position, envelope)
             SELECT ?1, coalesce((SELECT max(position) FROM feeds WHERE unit = ?1), 0) + 1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM feeds WHERE envelope = ?2 AND unit = ?1)",
            params![unit.as_bytes().as_slice(), envelope],
        )?;
        Ok(())
    }

    fn backfill(&mut self, unit: UnitId, space: SpaceId, what: Backfill) -> Result<(), StoreError> {
        let kid = match what {
            Backfill::Whole => None,
            Backfill::Under(kid) => Some(kid.as_bytes().to_vec()),
        };
        self.run(
            "INSERT INTO feeds (unit, position, envelope)
             SELECT ?1,
                    coalesce((SELECT max(position) FROM feeds WHERE unit = ?1), 0)
                        + row_number() OVER (ORDER BY e.stored),
                    e.stored
             FROM envelopes e
             WHERE e.space = ?2 AND (?3 IS NULL OR e.kid = ?3) AND (e.purpose <> ?4 OR e.unit = ?1)
               AND NOT EXISTS (SELECT 1 FROM feeds f WHERE f.envelope = e.stored AND f.unit = ?1)
             ORDER BY e.stored",
            params![unit.as_bytes().as_slice(), space.as_bytes().as_slice(), kid, Purpose::Capture as u8],
        )?;
        Ok(())
    }

    fn quarantine(
        &mut self,
        unit: UnitId,
        device: DeviceId,
        digest: Digest,
        bytes: &[u8],
        at_millis: i64,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO quarantine (unit, digest, device, stored_at_millis, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                unit.as_bytes().as_slice(),
                digest.as_bytes().as_slice(),
                device.as_bytes().as_slice(),
                at_millis,
                bytes
            ],
        )?;
        Ok(())
    }

    fn put_entry(&mut self, digest: Digest, entry: &[u8], at_millis: i64) -> Result<u64, StoreError> {
        fail::fail_point!("hub.registry.before", |_| Err(StoreError::NoSpace));
        // Nothing is ever deleted from this table, so the next row id is the next position, without a gap.
        let stored: i64 = self
            .0
            .prepare_cached(
                "INSERT INTO registry (position, digest, entry, stored_at_millis)
                 VALUES (coalesce((SELECT max(position) FROM registry), 0) + 1, ?1, ?2, ?3) RETURNING position",
            )?
            .query_row(params![digest.as_bytes().as_slice(), entry, at_millis], |row| row.get(0))?;
        position(stored)
    }

    fn alarm(&mut self, digest: Digest, entry: &[u8], at_millis: i64) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO alarms (digest, entry, stored_at_millis) VALUES (?1, ?2, ?3)",
            params![digest.as_bytes().as_slice(), entry, at_millis],
        )?;
        Ok(())
    }
}
