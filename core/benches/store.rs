//! The store at 20,000 rows: the newest 50, a search, and a save beside the same bytes inserted raw into SQLCipher.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use himaya_core::store::{self, Filter, LogRow, Origin, ProjectionRow, Store};
use himaya_wire::{Digest, EventId, Kid, Purpose, Secret, SpaceId, Stamp, UnitId};
use rusqlite::{Connection, params};

const ROWS: u32 = 20_000;
/// Invented words, folded: Arabic and Latin.
const WORDS: [&str; 12] =
    ["محمد", "فاطمه", "يوسف", "الدار", "البيضاء", "محطه", "mohamed", "salma", "youssef", "marche", "gare", "sale"];

fn log_row(number: u32) -> LogRow {
    let envelope: Vec<u8> = number.to_be_bytes().iter().copied().cycle().take(700).collect();
    LogRow {
        seq: 0,
        digest: Digest::of(&number.to_be_bytes()),
        id: EventId::make_random(),
        space: space(number),
        unit: UnitId::from_bytes([1; 16]),
        author: [2; 16],
        purpose: Purpose::Event,
        kid: Kid::from_bytes([3; 16]),
        stamp: Some(Stamp::at_millis(i64::from(number))),
        body: Some(envelope[..400].to_vec()),
        envelope,
        stored_at_millis: None,
        confirmed: false,
        origin: Origin::Here,
    }
}

fn space(number: u32) -> SpaceId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Digest::of(&number.to_le_bytes()).as_bytes()[..16]);
    SpaceId::from_bytes(bytes)
}

fn projection(number: u32) -> (ProjectionRow, String) {
    let word = |step: u32| WORDS[(number / step) as usize % WORDS.len()];
    let text = format!("{} {} {} {number}", word(1), word(7), word(31));
    let row = ProjectionRow {
        space: space(number),
        kind: u8::try_from(number % 4).unwrap(),
        title: text.clone(),
        subtitle: "الدار البيضاء".into(),
        number: Some(number.to_string()),
        stage: Some(1),
        risk: Some(2),
        sex: Some(0),
        age_band: Some(1),
        area: Some("141.01".into()),
        owner: Some(UnitId::from_bytes([1; 16])),
        updated: Stamp::at_millis(i64::from(number)),
        created: Stamp::at_millis(1),
        conflicts: 0,
        set_aside: 0,
        missing: 0,
        card_space: None,
        subject: None,
        deadline_millis: None,
        extra: None,
    };
    (row, text)
}

fn store_at_full_size(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let key = Secret::from_bytes([7; 32]);
    let store = Store::open(&folder.path().join("worker.db"), &key).unwrap();
    store
        .write(|tx| {
            for number in 0..ROWS {
                let (row, text) = projection(number);
                let _ = store::append(tx, &log_row(number))?;
                store::put_projection(tx, &row, &text)?;
            }
            Ok(())
        })
        .unwrap();
    let any = Filter::default();
    let kinds = Filter { kinds: vec![1, 3], min_risk: Some(1), ..Filter::default() };
    c.bench_function("newest 50", |b| b.iter(|| store.read(|c| store::newest(c, &any, 50, None)).unwrap()));
    c.bench_function("newest 50, filtered", |b| b.iter(|| store.read(|c| store::newest(c, &kinds, 50, None)).unwrap()));
    for query in ["م", "مح", "محمد", "محمد الد", "199", "mohamed salma"] {
        c.bench_function(&format!("search {query}"), |b| {
            b.iter(|| store.read(|c| store::search(c, black_box(query), 50)).unwrap());
        });
    }

    let mut number = ROWS;
    c.bench_function("save: log and projection", |b| {
        b.iter(|| {
            number += 1;
            let (row, text) = projection(number);
            store
                .write(|tx| {
                    let _ = store::append(tx, &log_row(number))?;
                    store::put_projection(tx, &row, &text)
                })
                .unwrap();
        });
    });
    let raw = Connection::open(folder.path().join("raw.db")).unwrap();
    raw.execute_batch(
        "PRAGMA key = \"x'0707070707070707070707070707070707070707070707070707070707070707'\";
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE log (seq INTEGER PRIMARY KEY, envelope BLOB, body BLOB);",
    )
    .unwrap();
    c.bench_function("save: the same bytes raw", |b| {
        b.iter(|| {
            number += 1;
            let row = log_row(number);
            let values = params![row.envelope, row.body];
            raw.prepare_cached("INSERT INTO log (envelope, body) VALUES (?1, ?2)").unwrap().execute(values).unwrap();
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = store_at_full_size
}
criterion_main!(benches);
