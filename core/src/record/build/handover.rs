//! Handover of the child: the receipt.

use himaya_wire::{Stamp, UnitId};

use super::super::event::{Act, ElementId};
use super::super::fields as f;
use super::super::value::Value;
use super::super::view::View;
use super::draft::Draft;

/// Who took the child.
#[derive(Clone, Debug)]
pub struct NewHandover {
    /// When.
    pub at: Stamp,
    /// The unit that took the child.
    pub unit: Option<UnitId>,
    /// Who took the child, in words.
    pub who: String,
    /// The code or signature on the receipt.
    pub code: Option<String>,
    /// The worker's words.
    pub note: Option<String>,
}

/// Adds a receipt to the list.
pub fn handover(view: &View, element: ElementId, new: &NewHandover) -> Vec<Act> {
    Draft::new(view)
        .add(f::HANDOVERS, element)
        .set_in(element, f::AT, Value::Time(new.at))
        .maybe_in(element, f::UNIT, new.unit, Value::Unit)
        .set_in(element, f::WHO, Value::Text(new.who.clone()))
        .maybe_in(element, f::CODE, new.code.clone(), Value::Text)
        .maybe_in(element, f::NOTE, new.note.clone(), Value::Text)
        .finish()
}
