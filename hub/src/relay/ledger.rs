//! The registries as the store has them, and who a request comes from.

use std::collections::HashMap;

use himaya_wire::{
    Applied, Certificate, Device, DeviceId, Entry, EntryAct, Owner, ProvinceId, Registries, RegistryError, Removed,
    SignedRequest, Trouble, UnitId, VerifyKey,
};

use crate::storage::{HubStore, RegistryRow, StoreError};

/// How long after its removal a device's pushes are kept in quarantine, milliseconds, by the hub's clock.
pub const QUARANTINE_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How long after its expiry a certificate is still served, seconds: a wrong clock at the hub or at the head's desk must
/// not cut off a unit at night.
pub const CERTIFICATE_SKEW_S: i64 = 7 * 24 * 60 * 60;

/// Entries read at once when the hub starts.
const START_PAGE: u32 = 1_000;
const START_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// Who a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A device of a unit: pushes, and pulls the unit's feed.
    Device {
        /// The device.
        device: DeviceId,
        /// Its unit.
        unit: UnitId,
    },
    /// A device its unit removed: what it still has is kept aside, and it learns of its removal.
    Removed(RemovedDevice),
    /// A province's own desk: registry entries only.
    Province(ProvinceId),
}

/// A removed device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedDevice {
    /// The device.
    pub device: DeviceId,
    /// The unit it belonged to.
    pub unit: UnitId,
    /// Where in the registries' feed its removal stands: it is shown nothing after.
    pub removed_at: u64,
    /// Whether its pushes are still taken into quarantine.
    pub taken: bool,
}

#[derive(Clone, Copy, Debug)]
struct Removal {
    position: u64,
    stored_at_millis: i64,
}

/// Registries, and when the hub heard of each removal: a head's clock may be wrong, the hub's counts.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    pub(super) registries: Registries,
    removals: HashMap<(UnitId, DeviceId), Removal>,
}

impl Ledger {
    /// Folds what the store has.
    pub(super) fn load(authority: VerifyKey, store: &dyn HubStore) -> Result<Self, StoreError> {
        let mut ledger = Self { registries: Registries::new(authority), removals: HashMap::new() };
        let mut after = 0;
        loop {
            let page = store.registry(after, START_PAGE, START_PAGE_BYTES)?;
            for RegistryRow { position, stored_at_millis, entry } in &page.rows {
                let (entry, _) = ledger.apply(entry).map_err(|_| StoreError::Damaged("registry"))?;
                ledger.stored(&entry, *position, *stored_at_millis);
                after = *position;
            }
            if !page.more {
                return Ok(ledger);
            }
        }
    }

    pub(super) fn apply(&mut self, bytes: &[u8]) -> Result<(Entry, Applied), RegistryError> {
        self.registries.apply(bytes)
    }

    /// Notes where and when an applied entry was stored.
    pub(super) fn stored(&mut self, entry: &Entry, position: u64, stored_at_millis: i64) {
        if let (EntryAct::Remove(Removed::Device(device)), Owner::Unit(unit)) = (&entry.act, entry.owner) {
            self.removals.entry((unit, *device)).or_insert(Removal { position, stored_at_millis });
        }
    }

    /// Who signed the request. An id may stand in several units (a device that moved, or a dishonest head's copy), so
    /// the key decides; a unit where the device is active comes first.
    pub(super) fn asker(&self, signed: &SignedRequest, now_millis: i64) -> Result<Asker, Trouble> {
        let device = DeviceId::from_bytes(signed.signer);
        let mut known = false;
        let mut verified: Vec<(UnitId, &Device)> = Vec::new();
        for unit in self.registries.units() {
            if let Some(enrolled) = unit.devices.get(&device) {
                known = true;
                if signed.verify(&enrolled.certificate.claims.verify_key).is_ok() {
                    verified.push((unit.unit, enrolled));
                }
            }
        }
        let active = verified.iter().find(|(_, enrolled)| enrolled.removed.is_none());
        if let Some((unit, enrolled)) = active {
            in_time(&enrolled.certificate, now_millis)?;
            return Ok(Asker::Device { device, unit: *unit });
        }
        if let Some((unit, _)) = verified.first() {
            return self.standing(device, *unit, now_millis).ok_or(Trouble::UnknownDevice);
        }
        let province = ProvinceId::from_bytes(signed.signer);
        if let Some(registry) = self.registries.province(province) {
            signed.verify(&registry.certificate.claims.verify_key).map_err(|_| Trouble::Signature)?;
            in_time(&registry.certificate, now_millis)?;
            return Ok(Asker::Province(province));
        }
        Err(if known { Trouble::Signature } else { Trouble::UnknownDevice })
    }

    /// What a device that was let in before is now.
    pub(super) fn standing(&self, device: DeviceId, unit: UnitId, now_millis: i64) -> Option<Asker> {
        let enrolled = self.registries.unit(unit)?.devices.get(&device)?;
        if enrolled.removed.is_none() {
            return Some(Asker::Device { device, unit });
        }
        let removal = self.removals.get(&(unit, device))?;
        let taken = now_millis.saturating_sub(removal.stored_at_millis) < QUARANTINE_MILLIS;
        Some(Asker::Removed(RemovedDevice { device, unit, removed_at: removal.position, taken }))
    }
}

fn in_time(certificate: &Certificate, now_millis: i64) -> Result<(), Trouble> {
    let expires = certificate.claims.expires_at_s.saturating_add(CERTIFICATE_SKEW_S);
    if now_millis.div_euclid(1000) < expires { Ok(()) } else { Err(Trouble::Expired) }
}
