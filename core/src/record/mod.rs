//! Records: spaces, events, folding events into views, conflicts.
//!
//! Owns what an event can say, how events become a view, and who may write what. Does not seal or open (`vault`), keep
//! (`store`), move (`sync`) nor advise (`pathway`).
//!
//! | file | holds |
//! | --- | --- |
//! | `event`, `value`, `terms`, `referral` | the data: events, acts, values, the terms of the domain |
//! | `fields` | names of fields and lists |
//! | `fold`, `register` | events → state of a space, one by one or all at once |
//! | `merge` | the tables by which concurrent values merge |
//! | `view` | what a space looks like, with typed getters |
//! | `verdict`, `rights` | whether an event counts, from registries, holders and causality |
//! | `build/` | acts for each kind of space: round, spotting, case, referral, call, handover, guide, card |
//!
//! ```
//! use himaya_core::record::{Fold, build};
//!
//! let empty = Fold::new().view();
//! let spotting = build::NewSpotting { name: Some("an invented name".into()), ..Default::default() };
//! assert!(!build::spotting(&empty, &spotting).is_empty());
//! ```
pub mod build;
mod event;
pub mod fields;
mod fold;
mod merge;
mod referral;
mod register;
mod rights;
mod terms;
mod value;
mod verdict;
mod view;

#[cfg(test)]
mod tests;

pub(crate) use self::terms::{date_cbor, numbered_enum};
pub use self::{
    event::{Act, ElementId, Event, EventBody, Field, SpaceKind},
    fold::Fold,
    merge::{Merged, Rule, merge, merge_all, merge_rule, step_parent},
    referral::ReferralStep,
    rights::{Holders, judge, judge_all},
    terms::{Age, AgeBand, Code, Concern, DeclineReason, Need, Place, Point, Risk, Sex, Stage, TermError},
    value::Value,
    verdict::{SetAsideReason, Verdict},
    view::{Alternative, FieldView, Fields, SetAside, UnknownAct, View},
};
