//! An invented province in which the test holds everybody's keys, so that it can forge what a dishonest member could,
//! with real devices of honest workers in it, behind a hub that may lie.

use std::sync::Arc;

use himaya_core::app::{Device, NewDevice, SyncOptions};
use himaya_core::record::{Act, EventBody, SpaceKind};
use himaya_core::sync::HubAddress;
use himaya_core::vault::{Passphrase, UnlockSecret};
use himaya_hub::relay::Relay;
use himaya_hub::storage::MemoryStore;
use himaya_hub::testing::{LIFE_S, NOW_MILLIS, START_S, World};
use himaya_wire::{
    Bundle, Circle, CircleWrap, Claims, Digest, Entry, EntryAct, Envelope, EventId, Item, ItemBody, Kid, MemberId,
    NewEntry, Owner, Purpose, Removed, Request, SpaceId, SpaceKey, Stamp, Subject, UnitId, UnitKind, encode,
    open_event, open_grant, read_grant,
};
use tempfile::TempDir;

use crate::{Liar, TestClock, Worker, keystore, options};

/// The province and its hub.
pub struct Forge {
    /// Everybody's keys.
    pub world: World,
    /// The hub.
    pub hub: Liar,
    /// The devices' clock.
    pub clock: Arc<TestClock>,
    dir: TempDir,
    devices: u32,
}

/// An event to forge.
#[derive(Clone)]
pub struct ForgedEvent {
    /// Index of the author's unit.
    pub unit: usize,
    /// Index of the author in it.
    pub member: usize,
    /// The event's id.
    pub id: EventId,
    /// Where.
    pub space: SpaceId,
    /// What the space is said to be.
    pub kind: SpaceKind,
    /// What the author says to descend from.
    pub parents: Vec<Digest>,
    /// The registry position that the author says to have seen.
    pub position: u64,
    /// By the author's clock.
    pub stamp: Stamp,
    /// What is done.
    pub acts: Vec<Act>,
}

impl Forge {
    /// Units of these kinds, each with a head whose keys the test holds.
    pub fn new(kinds: &[UnitKind]) -> Self {
        let mut world = World::new(0);
        for kind in kinds {
            world.add_unit(*kind);
        }
        let authority = world.authority.claims.verify_key.clone();
        let relay = Arc::new(Relay::new(Arc::new(MemoryStore::default()), authority).unwrap());
        let clock = Arc::new(TestClock::at(NOW_MILLIS));
        let forge = Self { world, hub: Liar::start(relay), clock, dir: TempDir::new().unwrap(), devices: 0 };
        forge.tell_entries();
        forge
    }

    /// Tells the hub every entry so far.
    pub fn tell_entries(&self) {
        for some in self.world.entries.chunks(500) {
            let entries: Vec<&[u8]> = some.iter().map(Vec::as_slice).collect();
            self.hub.relay.take_entries(&entries, NOW_MILLIS).unwrap();
        }
    }

    /// A folder for files of the test.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// An honest worker on a real device of their own, admitted to a unit by its head and synced.
    pub fn worker(&mut self, unit: usize) -> Worker {
        self.devices += 1;
        let dir = self.dir.path().join(format!("device-{}", self.devices));
        let hub = HubAddress { url: format!("http://127.0.0.1:{}", self.hub.port), root_pem: None };
        let new = NewDevice { authority: self.world.authority.bytes.clone(), hub };
        let device = Device::create(&dir, keystore(&dir), self.clock.clone(), &new, &options()).unwrap();
        let passphrase = Passphrase::generate().unwrap();
        let words = passphrase.reveal().to_owned();
        let code = device.newcomer("worker", &UnlockSecret::Passphrase(passphrase), None).unwrap().open().unwrap();
        let id = self.unit(unit);
        let head = &self.world.units[unit].members[0];
        let certify = |subject, verify_key, seal_to| {
            let claims = Claims { subject, verify_key, seal_to, issued_at_s: START_S, expires_at_s: START_S + LIFE_S };
            claims.sign(&head.key, head.member.as_bytes()).unwrap().bytes
        };
        let subject = Subject::Member { member: code.member, unit: id, head: false };
        let certificate = certify(subject, code.verify_key.clone(), Some(code.seal_to));
        let subject = Subject::Device { device: code.device, unit: id };
        let device_certificate = certify(subject, code.device_key.clone(), None);
        let secret = &self.world.units[unit].circles[&Circle::All];
        let wraps = vec![CircleWrap::seal(id, Circle::All, secret, code.member, &code.seal_to).unwrap()];
        self.world.act(Owner::Unit(id), Some(unit), &EntryAct::AdmitMember { certificate, wraps });
        self.world.act(Owner::Unit(id), Some(unit), &EntryAct::AdmitDevice { certificate: device_certificate });
        self.tell_entries();
        device.sync(SyncOptions::default()).unwrap();
        Worker { device, member: code.member, passphrase: words }
    }

    /// A unit's id.
    pub fn unit(&self, unit: usize) -> UnitId {
        self.world.units[unit].unit
    }

    /// The number after a unit registry's last entry.
    pub fn next(&self, unit: usize) -> u64 {
        self.world.registries.unit(self.unit(unit)).unwrap().next
    }

    /// Removes a member by the head's word and gives the circle a new key for who remains: `staying` are members
    /// whose public keys stand in the registry.
    pub fn remove_member(&mut self, unit: usize, member: MemberId) {
        let id = self.unit(unit);
        self.world.act(Owner::Unit(id), Some(unit), &EntryAct::Remove(Removed::Member(member)));
        let secret = himaya_wire::Secret::make_random().unwrap();
        let registry = self.world.registries.unit(id).unwrap();
        let staying = registry.members.iter().filter(|(_, member)| member.removed.is_none());
        let wraps = staying.map(|(staying, member)| {
            let to = member.certificate.claims.seal_to.unwrap();
            CircleWrap::seal(id, Circle::All, &secret, *staying, &to).unwrap()
        });
        let wraps: Vec<CircleWrap> = wraps.collect();
        let seal_to = himaya_wire::seal_to_of(&secret).unwrap();
        self.world.act(Owner::Unit(id), Some(unit), &EntryAct::SetCircle { circle: Circle::All, seal_to, wraps });
        self.world.units[unit].circles.insert(Circle::All, secret);
        self.tell_entries();
    }

    /// A second entry at a number that is taken, signed by the unit's head.
    pub fn forked_entry(&self, unit: usize, number: u64) -> Vec<u8> {
        let owner = Owner::Unit(self.unit(unit));
        let head = &self.world.units[unit].members[0];
        let previous = self.world.registries.digest_at(owner, number - 1).unwrap();
        let new = NewEntry { owner, number, previous, signer: *head.member.as_bytes(), at_millis: NOW_MILLIS + 7 };
        Entry::sign(&new, &EntryAct::Resign, &head.key).unwrap().bytes().to_vec()
    }

    /// An event in a unit's name with nothing wrong in it yet.
    pub fn event(&self, unit: usize, space: SpaceId, kind: SpaceKind, acts: Vec<Act>) -> ForgedEvent {
        ForgedEvent {
            unit,
            member: 0,
            id: EventId::make_random(),
            space,
            kind,
            parents: Vec::new(),
            position: self.next(unit) - 1,
            stamp: Stamp::at_millis(NOW_MILLIS + 1_000),
            acts,
        }
    }

    /// Seals and signs a forged event under a space key.
    pub fn seal(&self, forged: &ForgedEvent, key: &SpaceKey) -> Vec<u8> {
        let body = EventBody {
            kind: forged.kind,
            stamp: forged.stamp,
            position: forged.position,
            parents: forged.parents.clone(),
            acts: forged.acts.clone(),
        };
        let body = encode(&body, "event").unwrap();
        self.world.event_by(forged.unit, forged.member, forged.id, forged.space, key, &body)
    }

    /// What the hub holds for a unit, as the head's device is told it.
    pub fn feed(&self, unit: usize) -> Vec<Envelope> {
        self.items(unit)
            .iter()
            .filter_map(|item| match &item.what {
                ItemBody::Envelope(bytes) => Some(Envelope::parse(bytes).unwrap()),
                ItemBody::Own(_) => None,
            })
            .collect()
    }

    /// The items of a unit's feed.
    pub fn items(&self, unit: usize) -> Vec<Item> {
        let request = Request { all: true, ..himaya_hub::testing::pull(0) };
        let bytes = self.world.request(unit, 0, &request);
        self.hub.relay.handle(&bytes, NOW_MILLIS).unwrap().answer.items
    }

    /// The key of this name in a space, opened by a unit's circle from the grants it was given.
    pub fn key(&self, unit: usize, space: SpaceId, kid: Kid) -> Option<SpaceKey> {
        let id = self.unit(unit);
        let secret = &self.world.units[unit].circles[&Circle::All];
        self.feed(unit).iter().find_map(|envelope| {
            let header = &envelope.header;
            if header.purpose != Purpose::Grant || header.space != space || header.kid != kid {
                return None;
            }
            let body = read_grant(envelope).unwrap();
            let recipient = body.recipients.iter().find(|to| to.unit == id && to.circle == Circle::All)?;
            open_grant(envelope, &body, recipient, secret).ok()
        })
    }

    /// The newest event of a space at the hub, and its key.
    pub fn newest(&self, unit: usize, space: SpaceId) -> (Envelope, SpaceKey) {
        let mut feed = self.feed(unit).into_iter().rev();
        let event = feed.find(|envelope| envelope.header.space == space && envelope.header.purpose == Purpose::Event);
        let event = event.unwrap();
        let key = self.key(unit, space, event.header.kid).unwrap();
        (event, key)
    }

    /// Opens an event's body.
    pub fn open(&self, envelope: &Envelope, key: &SpaceKey) -> EventBody {
        himaya_wire::decode(&open_event(envelope, key).unwrap(), "event").unwrap()
    }

    /// Pushes envelopes by a unit's head's device; gives what the hub said.
    pub fn push(&self, unit: usize, envelopes: &[Vec<u8>]) -> Vec<himaya_wire::Outcome> {
        let request = himaya_hub::testing::push(envelopes);
        let answer = self.hub.relay.handle(&self.world.request(unit, 0, &request), NOW_MILLIS).unwrap().answer;
        answer.push.iter().map(|told| told.outcome).collect()
    }

    /// Carries envelopes by hand to a device.
    pub fn carry(&self, envelopes: &[Vec<u8>], to: &Device) -> usize {
        let envelopes = envelopes.iter().cloned().map(Into::into).collect();
        let entries = self.world.entries.iter().cloned().map(Into::into).collect();
        let path = self.dir.path().join("carried.bundle");
        std::fs::write(&path, Bundle { entries, envelopes }.to_bytes().unwrap()).unwrap();
        to.import_bundle(&path).unwrap()
    }
}
