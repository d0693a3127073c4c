//! Folding events into a view: commutative, associative, idempotent, incremental.
//!
//! The view is a function of the set of (event, verdict) alone. What is alive in a field is decided from `over` only;
//! stamps order what is shown and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use himaya_wire::{Digest, EventId, Stamp};

use super::event::{Act, ElementId, Event, Field, SpaceKind};
use super::merge::{Merged, merge_all, merge_rule};
use super::register::{Edit, EventKey, Register};
use super::terms::Code;
use super::verdict::Verdict;
use super::view::{Alternative, FieldView, SetAside, UnknownAct, View};

/// Who added an element and which additions were seen by a removal.
#[derive(Clone, Debug, Default)]
struct Presence {
    added: BTreeMap<EventKey, Stamp>,
    removed: BTreeSet<EventId>,
}

impl Presence {
    /// The additions that no removal saw.
    fn alive(&self) -> impl Iterator<Item = (EventId, Stamp)> {
        self.added.iter().filter(|((id, _), _)| !self.removed.contains(id)).map(|((id, _), stamp)| (*id, *stamp))
    }

    /// When it was added, by the earliest of them.
    fn since(&self) -> Option<Stamp> {
        self.alive().map(|(_, stamp)| stamp).min()
    }
}

/// What the counting events add up to.
#[derive(Clone, Debug, Default)]
struct Sum {
    fields: BTreeMap<Field, Register>,
    lists: BTreeMap<Code, BTreeMap<ElementId, Presence>>,
}

impl Sum {
    fn add(&mut self, event: &Event) {
        let key = (event.id, event.digest);
        for act in &event.body.acts {
            match act {
                Act::Set { field, over, value } => {
                    let edit = Edit {
                        author: event.author,
                        unit: event.unit,
                        stamp: event.body.stamp,
                        value: value.clone().in_order(),
                        over: over.iter().copied().collect(),
                    };
                    self.fields.entry(field.clone()).or_default().add(key, edit);
                }
                Act::Add { list, element } => {
                    let presence = self.lists.entry(list.clone()).or_default().entry(*element).or_default();
                    presence.added.insert(key, event.body.stamp);
                }
                Act::Remove { list, element, over } => {
                    let presence = self.lists.entry(list.clone()).or_default().entry(*element).or_default();
                    presence.removed.extend(over.iter().filter(|over| **over != event.id));
                }
                Act::Adopt { .. } | Act::Rekey { .. } | Act::Unknown { .. } => {}
            }
        }
    }

    /// Elements that were on a list and are on none.
    fn gone(&self) -> BTreeSet<ElementId> {
        let mut gone = BTreeSet::new();
        let mut here = BTreeSet::new();
        for (element, presence) in self.lists.values().flatten() {
            let set = if presence.since().is_some() { &mut here } else { &mut gone };
            set.insert(*element);
        }
        gone.difference(&here).copied().collect()
    }
}

/// The state of one space, to which events are applied as they arrive.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    events: BTreeMap<EventKey, (Event, Verdict)>,
    digests: BTreeMap<Digest, EventKey>,
    /// Digests that heads took up by events that count.
    adopted: BTreeSet<Digest>,
    sum: Sum,
}

impl Fold {
    /// A space without events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds events from nothing.
    pub fn of(events: impl IntoIterator<Item = (Event, Verdict)>) -> Self {
        let mut fold = Self::new();
        for (event, verdict) in events {
            fold.apply(&event, verdict);
        }
        fold
    }

    /// Applies one event. The same event again changes nothing but its verdict, if that is another.
    pub fn apply(&mut self, event: &Event, verdict: Verdict) {
        let key = (event.id, event.digest);
        if self.events.contains_key(&key) {
            self.set_verdict(event.digest, verdict);
            return;
        }
        self.events.insert(key, (event.clone(), verdict));
        self.digests.insert(event.digest, key);
        self.start_counting(key);
    }

    /// Changes an event's verdict, after a registry or a grant arrived. Says whether it was another.
    pub fn set_verdict(&mut self, digest: Digest, verdict: Verdict) -> bool {
        let Some(key) = self.digests.get(&digest).copied() else { return false };
        let Some((_, known)) = self.events.get_mut(&key) else { return false };
        if *known == verdict {
            return false;
        }
        let before = *known;
        *known = verdict;
        if before == Verdict::Allowed {
            self.recount();
        } else {
            self.start_counting(key);
        }
        true
    }

    /// Changes all verdicts at once, to those of a new check.
    pub fn set_verdicts(&mut self, verdicts: &BTreeMap<Digest, Verdict>) {
        let mut changed = false;
        for (event, verdict) in self.events.values_mut() {
            if let Some(new) = verdicts.get(&event.digest) {
                changed |= new != verdict;
                *verdict = *new;
            }
        }
        if changed {
            self.recount();
        }
    }

    /// Every event with its verdict.
    pub fn events(&self) -> impl Iterator<Item = (&Event, Verdict)> {
        self.events.values().map(|(event, verdict)| (event, *verdict))
    }

    /// Whether an event is here.
    pub fn contains(&self, digest: Digest) -> bool {
        self.digests.contains_key(&digest)
    }

    fn counts(&self, event: &Event, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Allowed => true,
            // An adopted event's own adoptions have no effect, so adopting needs no fixed point.
            Verdict::SetAside(reason) => reason.adoptable() && self.adopted.contains(&event.digest),
        }
    }

    /// Adds what an event brings, and what it adopts. Adding twice is harmless: everything is keyed by event.
    fn start_counting(&mut self, key: EventKey) {
        let Some((event, verdict)) = self.events.get(&key) else { return };
        if !self.counts(event, *verdict) {
            // What was adopted may no longer be.
            if self.adopted.contains(&event.digest) {
                self.recount();
            }
            return;
        }
        self.sum.add(event);
        if *verdict != Verdict::Allowed {
            return;
        }
        for digest in adoptions(event) {
            if self.adopted.insert(digest)
                && let Some((event, verdict)) = self.digests.get(&digest).and_then(|key| self.events.get(key))
                && self.counts(event, *verdict)
            {
                self.sum.add(event);
            }
        }
    }

    fn recount(&mut self) {
        let allowed = self.events.values().filter(|(_, verdict)| *verdict == Verdict::Allowed);
        self.adopted = allowed.flat_map(|(event, _)| adoptions(event).collect::<Vec<_>>()).collect();
        let mut sum = Sum::default();
        for (event, verdict) in self.events.values() {
            if self.counts(event, *verdict) {
                sum.add(event);
            }
        }
        self.sum = sum;
    }

    /// The space as it looks now.
    pub fn view(&self) -> View {
        let mut view = View::default();
        let mut named = BTreeSet::new();
        let mut counted = BTreeSet::new();
        let mut first: Option<((Stamp, EventKey), SpaceKind)> = None;
        let mut last_id = None;
        for (key, (event, verdict)) in &self.events {
            if last_id == Some(event.id) && view.reused_ids.last() != Some(&event.id) {
                view.reused_ids.push(event.id);
            }
            last_id = Some(event.id);
            if !self.counts(event, *verdict) {
                if let Verdict::SetAside(reason) = verdict {
                    view.set_aside.push(SetAside {
                        event: event.id,
                        digest: event.digest,
                        author: event.author,
                        unit: event.unit,
                        stamp: event.body.stamp,
                        reason: *reason,
                    });
                }
                continue;
            }
            let at = (event.body.stamp, *key);
            if first.is_none_or(|(earliest, _)| at < earliest) {
                first = Some((at, event.body.kind));
            }
            view.last = view.last.max(Some(event.body.stamp));
            view.count += 1;
            view.authors.insert(event.author);
            named.extend(event.body.parents.iter().copied());
            counted.insert(event.digest);
            for act in &event.body.acts {
                if let Act::Unknown { kind, .. } = act {
                    let (event, author, stamp) = (event.id, event.author, event.body.stamp);
                    view.unknown.push(UnknownAct { event, author, stamp, kind: *kind });
                }
            }
        }
        view.kind = first.map(|(_, kind)| kind);
        view.first = first.map(|((stamp, _), _)| stamp);
        view.heads = counted.difference(&named).copied().collect();
        view.missing_parents = named.into_iter().filter(|digest| !self.digests.contains_key(digest)).collect();
        view.set_aside.sort_by_key(|set_aside| (set_aside.stamp, set_aside.event, set_aside.digest));
        self.view_lists(&mut view);
        self.view_fields(&mut view);
        view
    }

    fn view_lists(&self, view: &mut View) {
        for (list, elements) in &self.sum.lists {
            let mut here = Vec::new();
            let mut additions = BTreeMap::new();
            for (element, presence) in elements {
                let Some(since) = presence.since() else { continue };
                here.push((since, *element));
                // By a set: an id that came with two contents is named once.
                let by: BTreeSet<EventId> = presence.alive().map(|(id, _)| id).collect();
                additions.insert(*element, by.into_iter().collect());
            }
            here.sort_unstable();
            if !here.is_empty() {
                view.additions.insert(list.clone(), additions);
                view.lists.insert(list.clone(), here.into_iter().map(|(_, element)| element).collect());
            }
        }
    }

    fn view_fields(&self, view: &mut View) {
        let Some(kind) = view.kind else { return };
        let gone = self.sum.gone();
        for (field, register) in &self.sum.fields {
            let alternatives: Vec<Alternative> = register.alive();
            let rule = merge_rule(kind, field.element.is_some(), field.name.as_str());
            let merged = merge_all(rule, alternatives.iter().map(|alternative| &alternative.value));
            let value = match merged {
                Some(Merged::One(value)) => Some(value),
                Some(Merged::Conflict) => alternatives.last().map(|latest| &latest.value),
                None => None,
            };
            let Some(value) = value.cloned() else { continue };
            let conflict = merged == Some(Merged::Conflict);
            if conflict && field.element.is_none_or(|element| !gone.contains(&element)) {
                view.conflicts.push(field.clone());
            }
            view.fields.insert(field.clone(), FieldView { value, conflict, alternatives });
        }
    }
}

fn adoptions(event: &Event) -> impl Iterator<Item = Digest> {
    event.body.acts.iter().filter_map(|act| match act {
        Act::Adopt { event } => Some(*event),
        _ => None,
    })
}
