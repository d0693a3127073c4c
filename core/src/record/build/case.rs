//! A child's file: opened from a spotting, moved along the circuit.

use himaya_wire::{EventId, UnitId};

use super::super::event::Act;
use super::super::fields as f;
use super::super::terms::{Risk, Stage};
use super::super::value::Value;
use super::super::view::View;
use super::draft::Draft;

/// What a file takes over from the spotting it is opened from.
const CARRIED: &[&str] = &[
    f::NAME,
    f::NICKNAME,
    f::DESCRIPTION,
    f::IDENTITY_UNKNOWN,
    f::SEX,
    f::AGE,
    f::CONCERNS,
    f::PLACE,
    f::DANGER,
    f::RISK,
];

/// Opens a file from a spotting: what is known of the child, received by `owner`. `from` is the spotting's first event.
pub fn open_case(view: &View, spotting: &View, owner: UnitId, from: Option<EventId>) -> Vec<Act> {
    let draft = Draft::new(view).set(f::STAGE, Value::Stage(Stage::Received)).set(f::OWNER, Value::Unit(owner)).maybe(
        f::FROM,
        from,
        Value::Event,
    );
    let draft = CARRIED
        .iter()
        .fold(draft, |draft, name| draft.maybe(name, spotting.space().value(name).cloned(), |value| value));
    draft.finish()
}

/// Moves the child to a stage of the circuit.
pub fn set_stage(view: &View, stage: Stage, owner: UnitId) -> Vec<Act> {
    Draft::new(view).set(f::STAGE, Value::Stage(stage)).set(f::OWNER, Value::Unit(owner)).finish()
}

/// Changes the risk, with the reason in words.
pub fn set_risk(view: &View, risk: Risk, reason: Option<String>) -> Vec<Act> {
    Draft::new(view).set(f::RISK, Value::Risk(risk)).maybe(f::RISK_REASON, reason, Value::Text).finish()
}
