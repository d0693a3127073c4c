//! What a space looks like: every field with its value and, where workers differ, all the values with who and when.

use std::collections::{BTreeMap, BTreeSet};

use himaya_wire::{Digest, EventId, MemberId, Stamp, UnitId};
use minicbor::{Decode, Encode};

use super::event::{ElementId, Field, SpaceKind};
use super::referral::ReferralStep;
use super::terms::{Age, Code, Place, Risk, Sex, Stage};
use super::value::Value;
use super::verdict::SetAsideReason;

/// One value that nobody has replaced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Alternative {
    /// The event that wrote it.
    #[n(0)]
    pub event: EventId,
    /// Who.
    #[n(1)]
    pub author: MemberId,
    /// Of which unit.
    #[n(2)]
    pub unit: UnitId,
    /// When, by the author's clock.
    #[n(3)]
    pub stamp: Stamp,
    /// What.
    #[n(4)]
    pub value: Value,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FieldView {
    /// The merged value; in a conflict the latest written, for showing only.
    #[n(0)]
    pub value: Value,
    /// Whether workers differ and somebody must settle it.
    #[n(1)]
    pub conflict: bool,
    /// Every value that nobody replaced, oldest first. One where nobody differs.
    #[n(2)]
    pub alternatives: Vec<Alternative>,
}

/// An event that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SetAside {
    /// The event.
    #[n(0)]
    pub event: EventId,
    /// Its digest: what a head adopts.
    #[n(1)]
    pub digest: Digest,
    /// Who wrote it.
    #[n(2)]
    pub author: MemberId,
    /// Of which unit.
    #[n(3)]
    pub unit: UnitId,
    /// When, by the author's clock.
    #[n(4)]
    pub stamp: Stamp,
    /// Why it does not count.
    #[n(5)]
    pub reason: SetAsideReason,
}

/// An act that a newer program wrote: shown as held, never edited.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct UnknownAct {
    /// The event.
    #[n(0)]
    pub event: EventId,
    /// Who wrote it.
    #[n(1)]
    pub author: MemberId,
    /// When, by the author's clock.
    #[n(2)]
    pub stamp: Stamp,
    /// The kind's number.
    #[n(3)]
    pub kind: u32,
}

/// A space, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct View {
    /// What the space is for. None without an event that counts.
    #[n(0)]
    pub kind: Option<SpaceKind>,
    /// Fields.
    #[n(1)]
    pub fields: BTreeMap<Field, FieldView>,
    /// Elements of each list, in the order they were added.
    #[n(2)]
    pub lists: BTreeMap<Code, Vec<ElementId>>,
    /// Fields in conflict, those of removed elements left out.
    #[n(3)]
    pub conflicts: Vec<Field>,
    /// Events that do not count.
    #[n(4)]
    pub set_aside: Vec<SetAside>,
    /// Acts of newer programs.
    #[n(5)]
    pub unknown: Vec<UnknownAct>,
    /// Digests that events name and that are not here: something before them has not arrived.
    #[n(6)]
    pub missing_parents: Vec<Digest>,
    /// Events that no other names as before it: the parents of the next event.
    #[n(7)]
    pub heads: Vec<Digest>,
    /// Event ids that came with more than one content: an alarm.
    #[n(8)]
    pub reused_ids: Vec<EventId>,
    /// Who wrote.
    #[n(9)]
    pub authors: BTreeSet<MemberId>,
    /// The earliest stamp.
    #[n(10)]
    pub first: Option<Stamp>,
    /// The latest stamp.
    #[n(11)]
    pub last: Option<Stamp>,
    /// How many events count.
    #[n(12)]
    pub count: u64,
    /// The events that added each element of each list: what a removal must name.
    #[n(13)]
    pub additions: BTreeMap<Code, BTreeMap<ElementId, Vec<EventId>>>,
}

impl View {
    /// The fields of the space itself.
    pub const fn space(&self) -> Fields<'_> {
        Fields { view: self, element: None }
    }

    /// The fields of an element.
    pub const fn element(&self, element: ElementId) -> Fields<'_> {
        Fields { view: self, element: Some(element) }
    }

    /// The elements of a list, in the order they were added.
    pub fn list(&self, list: &'static str) -> &[ElementId] {
        self.lists.get(&Code::literal(list)).map_or(&[], Vec::as_slice)
    }

    /// What a removal of the element must say it saw. Empty where the element is not on the list.
    pub fn additions(&self, list: &'static str, element: ElementId) -> Vec<EventId> {
        self.additions.get(&Code::literal(list)).and_then(|list| list.get(&element)).cloned().unwrap_or_default()
    }

    /// What an edit of the field must say it replaces.
    pub fn over(&self, field: &Field) -> Vec<EventId> {
        let mut over: Vec<EventId> = self
            .fields
            .get(field)
            .map(|view| view.alternatives.iter().map(|alternative| alternative.event).collect())
            .unwrap_or_default();
        over.sort_unstable();
        over.dedup();
        over
    }
}

/// The fields of a space or of one of its elements. A value of another type than asked for reads as none.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    view: &'a View,
    element: Option<ElementId>,
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $pattern:pat => $value:expr),* $(,)?) => {
        $($(#[$doc])*
        pub fn $name(self, name: &'static str) -> Option<$type> {
            match self.value(name)? { $pattern => Some($value), _ => None }
        })*
    };
}

impl<'a> Fields<'a> {
    /// The field with its alternatives.
    pub fn field(self, name: &'static str) -> Option<&'a FieldView> {
        self.view.fields.get(&Field { element: self.element, name: Code::literal(name) })
    }

    /// The field's value.
    pub fn value(self, name: &'static str) -> Option<&'a Value> {
        self.field(name).map(|field| &field.value)
    }

    /// Whether workers differ on the field.
    pub fn in_conflict(self, name: &'static str) -> bool {
        self.field(name).is_some_and(|field| field.conflict)
    }

    typed! {
        /// Words.
        text: &'a str, Value::Text(text) => text,
        /// One term.
        code: &'a Code, Value::Code(code) => code,
        /// A set of terms.
        codes: &'a [Code], Value::Codes(codes) => codes,
        /// A number.
        number: i64, Value::Number(number) => *number,
        /// Yes or no.
        flag: bool, Value::Flag(flag) => *flag,
        /// Age.
        age: Age, Value::Age(age) => *age,
        /// Sex.
        sex: Sex, Value::Sex(sex) => *sex,
        /// Risk.
        risk: Risk, Value::Risk(risk) => *risk,
        /// Stage.
        stage: Stage, Value::Stage(stage) => *stage,
        /// Where.
        place: &'a Place, Value::Place(place) => place,
        /// When.
        time: Stamp, Value::Time(stamp) => *stamp,
        /// A unit.
        unit: UnitId, Value::Unit(unit) => *unit,
        /// A worker.
        member: MemberId, Value::Member(member) => *member,
        /// Another event.
        event: EventId, Value::Event(event) => *event,
        /// A referral's step.
        step: &'a ReferralStep, Value::Step(step) => step,
        /// A part that another concern reads.
        part: &'a [u8], Value::Part(bytes) => bytes,
    }
}
