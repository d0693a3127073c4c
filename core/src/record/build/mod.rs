//! The acts of each use: plain structs in, acts out, each edit naming what it replaces in the view it was made from.
mod call;
mod card;
mod case;
mod draft;
mod guide;
mod handover;
mod referral;
mod round;
mod spotting;

pub use self::{
    call::{CallAnswer, NewCall, call},
    card::{NewCard, area_code, card},
    case::{open_case, set_risk, set_stage},
    draft::{Draft, settle},
    guide::{ServicePart, remove_service, service},
    handover::{NewHandover, handover},
    referral::{NewReferral, referral, referral_step},
    round::{NewContact, NewRound, contact, end_round, start_round},
    spotting::{NewSpotting, spotting},
};
