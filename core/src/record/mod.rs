//! Records: spaces, events, folding events into views, conflicts.
mod event;
mod referral;
mod terms;
mod value;

pub use self::{
    event::{Act, ElementId, Event, EventBody, Field, SpaceKind},
    referral::ReferralStep,
    terms::{Age, AgeBand, Code, Concern, DeclineReason, Need, Place, Point, Risk, Sex, Stage, TermError},
    value::Value,
};
