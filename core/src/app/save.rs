//! Saving: acts become a sealed event, on the disk before the call returns, and in the sealed outbox.

use std::sync::atomic::Ordering;

use himaya_wire::{
    Circle, Digest, EventId, GrantTo, Purpose, Scope, SpaceId, SpaceKey, Stamp, UnitId, UnitRegistry, encode,
};
use rusqlite::{Connection, Transaction};

use super::error::AppError;
use super::project;
use super::session::Session;
use super::space::Space;
use crate::record::{Act, EventBody, SpaceKind};
use crate::store::{self, Appended, HolderRow, LogRow, Origin, SpaceKeyRow, StoreError, carrier};
use crate::vault::{NewSealedEvent, NewSealedGrant, Unlocked};

/// What is to be written in one space.
pub(super) struct Draft {
    pub space: SpaceId,
    pub kind: SpaceKind,
    pub acts: Vec<Act>,
    /// Units that shall hold the space from now on, beside those that do.
    pub share_with: Vec<UnitId>,
}

impl Draft {
    /// A draft that shares with nobody new.
    pub(super) const fn new(space: SpaceId, kind: SpaceKind, acts: Vec<Act>) -> Self {
        Self { space, kind, acts, share_with: Vec::new() }
    }

    /// Shares the space with more units.
    pub(super) fn share(mut self, units: impl IntoIterator<Item = UnitId>) -> Self {
        self.share_with.extend(units);
        self
    }
}

/// What one writing of a space needs.
struct Writer<'a> {
    unlocked: &'a Unlocked,
    own: &'a UnitRegistry,
    stamp: Stamp,
    /// Sealed envelopes in the order in which they must be pushed.
    sealed: Vec<Vec<u8>>,
}

impl Session {
    /// Saves drafts together: all are on the disk when this returns, or none. The events' ids come back in order.
    pub(super) fn save(&self, drafts: &[Draft]) -> Result<Vec<EventId>, AppError> {
        let _one_at_a_time = self.writing_guard();
        self.save_guarded(drafts)
    }

    pub(super) fn writing_guard(&self) -> std::sync::MutexGuard<'_, ()> {
        super::device::lock(&self.writing)
    }

    /// [`Session::save`] for a caller that already holds the guard, because it read what it writes over.
    pub(super) fn save_guarded(&self, drafts: &[Draft]) -> Result<Vec<EventId>, AppError> {
        for unit in drafts.iter().flat_map(|draft| &draft.share_with) {
            if !self.can_grant_to(*unit) {
                return Err(AppError::refused("unit", "error-unit-not-ready"));
            }
        }
        let registries = self.registries();
        let own = registries.unit(self.unit()).ok_or(AppError::NotFound("unit"))?;
        let unlocked = self.unlocked();
        let mut ids = Vec::with_capacity(drafts.len());
        let sealed = self.store.write_with(|tx| {
            let mut writer = Writer { unlocked: &unlocked, own, stamp: self.next_stamp(), sealed: Vec::new() };
            for draft in drafts {
                writer.stamp = self.next_stamp();
                ids.extend(writer.write(tx, draft, &registries)?);
                project::refresh(tx, self, &registries, draft.space)?;
            }
            store::put_setting(tx, "stamp", &self.stamp().to_bits().to_be_bytes())?;
            Ok::<_, AppError>(writer.sealed)
        })?;
        drop(unlocked);
        drop(registries);
        let touched: Vec<SpaceId> = drafts.iter().map(|draft| draft.space).collect();
        self.forget(&touched);
        // From here on the record is safe, and to call it refused would make the worker write it twice. What does not
        // reach the outbox now, because its disk is full or the process is killed, does at a later save, sync or unlock.
        let queued = self.device.0.carrier.write(|tx| carrier::enqueue(tx, &sealed, self.now_millis()));
        if queued.is_err() {
            self.unqueued.store(true, Ordering::SeqCst);
        } else {
            let _ = self.queue_left_over();
        }
        Ok(ids)
    }
}

impl Writer<'_> {
    fn write(
        &mut self,
        tx: &Transaction<'_>,
        draft: &Draft,
        registries: &himaya_wire::Registries,
    ) -> Result<Option<EventId>, AppError> {
        let space = Space::load(tx, registries, draft.space)?;
        if draft.acts.is_empty() && draft.share_with.iter().all(|unit| space.holders.units.contains(unit)) {
            return Ok(None);
        }
        let key = self.key(tx, draft, &space, registries)?;
        if draft.acts.is_empty() {
            return Ok(None);
        }
        let mut acts = draft.acts.clone();
        acts.extend(key.rekey.map(|removed| Act::Rekey { removed }));
        let body = EventBody {
            kind: draft.kind,
            stamp: self.stamp,
            position: self.own.next.saturating_sub(1),
            parents: space.view.heads.clone(),
            acts,
        };
        let body = encode(&body, "event")?;
        let id = EventId::make_random();
        let header = NewSealedEvent { id, space: draft.space, unit: self.own.unit };
        let envelope = self.unlocked.seal_event(&header, &key.key, &body)?;
        self.append(tx, draft.space, id, Purpose::Event, &key.key, envelope, Some(body))?;
        Ok(Some(id))
    }

    /// The key to write under: the newest known; a new one for a new space, and after a removal in a holding unit.
    /// Grants it to whoever lacks it.
    fn key(
        &mut self,
        tx: &Transaction<'_>,
        draft: &Draft,
        space: &Space,
        registries: &himaya_wire::Registries,
    ) -> Result<WriteKey, AppError> {
        let known = store::newest_key(tx, draft.space)?;
        let removed = match &known {
            Some(_) => removed_since(tx, registries, space)?,
            None => Vec::new(),
        };
        let (key, mut to): (SpaceKey, Vec<UnitId>) = match known {
            Some(row) if removed.is_empty() => (row.key, Vec::new()),
            Some(_) => (SpaceKey::make_random()?, space.holders.units.iter().copied().collect()),
            None => (SpaceKey::make_random()?, vec![self.own.unit]),
        };
        for unit in &draft.share_with {
            if !to.contains(unit) && !space.holders.units.contains(unit) {
                to.push(*unit);
            }
        }
        if to.is_empty() {
            return Ok(WriteKey { key, rekey: None });
        }
        // A new holder of the whole file needs every key that its events lie under.
        let new_key = store::key(tx, draft.space, key.kid())?.is_none();
        let older = if new_key { Vec::new() } else { store::keys(tx, draft.space)? };
        let recipients = grant_to(registries, &to)?;
        for row in older.iter().filter(|row| row.key.kid() != key.kid()) {
            self.grant(tx, draft.space, &row.key, &recipients)?;
        }
        let digest = self.grant(tx, draft.space, &key, &recipients)?;
        if new_key {
            let row = SpaceKeyRow {
                space: draft.space,
                key: key.clone(),
                granted_by: self.own.unit,
                scope: Scope::Whole,
                from_digest: Some(digest),
            };
            store::put_key(tx, &row)?;
        }
        Ok(WriteKey { key, rekey: (!removed.is_empty()).then_some(removed) })
    }

    fn grant(
        &mut self,
        tx: &Transaction<'_>,
        space: SpaceId,
        key: &SpaceKey,
        recipients: &[GrantTo],
    ) -> Result<Digest, AppError> {
        let mut last = None;
        for some in recipients.chunks(himaya_wire::limits::GRANT_RECIPIENTS) {
            let id = EventId::make_random();
            let new = NewSealedGrant { id, space, scope: Scope::Whole, to: some };
            let envelope = self.unlocked.seal_grant(&new, self.own, key)?;
            let digest = self.append(tx, space, id, Purpose::Grant, key, envelope, None)?;
            for to in some {
                let row = HolderRow {
                    space,
                    unit: to.unit,
                    grant: digest,
                    granted_by: self.own.unit,
                    circle: to.circle,
                    circle_kid: to.seal_to.kid(),
                    seq: 0,
                };
                store::put_holder(tx, &row)?;
            }
            last = Some(digest);
        }
        last.ok_or(AppError::broken("empty-grant"))
    }

    #[allow(clippy::too_many_arguments)] // One row of the log, said once.
    fn append(
        &mut self,
        tx: &Transaction<'_>,
        space: SpaceId,
        id: EventId,
        purpose: Purpose,
        key: &SpaceKey,
        envelope: Vec<u8>,
        body: Option<Vec<u8>>,
    ) -> Result<Digest, AppError> {
        let digest = Digest::of(&envelope);
        let row = LogRow {
            seq: 0,
            digest,
            id,
            space,
            unit: self.own.unit,
            author: *self.unlocked.member().as_bytes(),
            purpose,
            kid: key.kid(),
            stamp: body.is_some().then_some(self.stamp),
            envelope: envelope.clone(),
            body,
            stored_at_millis: None,
            confirmed: false,
            origin: Origin::Here,
        };
        match store::append(tx, &row)? {
            Appended::Erased => Err(StoreError::Erased.into()),
            Appended::New(_) | Appended::Had => {
                self.sealed.push(envelope);
                Ok(digest)
            }
        }
    }
}

struct WriteKey {
    key: SpaceKey,
    /// Members whose removal this new key answers.
    rekey: Option<Vec<himaya_wire::MemberId>>,
}

fn grant_to(registries: &himaya_wire::Registries, units: &[UnitId]) -> Result<Vec<GrantTo>, AppError> {
    units
        .iter()
        .map(|unit| {
            registries
                .unit(*unit)
                .and_then(|unit| unit.circle(Circle::All))
                .ok_or(AppError::refused("unit", "error-unit-not-ready"))
        })
        .collect()
}

/// Members of holding units who were removed and can still open the space: those whose unit was last granted a key
/// under a circle key that is not in use any more.
fn removed_since(
    connection: &Connection,
    registries: &himaya_wire::Registries,
    space: &Space,
) -> Result<Vec<himaya_wire::MemberId>, AppError> {
    let rows = store::holders(connection, space.id)?;
    let mut removed = Vec::new();
    for unit in &space.holders.units {
        let Some(registry) = registries.unit(*unit) else { continue };
        let current = registry.circle(Circle::All).map(|to| to.seal_to.kid());
        let granted = rows.iter().rev().find(|row| row.unit == *unit && row.circle == Circle::All);
        if granted.is_some_and(|row| Some(row.circle_kid) != current) {
            let gone = registry.members.iter().filter(|(_, member)| member.removed.is_some());
            removed.extend(gone.map(|(id, _)| *id));
        }
    }
    Ok(removed)
}
