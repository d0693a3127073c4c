//! An unlocked worker: reading and writing records. Dropping a session locks, and zeroes its keys.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use himaya_wire::{Circle, MemberId, Registries, SpaceId, Stamp, UnitId, UnitKind, UnitRegistry};

use super::device::{Device, SyncOptions, lock};
use super::error::AppError;
use super::space::Space;
use super::views::{StatusView, SyncReport};
use crate::directory::Guide;
use crate::pathway::Protocol;
use crate::store::carrier;
use crate::store::{self, Store};
use crate::sync::STATE_WANTS_ALL;
use crate::vault::Unlocked;

/// How far a stamp from elsewhere may be ahead and still move the local clock: a day.
const MAX_AHEAD_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Folded spaces kept in memory. A folder larger than this is read again when it is needed.
const CACHED_SPACES: usize = 512;

/// A worker's open session on a device.
pub struct Session {
    pub(super) device: Device,
    unlocked: Mutex<Unlocked>,
    member: MemberId,
    unit: UnitId,
    pub(super) store: Store,
    pub(super) protocol: Protocol,
    stamp: Mutex<Stamp>,
    cache: RwLock<HashMap<SpaceId, Arc<Space>>>,
    pub(super) guide: Mutex<Option<Arc<Guide>>>,
    /// Whether something was saved that the outbox could not take.
    pub(super) unqueued: AtomicBool,
    /// One writer at a time: two edits made at once would not see each other and become a conflict.
    pub(super) writing: Mutex<()>,
}

impl Session {
    pub(super) fn open(device: Device, mut unlocked: Unlocked, store: Store) -> Result<Self, AppError> {
        let unit = device.unit().ok_or(AppError::refused("worker", "error-not-admitted-yet"))?;
        let member = unlocked.member();
        device.registries(|registries| {
            let registry = registries.unit(unit).ok_or(AppError::NotFound("unit"))?;
            registry.active_member(member).ok_or(AppError::refused("worker", "error-not-admitted-yet"))?;
            unlocked.open_circles(registry);
            Ok::<_, AppError>(())
        })?;
        device.pin_unit(unit)?;
        let stamp = store.read(|read| store::setting(read, "stamp"))?;
        let stamp = stamp.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        let session = Self {
            device,
            unlocked: Mutex::new(unlocked),
            member,
            unit,
            store,
            protocol: Protocol::default_to_be_confirmed(),
            stamp: Mutex::new(Stamp::from_bits(stamp)),
            cache: RwLock::new(HashMap::new()),
            guide: Mutex::new(None),
            unqueued: AtomicBool::new(false),
            writing: Mutex::new(()),
        };
        if session.records_fell_back()? {
            session.ask_all_back()?;
        }
        session.requeue_unsent()?;
        Ok(session)
    }

    /// What was saved and never reached the outbox (a kill between the two files) goes there now. What the hub has
    /// already it answers as had.
    fn requeue_unsent(&self) -> Result<(), AppError> {
        let reoffer = self.device.0.carrier.read(|read| carrier::state(read, crate::sync::STATE_REOFFER))?;
        if reoffer.is_some() {
            // The pull from zero tells first what the hub still has; see `ingest`.
            return Ok(());
        }
        self.offer_unconfirmed()
    }

    /// Puts into the outbox what it could not take when it was saved.
    pub(super) fn queue_left_over(&self) -> Result<(), AppError> {
        if self.unqueued.swap(false, Ordering::SeqCst) {
            self.offer_unconfirmed().inspect_err(|_| self.unqueued.store(true, Ordering::SeqCst))?;
        }
        Ok(())
    }

    /// Puts everything that the hub is not known to have into the outbox.
    pub(super) fn offer_unconfirmed(&self) -> Result<(), AppError> {
        let now_millis = self.now_millis();
        let mut after = 0;
        loop {
            let rows = self.store.read(|read| store::unconfirmed(read, after, 500))?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.seq;
            let envelopes: Vec<&[u8]> = rows.iter().map(|row| row.envelope.as_slice()).collect();
            self.device.0.carrier.write(|tx| carrier::enqueue(tx, &envelopes, now_millis))?;
        }
    }

    /// The device.
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The worker.
    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// The worker's unit.
    pub const fn unit(&self) -> UnitId {
        self.unit
    }

    /// What the unit is.
    pub fn unit_kind(&self) -> UnitKind {
        self.device.registries(|registries| registries.unit(self.unit).map_or(UnitKind::Stakeholder, |unit| unit.kind))
    }

    /// Whether the worker heads the unit.
    pub fn is_head(&self) -> bool {
        self.own_registry(|unit| unit.active_member(self.member).is_some_and(|member| member.head)).unwrap_or(false)
    }

    /// Pushes, pulls, opens what arrived, does what follows of itself, until nothing more is waiting.
    pub fn sync(&self, options: SyncOptions) -> Result<SyncReport, AppError> {
        self.queue_left_over()?;
        let mut wanted_all = self.wants_all()?;
        let mut report = self.device.sync(options)?;
        let mut moved = true;
        loop {
            let lost = self.ingest()?.lost > 0;
            if wanted_all && !lost {
                self.device.0.carrier.write(|tx| carrier::remove_state(tx, STATE_WANTS_ALL))?;
            }
            let followed = self.follow_up()?;
            let unsent =
                self.device.0.carrier.read(|read| Ok(carrier::batch(read, 1, 1)?.first().map(|row| row.refusals)))?;
            // What a hub neither takes nor refuses waits for the next sync.
            let offered = unsent == Some(0) && moved;
            // A hub that still does not give what was lost will not do so at once.
            let ask_again = lost && !wanted_all;
            if !ask_again && !followed && !offered {
                return Ok(report);
            }
            wanted_all = lost;
            let more = self.device.sync(SyncOptions::default())?;
            moved = more.sent + more.refused + more.received > 0;
            report.requests += more.requests;
            report.sent += more.sent;
            report.refused += more.refused;
            report.received += more.received;
            report.bytes_out += more.bytes_out;
            report.bytes_in += more.bytes_in;
            report.restarted |= more.restarted;
        }
    }

    fn wants_all(&self) -> Result<bool, AppError> {
        Ok(self.device.0.carrier.read(|read| carrier::state(read, STATE_WANTS_ALL))?.is_some())
    }

    /// Where everything stands, without a name.
    pub fn status(&self) -> Result<StatusView, AppError> {
        let locked = self.device.status_locked()?;
        let alarms = self.device.0.carrier.read_with(crate::sync::alarms)?;
        let round = self.open_round()?.map(|round| round.space);
        let registry_signed_millis = self.own_registry(|unit| unit.signed_at_millis);
        let captures = self.captures()?.len() as u64;
        let (held, conflicts, reused) = self.store.read_with(|read| {
            let held = store::held_count(read)?;
            let conflicts = store::conflict_count(read)?;
            Ok::<_, AppError>((held, conflicts, store::reused_id_count(read)?))
        })?;
        Ok(StatusView {
            unsent: locked.unsent,
            parked: locked.parked,
            held,
            captures,
            conflicts,
            registry_signed_millis,
            alarms: alarms + reused,
            round,
        })
    }

    /// Reads the whole store and says whether every page and index holds. Slow on a large one.
    pub fn records_are_whole(&self) -> Result<bool, AppError> {
        Ok(self.store.is_whole()?)
    }

    /// How many events are opened on this device.
    pub fn opened_count(&self) -> Result<u64, AppError> {
        let counts = self.store.read(store::log_counts)?;
        Ok(counts.all - counts.unopened)
    }

    /// Sizes of the newest sealed envelopes, bytes: what `bench` weighs a save against.
    pub fn newest_sizes(&self, count: usize) -> Result<Vec<u32>, AppError> {
        Ok(self.store.read(|read| store::newest_sizes(read, count))?)
    }

    pub(super) fn now_millis(&self) -> i64 {
        self.device.0.clock.now_millis()
    }

    /// The next stamp of the local clock.
    pub(super) fn next_stamp(&self) -> Stamp {
        let mut stamp = lock(&self.stamp);
        *stamp = stamp.next(self.now_millis());
        *stamp
    }

    /// Takes note of stamps from elsewhere; one far ahead does not drag the local clock.
    pub(super) fn witness(&self, other: Stamp) {
        let mut stamp = lock(&self.stamp);
        *stamp = stamp.witness(other, self.now_millis(), MAX_AHEAD_MILLIS);
    }

    pub(super) fn stamp(&self) -> Stamp {
        *lock(&self.stamp)
    }

    /// The worker's keys. Held for one operation, never across a wait.
    pub(super) fn unlocked(&self) -> MutexGuard<'_, Unlocked> {
        lock(&self.unlocked)
    }

    /// Opens circle keys that registries wrapped to this worker since. Says whether any is new.
    pub(super) fn open_new_circles(&self) -> bool {
        let mut unlocked = self.unlocked();
        self.device
            .registries(|registries| registries.unit(self.unit).is_some_and(|unit| unlocked.open_circles(unit) > 0))
    }

    pub(super) fn own_registry<T>(&self, read: impl FnOnce(&UnitRegistry) -> T) -> Option<T> {
        self.device.registries(|registries| registries.unit(self.unit).map(read))
    }

    pub(super) fn registries(&self) -> RwLockReadGuard<'_, Registries> {
        self.device.0.registries.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether every unit named has a circle *all* to grant to.
    pub(super) fn can_grant_to(&self, unit: UnitId) -> bool {
        self.device
            .registries(|registries| registries.unit(unit).is_some_and(|unit| unit.circle(Circle::All).is_some()))
    }

    /// A space as it stands, from memory where it was read before.
    pub(super) fn space(&self, id: SpaceId) -> Result<Arc<Space>, AppError> {
        if let Some(space) = self.cache.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(space));
        }
        let space = {
            let registries = self.registries();
            Arc::new(self.store.read_with(|read| Space::load(read, &registries, id))?)
        };
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED_SPACES {
            cache.clear();
        }
        cache.insert(id, Arc::clone(&space));
        Ok(space)
    }

    /// Forgets what was folded of a space, after it changed.
    pub(super) fn forget(&self, spaces: &[SpaceId]) {
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        for space in spaces {
            cache.remove(space);
        }
        *lock(&self.guide) = None;
    }

    /// Forgets everything folded, after registries changed: rights may be others now.
    pub(super) fn forget_all(&self) {
        self.cache.write().unwrap_or_else(PoisonError::into_inner).clear();
        *lock(&self.guide) = None;
    }

    /// Locks. The same as dropping the session.
    pub fn lock(self) {
        drop(self);
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("unit", &self.unit).finish_non_exhaustive()
    }
}
