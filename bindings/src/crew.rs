//! An unlocked worker.

use std::sync::{Arc, PoisonError, RwLock};

use himaya_core::app::{
    CaptureView, FileView, LineView, ListFilter, Locale, NearestView, NewAnswer, NewCall, NewContact, NewHandover,
    NewReferral, NewRound, NewSpotting, ReferralView, RoundView, Session, Settle, StatusView, SyncOptions, SyncReport,
    Words,
};
use himaya_core::record::SpaceKind;
use himaya_wire::{EventId, MemberId, SpaceId, UnitId};

use crate::{HimayaError, Search};

/// A worker's session on a device. After `lock`, or when the last holder drops it, its keys are gone from memory.
#[derive(uniffi::Object)]
pub struct Crew(RwLock<Option<Arc<Session>>>);

impl Crew {
    pub(crate) fn new(session: Session) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Some(Arc::new(session)))))
    }

    /// A call that is under way keeps the session until it ends: what it began, it finishes.
    pub(crate) fn session(&self) -> Result<Arc<Session>, HimayaError> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(HimayaError::locked)
    }
}

#[uniffi::export]
impl Crew {
    /// Locks. Every later call fails with `Locked`.
    pub fn lock(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The worker.
    pub fn member(&self) -> Result<MemberId, HimayaError> {
        Ok(self.session()?.member())
    }

    /// The worker's unit.
    pub fn unit(&self) -> Result<UnitId, HimayaError> {
        Ok(self.session()?.unit())
    }

    /// Whether the worker heads the unit.
    pub fn is_head(&self) -> Result<bool, HimayaError> {
        Ok(self.session()?.is_head())
    }

    /// Where everything stands, without a name.
    pub fn status(&self) -> Result<StatusView, HimayaError> {
        Ok(self.session()?.status()?)
    }

    /// Admits a newcomer whose code was taken in person. Gives the fingerprint that both read aloud.
    pub fn admit(&self, code: String, head: bool) -> Result<String, HimayaError> {
        Ok(self.session()?.admit(&code, head)?)
    }

    /// Starts a round, and lets the lock screen take captures.
    pub fn start_round(&self, new: NewRound) -> Result<RoundView, HimayaError> {
        Ok(self.session()?.start_round(&new)?)
    }

    /// The round that is open on this device.
    pub fn open_round(&self) -> Result<Option<RoundView>, HimayaError> {
        Ok(self.session()?.open_round()?)
    }

    /// Adds a contact to the open round. Gives how many people the round has met.
    pub fn contact(&self, new: NewContact) -> Result<u32, HimayaError> {
        Ok(self.session()?.contact(&new)?)
    }

    /// Ends the open round.
    pub fn end_round(&self, note: Option<String>) -> Result<RoundView, HimayaError> {
        Ok(self.session()?.end_round(note)?)
    }

    /// Records a spotting: on the disk before this returns.
    pub fn spot(&self, new: NewSpotting) -> Result<LineView, HimayaError> {
        Ok(self.session()?.spot(&new)?)
    }

    /// Captures of the lock screen that nobody has claimed, oldest first.
    pub fn captures(&self) -> Result<Vec<CaptureView>, HimayaError> {
        Ok(self.session()?.captures()?)
    }

    /// Claims a capture: its words become a spotting.
    pub fn claim(&self, capture: EventId) -> Result<LineView, HimayaError> {
        Ok(self.session()?.claim(capture)?)
    }

    /// Lines of these kinds, newest first.
    pub fn list(&self, kinds: Vec<SpaceKind>, limit: u32) -> Result<Vec<LineView>, HimayaError> {
        Ok(self.session()?.list(&ListFilter { kinds, limit: limit as usize })?)
    }

    /// Files and rounds whose words begin with what was typed, newest first.
    pub fn search(&self, text: String, limit: u32) -> Result<Vec<LineView>, HimayaError> {
        Ok(self.session()?.search(&text, limit as usize)?)
    }

    /// A space by its number, or the beginning of its id.
    pub fn find(&self, number: String) -> Result<SpaceId, HimayaError> {
        Ok(self.session()?.find(&number)?)
    }

    /// A file, spotting, card or round, whole.
    pub fn show(&self, space: SpaceId) -> Result<FileView, HimayaError> {
        Ok(self.session()?.show(space)?)
    }

    /// Opens a child's file from a spotting. The second time gives the same file.
    pub fn open_file(&self, spotting: SpaceId) -> Result<LineView, HimayaError> {
        Ok(self.session()?.open_file(spotting)?)
    }

    /// Writes a field from text. An empty text empties it.
    pub fn edit(
        &self,
        space: SpaceId,
        field: String,
        element: Option<EventId>,
        text: String,
    ) -> Result<FileView, HimayaError> {
        Ok(self.session()?.edit(space, &field, element, &text)?)
    }

    /// Settles a field that has two answers, by one of them.
    pub fn settle(
        &self,
        space: SpaceId,
        field: String,
        element: Option<EventId>,
        keep: EventId,
    ) -> Result<FileView, HimayaError> {
        Ok(self.session()?.settle(space, &field, element, Settle::Keep(keep))?)
    }

    /// Sends a referral.
    pub fn refer(&self, space: SpaceId, new: NewReferral) -> Result<ReferralView, HimayaError> {
        Ok(self.session()?.refer(space, &new)?)
    }

    /// Referrals to this unit, newest first.
    pub fn inbox(&self) -> Result<Vec<ReferralView>, HimayaError> {
        Ok(self.session()?.inbox()?)
    }

    /// Referrals by this unit, newest first.
    pub fn sent(&self) -> Result<Vec<ReferralView>, HimayaError> {
        Ok(self.session()?.sent()?)
    }

    /// Answers a referral that came in, or takes back one that was sent.
    pub fn answer(&self, referral: EventId, answer: NewAnswer) -> Result<ReferralView, HimayaError> {
        Ok(self.session()?.answer(referral, answer)?)
    }

    /// Records a telephone call: in the child's file if one is named, and in the guide.
    pub fn call(&self, space: Option<SpaceId>, new: NewCall) -> Result<(), HimayaError> {
        Ok(self.session()?.call(space, &new)?)
    }

    /// Records that the child was handed over.
    pub fn handover(&self, space: SpaceId, new: NewHandover) -> Result<(), HimayaError> {
        Ok(self.session()?.handover(space, &new)?)
    }

    /// The nearest suitable services, with reasons in a language (`ar`, `fr`, `en`). No network.
    pub fn nearest(&self, search: Search, language: String) -> Result<NearestView, HimayaError> {
        let words = Words::new(language.parse::<Locale>()?);
        Ok(self.session()?.nearest(&search.into(), &words)?)
    }

    /// Pushes, pulls and opens what arrived. Waits up to `wait_s` seconds for news. Blocks.
    pub fn sync_blocking(&self, wait_s: u32) -> Result<SyncReport, HimayaError> {
        Ok(self.session()?.sync(SyncOptions { wait_s })?)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Crew {
    /// Pushes, pulls and opens what arrived. A caller that stops waiting does not stop it.
    pub async fn sync(&self, wait_s: u32) -> Result<SyncReport, HimayaError> {
        let session = self.session()?;
        let done = tokio::task::spawn_blocking(move || session.sync(SyncOptions { wait_s })).await;
        Ok(done.map_err(|_| HimayaError::broken("sync-task"))??)
    }
}
