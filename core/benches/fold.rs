//! A file of 200 events: folded whole, and one more event applied and shown.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use himaya_core::record::{Event, EventBody, Fold, Risk, SpaceKind, Verdict, build};
use himaya_wire::{Digest, EventId, MemberId, SpaceId, Stamp, UnitId};

fn events(count: u32) -> Vec<Event> {
    let mut fold = Fold::new();
    (0..count)
        .map(|n| {
            let view = fold.view();
            let spotting = build::NewSpotting {
                name: Some(format!("invented {}", n % 7)),
                note: Some(format!("note {n}")),
                risk: Some(Risk::ALL[n as usize % Risk::ALL.len()]),
                ..Default::default()
            };
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            let event = Event {
                id: EventId::from_bytes(id),
                digest: Digest::of(&id),
                space: SpaceId::from_bytes([1; 16]),
                unit: UnitId::from_bytes([2; 16]),
                author: MemberId::from_bytes([3; 16]),
                body: EventBody {
                    kind: SpaceKind::Case,
                    stamp: Stamp::at_millis(i64::from(n)),
                    position: 0,
                    parents: view.heads.clone(),
                    acts: build::spotting(&view, &spotting),
                },
            };
            fold.apply(&event, Verdict::Allowed);
            event
        })
        .collect()
}

fn fold(c: &mut Criterion) {
    let events = events(201);
    let Some((last, first)) = events.split_last() else { return };
    c.bench_function("fold of a 200-event file", |b| {
        b.iter(|| Fold::of(first.iter().map(|event| (event.clone(), Verdict::Allowed))).view());
    });
    let fold = Fold::of(first.iter().map(|event| (event.clone(), Verdict::Allowed)));
    c.bench_function("one more event and the view", |b| {
        b.iter_batched(
            || fold.clone(),
            |mut fold| {
                fold.apply(last, Verdict::Allowed);
                fold.view()
            },
            criterion::BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, fold);
criterion_main!(benches);
