//! Collecting acts, each naming what it replaces.

use super::super::event::{Act, ElementId, Field};
use super::super::terms::Code;
use super::super::value::Value;
use super::super::view::View;

/// Acts in the making, over one view.
#[derive(Debug)]
pub struct Draft<'a> {
    view: &'a View,
    acts: Vec<Act>,
}

impl<'a> Draft<'a> {
    /// Starts from what the worker sees.
    pub const fn new(view: &'a View) -> Self {
        Self { view, acts: Vec::new() }
    }

    /// Writes a field of the space itself.
    #[must_use]
    pub fn set(self, name: &'static str, value: Value) -> Self {
        self.set_field(Field::of_space(name), value)
    }

    /// Writes a field of an element.
    #[must_use]
    pub fn set_in(self, element: ElementId, name: &'static str, value: Value) -> Self {
        self.set_field(Field::of_element(element, name), value)
    }

    /// Writes a field. The same value again, where nobody differs, makes no act.
    #[must_use]
    pub fn set_field(mut self, field: Field, value: Value) -> Self {
        let value = value.in_order();
        let known = self.view.fields.get(&field);
        let same = known.is_some_and(|known| known.alternatives.len() == 1 && known.value == value);
        if !same {
            let over = self.view.over(&field);
            self.acts.push(Act::Set { field, over, value });
        }
        self
    }

    /// Writes a field of the space itself, if there is a value.
    #[must_use]
    pub fn maybe<T>(self, name: &'static str, value: Option<T>, make: impl FnOnce(T) -> Value) -> Self {
        match value {
            Some(value) => self.set(name, make(value)),
            None => self,
        }
    }

    /// Writes a field of an element, if there is a value.
    #[must_use]
    pub fn maybe_in<T>(
        self,
        element: ElementId,
        name: &'static str,
        value: Option<T>,
        make: impl FnOnce(T) -> Value,
    ) -> Self {
        match value {
            Some(value) => self.set_in(element, name, make(value)),
            None => self,
        }
    }

    /// Adds an element to a list, unless it is there.
    #[must_use]
    pub fn add(mut self, list: &'static str, element: ElementId) -> Self {
        if !self.view.list(list).contains(&element) {
            self.acts.push(Act::Add { list: Code::literal(list), element });
        }
        self
    }

    /// Takes an element off a list, if it is there.
    #[must_use]
    pub fn remove(mut self, list: &'static str, element: ElementId) -> Self {
        let over = self.view.additions(list, element);
        if !over.is_empty() {
            self.acts.push(Act::Remove { list: Code::literal(list), element, over });
        }
        self
    }

    /// The acts.
    pub fn finish(self) -> Vec<Act> {
        self.acts
    }
}

/// Settles a conflict: one value in place of all that nobody had replaced.
pub fn settle(view: &View, field: &Field, value: Value) -> Act {
    Act::Set { field: field.clone(), over: view.over(field), value: value.in_order() }
}

/// The codes of a set of terms.
pub(super) fn codes<T: Clone + Into<Code>>(terms: &[T]) -> Value {
    Value::Codes(terms.iter().cloned().map(Into::into).collect()).in_order()
}

/// A set of terms, or none where it is empty.
pub(super) fn some_codes<T: Clone + Into<Code>>(terms: &[T]) -> Option<Value> {
    (!terms.is_empty()).then(|| codes(terms))
}
