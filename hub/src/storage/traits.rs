//! What a store must be able to do.

use himaya_wire::{DeviceId, Digest, EventId, Header, Incarnation, Item, Kid, Purpose, SpaceId, UnitId};

use super::StoreError;

/// What one transaction does. Called once; when it fails, nothing of it stays.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Transaction) -> Result<(), StoreError>;

/// A store of a hub. Writers exclude each other; readers see whole transactions only.
pub trait HubStore: Send + Sync {
    /// Runs `work` in one transaction and returns when it is on the disk to stay.
    fn write(&self, work: Work<'_>) -> Result<(), StoreError>;

    /// One page of a unit's feed.
    fn feed(&self, query: &FeedQuery) -> Result<FeedPage, StoreError>;

    /// One page of the registries' feed: at most `limit` entries and, after the first, `max_bytes`.
    fn registry(&self, after: u64, limit: u32, max_bytes: usize) -> Result<RegistryPage, StoreError>;

    /// The history that positions count in.
    fn incarnation(&self) -> Result<Incarnation, StoreError>;

    /// How much there is, for the metrics.
    fn counts(&self) -> Result<Counts, StoreError>;
}

/// One open transaction. Reads see what it wrote before.
pub trait Transaction {
    /// Whether an envelope is stored.
    fn has(&mut self, digest: Digest) -> Result<bool, StoreError>;

    /// Whether an envelope with this id is stored.
    fn has_id(&mut self, id: EventId) -> Result<bool, StoreError>;

    /// The units that hold a space, in the order of their ids; none when the space is not known.
    fn holders(&mut self, space: SpaceId) -> Result<Vec<(UnitId, Holding)>, StoreError>;

    /// Makes a unit a holder, or widens what it holds. Never narrows.
    fn hold(&mut self, space: SpaceId, unit: UnitId, holding: Holding, at_millis: i64) -> Result<(), StoreError>;

    /// Stores an envelope that is not stored yet.
    fn put(&mut self, envelope: &NewEnvelope<'_>) -> Result<(), StoreError>;

    /// Notes that an envelope repeats another's id.
    fn flag(&mut self, digest: Digest, id: EventId) -> Result<(), StoreError>;

    /// Appends a stored envelope to a unit's feed at the next position, once.
    fn deliver(&mut self, unit: UnitId, digest: Digest) -> Result<(), StoreError>;

    /// Appends stored envelopes of a space to a unit's feed in stored order, each once. Captures of other units are
    /// left out: they are sealed to those units' circles.
    fn backfill(&mut self, unit: UnitId, space: SpaceId, what: Backfill) -> Result<(), StoreError>;

    /// Keeps what a removed device pushed, once.
    fn quarantine(
        &mut self,
        unit: UnitId,
        device: DeviceId,
        digest: Digest,
        bytes: &[u8],
        at_millis: i64,
    ) -> Result<(), StoreError>;

    /// Appends a registry entry and gives its position.
    fn put_entry(&mut self, digest: Digest, entry: &[u8], at_millis: i64) -> Result<u64, StoreError>;

    /// Keeps a second entry at a taken number, once.
    fn alarm(&mut self, digest: Digest, entry: &[u8], at_millis: i64) -> Result<(), StoreError>;
}

/// What of a space a unit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// What came after it was granted, and what is under the keys it was granted.
    FromHere,
    /// All of it.
    Whole,
}

/// Which stored envelopes a holder receives after the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backfill {
    /// All of the space.
    Whole,
    /// Those under one key.
    Under(Kid),
}

/// An envelope to store.
#[derive(Clone, Copy, Debug)]
pub struct NewEnvelope<'a> {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Its public header.
    pub header: &'a Header,
    /// The device that pushed it.
    pub pushed_by: DeviceId,
    /// Now by the hub's clock, milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Which part of a feed is wanted.
#[derive(Clone, Copy, Debug)]
pub struct FeedQuery {
    /// Whose feed.
    pub unit: UnitId,
    /// The last position that is not wanted.
    pub after: u64,
    /// Most items.
    pub limit: u32,
    /// Most bytes. A first item larger than this is left for the next page.
    pub max_bytes: usize,
    /// The device that asks, when it wants its own envelopes by digest only.
    pub own: Option<DeviceId>,
}

/// One page of a unit's feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPage {
    /// In the order of their positions.
    pub items: Vec<Item>,
    /// Whether more is stored after them.
    pub more: bool,
}

/// One page of the registries' feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryPage {
    /// In the order of their positions.
    pub rows: Vec<RegistryRow>,
    /// Whether more is stored after them.
    pub more: bool,
}

/// One stored registry entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryRow {
    /// Its position, gap-free from 1.
    pub position: u64,
    /// When the hub stored it, milliseconds since the Unix epoch.
    pub stored_at_millis: i64,
    /// Its bytes.
    pub entry: Vec<u8>,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Event envelopes.
    pub events: u64,
    /// Grants.
    pub grants: u64,
    /// Captures.
    pub captures: u64,
    /// Receipts.
    pub receipts: u64,
    /// Items in all feeds.
    pub deliveries: u64,
    /// Registry entries.
    pub entries: u64,
    /// Envelopes that repeat an id.
    pub flags: u64,
    /// Envelopes in quarantine.
    pub quarantined: u64,
    /// Second entries at a taken number.
    pub alarms: u64,
}

impl Counts {
    /// Adds envelopes of one purpose. Purposes that are no envelope's are not counted.
    pub const fn add(&mut self, purpose: Purpose, count: u64) {
        match purpose {
            Purpose::Event => self.events += count,
            Purpose::Grant => self.grants += count,
            Purpose::Capture => self.captures += count,
            Purpose::Receipt => self.receipts += count,
            Purpose::Certificate | Purpose::Entry | Purpose::Request | Purpose::Newcomer => {}
        }
    }
}
