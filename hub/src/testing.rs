//! Invented identities for tests: an authority, a province, units with a head and devices, and what they seal.

use std::collections::BTreeMap;

use himaya_wire::{
    Certificate, Circle, CircleWrap, Claims, DeviceId, Digest, Entry, EntryAct, EventHeader, EventId, FoundUnit,
    GrantTo, MemberId, NewCapture, NewEntry, NewGrant, Owner, ProvinceId, Receipt, Registries, Removed, Request, Scope,
    SealTo, Secret, Sign, SigningKey, SoftwareDeviceKey, SpaceId, SpaceKey, Stamp, Subject, UnitId, UnitKind,
    authority_id, seal_capture, seal_event, seal_grant, seal_to_of, sign_receipt,
};

/// When the world's certificates start, seconds since the Unix epoch.
pub const START_S: i64 = 1_760_000_000;
/// A moment inside their time, milliseconds since the Unix epoch.
pub const NOW_MILLIS: i64 = (START_S + 86_400) * 1000;
/// How long they last, seconds: a hub under test runs by the real clock, whatever the year.
pub const LIFE_S: i64 = 100 * 365 * 86_400;

/// A worker.
pub struct TestMember {
    /// The worker's id.
    pub member: MemberId,
    /// The key for signatures.
    pub key: SigningKey,
    /// The private HPKE key.
    pub secret: Secret,
}

/// A device.
pub struct TestDevice {
    /// The device's id.
    pub device: DeviceId,
    /// Its transport key.
    pub key: SoftwareDeviceKey,
}

/// A unit.
pub struct TestUnit {
    /// The unit's id.
    pub unit: UnitId,
    /// Its workers; the first is the founding head.
    pub members: Vec<TestMember>,
    /// Its devices; the first is the founding head's.
    pub devices: Vec<TestDevice>,
    /// The private key of each circle.
    pub circles: BTreeMap<Circle, Secret>,
}

/// Everybody there is, and the entries that made them so.
pub struct World {
    /// The authority's own certificate, as a hub pins it.
    pub authority: Certificate,
    /// The province.
    pub province: ProvinceId,
    /// The province's key.
    pub province_key: SigningKey,
    /// Its units, in the order they were founded.
    pub units: Vec<TestUnit>,
    /// All entries so far, in order.
    pub entries: Vec<Vec<u8>>,
    /// What the entries add up to.
    pub registries: Registries,
}

fn made<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a test identity could not be made: {error:?}"),
    }
}

fn signing_key() -> SigningKey {
    made(SigningKey::derive(&made(Secret::make_random())))
}

fn claims(subject: Subject, key: &dyn Sign, seal_to: Option<SealTo>) -> Claims {
    let (issued_at_s, expires_at_s) = (START_S, START_S + LIFE_S);
    Claims { subject, verify_key: key.verify_key(), seal_to, issued_at_s, expires_at_s }
}

fn new_member() -> TestMember {
    TestMember { member: MemberId::make_random(), key: signing_key(), secret: made(Secret::make_random()) }
}

fn new_device() -> TestDevice {
    let pkcs8 = made(SoftwareDeviceKey::make_pkcs8());
    TestDevice { device: DeviceId::make_random(), key: made(SoftwareDeviceKey::from_pkcs8(&pkcs8)) }
}

impl World {
    /// An authority, a province, and `units` units, the first a SAS mobile, the others UPEs.
    pub fn new(units: usize) -> Self {
        let authority_key = signing_key();
        let id = authority_id(&authority_key.verify_key());
        let authority = made(claims(Subject::Authority, &authority_key, None).sign(&authority_key, id.as_bytes()));
        let (province, province_key) = (ProvinceId::make_random(), signing_key());
        let seal_to = made(seal_to_of(&made(Secret::make_random())));
        let certificate =
            made(claims(Subject::Province(province), &province_key, Some(seal_to)).sign(&authority_key, id.as_bytes()));
        let registries = Registries::new(authority_key.verify_key());
        let mut world = Self { authority, province, province_key, units: Vec::new(), entries: Vec::new(), registries };
        world.act(Owner::Province(province), None, &EntryAct::FoundProvince { certificate: certificate.bytes });
        for number in 0..units {
            world.add_unit(if number == 0 { UnitKind::Sas } else { UnitKind::Upe });
        }
        world
    }

    /// Signs the next entry of a registry, by the head of the unit with this index or else by the province.
    pub fn sign_entry(&self, owner: Owner, head: Option<usize>, act: &EntryAct) -> Entry {
        let next = match owner {
            Owner::Province(id) => self.registries.province(id).map(|registry| (registry.next, registry.last)),
            Owner::Unit(id) => self.registries.unit(id).map(|registry| (registry.next, registry.last)),
        };
        let (number, previous) = next.unwrap_or((0, Digest::from_bytes([0; 32])));
        let (signer, key): ([u8; 16], &dyn Sign) = match head {
            Some(unit) => (*self.units[unit].members[0].member.as_bytes(), &self.units[unit].members[0].key),
            None => (*self.province.as_bytes(), &self.province_key),
        };
        let new = NewEntry { owner, number, previous, signer, at_millis: NOW_MILLIS };
        made(Entry::sign(&new, act, key))
    }

    /// Signs the next entry and lets it count.
    pub fn act(&mut self, owner: Owner, head: Option<usize>, act: &EntryAct) -> Vec<u8> {
        let bytes = self.sign_entry(owner, head, act).bytes().to_vec();
        made(self.registries.apply(&bytes));
        self.entries.push(bytes.clone());
        bytes
    }

    /// Founds a unit with a head, a device and the circles *all* and *heads*, and gives its index.
    pub fn add_unit(&mut self, kind: UnitKind) -> usize {
        let (unit, province) = (UnitId::make_random(), self.province);
        let (head, device) = (new_member(), new_device());
        let sign = |claims: Claims| made(claims.sign(&self.province_key, province.as_bytes())).bytes;
        let listed = sign(claims(Subject::Unit { unit, province, kind }, &head.key, None));
        let subject = Subject::Member { member: head.member, unit, head: true };
        let head_certificate = sign(claims(subject, &head.key, Some(made(seal_to_of(&head.secret)))));
        let device_certificate = sign(claims(Subject::Device { device: device.device, unit }, &device.key, None));
        self.act(Owner::Province(province), None, &EntryAct::ListUnit { certificate: listed.clone() });
        let found = FoundUnit { unit: listed, head: head_certificate, device: device_certificate };
        self.act(Owner::Unit(unit), None, &EntryAct::FoundUnit(found));
        let circles = BTreeMap::new();
        self.units.push(TestUnit { unit, members: vec![head], devices: vec![device], circles });
        let index = self.units.len() - 1;
        for circle in [Circle::All, Circle::Heads] {
            let secret = made(Secret::make_random());
            let head = &self.units[index].members[0];
            let to = made(seal_to_of(&head.secret));
            let wraps = vec![made(CircleWrap::seal(unit, circle, &secret, head.member, &to))];
            let act = EntryAct::SetCircle { circle, seal_to: made(seal_to_of(&secret)), wraps };
            self.act(Owner::Unit(unit), Some(index), &act);
            self.units[index].circles.insert(circle, secret);
        }
        index
    }

    /// Admits a worker and gives the index inside the unit.
    pub fn add_member(&mut self, unit: usize) -> usize {
        let (id, member) = (self.units[unit].unit, new_member());
        let head = &self.units[unit].members[0];
        let seal_to = made(seal_to_of(&member.secret));
        let subject = Subject::Member { member: member.member, unit: id, head: false };
        let certificate = made(claims(subject, &member.key, Some(seal_to)).sign(&head.key, head.member.as_bytes()));
        let secret = &self.units[unit].circles[&Circle::All];
        let wraps = vec![made(CircleWrap::seal(id, Circle::All, secret, member.member, &seal_to))];
        self.act(Owner::Unit(id), Some(unit), &EntryAct::AdmitMember { certificate: certificate.bytes, wraps });
        self.units[unit].members.push(member);
        self.units[unit].members.len() - 1
    }

    /// Admits a device and gives its index inside the unit.
    pub fn add_device(&mut self, unit: usize) -> usize {
        let (entry, device) = self.device_entry(unit, DeviceId::make_random());
        made(self.registries.apply(&entry));
        self.entries.push(entry);
        self.units[unit].devices.push(device);
        self.units[unit].devices.len() - 1
    }

    /// Signs the entry of a device under a chosen id, as a dishonest head might. It is not applied.
    pub fn device_entry(&self, unit: usize, device: DeviceId) -> (Vec<u8>, TestDevice) {
        let (id, device) = (self.units[unit].unit, TestDevice { device, ..new_device() });
        let head = &self.units[unit].members[0];
        let subject = Subject::Device { device: device.device, unit: id };
        let certificate = made(claims(subject, &device.key, None).sign(&head.key, head.member.as_bytes())).bytes;
        let entry = self.sign_entry(Owner::Unit(id), Some(unit), &EntryAct::AdmitDevice { certificate });
        (entry.bytes().to_vec(), device)
    }

    /// Removes a device by its head's word.
    pub fn remove_device(&mut self, unit: usize, device: usize) -> Vec<u8> {
        let removed = Removed::Device(self.units[unit].devices[device].device);
        self.act(Owner::Unit(self.units[unit].unit), Some(unit), &EntryAct::Remove(removed))
    }

    /// Removes a worker by the head's word.
    pub fn remove_member(&mut self, unit: usize, member: usize) -> Vec<u8> {
        let removed = Removed::Member(self.units[unit].members[member].member);
        self.act(Owner::Unit(self.units[unit].unit), Some(unit), &EntryAct::Remove(removed))
    }

    /// An event by the unit's head.
    pub fn event(&self, unit: usize, space: SpaceId, key: &SpaceKey, body: &[u8]) -> Vec<u8> {
        self.event_by(unit, 0, EventId::make_random(), space, key, body)
    }

    /// An event by a worker, with an id.
    pub fn event_by(
        &self,
        unit: usize,
        member: usize,
        id: EventId,
        space: SpaceId,
        key: &SpaceKey,
        body: &[u8],
    ) -> Vec<u8> {
        let author = &self.units[unit].members[member];
        let header = EventHeader { id, space, unit: self.units[unit].unit, author: author.member };
        made(seal_event(&header, key, &author.key, body))
    }

    /// A grant by the head of the unit `from` to the circle *all* of each unit in `to`.
    pub fn grant(&self, from: usize, space: SpaceId, key: &SpaceKey, scope: Scope, to: &[usize]) -> Vec<u8> {
        let author = &self.units[from].members[0];
        let to: Vec<GrantTo> = to.iter().map(|unit| self.circle(*unit)).collect();
        let (id, unit) = (EventId::make_random(), self.units[from].unit);
        let grant = NewGrant { id, space, unit, author: author.member, position: 3, scope, to: &to };
        made(seal_grant(&grant, key, &author.key))
    }

    /// A write-only capture by a device.
    pub fn capture(&self, unit: usize, device: usize, space: SpaceId, body: &[u8]) -> Vec<u8> {
        let TestDevice { device, key } = &self.units[unit].devices[device];
        let (id, seal_to) = (EventId::make_random(), self.circle(unit).seal_to);
        let capture = NewCapture { id, space, unit: self.units[unit].unit, device: *device, seal_to };
        made(seal_capture(&capture, key, body))
    }

    /// A receipt by a device.
    pub fn receipt(&self, unit: usize, device: usize, space: SpaceId, of: Digest) -> Vec<u8> {
        let TestDevice { device, key } = &self.units[unit].devices[device];
        let receipt = Receipt { of, at: Stamp::at_millis(NOW_MILLIS) };
        made(sign_receipt(&receipt, space, self.units[unit].unit, *device, key))
    }

    /// A request signed by a device.
    pub fn request(&self, unit: usize, device: usize, request: &Request) -> Vec<u8> {
        let TestDevice { device, key } = &self.units[unit].devices[device];
        made(request.sign(key, device.as_bytes()))
    }

    fn circle(&self, unit: usize) -> GrantTo {
        let unit = &self.units[unit];
        GrantTo { unit: unit.unit, circle: Circle::All, seal_to: made(seal_to_of(&unit.circles[&Circle::All])) }
    }
}

/// A request that pushes.
pub fn push(envelopes: &[Vec<u8>]) -> Request {
    Request { push: envelopes.iter().cloned().map(Into::into).collect(), ..pull(0) }
}

/// A request that pulls a unit's feed, and no registries.
pub fn pull(after: u64) -> Request {
    let entries_after = u64::from(u32::MAX);
    Request { at_millis: NOW_MILLIS, after, entries_after, limit: 1_000, ..Request::default() }
}

/// A space and its key, new.
pub fn new_space() -> (SpaceId, SpaceKey) {
    (SpaceId::make_random(), made(SpaceKey::make_random()))
}
