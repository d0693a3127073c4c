//! A store in memory, for tests and for reading beside the real one. A write works on a copy, which makes rollback
//! plain and large stores slow.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use himaya_wire::{DeviceId, Digest, EventId, Header, Incarnation, Item, ItemBody, Purpose, SpaceId, UnitId};

use super::{
    Backfill, Counts, FeedPage, FeedQuery, Holding, HubStore, NewEnvelope, RegistryPage, RegistryRow, StoreError,
    Transaction, Work,
};

struct Row {
    digest: Digest,
    header: Header,
    pushed_by: DeviceId,
    stored_at_millis: i64,
    bytes: Vec<u8>,
}

#[derive(Clone, Default)]
struct State {
    rows: Vec<Arc<Row>>,
    by_digest: HashMap<Digest, usize>,
    ids: BTreeSet<EventId>,
    by_space: HashMap<SpaceId, Vec<usize>>,
    holders: BTreeMap<SpaceId, BTreeMap<UnitId, Holding>>,
    feeds: BTreeMap<UnitId, Vec<usize>>,
    delivered: BTreeSet<(UnitId, usize)>,
    flags: BTreeSet<Digest>,
    quarantine: BTreeSet<(UnitId, Digest)>,
    registry: Vec<Arc<RegistryRow>>,
    alarms: BTreeSet<Digest>,
}

/// See the module.
pub struct MemoryStore {
    incarnation: Incarnation,
    state: Mutex<State>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { incarnation: Incarnation::make_random(), state: Mutex::default() }
    }
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic inside a write leaves the state as it was: only a finished copy replaces it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HubStore for MemoryStore {
    fn write(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut state = self.state();
        let mut copy = state.clone();
        work(&mut copy)?;
        fail::fail_point!("hub.commit.before", |_| Err(StoreError::NoSpace));
        *state = copy;
        drop(state);
        fail::fail_point!("hub.commit.after", |_| Err(StoreError::NoSpace));
        Ok(())
    }

    fn feed(&self, query: &FeedQuery) -> Result<FeedPage, StoreError> {
        fail::fail_point!("hub.feed.read", |_| Err(StoreError::Damaged("fail point")));
        let state = self.state();
        let feed = state.feeds.get(&query.unit).map(Vec::as_slice).unwrap_or_default();
        let mut page = FeedPage::default();
        let mut bytes = 0;
        let start = usize::try_from(query.after).unwrap_or(usize::MAX);
        for (index, row) in feed.iter().enumerate().skip(start) {
            let Some(row) = state.rows.get(*row) else { return Err(StoreError::Damaged("feed")) };
            let what = if query.own == Some(row.pushed_by) {
                ItemBody::Own(row.digest)
            } else {
                ItemBody::Envelope(row.bytes.clone().into())
            };
            let item = Item { position: index as u64 + 1, stored_at_millis: row.stored_at_millis, what };
            if !page.take(item, query, &mut bytes) {
                break;
            }
        }
        Ok(page)
    }

    fn registry(&self, after: u64, limit: u32, max_bytes: usize) -> Result<RegistryPage, StoreError> {
        let state = self.state();
        let mut page = RegistryPage::default();
        let mut bytes = 0;
        for row in state.registry.iter().skip(usize::try_from(after).unwrap_or(usize::MAX)) {
            if !page.take(RegistryRow::clone(row), limit, max_bytes, &mut bytes) {
                break;
            }
        }
        Ok(page)
    }

    fn incarnation(&self) -> Result<Incarnation, StoreError> {
        Ok(self.incarnation)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let state = self.state();
        let mut counts = Counts {
            deliveries: state.delivered.len() as u64,
            entries: state.registry.len() as u64,
            flags: state.flags.len() as u64,
            quarantined: state.quarantine.len() as u64,
            alarms: state.alarms.len() as u64,
            ..Counts::default()
        };
        for row in &state.rows {
            counts.add(row.header.purpose, 1);
        }
        Ok(counts)
    }
}

impl State {
    fn append(&mut self, unit: UnitId, row: usize) {
        if self.delivered.insert((unit, row)) {
            self.feeds.entry(unit).or_default().push(row);
        }
    }
}

impl Transaction for State {
    fn has(&mut self, digest: Digest) -> Result<bool, StoreError> {
        Ok(self.by_digest.contains_key(&digest))
    }

    fn has_id(&mut self, id: EventId) -> Result<bool, StoreError> {
        Ok(self.ids.contains(&id))
    }

    fn holders(&mut self, space: SpaceId) -> Result<Vec<(UnitId, Holding)>, StoreError> {
        let holders = self.holders.get(&space).into_iter().flatten();
        Ok(holders.map(|(unit, holding)| (*unit, *holding)).collect())
    }

    fn hold(&mut self, space: SpaceId, unit: UnitId, holding: Holding, _: i64) -> Result<(), StoreError> {
        let held = self.holders.entry(space).or_default().entry(unit).or_insert(holding);
        *held = holding.max(*held);
        Ok(())
    }

    fn put(&mut self, new: &NewEnvelope<'_>) -> Result<(), StoreError> {
        let row = self.rows.len();
        if self.by_digest.insert(new.digest, row).is_some() {
            return Err(StoreError::Damaged("stored twice"));
        }
        self.ids.insert(new.header.id);
        self.by_space.entry(new.header.space).or_default().push(row);
        self.rows.push(Arc::new(Row {
            digest: new.digest,
            header: new.header.clone(),
            pushed_by: new.pushed_by,
            stored_at_millis: new.at_millis,
            bytes: new.bytes.to_vec(),
        }));
        Ok(())
    }

    fn flag(&mut self, digest: Digest, _: EventId) -> Result<(), StoreError> {
        self.flags.insert(digest);
        Ok(())
    }

    fn deliver(&mut self, unit: UnitId, digest: Digest) -> Result<(), StoreError> {
        let row = *self.by_digest.get(&digest).ok_or(StoreError::Damaged("delivery of nothing"))?;
        self.append(unit, row);
        Ok(())
    }

    fn backfill(&mut self, unit: UnitId, space: SpaceId, what: Backfill) -> Result<(), StoreError> {
        for row in self.by_space.get(&space).cloned().unwrap_or_default() {
            let Some(header) = self.rows.get(row).map(|row| &row.header) else { continue };
            let readable = header.purpose != Purpose::Capture || header.unit == unit;
            let wanted = match what {
                Backfill::Whole => true,
                Backfill::Under(kid) => header.kid == kid,
            };
            if readable && wanted {
                self.append(unit, row);
            }
        }
        Ok(())
    }

    fn quarantine(&mut self, unit: UnitId, _: DeviceId, digest: Digest, _: &[u8], _: i64) -> Result<(), StoreError> {
        self.quarantine.insert((unit, digest));
        Ok(())
    }

    fn put_entry(&mut self, _: Digest, entry: &[u8], at_millis: i64) -> Result<u64, StoreError> {
        fail::fail_point!("hub.registry.before", |_| Err(StoreError::NoSpace));
        let position = self.registry.len() as u64 + 1;
        let row = RegistryRow { position, stored_at_millis: at_millis, entry: entry.to_vec() };
        self.registry.push(Arc::new(row));
        Ok(position)
    }

    fn alarm(&mut self, digest: Digest, _: &[u8], _: i64) -> Result<(), StoreError> {
        self.alarms.insert(digest);
        Ok(())
    }
}
