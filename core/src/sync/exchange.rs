//! The state machine: what to ask next, and what an answer changes. No network, no clock; works with the vault locked.

use himaya_wire::{
    Answer, DeviceId, Digest, Envelope, Item, ItemBody, Outcome, Purpose, Receipt, Registries, Request, Sign,
    Stamp, Told, UnitId, limits, read_grant, sign_receipt,
};
use minicbor::bytes::ByteVec;

use super::SyncError;
use crate::store::{Carrier, InboxRow};

/// Most bytes of envelopes in one request: below the limit, with room for entries and the request's own form.
const BATCH_BYTES: usize = limits::REQUEST_BYTES / 2;

/// How the device wants this exchange.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// How long the hub may hold the answer, seconds.
    pub wait_s: u32,
    /// Most items wanted.
    pub limit: u32,
    /// A random number for the request.
    pub nonce: u64,
    /// Now, milliseconds since the Unix epoch.
    pub now_millis: i64,
}

/// Which device of which unit asks.
#[derive(Clone, Copy, Debug)]
pub struct Me {
    /// The unit.
    pub unit: UnitId,
    /// The device.
    pub device: DeviceId,
}

/// What an answer changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Envelopes of ours that the hub now holds.
    pub sent: u32,
    /// Envelopes of ours that it refused; kept.
    pub refused: u32,
    /// Envelopes received.
    pub received: u32,
    /// Registry entries that count.
    pub entries: u32,
    /// Registry entries that do not: a second one at a number, or a signer without the right.
    pub alarms: u32,
    /// The hub has another history than before: all is pulled again.
    pub restarted: bool,
    /// More is waiting, here or there.
    pub more: bool,
}

/// The next request. Nothing changes until its answer is absorbed, so an abandoned one is simply made again.
pub fn plan(carrier: &Carrier, ask: &Ask) -> Result<Request, SyncError> {
    let cursor = carrier.cursor()?;
    let entries = carrier.pending_entries(limits::PUSH_ENTRIES)?;
    let outbox = carrier.outbox_batch(limits::PUSH_ENVELOPES, BATCH_BYTES)?;
    // A device waits for news only when it has nothing to say.
    let wait_s = if entries.is_empty() && outbox.is_empty() { ask.wait_s } else { 0 };
    Ok(Request {
        at_millis: ask.now_millis,
        nonce: ask.nonce,
        incarnation: cursor.incarnation,
        push: outbox.into_iter().map(|row| ByteVec::from(row.envelope)).collect(),
        entries: entries.into_iter().map(|row| ByteVec::from(row.bytes)).collect(),
        after: cursor.after,
        entries_after: cursor.entries_after,
        limit: ask.limit.min(limits::PAGE_ITEMS),
        wait_s,
        all: carrier.wants_all()?,
    })
}

/// Takes an answer in. Every step is idempotent: an answer that comes twice, or after a kill in the middle, changes
/// nothing more.
pub fn absorb(
    carrier: &Carrier,
    registries: &mut Registries,
    me: Me,
    device_key: &dyn Sign,
    request: &Request,
    answer: &Answer,
    now_millis: i64,
) -> Result<Progress, SyncError> {
    let mut progress = Progress::default();
    settle_entries(carrier, request, answer, &mut progress)?;
    settle_outbox(carrier, request, answer, &mut progress)?;
    if request.incarnation.is_some_and(|known| known != answer.incarnation) {
        // The hub was restored from a backup. What it told by position before means nothing now.
        carrier.restart(Some(answer.incarnation))?;
        *registries = Registries::new(registries.authority().clone());
        for bytes in carrier.all_entries()? {
            let _ = registries.apply(&bytes);
        }
        progress.restarted = true;
        progress.more = true;
        return Ok(progress);
    }
    take_registry(carrier, registries, request, answer, &mut progress)?;
    take_items(carrier, request, answer, &mut progress)?;
    make_receipts(carrier, registries, me, device_key, answer, now_millis)?;
    progress.more = answer.more || !carrier.outbox_batch(1, BATCH_BYTES)?.is_empty();
    Ok(progress)
}

fn settle_entries(
    carrier: &Carrier,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    for told in matching(&request.entries, &answer.entries) {
        match told.outcome {
            Outcome::Refused(refusal) if refusal.can_retry() => progress.refused += 1,
            Outcome::Refused(_) => {
                carrier.drop_pending_entry(&told.digest)?;
                progress.alarms += 1;
            }
            _ => carrier.drop_pending_entry(&told.digest)?,
        }
    }
    Ok(())
}

fn settle_outbox(
    carrier: &Carrier,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let mut kept = Vec::new();
    for told in matching(&request.push, &answer.push) {
        match told.outcome {
            Outcome::Refused(refusal) => {
                carrier.refused(&told.digest, refusal as u8, refusal.can_retry())?;
                progress.refused += 1;
            }
            _ => kept.push(told.digest),
        }
    }
    carrier.clear(&kept, answer.at_millis)?;
    progress.sent = count(kept.len());
    Ok(())
}

/// Only what was in this very request is settled by its answer: a hub cannot clear what it was not given.
fn matching<'a>(pushed: &'a [ByteVec], told: &'a [Told]) -> impl Iterator<Item = Told> + 'a {
    let digests: std::collections::BTreeSet<Digest> = pushed.iter().map(|bytes| Digest::of(bytes)).collect();
    told.iter().copied().filter(move |told| digests.contains(&told.digest))
}

fn take_registry(
    carrier: &Carrier,
    registries: &mut Registries,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let mut after = request.entries_after;
    let mut counted = Vec::new();
    for item in &answer.registry {
        if item.position != after + 1 {
            return Err(SyncError::Dishonest("gap in the registries"));
        }
        after = item.position;
        match registries.apply(&item.entry) {
            Ok((_, himaya_wire::Applied::New)) => {
                counted.push((item.position, item.entry.to_vec()));
                progress.entries += 1;
            }
            Ok((_, himaya_wire::Applied::Had)) => {}
            Err(_) => progress.alarms += 1,
        }
    }
    carrier.put_entries(answer.incarnation, &counted, after)?;
    if progress.alarms > 0 {
        carrier.raise_alarms(progress.alarms)?;
    }
    Ok(())
}

fn take_items(
    carrier: &Carrier,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let mut after = request.after;
    let mut rows = Vec::with_capacity(answer.items.len());
    for item in &answer.items {
        if item.position != after + 1 {
            return Err(SyncError::Dishonest("gap in the feed"));
        }
        after = item.position;
        if matches!(item.what, ItemBody::Envelope(_)) {
            progress.received += 1;
        }
        rows.push(inbox_row(item));
    }
    carrier.put_page(answer.incarnation, &rows, after)?;
    Ok(())
}

fn inbox_row(item: &Item) -> InboxRow {
    let (digest, envelope) = match &item.what {
        ItemBody::Envelope(bytes) => (Digest::of(bytes), Some(bytes.to_vec())),
        ItemBody::Own(digest) => (*digest, None),
    };
    InboxRow { position: item.position, stored_at_millis: item.stored_at_millis, digest, envelope }
}

/// Signs for each grant by which another unit gives this one a space: `received`, once a grant.
fn make_receipts(
    carrier: &Carrier,
    registries: &Registries,
    me: Me,
    device_key: &dyn Sign,
    answer: &Answer,
    now_millis: i64,
) -> Result<(), SyncError> {
    for item in &answer.items {
        let ItemBody::Envelope(bytes) = &item.what else { continue };
        let Ok(envelope) = Envelope::parse(bytes) else { continue };
        let header = &envelope.header;
        if header.purpose != Purpose::Grant || header.unit == me.unit {
            continue;
        }
        let names_us = read_grant(&envelope)
            .is_ok_and(|body| body.recipients.iter().any(|recipient| recipient.unit == me.unit));
        let signed = registries
            .author_key(header.unit, header.author)
            .is_some_and(|key| envelope.verify(key).is_ok());
        if names_us && signed {
            let receipt = Receipt { of: envelope.digest, at: Stamp::at_millis(now_millis) };
            let bytes = sign_receipt(&receipt, header.space, me.unit, me.device, device_key)?;
            carrier.enqueue_receipt(&envelope.digest, &bytes)?;
        }
    }
    Ok(())
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
