//! Where good envelopes go: which space takes them, which feeds they are appended to. Inside one transaction.

use std::collections::BTreeSet;

use himaya_wire::{DeviceId, Digest, GrantBody, Header, Outcome, Purpose, Refusal, Scope, Told, UnitId};

use super::check::Good;
use super::ledger::RemovedDevice;
use crate::storage::{Backfill, Holding, NewEnvelope, StoreError, Transaction};

/// Grants that wait for another grant of the same push are tried this often: as many hops as a bundle may hold in the
/// wrong order. What still waits then is refused for now and can be offered again.
const GRANT_PASSES: usize = 8;

/// One pushed envelope: checked, or refused already.
pub(super) struct Pushed {
    pub(super) digest: Digest,
    pub(super) checked: Result<Good, Refusal>,
}

/// Who pushed, when.
#[derive(Clone, Copy)]
pub(super) struct Pusher {
    pub(super) device: DeviceId,
    pub(super) now_millis: i64,
}

/// Places a whole push. `fed` gathers the units that have something new.
pub(super) fn place_all(
    tx: &mut dyn Transaction,
    pusher: Pusher,
    pushed: &[Pushed],
    fed: &mut BTreeSet<UnitId>,
) -> Result<Vec<Told>, StoreError> {
    let mut told: Vec<Told> = pushed
        .iter()
        .map(|pushed| {
            let refusal = pushed.checked.as_ref().err().copied().unwrap_or(Refusal::NoGrant);
            Told { digest: pushed.digest, outcome: Outcome::Refused(refusal) }
        })
        .collect();
    let good = |told: &Told| told.outcome == Outcome::Refused(Refusal::NoGrant);
    let opens = |good: &Good| matches!(good.envelope.header.purpose, Purpose::Grant | Purpose::Capture);
    // Grants and captures open spaces, so they go first, again while one of them still opens the way for another.
    for _ in 0..GRANT_PASSES {
        let mut moved = false;
        for (told, pushed) in told.iter_mut().zip(pushed) {
            if let Ok(envelope) = &pushed.checked
                && opens(envelope)
                && good(told)
            {
                told.outcome = place(tx, pusher, envelope, fed)?;
                moved |= !good(told);
            }
        }
        if !moved {
            break;
        }
    }
    for (told, pushed) in told.iter_mut().zip(pushed) {
        if let Ok(envelope) = &pushed.checked
            && !opens(envelope)
        {
            told.outcome = place(tx, pusher, envelope, fed)?;
        }
    }
    Ok(told)
}

/// Keeps what a removed device still pushes.
pub(super) fn quarantine_all(
    tx: &mut dyn Transaction,
    removed: &RemovedDevice,
    now_millis: i64,
    pushed: &[Pushed],
) -> Result<Vec<Told>, StoreError> {
    let mut told = Vec::with_capacity(pushed.len());
    for Pushed { digest, checked } in pushed {
        let outcome = match checked {
            Err(refusal) => Outcome::Refused(*refusal),
            Ok(_) if tx.has(*digest)? => Outcome::Had,
            Ok(good) => {
                tx.quarantine(removed.unit, removed.device, *digest, good.envelope.bytes(), now_millis)?;
                Outcome::Quarantined
            }
        };
        told.push(Told { digest: *digest, outcome });
    }
    Ok(told)
}

fn place(
    tx: &mut dyn Transaction,
    pusher: Pusher,
    good: &Good,
    fed: &mut BTreeSet<UnitId>,
) -> Result<Outcome, StoreError> {
    let header = &good.envelope.header;
    let digest = good.envelope.digest;
    if tx.has(digest)? {
        return Ok(Outcome::Had);
    }
    let mut holders = tx.holders(header.space)?;
    if !holders.iter().any(|(unit, _)| *unit == header.unit) {
        if !holders.is_empty() || !may_open(header, good.grant.as_ref()) {
            return Ok(Outcome::Refused(Refusal::NoGrant));
        }
        tx.hold(header.space, header.unit, Holding::Whole, pusher.now_millis)?;
        holders.push((header.unit, Holding::Whole));
    }
    let flagged = tx.has_id(header.id)?;
    tx.put(&NewEnvelope {
        digest,
        header,
        pushed_by: pusher.device,
        at_millis: pusher.now_millis,
        bytes: good.envelope.bytes(),
    })?;
    if flagged {
        tx.flag(digest, header.id)?;
    }
    if let Some(grant) = &good.grant {
        // Before the delivery, so that a holder whose share is widened reads the grant after what it opens.
        admit(tx, pusher, header, grant, &holders, fed)?;
    }
    if header.purpose == Purpose::Capture {
        // Sealed to the unit's own circle: of no use to another.
        tx.deliver(header.unit, digest)?;
        fed.insert(header.unit);
    } else {
        for (unit, _) in &holders {
            tx.deliver(*unit, digest)?;
            fed.insert(*unit);
        }
    }
    Ok(if flagged { Outcome::Flagged } else { Outcome::Stored })
}

/// A space nobody holds is opened by a capture, or by a grant that names its own unit.
fn may_open(header: &Header, grant: Option<&GrantBody>) -> bool {
    match header.purpose {
        Purpose::Capture => true,
        Purpose::Grant => grant.is_some_and(|grant| grant.recipients.iter().any(|to| to.unit == header.unit)),
        _ => false,
    }
}

/// Makes the units that a stored grant names holders, and gives each what it lacks, the grant itself included.
fn admit(
    tx: &mut dyn Transaction,
    pusher: Pusher,
    header: &Header,
    grant: &GrantBody,
    holders: &[(UnitId, Holding)],
    fed: &mut BTreeSet<UnitId>,
) -> Result<(), StoreError> {
    let (holding, what) = match grant.scope {
        Scope::Whole => (Holding::Whole, Backfill::Whole),
        Scope::FromHere => (Holding::FromHere, Backfill::Under(header.kid)),
    };
    let units: BTreeSet<UnitId> = grant.recipients.iter().map(|recipient| recipient.unit).collect();
    for unit in units {
        if holders.contains(&(unit, Holding::Whole)) {
            continue;
        }
        tx.hold(header.space, unit, holding, pusher.now_millis)?;
        tx.backfill(unit, header.space, what)?;
        fed.insert(unit);
    }
    Ok(())
}
