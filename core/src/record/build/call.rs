//! Calls: the oral answer of a unit, kept.

use himaya_wire::{Stamp, UnitId};

use super::super::event::{Act, ElementId};
use super::super::fields as f;
use super::super::terms::{Code, TermError};
use super::super::value::Value;
use super::super::view::View;
use super::draft::Draft;

/// What a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAnswer {
    /// They take the child.
    Yes,
    /// They do not.
    No,
    /// No place left.
    Full,
    /// Not open.
    Closed,
    /// Nobody picked up.
    NoAnswer,
}

impl CallAnswer {
    /// Every answer.
    pub const ALL: &[Self] = &[Self::Yes, Self::No, Self::Full, Self::Closed, Self::NoAnswer];

    /// The code in events and message keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Full => "full",
            Self::Closed => "closed",
            Self::NoAnswer => "no_answer",
        }
    }
}

impl std::str::FromStr for CallAnswer {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        Self::ALL.iter().copied().find(|answer| answer.code() == text).ok_or(TermError("call answer"))
    }
}

/// A call that was made.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// When.
    pub at: Stamp,
    /// The unit called.
    pub unit: Option<UnitId>,
    /// The service of the guide called.
    pub service: Option<ElementId>,
    /// Who answered, in words.
    pub who: Option<String>,
    /// What they said.
    pub answer: CallAnswer,
    /// Until when the answer holds.
    pub until: Option<Stamp>,
    /// The worker's words.
    pub note: Option<String>,
}

/// Adds a call to the list.
pub fn call(view: &View, element: ElementId, new: &NewCall) -> Vec<Act> {
    Draft::new(view)
        .add(f::CALLS, element)
        .set_in(element, f::AT, Value::Time(new.at))
        .maybe_in(element, f::UNIT, new.unit, Value::Unit)
        .maybe_in(element, f::SERVICE, new.service, Value::Event)
        .maybe_in(element, f::WHO, new.who.clone(), Value::Text)
        .set_in(element, f::ANSWER, Value::Code(Code::literal(new.answer.code())))
        .maybe_in(element, f::UNTIL, new.until, Value::Time)
        .maybe_in(element, f::NOTE, new.note.clone(), Value::Text)
        .finish()
}
