//! An unlocked worker: keys in memory, until they are dropped.

use std::collections::BTreeMap;
use std::fmt;

use himaya_wire::{
    Circle, Envelope, EventHeader, EventId, GrantTo, Kid, MemberId, NewGrant, Purpose, Registries, Scope, SealTo,
    Secret, Sign, SigningKey, SpaceId, SpaceKey, UnitId, UnitRegistry, VerifyKey, WireError, open_capture, open_event,
    open_grant, read_grant, seal_event, seal_grant, seal_to_of,
};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::error::VaultError;
use super::slot::SlotKeys;

/// A worker's keys, and the circle keys opened with them. Every secret in it is zeroed when it is dropped.
///
/// `ring` does not zero its own key pairs: the signing key is derived from its seed for each signature, so that a pair
/// lives on the stack only that long.
pub struct Unlocked {
    member: MemberId,
    keys: SlotKeys,
    verify_key: VerifyKey,
    circles: BTreeMap<Kid, CircleSecret>,
}

struct CircleSecret {
    unit: UnitId,
    circle: Circle,
    secret: Secret,
}

/// Holds by construction: every secret field is a [`Secret`], which zeroes itself.
impl ZeroizeOnDrop for Unlocked {}

/// Where an event goes.
pub struct NewSealedEvent {
    /// The event's id.
    pub id: EventId,
    /// The space.
    pub space: SpaceId,
    /// The author's unit.
    pub unit: UnitId,
}

/// A grant to seal.
pub struct NewSealedGrant<'a> {
    /// The grant's envelope id.
    pub id: EventId,
    /// The space.
    pub space: SpaceId,
    /// What is given.
    pub scope: Scope,
    /// To whom.
    pub to: &'a [GrantTo],
}

/// Where the keys of spaces are looked up: the store keeps them, sealed under the database key.
pub trait SpaceKeys {
    /// The key of this name in this space.
    fn space_key(&self, space: SpaceId, kid: Kid) -> Option<SpaceKey>;
}

impl Unlocked {
    pub(super) fn new(member: MemberId, keys: SlotKeys) -> Result<Self, VaultError> {
        let verify_key = SigningKey::derive(&keys.seed)?.verify_key();
        Ok(Self { member, keys, verify_key, circles: BTreeMap::new() })
    }

    /// The worker.
    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// The worker's public HPKE key.
    pub fn seal_to(&self) -> Result<SealTo, VaultError> {
        Ok(seal_to_of(&self.keys.private)?)
    }

    /// The key of the database that the device's workers share.
    pub const fn database_key(&self) -> &Secret {
        &self.keys.database
    }

    pub(super) const fn keys(&self) -> &SlotKeys {
        &self.keys
    }

    /// Opens the circle keys that a registry wraps to this worker. Gives how many are new; a wrap that does not open
    /// is passed over, since a head can make one anew.
    pub fn open_circles(&mut self, registry: &UnitRegistry) -> usize {
        let mut new = 0;
        for wrap in registry.wraps_for(self.member) {
            if self.circles.contains_key(&wrap.key) {
                continue;
            }
            if let Ok(secret) = wrap.open(registry.unit, &self.keys.private) {
                self.circles.insert(wrap.key, CircleSecret { unit: registry.unit, circle: wrap.circle, secret });
                new += 1;
            }
        }
        new
    }

    /// The private key of a circle's key by its name, if it was opened.
    pub fn circle_secret(&self, kid: Kid) -> Option<&Secret> {
        self.circles.get(&kid).map(|circle| &circle.secret)
    }

    /// The names of the circle keys that were opened, with whose they are.
    pub fn circles(&self) -> impl Iterator<Item = (UnitId, Circle, Kid)> + '_ {
        self.circles.iter().map(|(kid, circle)| (circle.unit, circle.circle, *kid))
    }

    pub(super) fn add_circle(&mut self, unit: UnitId, circle: Circle, secret: Secret) -> Result<Kid, VaultError> {
        let kid = seal_to_of(&secret)?.kid();
        self.circles.insert(kid, CircleSecret { unit, circle, secret });
        Ok(kid)
    }

    /// Seals and signs an event.
    pub fn seal_event(&self, event: &NewSealedEvent, key: &SpaceKey, body: &[u8]) -> Result<Vec<u8>, VaultError> {
        let header = EventHeader { id: event.id, space: event.space, unit: event.unit, author: self.member };
        Ok(seal_event(&header, key, self, body)?)
    }

    /// Wraps a space key to circles and signs the grant, from the registry position that this device has seen.
    pub fn seal_grant(
        &self,
        grant: &NewSealedGrant<'_>,
        own: &UnitRegistry,
        key: &SpaceKey,
    ) -> Result<Vec<u8>, VaultError> {
        let new = NewGrant {
            id: grant.id,
            space: grant.space,
            unit: own.unit,
            author: self.member,
            position: own.next,
            scope: grant.scope,
            to: grant.to,
        };
        Ok(seal_grant(&new, key, self)?)
    }

    /// Opens a grant by any circle key that was opened. The signature is checked.
    pub fn open_grant(&self, envelope: &Envelope, registries: &Registries) -> Result<SpaceKey, VaultError> {
        verify(envelope, registries)?;
        let body = read_grant(envelope)?;
        for recipient in &body.recipients {
            if let Some(circle) = self.circles.get(&recipient.key)
                && circle.unit == recipient.unit
                && circle.circle == recipient.circle
            {
                return Ok(open_grant(envelope, &body, recipient, &circle.secret)?);
            }
        }
        Err(VaultError::NoKey("grant"))
    }

    /// Opens a write-only capture to claim it. The device's signature is checked.
    pub fn open_capture(&self, envelope: &Envelope, registries: &Registries) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        verify(envelope, registries)?;
        let secret = self.circle_secret(envelope.header.kid).ok_or(VaultError::NoKey("capture"))?;
        Ok(open_capture(envelope, secret)?)
    }

    /// Opens an event's body with a key that `keys` finds. The author's signature is checked.
    pub fn open_event(
        &self,
        envelope: &Envelope,
        registries: &Registries,
        keys: &dyn SpaceKeys,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        verify(envelope, registries)?;
        let header = &envelope.header;
        let key = keys.space_key(header.space, header.kid).ok_or(VaultError::NoKey("event"))?;
        Ok(open_event(envelope, &key)?)
    }

    /// Locks: the keys are zeroed here.
    pub fn lock(self) {
        drop(self);
    }
}

impl Sign for Unlocked {
    fn verify_key(&self) -> VerifyKey {
        self.verify_key.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, WireError> {
        SigningKey::derive(&self.keys.seed)?.sign(message)
    }
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unlocked(…)")
    }
}

/// `NoKey("author")` where the registry has not arrived yet: held, and tried again. Captures and receipts are a
/// device's, events and grants a member's; an id of the other kind is not found.
fn verify(envelope: &Envelope, registries: &Registries) -> Result<(), VaultError> {
    let header = &envelope.header;
    let unit = registries.unit(header.unit).ok_or(VaultError::NoKey("author"))?;
    let key = match header.purpose {
        Purpose::Event | Purpose::Grant => {
            unit.members.get(&MemberId::from_bytes(header.author)).map(|member| &member.certificate)
        }
        _ => unit.devices.get(&himaya_wire::DeviceId::from_bytes(header.author)).map(|device| &device.certificate),
    };
    let key = key.ok_or(VaultError::NoKey("author"))?;
    Ok(envelope.verify(&key.claims.verify_key)?)
}
