//! Registries: who belongs to which unit, with which keys, at which number. Hub and devices apply the same rules.
//!
//! An entry counts only at the next number, after the hash before it, signed by whoever may: a head of the unit, or
//! the province, whose entries outrank the head's. A second entry at a taken number is an alarm.

use std::collections::BTreeMap;

use crate::certificate::{Certificate, Subject, UnitKind};
use crate::cose::Purpose;
use crate::entry::{CircleWrap, Entry, EntryAct, Owner, Removed};
use crate::envelope::Header;
use crate::grant::{Circle, GrantTo};
use crate::key::{SealTo, Wrapped};
use crate::{DeviceId, Digest, Kid, MemberId, ProvinceId, UnitId, VerifyKey, WireError};

/// Why an entry does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Its bytes, a certificate in it or its signature are wrong.
    #[error("registry entry: {0}")]
    Wire(#[from] WireError),
    /// The registry it belongs to, or the province above, is not known yet.
    #[error("the registry of this entry is not known yet")]
    UnknownRegistry,
    /// Entries before it are missing.
    #[error("an entry before this one is missing")]
    Gap,
    /// Another entry has this number. Kept and shown as an alarm.
    #[error("another entry has this number already")]
    Forked,
    /// Its signer may not do this.
    #[error("the signer of this entry may not do this")]
    NotAllowed,
}

impl RegistryError {
    /// Whether the same entry may count later.
    pub const fn can_retry(&self) -> bool {
        matches!(self, Self::UnknownRegistry | Self::Gap)
    }
}

/// A member as the registry tells.
#[derive(Clone, Debug)]
pub struct Member {
    /// The certificate.
    pub certificate: Certificate,
    /// Whether the member heads the unit.
    pub head: bool,
    /// The number of the entry that admitted the member.
    pub admitted: u64,
    /// The number of the entry that removed the member.
    pub removed: Option<u64>,
}

/// A device as the registry tells.
#[derive(Clone, Debug)]
pub struct Device {
    /// The certificate.
    pub certificate: Certificate,
    /// The number of the entry that admitted the device.
    pub admitted: u64,
    /// The number and time (milliseconds since the Unix epoch) of the entry that removed the device.
    pub removed: Option<(u64, i64)>,
}

/// One key of a circle. The last is in use; older ones open what was sealed to them.
#[derive(Clone, Debug)]
pub struct CircleKey {
    /// The public key.
    pub seal_to: SealTo,
    /// The private key, for each member it was wrapped to.
    pub wraps: BTreeMap<MemberId, Wrapped>,
}

/// A unit's registry, folded.
#[derive(Clone, Debug)]
pub struct UnitRegistry {
    /// The unit.
    pub unit: UnitId,
    /// Its province.
    pub province: ProvinceId,
    /// What it is.
    pub kind: UnitKind,
    /// How many entries there are: the next number.
    pub next: u64,
    /// SHA-256 of the last entry.
    pub last: Digest,
    /// When a head last signed anything here, milliseconds since the Unix epoch.
    pub signed_at_millis: i64,
    /// Members, removed ones too.
    pub members: BTreeMap<MemberId, Member>,
    /// Devices, removed ones too.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Keys of each circle, oldest first.
    pub circles: BTreeMap<Circle, Vec<CircleKey>>,
}

impl UnitRegistry {
    /// The key of a circle that writers use now.
    pub fn circle(&self, circle: Circle) -> Option<GrantTo> {
        let key = self.circles.get(&circle)?.last()?;
        Some(GrantTo { unit: self.unit, circle, seal_to: key.seal_to })
    }

    /// A member that was not removed.
    pub fn active_member(&self, member: MemberId) -> Option<&Member> {
        self.members.get(&member).filter(|member| member.removed.is_none())
    }

    /// A device that was not removed.
    pub fn active_device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device).filter(|device| device.removed.is_none())
    }

    /// The wraps of every circle key to one member, to open with that member's private key.
    pub fn wraps_for(&self, member: MemberId) -> Vec<CircleWrap> {
        let mut wraps = Vec::new();
        for (circle, keys) in &self.circles {
            for key in keys {
                if let Some(wrapped) = key.wraps.get(&member) {
                    wraps.push(CircleWrap {
                        circle: *circle,
                        key: key.seal_to.kid(),
                        member,
                        wrapped: wrapped.clone(),
                    });
                }
            }
        }
        wraps
    }

    fn may_sign(&self, signer: [u8; 16], province_key: &VerifyKey) -> Result<VerifyKey, RegistryError> {
        if signer == *self.province.as_bytes() {
            return Ok(province_key.clone());
        }
        self.active_member(MemberId::from_bytes(signer))
            .filter(|member| member.head)
            .map(|member| member.certificate.claims.verify_key.clone())
            .ok_or(RegistryError::NotAllowed)
    }

    fn apply(&mut self, entry: &Entry, province_key: &VerifyKey) -> Result<(), RegistryError> {
        let issuer = self.may_sign(entry.signer, province_key)?;
        entry.verify(&issuer)?;
        match &entry.act {
            EntryAct::AdmitMember { certificate, wraps } => {
                let certificate = Certificate::open(certificate, &issuer)?;
                let Subject::Member { member, unit, head } = certificate.claims.subject else {
                    return Err(RegistryError::NotAllowed);
                };
                let known = self.members.contains_key(&member);
                if unit != self.unit || known || certificate.claims.seal_to.is_none() {
                    return Err(RegistryError::NotAllowed);
                }
                self.check_wraps(wraps, member, head)?;
                for wrap in wraps {
                    self.add_wrap(wrap);
                }
                let admitted = Member { certificate, head, admitted: entry.number, removed: None };
                self.members.insert(member, admitted);
            }
            EntryAct::AdmitDevice { certificate } => {
                let certificate = Certificate::open(certificate, &issuer)?;
                let Subject::Device { device, unit } = certificate.claims.subject else {
                    return Err(RegistryError::NotAllowed);
                };
                if unit != self.unit || self.devices.contains_key(&device) {
                    return Err(RegistryError::NotAllowed);
                }
                self.devices.insert(device, Device { certificate, admitted: entry.number, removed: None });
            }
            EntryAct::SetCircle { circle, seal_to, wraps } => {
                let kid = seal_to.kid();
                let right = wraps.iter().all(|wrap| {
                    let member = self.active_member(wrap.member);
                    wrap.circle == *circle
                        && wrap.key == kid
                        && member.is_some_and(|member| member.head || *circle != Circle::Heads)
                });
                // A key that was in use may be in the hands of someone removed since.
                let used = self.circles.values().flatten().any(|key| key.seal_to == *seal_to);
                if !right || used {
                    return Err(RegistryError::NotAllowed);
                }
                let wraps = wraps.iter().map(|wrap| (wrap.member, wrap.wrapped.clone())).collect();
                self.circles.entry(*circle).or_default().push(CircleKey { seal_to: *seal_to, wraps });
            }
            EntryAct::Remove(Removed::Member(member)) => {
                let member = self.members.get_mut(member).ok_or(RegistryError::NotAllowed)?;
                member.removed.get_or_insert(entry.number);
            }
            EntryAct::Remove(Removed::Device(device)) => {
                let device = self.devices.get_mut(device).ok_or(RegistryError::NotAllowed)?;
                device.removed.get_or_insert((entry.number, entry.at_millis));
            }
            EntryAct::Resign | EntryAct::Unknown { .. } => {}
            EntryAct::FoundProvince { .. } | EntryAct::ListUnit { .. } | EntryAct::FoundUnit(_) => {
                return Err(RegistryError::NotAllowed);
            }
        }
        self.signed_at_millis = self.signed_at_millis.max(entry.at_millis);
        self.next = entry.number + 1;
        self.last = entry.digest;
        Ok(())
    }

    fn check_wraps(&self, wraps: &[CircleWrap], member: MemberId, head: bool) -> Result<(), RegistryError> {
        let right = wraps.iter().all(|wrap| {
            wrap.member == member
                && (head || wrap.circle != Circle::Heads)
                && self
                    .circles
                    .get(&wrap.circle)
                    .is_some_and(|keys| keys.iter().any(|key| key.seal_to.kid() == wrap.key))
        });
        if right { Ok(()) } else { Err(RegistryError::NotAllowed) }
    }

    fn add_wrap(&mut self, wrap: &CircleWrap) {
        let key = self
            .circles
            .get_mut(&wrap.circle)
            .and_then(|keys| keys.iter_mut().find(|key| key.seal_to.kid() == wrap.key));
        if let Some(key) = key {
            key.wraps.insert(wrap.member, wrap.wrapped.clone());
        }
    }
}

/// A province's registry, folded.
#[derive(Clone, Debug)]
pub struct ProvinceRegistry {
    /// The province's certificate by the authority.
    pub certificate: Certificate,
    /// How many entries there are: the next number.
    pub next: u64,
    /// SHA-256 of the last entry.
    pub last: Digest,
    /// The units it lists.
    pub units: BTreeMap<UnitId, Certificate>,
}

/// Every registry that one authority stands behind.
#[derive(Clone, Debug)]
pub struct Registries {
    authority: VerifyKey,
    provinces: BTreeMap<ProvinceId, ProvinceRegistry>,
    units: BTreeMap<UnitId, UnitRegistry>,
    digests: BTreeMap<(Owner, u64), Digest>,
}

/// What came of an entry that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is new.
    New,
    /// It was known.
    Had,
}

impl Registries {
    /// Starts from the authority's pinned key.
    pub const fn new(authority: VerifyKey) -> Self {
        Self { authority, provinces: BTreeMap::new(), units: BTreeMap::new(), digests: BTreeMap::new() }
    }

    /// The authority's pinned key.
    pub const fn authority(&self) -> &VerifyKey {
        &self.authority
    }

    /// A unit's registry.
    pub fn unit(&self, unit: UnitId) -> Option<&UnitRegistry> {
        self.units.get(&unit)
    }

    /// A province's registry.
    pub fn province(&self, province: ProvinceId) -> Option<&ProvinceRegistry> {
        self.provinces.get(&province)
    }

    /// All units.
    pub fn units(&self) -> impl Iterator<Item = &UnitRegistry> {
        self.units.values()
    }

    /// All provinces.
    pub fn provinces(&self) -> impl Iterator<Item = &ProvinceRegistry> {
        self.provinces.values()
    }

    /// The unit a device belongs to, removed or not.
    pub fn unit_of_device(&self, device: DeviceId) -> Option<&UnitRegistry> {
        self.units.values().find(|unit| unit.devices.contains_key(&device))
    }

    /// The digest of the entry at a number.
    pub fn digest_at(&self, owner: Owner, number: u64) -> Option<Digest> {
        self.digests.get(&(owner, number)).copied()
    }

    /// Applies one entry, or says why it does not count. A refused entry changes nothing.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(Entry, Applied), RegistryError> {
        let entry = Entry::parse(bytes)?;
        if let Some(known) = self.digests.get(&(entry.owner, entry.number)) {
            return if *known == entry.digest { Ok((entry, Applied::Had)) } else { Err(RegistryError::Forked) };
        }
        let next = match entry.owner {
            Owner::Province(id) => self.provinces.get(&id).map(|registry| (registry.next, registry.last)),
            Owner::Unit(id) => self.units.get(&id).map(|registry| (registry.next, registry.last)),
        };
        match next {
            None if entry.number == 0 && entry.previous == Digest::from_bytes([0; 32]) => self.found(&entry)?,
            None => return Err(RegistryError::UnknownRegistry),
            Some((next, last)) if entry.number == next && entry.previous == last => self.extend(&entry)?,
            Some((next, _)) if entry.number > next => return Err(RegistryError::Gap),
            Some(_) => return Err(RegistryError::Forked),
        }
        self.digests.insert((entry.owner, entry.number), entry.digest);
        Ok((entry, Applied::New))
    }

    fn found(&mut self, entry: &Entry) -> Result<(), RegistryError> {
        match (&entry.act, entry.owner) {
            (EntryAct::FoundProvince { certificate }, Owner::Province(id)) => {
                let certificate = Certificate::open(certificate, &self.authority)?;
                if certificate.claims.subject != Subject::Province(id) || entry.signer != *id.as_bytes() {
                    return Err(RegistryError::NotAllowed);
                }
                entry.verify(&certificate.claims.verify_key)?;
                let registry = ProvinceRegistry { certificate, next: 1, last: entry.digest, units: BTreeMap::new() };
                self.provinces.insert(id, registry);
                Ok(())
            }
            (EntryAct::FoundUnit(found), Owner::Unit(id)) => {
                let province = ProvinceId::from_bytes(entry.signer);
                let issuer = self.province_key(province)?;
                entry.verify(&issuer)?;
                let unit = Certificate::open(&found.unit, &issuer)?;
                let head = Certificate::open(&found.head, &issuer)?;
                let device = Certificate::open(&found.device, &issuer)?;
                let (
                    Subject::Unit { unit: unit_id, province: listed, kind },
                    Subject::Member { member, unit: head_unit, head: true },
                    Subject::Device { device: device_id, unit: device_unit },
                ) = (&unit.claims.subject, &head.claims.subject, &device.claims.subject)
                else {
                    return Err(RegistryError::NotAllowed);
                };
                let right = [*unit_id, *head_unit, *device_unit] == [id; 3]
                    && *listed == province
                    && head.claims.seal_to.is_some()
                    && self.unit_of_device(*device_id).is_none();
                if !right {
                    return Err(RegistryError::NotAllowed);
                }
                let (member, device_id) = (*member, *device_id);
                let registry = UnitRegistry {
                    unit: id,
                    province,
                    kind: *kind,
                    next: 1,
                    last: entry.digest,
                    signed_at_millis: entry.at_millis,
                    members: BTreeMap::from([(
                        member,
                        Member { certificate: head, head: true, admitted: 0, removed: None },
                    )]),
                    devices: BTreeMap::from([(device_id, Device { certificate: device, admitted: 0, removed: None })]),
                    circles: BTreeMap::new(),
                };
                self.units.insert(id, registry);
                Ok(())
            }
            _ => Err(RegistryError::NotAllowed),
        }
    }

    fn extend(&mut self, entry: &Entry) -> Result<(), RegistryError> {
        match entry.owner {
            Owner::Province(id) => {
                let registry = self.provinces.get_mut(&id).ok_or(RegistryError::UnknownRegistry)?;
                let key = registry.certificate.claims.verify_key.clone();
                if entry.signer != *id.as_bytes() {
                    return Err(RegistryError::NotAllowed);
                }
                entry.verify(&key)?;
                match &entry.act {
                    EntryAct::ListUnit { certificate } => {
                        let certificate = Certificate::open(certificate, &key)?;
                        match certificate.claims.subject {
                            Subject::Unit { unit, province, .. } if province == id => {
                                registry.units.insert(unit, certificate);
                            }
                            _ => return Err(RegistryError::NotAllowed),
                        }
                    }
                    EntryAct::Resign | EntryAct::Unknown { .. } => {}
                    _ => return Err(RegistryError::NotAllowed),
                }
                registry.next = entry.number + 1;
                registry.last = entry.digest;
                Ok(())
            }
            Owner::Unit(id) => {
                let province = self.units.get(&id).ok_or(RegistryError::UnknownRegistry)?.province;
                let key = self.province_key(province)?;
                // A device belongs to one unit: otherwise a dishonest head could list another unit's device and take
                // over its place at the hub. The hub's order decides who was first.
                if let EntryAct::AdmitDevice { certificate } = &entry.act
                    && let Subject::Device { device, .. } = Certificate::read(certificate)?.subject
                    && self.unit_of_device(device).is_some()
                {
                    return Err(RegistryError::NotAllowed);
                }
                self.units.get_mut(&id).ok_or(RegistryError::UnknownRegistry)?.apply(entry, &key)
            }
        }
    }

    fn province_key(&self, province: ProvinceId) -> Result<VerifyKey, RegistryError> {
        self.provinces
            .get(&province)
            .map(|registry| registry.certificate.claims.verify_key.clone())
            .ok_or(RegistryError::UnknownRegistry)
    }

    /// The key that an envelope's author signed with: a member's for events and grants, a device's for captures and
    /// receipts, never the other's. Removed ones too, since what they signed before stays.
    pub fn author_key(&self, header: &Header) -> Option<&VerifyKey> {
        let unit = self.units.get(&header.unit)?;
        let certificate = match header.purpose {
            Purpose::Event | Purpose::Grant => &unit.members.get(&MemberId::from_bytes(header.author))?.certificate,
            Purpose::Capture | Purpose::Receipt => &unit.devices.get(&DeviceId::from_bytes(header.author))?.certificate,
            Purpose::Certificate | Purpose::Entry | Purpose::Request | Purpose::Newcomer => return None,
        };
        Some(&certificate.claims.verify_key)
    }

    /// The name of the circle key that a unit's members use now.
    pub fn circle_kid(&self, unit: UnitId, circle: Circle) -> Option<Kid> {
        self.unit(unit)?.circle(circle).map(|to| to.seal_to.kid())
    }
}
