//! Who may write what: decided alike on every device, from registries, holders of the space and causality.
//!
//! Removal cuts by causality, not by clock. Once a member whom the registry removed is named by a `Rekey` act of the
//! space, only those of the member's events count that a re-key event descends from. Before that, those count that
//! claim a registry position before the removal.

use std::collections::{BTreeMap, BTreeSet};

use himaya_wire::{Digest, MemberId, Registries, UnitId, UnitKind};

use super::event::{Act, Event, SpaceKind};
use super::fields;
use super::terms::Age;
use super::value::Value;
use super::verdict::{SetAsideReason as Reason, Verdict};

/// The units that hold a space, from verified grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// The unit that began the space, by its first grant. None while that grant is not here.
    pub founder: Option<UnitId>,
    /// Every unit that holds it, the founder too.
    pub units: BTreeSet<UnitId>,
}

impl Holders {
    /// A space that one unit began and nobody else holds.
    pub fn founded_by(unit: UnitId) -> Self {
        Self { founder: Some(unit), units: BTreeSet::from([unit]) }
    }

    /// The same with one more unit.
    #[must_use]
    pub fn with(mut self, unit: UnitId) -> Self {
        self.units.insert(unit);
        self
    }
}

/// Judges one event by itself: its author, its unit, and what it does. Causality and the space's kind need the
/// others: see [`judge_all`].
pub fn judge(event: &Event, registries: &Registries, holders: &Holders) -> Verdict {
    match check(event, registries, holders) {
        Ok(()) => Verdict::Allowed,
        Err(reason) => Verdict::SetAside(reason),
    }
}

/// Judges all the events of a space, by digest. A function of its arguments alone, whatever the events' order.
pub fn judge_all<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    registries: &Registries,
    holders: &Holders,
) -> BTreeMap<Digest, Verdict> {
    let events: BTreeMap<Digest, &Event> = events.into_iter().map(|event| (event.digest, event)).collect();
    let mut verdicts: BTreeMap<Digest, Verdict> =
        events.iter().map(|(digest, event)| (*digest, judge(event, registries, holders))).collect();

    if let Some(kind) = space_kind(&events, &verdicts, holders) {
        for (digest, event) in &events {
            if event.body.kind != kind && verdicts.get(digest) == Some(&Verdict::Allowed) {
                verdicts.insert(*digest, Verdict::SetAside(Reason::OtherKind));
            }
        }
    }

    let cuts = Cuts::find(&events, &verdicts, registries);
    for (digest, event) in &events {
        if verdicts.get(digest) == Some(&Verdict::Allowed) && cuts.cut_off(event, registries) {
            verdicts.insert(*digest, Verdict::SetAside(Reason::CutOff));
        }
    }
    verdicts
}

/// The kind of the earliest event without parents by the founding unit; failing that, of the earliest event. The
/// kind decides the rules, so no other unit can loosen them by calling a card a case.
fn space_kind(
    events: &BTreeMap<Digest, &Event>,
    verdicts: &BTreeMap<Digest, Verdict>,
    holders: &Holders,
) -> Option<SpaceKind> {
    let known = events.values().filter(|event| {
        // An event refused for what it does still tells what its author took the space for.
        !matches!(
            verdicts.get(&event.digest),
            None | Some(Verdict::SetAside(
                Reason::UnknownAuthor | Reason::BeforeAdmission | Reason::AfterRemoval | Reason::NotHolder
            ))
        )
    });
    let order = |event: &&&Event| {
        let founders = holders.founder.is_none_or(|founder| founder == event.unit);
        (!founders, !event.body.parents.is_empty(), event.body.stamp, event.id, event.digest)
    };
    known.min_by_key(order).map(|event| event.body.kind)
}

fn check(event: &Event, registries: &Registries, holders: &Holders) -> Result<(), Reason> {
    let unit = registries.unit(event.unit).ok_or(Reason::UnknownAuthor)?;
    let member = unit.members.get(&event.author).ok_or(Reason::UnknownAuthor)?;
    if event.body.position < member.admitted {
        return Err(Reason::BeforeAdmission);
    }
    if member.removed.is_some_and(|removed| event.body.position >= removed) {
        return Err(Reason::AfterRemoval);
    }
    if !holders.units.contains(&event.unit) {
        return Err(Reason::NotHolder);
    }
    let adopts = event.body.acts.iter().any(|act| matches!(act, Act::Adopt { .. }));
    if adopts && !member.head {
        return Err(Reason::HeadDecides);
    }
    match event.body.kind {
        SpaceKind::Card if event.body.acts.iter().any(|act| !fits_card(act)) => Err(Reason::IdentityOnCard),
        SpaceKind::Round if holders.founder.is_some_and(|founder| founder != event.unit) => Err(Reason::OtherUnit),
        SpaceKind::Commons if unit.kind != UnitKind::Cape && !event.body.acts.iter().all(anyone_may_tell) => {
            Err(Reason::CentreDecides)
        }
        _ => Ok(()),
    }
}

/// A card holds choices, numbers, times and units: nothing that names, describes or places a child. What this
/// program cannot read it cannot vouch for.
fn fits_card(act: &Act) -> bool {
    match act {
        Act::Set { value, .. } => match value {
            Value::Empty
            | Value::Code(_)
            | Value::Codes(_)
            | Value::Number(_)
            | Value::Flag(_)
            | Value::Sex(_)
            | Value::Risk(_)
            | Value::Stage(_)
            | Value::Time(_)
            | Value::Unit(_)
            | Value::Step(_)
            // A date of birth or exact years would tell one child from another.
            | Value::Age(Age::Band(_)) => true,
            Value::Age(_)
            | Value::Text(_)
            | Value::Place(_)
            | Value::Member(_)
            | Value::Event(_)
            | Value::Part(_) => false,
        },
        Act::Unknown { .. } => false,
        Act::Add { .. } | Act::Remove { .. } | Act::Adopt { .. } | Act::Rekey { .. } => true,
    }
}

/// What any holder may write into the guide: a service's capacity and status as last heard, and a new key.
fn anyone_may_tell(act: &Act) -> bool {
    match act {
        Act::Set { field, .. } => {
            field.element.is_some() && [fields::CAPACITY, fields::STATUS].contains(&field.name.as_str())
        }
        // Act kinds of newer programs are kept and have no effect here.
        Act::Rekey { .. } | Act::Unknown { .. } => true,
        // Adopting decides too: else a head elsewhere could adopt what only a centre may write.
        Act::Add { .. } | Act::Remove { .. } | Act::Adopt { .. } => false,
    }
}

/// For each removed member that a re-key event names: what those events descend from.
#[derive(Default)]
struct Cuts(BTreeMap<MemberId, BTreeSet<Digest>>);

impl Cuts {
    /// Finds the re-key events that count. One by a member removed since counts only if the cut of that member
    /// spares it, so those of members never removed come first. Members who removed each other are left at the end,
    /// and there all re-keys count.
    fn find(events: &BTreeMap<Digest, &Event>, verdicts: &BTreeMap<Digest, Verdict>, registries: &Registries) -> Self {
        let mut waiting: Vec<&Event> = events
            .values()
            .copied()
            .filter(|event| verdicts.get(&event.digest) == Some(&Verdict::Allowed) && !names(event).is_empty())
            .collect();
        let mut cuts = Self::default();
        let (trusted, rest): (Vec<&Event>, Vec<&Event>) =
            waiting.into_iter().partition(|event| !is_removed(event, registries));
        cuts.take(events, &trusted);
        waiting = rest;
        loop {
            // Those whose author is cut already are decided; the cut itself may grow with each that is spared.
            let (spared, rest): (Vec<&Event>, Vec<&Event>) = waiting
                .into_iter()
                .partition(|event| cuts.0.get(&event.author).is_some_and(|kept| kept.contains(&event.digest)));
            if spared.is_empty() {
                let undecided: Vec<&Event> =
                    rest.into_iter().filter(|event| !cuts.0.contains_key(&event.author)).collect();
                cuts.take(events, &undecided);
                return cuts;
            }
            cuts.take(events, &spared);
            waiting = rest;
        }
    }

    fn take(&mut self, events: &BTreeMap<Digest, &Event>, rekeys: &[&Event]) {
        for rekey in rekeys {
            let before = ancestors(events, rekey);
            for member in names(rekey) {
                self.0.entry(member).or_default().extend(&before);
            }
        }
    }

    fn cut_off(&self, event: &Event, registries: &Registries) -> bool {
        // A re-key that names somebody whom the registry did not remove has no effect.
        is_removed(event, registries) && self.0.get(&event.author).is_some_and(|kept| !kept.contains(&event.digest))
    }
}

fn is_removed(event: &Event, registries: &Registries) -> bool {
    registries
        .unit(event.unit)
        .and_then(|unit| unit.members.get(&event.author))
        .is_some_and(|member| member.removed.is_some())
}

fn names(event: &Event) -> BTreeSet<MemberId> {
    let removed = event.body.acts.iter().filter_map(|act| match act {
        Act::Rekey { removed } => Some(removed),
        _ => None,
    });
    removed.flatten().copied().collect()
}

/// Everything that `event` descends from, itself left out.
fn ancestors(events: &BTreeMap<Digest, &Event>, event: &Event) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    let mut next: Vec<Digest> = event.body.parents.clone();
    while let Some(digest) = next.pop() {
        if found.insert(digest)
            && let Some(event) = events.get(&digest)
        {
            next.extend(&event.body.parents);
        }
    }
    found
}
