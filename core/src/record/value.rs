//! What an edit writes into a field.

use himaya_wire::{EventId, MemberId, Stamp, UnitId};
use minicbor::{Decode, Encode};

use super::referral::ReferralStep;
use super::terms::{Age, Code, Place, Risk, Sex, Stage};

/// A field's value. Kinds are only added; an event with a kind this program does not know is kept and shown as held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Value {
    /// The field was emptied.
    #[n(0)]
    Empty,
    /// The worker's words.
    #[n(1)]
    Text(#[n(0)] String),
    /// One configurable term.
    #[n(2)]
    Code(#[n(0)] Code),
    /// A set of configurable terms, sorted, without repeats.
    #[n(3)]
    Codes(#[n(0)] Vec<Code>),
    /// A count or amount.
    #[n(4)]
    Number(#[n(0)] i64),
    /// Yes or no.
    #[n(5)]
    Flag(#[n(0)] bool),
    /// Age.
    #[n(6)]
    Age(#[n(0)] Age),
    /// Sex.
    #[n(7)]
    Sex(#[n(0)] Sex),
    /// Risk.
    #[n(8)]
    Risk(#[n(0)] Risk),
    /// Stage.
    #[n(9)]
    Stage(#[n(0)] Stage),
    /// Where.
    #[n(10)]
    Place(#[n(0)] Place),
    /// When.
    #[n(11)]
    Time(#[n(0)] Stamp),
    /// A unit.
    #[n(12)]
    Unit(#[n(0)] UnitId),
    /// A worker.
    #[n(13)]
    Member(#[n(0)] MemberId),
    /// Another event or capture.
    #[n(14)]
    Event(#[n(0)] EventId),
    /// A step of a referral.
    #[n(15)]
    Step(#[n(0)] ReferralStep),
    /// A part that another concern encodes: a service's profile, hours or capacity.
    #[n(16)]
    Part(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        Vec<u8>,
    ),
}

impl Value {
    /// The same value in its one form: sets sorted, without repeats, whatever program wrote them.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        if let Self::Codes(codes) = &mut self {
            codes.sort();
            codes.dedup();
        }
        self
    }
}
