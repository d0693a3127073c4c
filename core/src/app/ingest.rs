//! Taking in what arrived: from the sealed inbox to the log, opened where a key is here, held where not.

use std::collections::BTreeSet;

use himaya_wire::{
    Envelope, Item, ItemBody, Kid, Purpose, Registries, SpaceId, WireError, open_event, read_grant, read_receipt,
};
use rusqlite::Transaction;
use serde::Serialize;

use super::error::AppError;
use super::project;
use super::session::Session;
use crate::record::EventBody;
use crate::store::carrier::{self, InboxRow};
use crate::store::{self, Appended, HeldReason, HeldRow, HolderRow, LogRow, Origin, ReceiptRow, SpaceKeyRow};
use crate::sync::{STATE_REOFFER, STATE_WANTS_ALL};
use crate::vault::{Unlocked, VaultError};

/// The place of the last inbox item taken in: kept beside the records and by the carrier, to notice when one of the two
/// is put back from an older copy.
const TAKEN: &str = "taken";
/// Items taken from the inbox in one transaction: large enough to share its cost, small enough to lose little.
const PAGE: usize = 500;

/// What taking in came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IngestReport {
    /// Envelopes new here.
    pub new: u32,
    /// Events opened, those that were held before too.
    pub opened: u32,
    /// Envelopes held: no key yet, author not known yet, or not understood.
    pub held: u32,
    /// Items that told only that the hub has what was sent.
    pub confirmed: u32,
    /// Spaces that changed.
    pub spaces: u32,
    /// Envelopes that this device had sent and its records did not have.
    pub lost: u32,
}

/// One page being taken in.
struct Intake<'a> {
    session: &'a Session,
    unlocked: &'a Unlocked,
    registries: &'a Registries,
    touched: BTreeSet<SpaceId>,
    report: IngestReport,
}

impl Session {
    /// Opens what arrived while locked. Each item leaves the sealed inbox only after it is on the disk here.
    pub fn ingest(&self) -> Result<IngestReport, AppError> {
        let mut report = IngestReport::default();
        self.forget_old_history()?;
        if self.open_new_circles() {
            self.retry_all(&mut report)?;
        }
        if self.registries_changed()? {
            self.forget_all();
            self.retry_all(&mut report)?;
        }
        loop {
            let rows = self.device.0.carrier.read(|read| carrier::take(read, PAGE))?;
            if rows.is_empty() {
                break;
            }
            let full = rows.len() == PAGE;
            let spaces = self.take_page(&rows, &mut report)?;
            self.forget(&spaces);
            self.device.0.carrier.write(|tx| {
                for row in &rows {
                    carrier::done(tx, row.seq)?;
                }
                match rows.last() {
                    Some(last) => carrier::put_state(tx, TAKEN, &last.seq.to_be_bytes()),
                    None => Ok(()),
                }
            })?;
            if !full {
                break;
            }
        }
        self.reoffer_after_restore()?;
        Ok(report)
    }

    fn take_page(&self, rows: &[InboxRow], report: &mut IngestReport) -> Result<Vec<SpaceId>, AppError> {
        let _one_at_a_time = self.writing_guard();
        let registries = self.registries();
        let unlocked = self.unlocked();
        let (touched, page) = self.store.write_with(|tx| {
            let mut intake = Intake::new(self, &unlocked, &registries);
            for row in rows {
                intake.take(tx, row)?;
            }
            if let Some(last) = rows.last() {
                store::put_setting(tx, TAKEN, &last.seq.to_be_bytes())?;
            }
            intake.finish(tx)?;
            Ok::<_, AppError>((intake.touched, intake.report))
        })?;
        report.add(page);
        if page.lost > 0 {
            self.ask_all_back()?;
        }
        Ok(touched.into_iter().collect())
    }

    /// Whether the records are older than what the carrier remembers to have given them: an older copy was put back.
    pub(super) fn records_fell_back(&self) -> Result<bool, AppError> {
        let number =
            |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        let given = number(self.device.0.carrier.read(|read| carrier::state(read, TAKEN))?);
        Ok(number(self.store.read(|read| store::setting(read, TAKEN))?) < given)
    }

    /// The records are an older copy: what came and what this device sent since is asked back from the hub, and what
    /// still waits to be sent is taken from the outbox at once.
    pub(super) fn ask_all_back(&self) -> Result<(), AppError> {
        Ok(self.device.0.carrier.write(|tx| {
            let waiting = carrier::outbox_rows(tx)?.into_iter().map(|row| Item {
                position: 0,
                stored_at_millis: 0,
                what: ItemBody::Envelope(row.envelope.into()),
            });
            carrier::put_page(tx, &waiting.collect::<Vec<_>>(), &carrier::cursor(tx)?)?;
            carrier::put_state(tx, STATE_WANTS_ALL, &[1])?;
            match carrier::cursor(tx)?.incarnation {
                Some(incarnation) => carrier::restart(tx, incarnation),
                None => Ok(()),
            }
        })?)
    }

    /// Tries again what is held, after a key or a registry arrived.
    fn retry_all(&self, report: &mut IngestReport) -> Result<(), AppError> {
        let _one_at_a_time = self.writing_guard();
        let registries = self.registries();
        let unlocked = self.unlocked();
        let (touched, page) = self.store.write_with(|tx| {
            let mut intake = Intake::new(self, &unlocked, &registries);
            for row in store::held(tx)? {
                if row.reason.can_retry() {
                    intake.retry(tx, &row)?;
                }
            }
            intake.finish(tx)?;
            Ok::<_, AppError>((intake.touched, intake.report))
        })?;
        drop(unlocked);
        drop(registries);
        report.add(page);
        self.forget(&touched.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Whether registry entries came since the records were last judged. Then rights may be others now: what was set
    /// aside may count, and what removed members wrote may not.
    fn registries_changed(&self) -> Result<bool, AppError> {
        let count = self.device.0.carrier.read(carrier::entry_count)?.to_be_bytes();
        if self.store.read(|read| store::setting(read, "judged_entries"))?.is_some_and(|known| known == count) {
            return Ok(false);
        }
        let _one_at_a_time = self.writing_guard();
        let registries = self.registries();
        let members = registries.units().flat_map(|unit| &unit.members);
        let removed: Vec<_> = members.filter(|(_, member)| member.removed.is_some()).map(|(id, _)| *id).collect();
        self.store.write_with(|tx| {
            let mut spaces: BTreeSet<SpaceId> = store::unsettled_spaces(tx)?.into_iter().collect();
            for member in &removed {
                spaces.extend(store::spaces_by(tx, member.as_bytes())?);
            }
            for space in spaces {
                project::refresh(tx, self, &registries, space)?;
            }
            store::put_setting(tx, "judged_entries", &count)?;
            Ok(true)
        })
    }

    /// After a hub was restored from a backup the log forgets what the old history had, before anything of the new one
    /// is taken in: the pull from zero tells anew.
    fn forget_old_history(&self) -> Result<(), AppError> {
        let carrier = &self.device.0.carrier;
        if carrier.read(|read| carrier::state(read, STATE_REOFFER))?.as_deref() == Some(&[1]) {
            self.store.write(store::mark_all_unconfirmed)?;
            carrier.write(|tx| carrier::put_state(tx, STATE_REOFFER, &[2]))?;
        }
        Ok(())
    }

    /// After a hub was restored from a backup: what its feed did not tell, though this device has it, is offered again,
    /// byte for byte. What a pull that broke off has not told yet is offered too, and the hub says that it had it.
    fn reoffer_after_restore(&self) -> Result<(), AppError> {
        let carrier = &self.device.0.carrier;
        if carrier.read(|read| carrier::state(read, STATE_REOFFER))?.as_deref() == Some(&[2]) {
            self.offer_unconfirmed()?;
            carrier.write(|tx| carrier::remove_state(tx, STATE_REOFFER))?;
        }
        Ok(())
    }
}

impl<'a> Intake<'a> {
    fn new(session: &'a Session, unlocked: &'a Unlocked, registries: &'a Registries) -> Self {
        Self { session, unlocked, registries, touched: BTreeSet::new(), report: IngestReport::default() }
    }

    fn take(&mut self, tx: &Transaction<'_>, row: &InboxRow) -> Result<(), AppError> {
        let Some(bytes) = &row.envelope else {
            self.report.confirmed += 1;
            let here = store::mark_confirmed(tx, row.digest, Some(row.stored_at_millis))?;
            self.report.lost += u32::from(!here);
            return Ok(());
        };
        // An item without a position came by a bundle: the hub has said nothing of it.
        let from_hub = row.position > 0;
        let stored_at = from_hub.then_some(row.stored_at_millis);
        let envelope = match Envelope::parse(bytes) {
            Ok(envelope) => envelope,
            Err(error) => return self.hold_unparsed(tx, row, bytes, &error),
        };
        let header = &envelope.header;
        let log = LogRow {
            seq: 0,
            digest: envelope.digest,
            id: header.id,
            space: header.space,
            unit: header.unit,
            author: header.author,
            purpose: header.purpose,
            kid: header.kid,
            stamp: None,
            envelope: bytes.clone(),
            body: None,
            stored_at_millis: stored_at,
            confirmed: from_hub,
            origin: if from_hub { Origin::Pulled } else { Origin::Bundle },
        };
        match store::append(tx, &log)? {
            Appended::New(_) => self.report.new += 1,
            Appended::Had => {
                if from_hub {
                    store::mark_confirmed(tx, envelope.digest, stored_at)?;
                }
                return Ok(());
            }
            Appended::Erased => return Ok(()),
        }
        self.open(tx, &envelope)
    }

    /// Checks, opens and keeps one envelope that stands in the log; or holds it, and says why.
    fn open(&mut self, tx: &Transaction<'_>, envelope: &Envelope) -> Result<(), AppError> {
        let header = &envelope.header;
        self.touched.insert(header.space);
        let reason = match self.try_open(tx, envelope)? {
            Ok(()) => {
                store::release(tx, envelope.digest)?;
                return Ok(());
            }
            Err(reason) => reason,
        };
        self.report.held += 1;
        store::hold(
            tx,
            &HeldRow {
                digest: envelope.digest,
                space: Some(header.space),
                kid: Some(header.kid),
                reason,
                tries: 0,
                first_seen_millis: self.session.now_millis(),
                bytes: None,
            },
        )?;
        Ok(())
    }

    fn try_open(&mut self, tx: &Transaction<'_>, envelope: &Envelope) -> Result<Result<(), HeldReason>, AppError> {
        let header = &envelope.header;
        let Some(key) = self.registries.author_key(header) else { return Ok(Err(HeldReason::UnknownAuthor)) };
        if envelope.verify(key).is_err() {
            return Ok(Err(HeldReason::Signature));
        }
        match header.purpose {
            Purpose::Event => self.open_event(tx, envelope),
            Purpose::Grant => self.open_grant(tx, envelope),
            Purpose::Capture => self.open_capture(tx, envelope),
            Purpose::Receipt => take_receipt(tx, envelope),
            _ => Ok(Err(HeldReason::Malformed)),
        }
    }

    fn open_event(&mut self, tx: &Transaction<'_>, envelope: &Envelope) -> Result<Result<(), HeldReason>, AppError> {
        let header = &envelope.header;
        let Some(key) = store::key(tx, header.space, header.kid)? else { return Ok(Err(HeldReason::MissingKey)) };
        let body = match open_event(envelope, &key) {
            Ok(body) => body,
            Err(WireError::Version(_)) => return Ok(Err(HeldReason::Newer)),
            Err(_) => return Ok(Err(HeldReason::DoesNotOpen)),
        };
        // A body that this program cannot read may be a newer one's; it stays sealed in the log until then.
        let Ok(event) = himaya_wire::decode::<EventBody>(&body, "event") else { return Ok(Err(HeldReason::Newer)) };
        store::set_body(tx, envelope.digest, Some(event.stamp), &body)?;
        self.session.witness(event.stamp);
        self.report.opened += 1;
        Ok(Ok(()))
    }

    fn open_grant(&mut self, tx: &Transaction<'_>, envelope: &Envelope) -> Result<Result<(), HeldReason>, AppError> {
        let header = &envelope.header;
        let Ok(grant) = read_grant(envelope) else { return Ok(Err(HeldReason::Malformed)) };
        for recipient in &grant.recipients {
            let row = HolderRow {
                space: header.space,
                unit: recipient.unit,
                grant: envelope.digest,
                granted_by: header.unit,
                circle: recipient.circle,
                circle_kid: recipient.key,
                seq: 0,
            };
            store::put_holder(tx, &row)?;
        }
        if !grant.recipients.iter().any(|recipient| recipient.unit == self.session.unit()) {
            return Ok(Ok(()));
        }
        match self.unlocked.open_grant(envelope, self.registries) {
            Ok(key) => {
                let kid = key.kid();
                let row = SpaceKeyRow {
                    space: header.space,
                    key,
                    granted_by: header.unit,
                    scope: grant.scope,
                    from_digest: Some(envelope.digest),
                };
                store::put_key(tx, &row)?;
                self.retry_kid(tx, header.space, kid)?;
                Ok(Ok(()))
            }
            Err(VaultError::NoKey(_)) => Ok(Err(HeldReason::MissingKey)),
            Err(_) => Ok(Err(HeldReason::DoesNotOpen)),
        }
    }

    fn open_capture(&mut self, tx: &Transaction<'_>, envelope: &Envelope) -> Result<Result<(), HeldReason>, AppError> {
        match self.unlocked.open_capture(envelope, self.registries) {
            Ok(body) => {
                let stamp = himaya_wire::decode::<EventBody>(&body, "capture").ok().map(|event| event.stamp);
                store::set_body(tx, envelope.digest, stamp, &body)?;
                self.report.opened += 1;
                Ok(Ok(()))
            }
            Err(VaultError::NoKey(_)) => Ok(Err(HeldReason::MissingKey)),
            Err(_) => Ok(Err(HeldReason::DoesNotOpen)),
        }
    }

    fn retry_kid(&mut self, tx: &Transaction<'_>, space: SpaceId, kid: Kid) -> Result<(), AppError> {
        for row in store::held_by_kid(tx, kid)? {
            if row.space == Some(space) && row.reason == HeldReason::MissingKey {
                self.retry(tx, &row)?;
            }
        }
        Ok(())
    }

    fn retry(&mut self, tx: &Transaction<'_>, row: &HeldRow) -> Result<(), AppError> {
        if let Some(log) = store::event(tx, row.digest)?
            && let Ok(envelope) = Envelope::parse(&log.envelope)
        {
            return self.open(tx, &envelope);
        }
        Ok(())
    }

    fn hold_unparsed(
        &mut self,
        tx: &Transaction<'_>,
        row: &InboxRow,
        bytes: &[u8],
        error: &WireError,
    ) -> Result<(), AppError> {
        self.report.held += 1;
        let reason = if matches!(error, WireError::Version(_)) { HeldReason::Newer } else { HeldReason::Malformed };
        let held = HeldRow {
            digest: row.digest,
            space: None,
            kid: None,
            reason,
            tries: 0,
            first_seen_millis: self.session.now_millis(),
            bytes: Some(bytes.to_vec()),
        };
        Ok(store::hold(tx, &held)?)
    }

    fn finish(&mut self, tx: &Transaction<'_>) -> Result<(), AppError> {
        for space in &self.touched {
            project::refresh(tx, self.session, self.registries, *space)?;
        }
        let stamp = self.session.stamp().to_bits().to_be_bytes();
        store::put_setting(tx, "stamp", &stamp)?;
        self.report.spaces = u32::try_from(self.touched.len()).unwrap_or(u32::MAX);
        Ok(())
    }
}

fn take_receipt(tx: &Transaction<'_>, envelope: &Envelope) -> Result<Result<(), HeldReason>, AppError> {
    let Ok(receipt) = read_receipt(envelope) else { return Ok(Err(HeldReason::Malformed)) };
    let header = &envelope.header;
    let row = ReceiptRow {
        of: receipt.of,
        space: header.space,
        unit: header.unit,
        device: himaya_wire::DeviceId::from_bytes(header.author),
        at: receipt.at,
    };
    store::put_receipt(tx, &row)?;
    Ok(Ok(()))
}

impl IngestReport {
    fn add(&mut self, page: Self) {
        self.new += page.new;
        self.opened += page.opened;
        self.held += page.held;
        self.confirmed += page.confirmed;
        self.spaces += page.spaces;
        self.lost += page.lost;
    }
}
