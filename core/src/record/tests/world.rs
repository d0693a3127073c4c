//! Random histories of one space: several authors who see some of each other's events, write, and meet again.

use std::collections::BTreeSet;

use himaya_wire::{Digest, EventId, MemberId, SpaceId, Stamp, UnitId};
use proptest::prelude::*;

use super::super::*;

pub const AUTHORS: usize = 3;

/// What an author does next.
#[derive(Clone, Debug)]
pub enum Move {
    /// Writes a field over what it sees.
    Set(u8, Value),
    /// Writes several fields at once.
    Pair(Value, Value),
    /// Settles the first conflict it sees.
    Settle,
    /// Adds an element.
    Add(u8),
    /// Removes an element it sees.
    Remove(u8),
    /// Writes an act of a newer kind.
    Newer(u32),
    /// Writes over events picked at random, seen or not, rings too: what a dishonest program may do.
    Wild(u8, Vec<u8>, Value),
    /// Uses the id of an earlier event again.
    Reuse(u8, Value),
    /// Takes up an earlier event.
    Adopt(u8),
    /// Learns all that another author knows.
    Meet(u8),
}

pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-c]".prop_map(Value::Text),
        (0..5_usize).prop_map(|n| Value::Risk(Risk::ALL[n])),
        (0..9_usize).prop_map(|n| Value::Stage(Stage::ALL[n])),
        (0..4_usize).prop_map(|n| {
            use ReferralStep as S;
            Value::Step([S::Sent, S::Accepted, S::NotArrived, S::Withdrawn][n].clone())
        }),
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::vec(0..3_usize, 0..4).prop_map(|codes| {
            Value::Codes(codes.into_iter().map(|n| ["begging", "neglect", "other"][n].parse().unwrap()).collect())
        }),
    ]
}

fn next_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0..6_u8, value()).prop_map(|(field, value)| Move::Set(field, value)),
        2 => (value(), value()).prop_map(|(one, other)| Move::Pair(one, other)),
        1 => Just(Move::Settle),
        2 => (0..3_u8).prop_map(Move::Add),
        1 => (0..3_u8).prop_map(Move::Remove),
        1 => (5..9_u32).prop_map(Move::Newer),
        1 => (0..6_u8, prop::collection::vec(any::<u8>(), 0..3), value())
            .prop_map(|(field, over, value)| Move::Wild(field, over, value)),
        1 => (any::<u8>(), value()).prop_map(|(event, value)| Move::Reuse(event, value)),
        1 => any::<u8>().prop_map(Move::Adopt),
        3 => (0..3_u8).prop_map(Move::Meet),
    ]
}

/// A history with a verdict for each event.
pub fn history() -> impl Strategy<Value = Vec<(Event, Verdict)>> {
    (prop::collection::vec((0..AUTHORS, next_move(), 0..8_u8), 1..28), any::<u64>())
        .prop_map(|(moves, seed)| play(&moves, seed))
}

fn field(n: u8) -> Field {
    match n {
        0 => Field::of_space(fields::RISK),
        1 => Field::of_space(fields::STAGE),
        2 => Field::of_space(fields::NAME),
        3 => Field::of_element(element(0), fields::STEP),
        4 => Field::of_element(element(1), fields::NOTE),
        _ => Field::of_space(fields::CONCERNS),
    }
}

fn element(n: u8) -> ElementId {
    EventId::from_bytes([200 + n; 16])
}

fn id(n: usize) -> EventId {
    let mut bytes = [0; 16];
    // Spread, so that the order of ids is not that of writing.
    bytes[..8].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    EventId::from_bytes(bytes)
}

fn play(moves: &[(usize, Move, u8)], seed: u64) -> Vec<(Event, Verdict)> {
    let mut all: Vec<(Event, Verdict)> = Vec::new();
    let mut known = vec![BTreeSet::<usize>::new(); AUTHORS];
    for (n, (author, made, luck)) in moves.iter().enumerate() {
        if let Move::Meet(other) = made {
            let learnt = known[usize::from(*other) % AUTHORS].clone();
            known[*author].extend(learnt);
            continue;
        }
        let view = Fold::of(known[*author].iter().map(|at| all[*at].clone())).view();
        let earlier = |n: u8| (!all.is_empty()).then(|| &all[usize::from(n) % all.len()].0);
        let mut event_id = id(n);
        let set = |name: Field, value: &Value| Act::Set { over: view.over(&name), field: name, value: value.clone() };
        let acts = match made {
            Move::Set(at, value) => vec![set(field(*at), value)],
            Move::Pair(one, other) => vec![set(field(0), one), set(field(2), other), set(field(2), one)],
            Move::Settle => match view.conflicts.first() {
                Some(at) => vec![build::settle(&view, at, Value::Text("settled".into()))],
                None => Vec::new(),
            },
            Move::Add(at) => build::Draft::new(&view).add(fields::REFERRALS, element(*at)).finish(),
            Move::Remove(at) => build::Draft::new(&view).remove(fields::REFERRALS, element(*at)).finish(),
            Move::Newer(kind) => vec![Act::Unknown { kind: *kind, data: vec![1, 2, 3] }],
            Move::Wild(at, over, value) => {
                // Also ids of events still to come, so that rings arise.
                let over = over.iter().map(|pick| id(usize::from(*pick) % moves.len())).collect();
                vec![Act::Set { field: field(*at), over, value: value.clone() }]
            }
            Move::Reuse(pick, value) => {
                event_id = earlier(*pick).map_or(event_id, |event| event.id);
                vec![set(field(2), value)]
            }
            Move::Adopt(pick) => earlier(*pick).map(|event| Act::Adopt { event: event.digest }).into_iter().collect(),
            Move::Meet(_) => Vec::new(),
        };
        let millis = i64::from((seed >> (n % 57)).to_le_bytes()[0]);
        let event = Event {
            id: event_id,
            digest: Digest::of(&[&n.to_be_bytes()[..], event_id.as_bytes()].concat()),
            space: SpaceId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([u8::try_from(*author).unwrap(); 16]),
            author: MemberId::from_bytes([u8::try_from(*author).unwrap(); 16]),
            body: EventBody {
                kind: SpaceKind::Case,
                stamp: Stamp::at_millis(millis),
                position: 0,
                parents: view.heads.clone(),
                acts,
            },
        };
        let verdict = match luck {
            0 => Verdict::SetAside(SetAsideReason::CutOff),
            1 => Verdict::SetAside(SetAsideReason::IdentityOnCard),
            _ => Verdict::Allowed,
        };
        known[*author].insert(all.len());
        all.push((event, verdict));
    }
    all
}
