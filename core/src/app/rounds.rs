//! Rounds: started, with contacts counted in them, ended.

use himaya_wire::{EventId, SpaceId, Stamp};

use super::device::STATE_ROUND;
use super::error::AppError;
use super::save::Draft;
use super::session::Session;
use super::space::Space;
use super::spottings::TEXT_BYTES;
use super::views::{NewContact, NewRound, RoundView};
use crate::record::{self, AgeBand, SpaceKind, View, build, fields as f};
use crate::store::carrier;

/// Most people one contact may count: a crowd is a note, not a count.
const MOST_PEOPLE: u16 = 1_000;

impl Session {
    /// Starts a round for the unit on this device, and lets the lock screen take captures. Refused while one is open.
    pub fn start_round(&self, new: &NewRound) -> Result<RoundView, AppError> {
        if self.open_round()?.is_some() {
            return Err(AppError::refused("round", "error-round-open"));
        }
        check_texts([&new.vehicle, &new.note])?;
        let space = SpaceId::make_random();
        let round = build::NewRound {
            started: Stamp::at_millis(self.now_millis()),
            crew: if new.crew.is_empty() { vec![self.member()] } else { new.crew.clone() },
            vehicle: new.vehicle.clone(),
            note: new.note.clone(),
        };
        // First, so that a round that is refused or cut off here is not half begun; see `open_round`.
        self.device.0.carrier.write(|tx| carrier::put_state(tx, STATE_ROUND, space.as_bytes()))?;
        self.save(&[Draft::new(space, SpaceKind::Round, build::start_round(&View::default(), &round))])?;
        self.round(space)
    }

    /// The round that is open on this device.
    pub fn open_round(&self) -> Result<Option<RoundView>, AppError> {
        let bytes = self.device.0.carrier.read(|read| carrier::state(read, STATE_ROUND))?;
        let Some(space) = bytes.and_then(|bytes| SpaceId::from_slice(&bytes).ok()) else { return Ok(None) };
        let file = self.space(space)?;
        if file.view.kind.is_none() {
            // It was to be started, and its record was never saved.
            return Ok(None);
        }
        let round = round_view(&file);
        Ok(round.ended_millis.is_none().then_some(round))
    }

    /// Ends the open round. The lock screen takes no more captures.
    pub fn end_round(&self, note: Option<String>) -> Result<RoundView, AppError> {
        check_texts([&note])?;
        let round = self.open_round()?.ok_or(AppError::refused("round", "error-no-open-round"))?;
        let guard = self.writing_guard();
        let space = self.space(round.space)?;
        let acts = build::end_round(&space.view, Stamp::at_millis(self.now_millis()), note);
        self.save_guarded(&[Draft::new(round.space, SpaceKind::Round, acts)])?;
        drop(guard);
        // The end is on the disk already. Where this fails, the lock screen takes captures until the next round's end.
        let _ = self.device.0.carrier.write(|tx| carrier::remove_state(tx, STATE_ROUND));
        self.round(round.space)
    }

    /// Adds a contact to the open round. Gives how many people the round has met.
    pub fn contact(&self, new: &NewContact) -> Result<u32, AppError> {
        if !(1..=MOST_PEOPLE).contains(&new.count) {
            return Err(AppError::refused("count", "error-count"));
        }
        check_texts([&new.note, &new.place.landmark])?;
        new.place.area.as_deref().map(build::area_code).transpose()?;
        let round = self.open_round()?.ok_or(AppError::refused("round", "error-no-open-round"))?;
        let guard = self.writing_guard();
        let space = self.space(round.space)?;
        let at = Stamp::at_millis(self.now_millis());
        let contact = build::NewContact {
            at,
            count: new.count.into(),
            sex: (new.sex != record::Sex::Unknown).then_some(new.sex),
            band: new.age.map(|age| band(age, at)),
            place: (new.place != record::Place::default()).then(|| new.place.clone()),
            note: new.note.clone(),
        };
        let acts = build::contact(&space.view, EventId::make_random(), &contact);
        self.save_guarded(&[Draft::new(round.space, SpaceKind::Round, acts)])?;
        drop(guard);
        Ok(self.round(round.space)?.contacts)
    }

    /// A round.
    pub fn round(&self, space: SpaceId) -> Result<RoundView, AppError> {
        Ok(round_view(&*self.space(space)?))
    }
}

fn check_texts<const N: usize>(texts: [&Option<String>; N]) -> Result<(), AppError> {
    if texts.into_iter().flatten().any(|text| text.len() > TEXT_BYTES) {
        return Err(AppError::refused("text", "error-too-long"));
    }
    Ok(())
}

/// The age band of a contact, from whatever was said of the age.
pub(super) fn band(age: record::Age, at: Stamp) -> AgeBand {
    let today = crate::directory::local_date(at);
    age.band(today)
}

pub(super) fn round_view(space: &Space) -> RoundView {
    let fields = space.view.space();
    let contacts = space.view.list(f::CONTACTS).iter();
    let people = contacts.filter_map(|contact| space.view.element(*contact).number(f::COUNT)).sum::<i64>();
    RoundView {
        space: space.id,
        started_millis: fields.time(f::STARTED).unwrap_or_else(|| space.created()).millis(),
        ended_millis: fields.time(f::ENDED).map(Stamp::millis),
        contacts: u32::try_from(people).unwrap_or(0),
        vehicle: fields.text(f::VEHICLE).map(str::to_owned),
    }
}
