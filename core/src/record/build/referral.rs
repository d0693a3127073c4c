//! Referrals: the child's needs sent to a unit, and the steps that answer.

use himaya_wire::{Stamp, UnitId};

use super::super::event::{Act, ElementId};
use super::super::fields as f;
use super::super::referral::ReferralStep;
use super::super::terms::{Need, Risk};
use super::super::value::Value;
use super::super::view::View;
use super::draft::{Draft, codes};

/// A referral.
#[derive(Clone, Debug)]
pub struct NewReferral {
    /// The unit.
    pub to: UnitId,
    /// The service of the guide that is meant.
    pub service: Option<ElementId>,
    /// What the child needs.
    pub needs: Vec<Need>,
    /// The risk it is sent with: the answer is due by it.
    pub risk: Option<Risk>,
    /// The worker's words.
    pub note: Option<String>,
    /// When it is sent, or none for a draft.
    pub sent_at: Option<Stamp>,
}

/// Adds a referral to the list, or rewrites a draft.
pub fn referral(view: &View, element: ElementId, new: &NewReferral) -> Vec<Act> {
    let step = if new.sent_at.is_some() { ReferralStep::Sent } else { ReferralStep::Draft };
    Draft::new(view)
        .add(f::REFERRALS, element)
        .set_in(element, f::TO, Value::Unit(new.to))
        .maybe_in(element, f::SERVICE, new.service, Value::Event)
        .set_in(element, f::NEEDS, codes(&new.needs))
        .maybe_in(element, f::RISK, new.risk, Value::Risk)
        .maybe_in(element, f::NOTE, new.note.clone(), Value::Text)
        .maybe_in(element, f::SENT_AT, new.sent_at, Value::Time)
        .set_in(element, f::STEP, Value::Step(step))
        .finish()
}

/// The next step of a referral, with when it happened and the words that go with it.
pub fn referral_step(
    view: &View,
    element: ElementId,
    step: ReferralStep,
    at: Stamp,
    answer_note: Option<String>,
) -> Vec<Act> {
    Draft::new(view)
        .set_in(element, f::STEP, Value::Step(step))
        .set_in(element, f::STEP_AT, Value::Time(at))
        .maybe_in(element, f::ANSWER_NOTE, answer_note, Value::Text)
        .finish()
}
