//! A round: who goes out, whom they meet.

use himaya_wire::{MemberId, Stamp};

use super::super::event::{Act, ElementId};
use super::super::fields as f;
use super::super::terms::{Age, AgeBand, Place, Sex};
use super::super::value::Value;
use super::super::view::View;
use super::draft::Draft;

/// A round that starts.
#[derive(Clone, Debug)]
pub struct NewRound {
    /// When.
    pub started: Stamp,
    /// Who goes out.
    pub crew: Vec<MemberId>,
    /// The vehicle, in words.
    pub vehicle: Option<String>,
    /// The worker's words.
    pub note: Option<String>,
}

/// Starts a round.
pub fn start_round(view: &View, new: &NewRound) -> Vec<Act> {
    let draft = Draft::new(view)
        .set(f::STARTED, Value::Time(new.started))
        .maybe(f::VEHICLE, new.vehicle.clone(), Value::Text)
        .maybe(f::NOTE, new.note.clone(), Value::Text);
    let crew = new.crew.iter().fold(draft, |draft, member| {
        // A member's id names the element, so the same member added twice is one.
        let element = ElementId::from_bytes(*member.as_bytes());
        draft.add(f::CREW, element)
    });
    crew.finish()
}

/// Ends a round.
pub fn end_round(view: &View, ended: Stamp, note: Option<String>) -> Vec<Act> {
    Draft::new(view).set(f::ENDED, Value::Time(ended)).maybe(f::NOTE, note, Value::Text).finish()
}

/// Children met and not recorded one by one.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// When.
    pub at: Stamp,
    /// How many.
    pub count: u32,
    /// Sex, where all are of one.
    pub sex: Option<Sex>,
    /// Age band, where all are of one.
    pub band: Option<AgeBand>,
    /// Where.
    pub place: Option<Place>,
    /// The worker's words.
    pub note: Option<String>,
}

/// Adds a contact to a round.
pub fn contact(view: &View, element: ElementId, new: &NewContact) -> Vec<Act> {
    Draft::new(view)
        .add(f::CONTACTS, element)
        .set_in(element, f::AT, Value::Time(new.at))
        .set_in(element, f::COUNT, Value::Number(new.count.into()))
        .maybe_in(element, f::SEX, new.sex, Value::Sex)
        .maybe_in(element, f::AGE, new.band, |band| Value::Age(Age::Band(band)))
        .maybe_in(element, f::PLACE, new.place.clone(), Value::Place)
        .maybe_in(element, f::NOTE, new.note.clone(), Value::Text)
        .finish()
}
