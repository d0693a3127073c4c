//! One field's edits, and which of them nobody has replaced.

use std::collections::{BTreeMap, BTreeSet};

use himaya_wire::{Digest, EventId, MemberId, Stamp, UnitId};

use super::value::Value;
use super::view::Alternative;

/// An event by id and content: a dishonest program can use an id twice, and both are kept.
pub type EventKey = (EventId, Digest);

/// One edit.
#[derive(Clone, Debug)]
pub struct Edit {
    pub author: MemberId,
    pub unit: UnitId,
    pub stamp: Stamp,
    pub value: Value,
    /// Ids of events whose edits it replaces, whatever content came under them.
    pub over: BTreeSet<EventId>,
}

/// All edits of a field.
#[derive(Clone, Debug, Default)]
pub struct Register {
    edits: BTreeMap<EventKey, Edit>,
}

impl Register {
    /// Adds an edit. Two edits of a field in one event are one: the last value, replacing what both replace.
    pub fn add(&mut self, key: EventKey, mut edit: Edit) {
        // An event cannot have seen itself.
        edit.over.remove(&key.0);
        if let Some(earlier) = self.edits.get(&key) {
            edit.over.extend(earlier.over.iter().copied());
        }
        self.edits.insert(key, edit);
    }

    /// The edits that no other replaced, oldest first, equal ones too.
    ///
    /// Edits that replace one another in a ring, which only a dishonest program can write, would all be dead and hide
    /// what they replaced: an edit that no living one leads to is alive.
    pub fn alive(&self) -> Vec<Alternative> {
        let replaced: BTreeSet<EventId> = self.edits.values().flat_map(|edit| edit.over.iter().copied()).collect();
        let mut alive: BTreeSet<EventKey> =
            self.edits.keys().filter(|(id, _)| !replaced.contains(id)).copied().collect();
        let reached = self.reach(&alive);
        alive.extend(self.edits.keys().filter(|key| !reached.contains(*key)));
        let mut alternatives: Vec<(Digest, Alternative)> = alive
            .into_iter()
            .filter_map(|key| {
                let Edit { author, unit, stamp, value, .. } = self.edits.get(&key)?.clone();
                Some((key.1, Alternative { event: key.0, author, unit, stamp, value }))
            })
            .collect();
        alternatives.sort_by_key(|(digest, alternative)| (alternative.stamp, alternative.event, *digest));
        alternatives.into_iter().map(|(_, alternative)| alternative).collect()
    }

    /// Every edit that a walk along `over` from `from` comes to.
    fn reach(&self, from: &BTreeSet<EventKey>) -> BTreeSet<EventKey> {
        let mut reached = from.clone();
        let mut next: Vec<EventKey> = from.iter().copied().collect();
        while let Some(key) = next.pop() {
            let over = self.edits.get(&key).into_iter().flat_map(|edit| &edit.over);
            for id in over {
                let bounds = (*id, Digest::from_bytes([0; 32]))..=(*id, Digest::from_bytes([255; 32]));
                for (key, _) in self.edits.range(bounds) {
                    if reached.insert(*key) {
                        next.push(*key);
                    }
                }
            }
        }
        reached
    }
}
