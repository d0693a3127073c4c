//! The protection pathway: what risk a child is at, when each stage must be left, when an answer is due.
//!
//! Pure: the caller gives the time. Every number is configuration, and the ones that ship are marked as to be
//! confirmed by the ministry. Does not write events (`record::build`) nor count (`report`).
mod card;
mod deadline;
mod protocol;
mod risk;

pub use self::{
    card::{CardView, owner_of, risk_of, stage_of},
    deadline::{answer_due, deadline, is_overdue},
    protocol::{Protocol, RedFlag, Within},
    risk::{Assessment, RiskReason, assess_risk},
};
