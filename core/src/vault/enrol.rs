//! Enrolment into a unit: a newcomer's keys and code, and what a head signs into the unit's registry.
//!
//! Each function gives entries to append online, numbered on from the registry it was shown; where somebody appended
//! before, they are refused and made anew.

use std::fmt;

use himaya_wire::{
    Circle, CircleWrap, Claims, DeviceId, Entry, EntryAct, MemberId, NewEntry, Newcomer, NewcomerCode, Owner, Removed,
    SealTo, Secret, Sign, SigningKey, Subject, UnitRegistry, VerifyKey, WireError, seal_to_of,
};

use super::error::VaultError;
use super::keystore::Keystore;
use super::slot::SlotKeys;
use super::unlocked::Unlocked;

/// Seconds in a Julian year.
const YEAR_S: i64 = 31_557_600;

/// How long a certificate bars nothing: when it is issued, and for how many years. Expiry bars the hub from serving;
/// what was signed before stays valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Now, milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// Years of 365.25 days.
    pub years: u16,
}

impl Validity {
    /// Years of the authority's own certificate.
    pub const AUTHORITY_YEARS: u16 = 20;
    /// Years of a province's certificate.
    pub const PROVINCE_YEARS: u16 = 10;
    /// Years of a unit's, a member's and a device's certificate.
    pub const UNIT_YEARS: u16 = 5;

    /// From `at_millis` on for so many years.
    pub const fn new(at_millis: i64, years: u16) -> Self {
        Self { at_millis, years }
    }

    /// Members and devices from `at_millis` on.
    pub const fn unit(at_millis: i64) -> Self {
        Self { at_millis, years: Self::UNIT_YEARS }
    }

    pub(super) fn claims(self, subject: Subject, verify_key: VerifyKey, seal_to: Option<SealTo>) -> Claims {
        let issued_at_s = self.at_millis.div_euclid(1_000);
        let expires_at_s = issued_at_s.saturating_add(i64::from(self.years) * YEAR_S);
        Claims { subject, verify_key, seal_to, issued_at_s, expires_at_s }
    }
}

/// A worker's new keys, made on the worker's device. They go into a slot with [`super::Vault::add_worker`].
pub struct NewMember {
    member: MemberId,
    seed: Secret,
    private: Secret,
}

impl NewMember {
    /// Makes a worker's id and keys.
    pub fn make() -> Result<Self, VaultError> {
        Ok(Self { member: MemberId::make_random(), seed: Secret::make_random()?, private: Secret::make_random()? })
    }

    /// The worker's id.
    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// The code that the worker shows to a head, in person.
    pub fn code(&self, device: DeviceId, keystore: &dyn Keystore) -> Result<NewcomerCode, VaultError> {
        let signer = SigningKey::derive(&self.seed)?;
        let newcomer = Newcomer {
            member: self.member,
            verify_key: signer.verify_key(),
            seal_to: seal_to_of(&self.private)?,
            device,
            device_key: keystore.device_key()?.verify_key(),
        };
        Ok(newcomer.sign(&signer)?)
    }

    pub(super) fn to_slot_keys(&self, database: Secret) -> SlotKeys {
        SlotKeys { seed: self.seed.clone(), private: self.private.clone(), database }
    }
}

impl fmt::Debug for NewMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewMember(…)")
    }
}

/// The code of a worker who is unlocked here, for another device of the same unit or to be admitted again.
pub fn newcomer_code(
    unlocked: &Unlocked,
    device: DeviceId,
    keystore: &dyn Keystore,
) -> Result<NewcomerCode, VaultError> {
    let newcomer = Newcomer {
        member: unlocked.member(),
        verify_key: unlocked.verify_key(),
        seal_to: unlocked.seal_to()?,
        device,
        device_key: keystore.device_key()?.verify_key(),
    };
    Ok(newcomer.sign(unlocked)?)
}

/// How a newcomer is admitted.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Whether as a head. Heads hold the circle *heads*, nobody else does.
    pub head: bool,
    /// Circles beside *all* (and *heads* for a head).
    pub circles: Vec<Circle>,
    /// How long the certificates serve.
    pub validity: Validity,
}

/// Numbers entries one after the other.
pub(super) struct Pen<'a> {
    owner: Owner,
    number: u64,
    previous: himaya_wire::Digest,
    signer_id: [u8; 16],
    signer: &'a dyn Sign,
    at_millis: i64,
    entries: Vec<Entry>,
}

impl<'a> Pen<'a> {
    pub(super) const fn new(
        owner: Owner,
        (number, previous): (u64, himaya_wire::Digest),
        signer_id: [u8; 16],
        signer: &'a dyn Sign,
        at_millis: i64,
    ) -> Self {
        Self { owner, number, previous, signer_id, signer, at_millis, entries: Vec::new() }
    }

    fn of_head(registry: &UnitRegistry, head: &'a Unlocked, at_millis: i64) -> Result<Self, VaultError> {
        if !registry.active_member(head.member()).is_some_and(|member| member.head) {
            return Err(VaultError::NotAllowed("only a head signs into the registry"));
        }
        let owner = Owner::Unit(registry.unit);
        Ok(Self::new(owner, (registry.next, registry.last), *head.member().as_bytes(), head, at_millis))
    }

    pub(super) fn write(&mut self, act: &EntryAct) -> Result<(), VaultError> {
        let new = NewEntry {
            owner: self.owner,
            number: self.number,
            previous: self.previous,
            signer: self.signer_id,
            at_millis: self.at_millis,
        };
        let entry = Entry::sign(&new, act, self.signer)?;
        self.number += 1;
        self.previous = entry.digest;
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<Entry> {
        self.entries
    }
}

/// Admits a newcomer, and the newcomer's device where it is not in the registry: the explicit act of a head who has
/// the code from the newcomer in person. Wraps every key of the newcomer's circles that the head holds, old ones too.
pub fn admit(
    code: &NewcomerCode,
    registry: &UnitRegistry,
    head: &Unlocked,
    admission: &Admission,
) -> Result<Vec<Entry>, VaultError> {
    let newcomer = code.open()?;
    let (unit, validity) = (registry.unit, admission.validity);
    let mut pen = Pen::of_head(registry, head, validity.at_millis)?;
    if registry.members.contains_key(&newcomer.member) {
        return Err(VaultError::NotAllowed("this worker is in the registry, or was"));
    }
    let mut circles = admission.circles.clone();
    circles.push(Circle::All);
    if admission.head {
        circles.push(Circle::Heads);
    } else if circles.contains(&Circle::Heads) {
        return Err(VaultError::NotAllowed("the circle of heads is for heads"));
    }
    circles.sort_unstable();
    circles.dedup();
    let mut wraps = Vec::new();
    for circle in circles {
        let current = registry.circle(circle).ok_or(VaultError::NoKey("circle"))?.seal_to.kid();
        if head.circle_secret(current).is_none() {
            return Err(VaultError::NoKey("circle"));
        }
        for key in registry.circles.get(&circle).into_iter().flatten() {
            if let Some(secret) = head.circle_secret(key.seal_to.kid()) {
                wraps.push(CircleWrap::seal(unit, circle, secret, newcomer.member, &newcomer.seal_to)?);
            }
        }
    }
    let subject = Subject::Member { member: newcomer.member, unit, head: admission.head };
    let claims = validity.claims(subject, newcomer.verify_key.clone(), Some(newcomer.seal_to));
    let certificate = claims.sign(head, head.member().as_bytes())?.bytes;
    let device = admit_device(&newcomer, registry, head, validity)?;
    pen.write(&EntryAct::AdmitMember { certificate, wraps })?;
    if let Some(certificate) = device {
        pen.write(&EntryAct::AdmitDevice { certificate })?;
    }
    Ok(pen.finish())
}

fn admit_device(
    newcomer: &Newcomer,
    registry: &UnitRegistry,
    head: &Unlocked,
    validity: Validity,
) -> Result<Option<Vec<u8>>, VaultError> {
    match registry.devices.get(&newcomer.device) {
        None => {
            let subject = Subject::Device { device: newcomer.device, unit: registry.unit };
            let claims = validity.claims(subject, newcomer.device_key.clone(), None);
            Ok(Some(claims.sign(head, head.member().as_bytes())?.bytes))
        }
        Some(device) if device.removed.is_some() => {
            Err(VaultError::NotAllowed("this device was removed and needs a new id"))
        }
        Some(device) if device.certificate.claims.verify_key != newcomer.device_key => {
            Err(VaultError::Wire(WireError::Mismatch("device and key")))
        }
        Some(_) => Ok(None),
    }
}

/// Gives the circles *all* and *heads* their first keys, where they have none.
pub fn found_circles(registry: &UnitRegistry, head: &mut Unlocked, at_millis: i64) -> Result<Vec<Entry>, VaultError> {
    let mut made = Vec::new();
    let mut pen = Pen::of_head(registry, head, at_millis)?;
    for circle in [Circle::All, Circle::Heads] {
        if registry.circle(circle).is_none() {
            made.push((circle, set_circle(&mut pen, registry, circle, None)?));
        }
    }
    let entries = pen.finish();
    keep(registry, head, made)?;
    Ok(entries)
}

/// Removes a member or a device. Each circle whose key a removed member holds gets a new one, wrapped to those who
/// remain. A removed device changes no key of members: where it was stolen open, remove its workers too.
pub fn remove(
    who: Removed,
    registry: &UnitRegistry,
    head: &mut Unlocked,
    at_millis: i64,
) -> Result<Vec<Entry>, VaultError> {
    let mut made = Vec::new();
    let mut pen = Pen::of_head(registry, head, at_millis)?;
    match who {
        Removed::Member(member) if member == head.member() => {
            return Err(VaultError::NotAllowed("another head or the province removes a head"));
        }
        Removed::Member(member) => {
            registry.active_member(member).ok_or(VaultError::Worker)?;
            pen.write(&EntryAct::Remove(who))?;
            for (circle, keys) in &registry.circles {
                if keys.iter().any(|key| key.wraps.contains_key(&member)) {
                    made.push((*circle, set_circle(&mut pen, registry, *circle, Some(member))?));
                }
            }
        }
        Removed::Device(device) => {
            registry.active_device(device).ok_or(VaultError::NotAllowed("this device is not in the registry"))?;
            pen.write(&EntryAct::Remove(who))?;
        }
    }
    let entries = pen.finish();
    keep(registry, head, made)?;
    Ok(entries)
}

/// The head's weekly word that the registry ends here.
pub fn resign(registry: &UnitRegistry, head: &Unlocked, at_millis: i64) -> Result<Vec<Entry>, VaultError> {
    let mut pen = Pen::of_head(registry, head, at_millis)?;
    pen.write(&EntryAct::Resign)?;
    Ok(pen.finish())
}

/// A circle's next key, wrapped to whoever belongs to it: *all* is everyone, *heads* the heads, each other circle
/// those who hold its key now.
fn set_circle(
    pen: &mut Pen<'_>,
    registry: &UnitRegistry,
    circle: Circle,
    without: Option<MemberId>,
) -> Result<Secret, VaultError> {
    let secret = Secret::make_random()?;
    let seal_to = seal_to_of(&secret)?;
    let current = registry.circles.get(&circle).and_then(|keys| keys.last());
    let mut wraps = Vec::new();
    for (id, member) in &registry.members {
        let belongs = match circle {
            Circle::All => true,
            Circle::Heads => member.head,
            _ => current.is_some_and(|key| key.wraps.contains_key(id)),
        };
        if !belongs || member.removed.is_some() || without == Some(*id) {
            continue;
        }
        let to = member.certificate.claims.seal_to.ok_or(WireError::Malformed("member certificate"))?;
        wraps.push(CircleWrap::seal(registry.unit, circle, &secret, *id, &to)?);
    }
    pen.write(&EntryAct::SetCircle { circle, seal_to, wraps })?;
    Ok(secret)
}

/// The head holds the new keys of its circles at once; the registry gives them to the others.
fn keep(registry: &UnitRegistry, head: &mut Unlocked, made: Vec<(Circle, Secret)>) -> Result<(), VaultError> {
    for (circle, secret) in made {
        let holds = matches!(circle, Circle::All | Circle::Heads)
            || registry
                .circles
                .get(&circle)
                .and_then(|keys| keys.last())
                .is_some_and(|key| key.wraps.contains_key(&head.member()));
        if holds {
            head.add_circle(registry.unit, circle, secret)?;
        }
    }
    Ok(())
}
