//! A spotting: one identifiable child, as the team met it. Every field but time is optional: nothing may hold up a
//! worker in the street.

use himaya_wire::{EventId, Stamp, UnitId};

use super::super::event::Act;
use super::super::fields as f;
use super::super::terms::{Age, Concern, Place, Risk, Sex, Stage};
use super::super::value::Value;
use super::super::view::View;
use super::draft::{Draft, some_codes};

/// What is known of the child. What is none is left as it was.
#[derive(Clone, Debug, Default)]
pub struct NewSpotting {
    /// When the child was met.
    pub at: Option<Stamp>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Age.
    pub age: Option<Age>,
    /// Name as told.
    pub name: Option<String>,
    /// What others call the child.
    pub nickname: Option<String>,
    /// How the child looks.
    pub description: Option<String>,
    /// Whether the identity is wholly unknown.
    pub identity_unknown: Option<bool>,
    /// Concerns.
    pub concerns: Vec<Concern>,
    /// Where.
    pub place: Option<Place>,
    /// The worker's words.
    pub note: Option<String>,
    /// Immediate danger, as the worker saw it.
    pub danger: Option<bool>,
    /// Risk, as the worker decided.
    pub risk: Option<Risk>,
    /// The unit that owns the child's stage.
    pub owner: Option<UnitId>,
    /// The event or capture it comes from.
    pub from: Option<EventId>,
}

/// Records or betters a spotting. A space without a stage starts as spotted.
pub fn spotting(view: &View, new: &NewSpotting) -> Vec<Act> {
    let first = view.space().field(f::STAGE).is_none();
    Draft::new(view)
        .maybe(f::STAGE, first.then_some(Stage::Spotted), Value::Stage)
        .maybe(f::AT, new.at, Value::Time)
        .maybe(f::SEX, new.sex, Value::Sex)
        .maybe(f::AGE, new.age, Value::Age)
        .maybe(f::NAME, new.name.clone(), Value::Text)
        .maybe(f::NICKNAME, new.nickname.clone(), Value::Text)
        .maybe(f::DESCRIPTION, new.description.clone(), Value::Text)
        .maybe(f::IDENTITY_UNKNOWN, new.identity_unknown, Value::Flag)
        .maybe(f::CONCERNS, some_codes(&new.concerns), |codes| codes)
        .maybe(f::PLACE, new.place.clone(), Value::Place)
        .maybe(f::NOTE, new.note.clone(), Value::Text)
        .maybe(f::DANGER, new.danger, Value::Flag)
        .maybe(f::RISK, new.risk, Value::Risk)
        .maybe(f::OWNER, new.owner, Value::Unit)
        .maybe(f::FROM, new.from, Value::Event)
        .finish()
}
