//! The state machine: what to ask next, and what an answer changes. No network, no clock; works with the vault locked.

use himaya_wire::{
    Answer, DeviceId, Digest, Entry, Envelope, Item, ItemBody, Outcome, Owner, Purpose, Receipt, Registries, Request,
    Sign, Stamp, Told, UnitId, limits, read_grant, sign_receipt,
};
use minicbor::bytes::ByteVec;
use rusqlite::{Connection, Transaction};

use super::SyncError;
use crate::store::carrier::{self, Carrier, Cursor};

/// The position of an inbox item that did not come by the feed but by the hub's word on a push. Only its being above
/// zero counts: zero is what came by hand.
const TOLD: u64 = 1;

/// Carrier state: envelopes that this device pushed itself are wanted back, because its records lost them. Taken away
/// once a whole pull has been taken in.
pub const STATE_WANTS_ALL: &str = "wants_all";
/// Carrier state: how often the registries or the hub broke the rules.
pub const STATE_ALARMS: &str = "alarms";
/// Carrier state: the hub's history began anew; what it lost is offered again after the next whole pull. The value is 1
/// until the records have forgotten what the old history had, then 2.
pub const STATE_REOFFER: &str = "reoffer";

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
    /// The unit; none before its registry arrived.
    pub unit: Option<UnitId>,
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
    carrier.read_with(|connection| {
        let cursor = carrier::cursor(connection)?;
        let entries = carrier::pending_entries(connection)?;
        let outbox = carrier::batch(connection, limits::PUSH_ENVELOPES, BATCH_BYTES)?;
        let entries: Vec<ByteVec> = entries
            .into_iter()
            .filter(|row| !row.parked)
            .take(limits::PUSH_ENTRIES)
            .map(|row| ByteVec::from(row.bytes))
            .collect();
        // A device waits for news only when it has nothing to say.
        let wait_s = if entries.is_empty() && outbox.is_empty() { ask.wait_s } else { 0 };
        Ok(Request {
            at_millis: ask.now_millis,
            nonce: ask.nonce,
            incarnation: cursor.incarnation,
            push: outbox.into_iter().map(|row| ByteVec::from(row.envelope)).collect(),
            entries,
            after: cursor.after,
            entries_after: cursor.entries_after,
            limit: ask.limit.min(limits::PAGE_ITEMS),
            wait_s,
            all: carrier::state(connection, STATE_WANTS_ALL)?.is_some(),
        })
    })
}

/// Takes an answer in, whole or not at all: one transaction of the carrier. An answer that comes twice, or after a
/// kill in the middle, changes nothing more.
pub fn absorb(
    carrier: &Carrier,
    registries: &mut Registries,
    me: Me,
    device_key: &dyn Sign,
    request: &Request,
    answer: &Answer,
    now_millis: i64,
) -> Result<Progress, SyncError> {
    check_positions(request, answer)?;
    carrier.write_with(|tx| {
        let mut progress = Progress::default();
        let restarted = request.incarnation.is_some_and(|known| known != answer.incarnation);
        if restarted {
            // Before its answer to this push, which belongs to the new history.
            carrier::forget_history(tx)?;
        }
        settle_entries(tx, request, answer, &mut progress)?;
        settle_outbox(tx, request, answer, &mut progress)?;
        if restarted {
            // The hub was restored from a backup. What it told by position before means nothing now.
            carrier::restart(tx, answer.incarnation)?;
            carrier::put_state(tx, STATE_REOFFER, &[1])?;
            queue_all_entries(tx, me.unit)?;
            carrier::unpark(tx)?;
            progress.restarted = true;
            progress.more = true;
            return Ok(progress);
        }
        take_registry(tx, registries, request, answer, &mut progress)?;
        take_items(tx, request, answer, &mut progress)?;
        if request.all && !answer.more {
            // All of it is here again: from now on its digests do, which are lighter.
            carrier::remove_state(tx, STATE_WANTS_ALL)?;
        }
        make_receipts(tx, registries, me, device_key, answer, now_millis)?;
        raise_alarms(tx, progress.alarms)?;
        // What the hub refused but may take later is for the next exchange: asking again at once would not end.
        // Each round has to move something, so a hub that says "more" and gives nothing is left alone.
        let told = progress.sent > 0 || progress.refused > 0 || !answer.entries.is_empty();
        let moved = told || !answer.items.is_empty() || !answer.registry.is_empty();
        progress.more = moved && (answer.more || waits_unrefused(tx)?);
        Ok(progress)
    })
}

/// A feed without gaps is the hub's promise; one that leaves something out is not taken.
fn check_positions(request: &Request, answer: &Answer) -> Result<(), SyncError> {
    if !gap_free(request.after, answer.items.iter().map(|item| item.position)) {
        return Err(SyncError::Dishonest("gap in the feed"));
    }
    if !gap_free(request.entries_after, answer.registry.iter().map(|item| item.position)) {
        return Err(SyncError::Dishonest("gap in the registries"));
    }
    Ok(())
}

fn gap_free(after: u64, positions: impl Iterator<Item = u64>) -> bool {
    (after.saturating_add(1)..).zip(positions).all(|(expected, position)| expected == position)
}

fn settle_entries(
    tx: &Transaction<'_>,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    for told in matching(&request.entries, &answer.entries) {
        if let Outcome::Refused(refusal) = told.outcome {
            carrier::refused_entry(tx, told.digest, refusal)?;
            progress.refused += 1;
            progress.alarms += u32::from(!refusal.can_retry());
        } else {
            carrier::clear_entry(tx, told.digest)?;
        }
    }
    Ok(())
}

fn settle_outbox(
    tx: &Transaction<'_>,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let mut kept = Vec::new();
    for told in matching(&request.push, &answer.push) {
        if let Outcome::Refused(refusal) = told.outcome {
            carrier::refused(tx, told.digest, refusal)?;
            progress.refused += 1;
        } else {
            progress.sent += u32::from(carrier::clear(tx, told.digest)?);
            // The records learn it at the next unlock.
            let what = ItemBody::Own(told.digest);
            kept.push(Item { position: TOLD, stored_at_millis: answer.at_millis, what });
        }
    }
    let here = carrier::cursor(tx)?;
    carrier::put_page(tx, &kept, &here)?;
    Ok(())
}

/// Only what was in this very request is settled by its answer: a hub cannot clear what it was not given.
fn matching<'a>(pushed: &'a [ByteVec], told: &'a [Told]) -> impl Iterator<Item = Told> + 'a {
    let digests: std::collections::BTreeSet<Digest> = pushed.iter().map(|bytes| Digest::of(bytes)).collect();
    told.iter().copied().filter(move |told| digests.contains(&told.digest))
}

fn take_registry(
    tx: &Transaction<'_>,
    registries: &mut Registries,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let mut counted = Vec::with_capacity(answer.registry.len());
    for item in &answer.registry {
        match registries.apply(&item.entry) {
            Ok((_, applied)) => {
                progress.entries += u32::from(applied == himaya_wire::Applied::New);
                counted.push(item.clone());
            }
            Err(_) => progress.alarms += 1,
        }
    }
    let last = answer.registry.last().map_or(request.entries_after, |item| item.position);
    let next = Cursor { incarnation: Some(answer.incarnation), after: request.after, entries_after: last };
    carrier::put_entries(tx, &counted, &next)?;
    Ok(())
}

fn take_items(
    tx: &Transaction<'_>,
    request: &Request,
    answer: &Answer,
    progress: &mut Progress,
) -> Result<(), SyncError> {
    let last = answer.items.last().map_or(request.after, |item| item.position);
    let entries_after = carrier::cursor(tx)?.entries_after;
    let next = Cursor { incarnation: Some(answer.incarnation), after: last, entries_after };
    carrier::put_page(tx, &answer.items, &next)?;
    let received = answer.items.iter().filter(|item| matches!(item.what, ItemBody::Envelope(_))).count();
    progress.received = u32::try_from(received).unwrap_or(u32::MAX);
    Ok(())
}

/// Signs for each grant by which another unit gives this one a space: `received`, once a grant.
fn make_receipts(
    tx: &Transaction<'_>,
    registries: &Registries,
    me: Me,
    device_key: &dyn Sign,
    answer: &Answer,
    now_millis: i64,
) -> Result<(), SyncError> {
    let Some(unit) = me.unit else { return Ok(()) };
    for item in &answer.items {
        let ItemBody::Envelope(bytes) = &item.what else { continue };
        let Ok(envelope) = Envelope::parse(bytes) else { continue };
        let header = &envelope.header;
        if header.purpose != Purpose::Grant || header.unit == unit {
            continue;
        }
        let names_us =
            read_grant(&envelope).is_ok_and(|body| body.recipients.iter().any(|recipient| recipient.unit == unit));
        let signed = registries.author_key(header).is_some_and(|key| envelope.verify(key).is_ok());
        if names_us && signed && carrier::first_receipt(tx, envelope.digest)? {
            let receipt = Receipt { of: envelope.digest, at: Stamp::at_millis(now_millis) };
            let bytes = sign_receipt(&receipt, header.space, unit, me.device, device_key)?;
            carrier::enqueue(tx, &[&bytes], now_millis)?;
            // The records keep it too.
            let item = Item { position: 0, stored_at_millis: 0, what: ItemBody::Envelope(bytes.into()) };
            let here = carrier::cursor(tx)?;
            carrier::put_page(tx, &[item], &here)?;
        }
    }
    Ok(())
}

/// Puts every registry entry in line again, for a hub that lost some or all. Those that make this device known come
/// first, so that they fit into the first request. Says whether any was not in line.
pub fn queue_all_entries(tx: &Transaction<'_>, unit: Option<UnitId>) -> Result<bool, SyncError> {
    let ours = |bytes: &[u8]| match Entry::parse(bytes).map(|entry| entry.owner) {
        Ok(Owner::Unit(owner)) => Some(owner) == unit,
        _ => true,
    };
    let (first, rest): (Vec<_>, Vec<_>) = carrier::all_entries(tx)?.into_iter().partition(|bytes| ours(bytes));
    let mut new = false;
    for bytes in first.iter().chain(&rest) {
        new |= carrier::queue_entry(tx, bytes)?;
    }
    Ok(new)
}

fn waits_unrefused(connection: &Connection) -> Result<bool, SyncError> {
    let envelope = carrier::batch(connection, 1, BATCH_BYTES)?.first().is_some_and(|row| row.refusals == 0);
    Ok(envelope || carrier::pending_entries(connection)?.iter().any(|row| row.last_refusal.is_none()))
}

/// Adds to the count of alarms that the screens show until a person has looked.
pub fn raise_alarms(tx: &Transaction<'_>, more: u32) -> Result<(), SyncError> {
    if more > 0 {
        let sum = alarms(tx)?.saturating_add(u64::from(more));
        carrier::put_state(tx, STATE_ALARMS, &sum.to_be_bytes())?;
    }
    Ok(())
}

/// How many alarms were raised.
pub fn alarms(connection: &Connection) -> Result<u64, SyncError> {
    let bytes = carrier::state(connection, STATE_ALARMS)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
}
