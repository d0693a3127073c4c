//! Services of the guide in a province's commons. What is in the parts is for `directory`.

use super::super::event::{Act, ElementId};
use super::super::fields as f;
use super::super::value::Value;
use super::super::view::View;
use super::draft::Draft;

/// One part of a service, encoded by `directory`. Profile is for the centre; capacity and status are for anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServicePart {
    /// What it is, whom it takes, when.
    Profile(Vec<u8>),
    /// How many places, as last heard.
    Capacity(Vec<u8>),
    /// Open, closed, full, no answer, as last heard.
    Status(Vec<u8>),
}

/// Writes parts of a service. One with a profile is put on the list if it is not there.
pub fn service(view: &View, element: ElementId, parts: Vec<ServicePart>) -> Vec<Act> {
    let draft = parts.into_iter().fold(Draft::new(view), |draft, part| match part {
        ServicePart::Profile(bytes) => draft.add(f::SERVICES, element).set_in(element, f::PROFILE, Value::Part(bytes)),
        ServicePart::Capacity(bytes) => draft.set_in(element, f::CAPACITY, Value::Part(bytes)),
        ServicePart::Status(bytes) => draft.set_in(element, f::STATUS, Value::Part(bytes)),
    });
    draft.finish()
}

/// Takes a service off the guide.
pub fn remove_service(view: &View, element: ElementId) -> Vec<Act> {
    Draft::new(view).remove(f::SERVICES, element).finish()
}
