//! Pushed registry entries: which count, which are refused, which are an alarm.

use himaya_wire::{
    Applied, Digest, Entry, MemberId, Outcome, Owner, ProvinceId, Refusal, Registries, RegistryError, Told, WireError,
};

use super::ledger::Ledger;

/// What came of pushed entries. Those in `fresh` were applied to the ledger and are to be stored.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) told: Vec<Told>,
    pub(super) fresh: Vec<Entry>,
    pub(super) alarms: Vec<Entry>,
}

/// Applies entries to `ledger`, provinces before units and each registry by number, in whatever order they came.
pub(super) fn apply<'a>(ledger: &mut Ledger, entries: impl Iterator<Item = &'a [u8]>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut parsed = Vec::new();
    for (index, bytes) in entries.enumerate() {
        sorted.told.push(Told { digest: Digest::of(bytes), outcome: Outcome::Had });
        match Entry::parse(bytes) {
            Ok(entry) => parsed.push((index, entry)),
            Err(error) => sorted.set(index, Outcome::Refused(wire_refusal(&error))),
        }
    }
    parsed.sort_by_key(|(_, entry)| (matches!(entry.owner, Owner::Unit(_)), entry.number));
    for (index, entry) in parsed {
        let outcome = match ledger.apply(entry.bytes()) {
            Ok((_, Applied::Had)) => Outcome::Had,
            Ok((entry, Applied::New)) => {
                sorted.fresh.push(entry);
                Outcome::Stored
            }
            // Only what someone entitled signed is evidence; the rest would let anybody fill the disk.
            Err(RegistryError::Forked) if signed_rightly(&ledger.registries, &entry) => {
                sorted.alarms.push(entry);
                Outcome::Refused(Refusal::Forked)
            }
            Err(RegistryError::Forked) => Outcome::Refused(Refusal::Signature),
            Err(error) => Outcome::Refused(refusal(&error)),
        };
        sorted.set(index, outcome);
    }
    sorted
}

/// Whether an entry is stored already, told without applying it.
pub(super) fn is_known(registries: &Registries, bytes: &[u8]) -> bool {
    Entry::parse(bytes).is_ok_and(|entry| registries.digest_at(entry.owner, entry.number) == Some(entry.digest))
}

impl Sorted {
    fn set(&mut self, index: usize, outcome: Outcome) {
        if let Some(told) = self.told.get_mut(index) {
            told.outcome = outcome;
        }
    }
}

fn signed_rightly(registries: &Registries, entry: &Entry) -> bool {
    let province = |id: ProvinceId| registries.province(id).map(|registry| &registry.certificate.claims.verify_key);
    let key = match entry.owner {
        Owner::Province(id) if entry.signer == *id.as_bytes() => province(id),
        Owner::Province(_) => None,
        Owner::Unit(id) => registries.unit(id).and_then(|unit| {
            if entry.signer == *unit.province.as_bytes() {
                return province(unit.province);
            }
            // A removed head's second entry is evidence too.
            let member = unit.members.get(&MemberId::from_bytes(entry.signer)).filter(|member| member.head)?;
            Some(&member.certificate.claims.verify_key)
        }),
    };
    key.is_some_and(|key| entry.verify(key).is_ok())
}

fn refusal(error: &RegistryError) -> Refusal {
    match error {
        RegistryError::Wire(error) => wire_refusal(error),
        RegistryError::UnknownRegistry | RegistryError::Gap => Refusal::Gap,
        RegistryError::Forked => Refusal::Forked,
        RegistryError::NotAllowed => Refusal::NotAllowed,
    }
}

pub(super) const fn wire_refusal(error: &WireError) -> Refusal {
    match error {
        WireError::Version(_) => Refusal::Version,
        WireError::TooLarge(_) => Refusal::TooLarge,
        WireError::Signature(_) => Refusal::Signature,
        _ => Refusal::Malformed,
    }
}
