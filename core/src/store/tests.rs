//! The store as a whole: keys, canaries, full disks, fail points, order.

use std::fs;
use std::path::{Path, PathBuf};

use himaya_wire::{
    Circle, DeviceId, Digest, EventId, Incarnation, Item, ItemBody, Kid, Purpose, Refusal, RegistryItem, Scope, Secret,
    SpaceId, SpaceKey, Stamp, UnitId,
};
use proptest::prelude::*;
use tempfile::TempDir;

use super::carrier::{self, Carrier, Cursor};
use super::fault::Armed;
use super::*;

const CANARY: &str = "canari-de-Ksar-el-Kebir";

fn key_of(byte: u8) -> Secret {
    Secret::from_bytes([byte; 32])
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker.db");
    (folder, path)
}

fn store() -> (TempDir, Store) {
    let (folder, path) = place();
    (folder, Store::open(&path, &key_of(7)).unwrap())
}

fn carrier() -> (TempDir, Carrier) {
    let (folder, path) = place();
    (folder, Carrier::open(&path, &key_of(7)).unwrap())
}

fn space(byte: u8) -> SpaceId {
    SpaceId::from_bytes([byte; 16])
}

fn event_row(space: SpaceId, content: &[u8]) -> LogRow {
    LogRow {
        seq: 0,
        digest: Digest::of(content),
        id: EventId::from_bytes([3; 16]),
        space,
        unit: UnitId::from_bytes([4; 16]),
        author: [5; 16],
        purpose: Purpose::Event,
        kid: Kid::from_bytes([6; 16]),
        stamp: Some(Stamp::at_millis(1_000)),
        envelope: content.to_vec(),
        body: Some(content.to_vec()),
        stored_at_millis: None,
        confirmed: false,
        origin: Origin::Here,
    }
}

fn listed(space: SpaceId, millis: i64, title: &str) -> ProjectionRow {
    ProjectionRow {
        space,
        kind: 3,
        title: title.into(),
        subtitle: "الدار البيضاء".into(),
        number: Some("2026-1".into()),
        stage: Some(0),
        risk: Some(2),
        sex: Some(1),
        age_band: None,
        area: Some("141".into()),
        owner: Some(UnitId::from_bytes([4; 16])),
        updated: Stamp::at_millis(millis),
        created: Stamp::at_millis(1),
        conflicts: 0,
        set_aside: 0,
        missing: 0,
        card_space: None,
        subject: None,
        deadline_millis: None,
        extra: None,
    }
}

fn referral_row(space: SpaceId, step: u8) -> ReferralRow {
    ReferralRow {
        space,
        element: EventId::from_bytes([step; 16]),
        direction: Direction::In,
        to_unit: UnitId::from_bytes([1; 16]),
        from_unit: UnitId::from_bytes([2; 16]),
        step,
        sent: Some(Stamp::at_millis(5)),
        received_at_millis: Some(6),
        seen: false,
        answer_due_millis: Some(7),
        updated: Stamp::at_millis(5 + i64::from(step)),
    }
}

fn bytes_of(folder: &Path) -> Vec<u8> {
    fs::read_dir(folder).unwrap().flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

fn holds(bytes: &[u8], canary: &str) -> bool {
    bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
}

#[test]
fn a_wrong_key_is_refused_and_the_file_is_untouched() {
    let (folder, path) = place();
    let open = Store::open(&path, &key_of(1)).unwrap();
    let _ = open.write(|tx| append(tx, &event_row(space(1), b"one"))).unwrap();
    let before = bytes_of(folder.path());
    assert_eq!(Store::open(&path, &key_of(2)).err(), Some(StoreError::WrongKey));
    assert_eq!(Carrier::open(&path, &key_of(2)).err(), Some(StoreError::WrongKey));
    drop(open);
    let closed = fs::read(&path).unwrap();
    assert_eq!(Store::open(&path, &key_of(2)).err(), Some(StoreError::WrongKey));
    assert_eq!(fs::read(&path).unwrap(), closed);
    assert!(!before.is_empty());
    let again = Store::open(&path, &key_of(1)).unwrap();
    assert_eq!(again.read(|c| events_of(c, space(1))).unwrap().len(), 1);
}

#[test]
fn a_store_that_cannot_be_opened_is_kept_and_set_aside_only_when_asked() {
    let (_folder, path) = place();
    fs::write(&path, [9_u8; 8_192]).unwrap();
    assert_eq!(Store::open(&path, &key_of(1)).err(), Some(StoreError::WrongKey));
    assert_eq!(fs::read(&path).unwrap(), [9_u8; 8_192]);
    let first = Store::set_aside(&path).unwrap();
    fs::write(&path, [8_u8; 100]).unwrap();
    let second = Store::set_aside(&path).unwrap();
    assert_eq!(fs::read(&first).unwrap(), [9_u8; 8_192]);
    assert_eq!(fs::read(&second).unwrap(), [8_u8; 100]);
    assert!(first.to_string_lossy().ends_with("worker.db.set-aside-1"));
    assert!(Store::open(&path, &key_of(1)).is_ok());
}

#[test]
fn a_damaged_page_is_reported_and_nothing_is_deleted() {
    let (_folder, path) = place();
    let open = Store::open(&path, &key_of(1)).unwrap();
    for number in 0..200_u32 {
        let _ = open.write(|tx| append(tx, &event_row(space(1), &number.to_be_bytes().repeat(200)))).unwrap();
    }
    drop(open);
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    for byte in &mut bytes[8_192..] {
        *byte ^= 0x55;
    }
    fs::write(&path, &bytes).unwrap();
    let outcome = Store::open(&path, &key_of(1)).and_then(|store| store.read(|c| events_of(c, space(1))));
    assert!(matches!(outcome, Err(StoreError::Corrupt(_) | StoreError::WrongKey)), "{outcome:?}");
    assert_eq!(fs::read(&path).unwrap().len(), length);
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let (folder, store) = store();
    store
        .write(|tx| {
            let _ = append(tx, &event_row(space(1), CANARY.as_bytes()))?;
            put_setting(tx, CANARY, CANARY.as_bytes())?;
            put_projection(tx, &listed(space(1), 5, CANARY), CANARY)
        })
        .unwrap();
    let carrier = Carrier::open(&folder.path().join("carrier.db"), &key_of(8)).unwrap();
    carrier.write(|tx| carrier::enqueue(tx, &[CANARY], 1)).unwrap();
    assert!(folder.path().join("worker.db-wal").exists() && folder.path().join("worker.db-shm").exists());
    let bytes = bytes_of(folder.path());
    assert!(bytes.len() > 40_000);
    assert!(!holds(&bytes, CANARY) && !holds(&bytes, "SQLite format 3"));
    assert!(!holds(&bytes, "CREATE TABLE"));
    store.checkpoint().unwrap();
    carrier.checkpoint().unwrap();
    assert!(!holds(&bytes_of(folder.path()), CANARY));
}

#[test]
fn an_envelope_is_appended_once() {
    let (_folder, store) = store();
    let row = event_row(space(1), b"one");
    assert_eq!(store.write(|tx| append(tx, &row)).unwrap(), Appended::New(1));
    assert_eq!(store.write(|tx| append(tx, &row)).unwrap(), Appended::Had);
    assert!(matches!(store.write(|tx| append(tx, &event_row(space(1), b"two"))).unwrap(), Appended::New(2..)));
    let kept = store.read(|c| events_of(c, space(1))).unwrap();
    assert_eq!(kept[0], LogRow { seq: 1, ..row.clone() });
    assert_eq!(store.read(|c| same_id(c, row.id)).unwrap().len(), 2);
    let counts = store.read(log_counts).unwrap();
    assert_eq!((counts.all, counts.unopened, counts.unconfirmed, counts.spaces), (2, 0, 2, 1));
}

#[test]
fn a_held_envelope_is_opened_later() {
    let (_folder, store) = store();
    let sealed = LogRow { body: None, stamp: None, ..event_row(space(1), b"sealed") };
    let row = HeldRow {
        digest: sealed.digest,
        space: Some(space(1)),
        kid: Some(sealed.kid),
        reason: HeldReason::MissingKey,
        tries: 0,
        first_seen_millis: 5,
        bytes: None,
    };
    store
        .write(|tx| {
            let _ = append(tx, &sealed)?;
            hold(tx, &row)?;
            hold(tx, &HeldRow { first_seen_millis: 9, ..row.clone() })
        })
        .unwrap();
    assert!(store.read(|c| bodies_of(c, space(1))).unwrap().is_empty());
    let waiting = store.read(|c| held_by_kid(c, sealed.kid)).unwrap();
    assert_eq!(waiting, store.read(|c| held_in(c, space(1))).unwrap());
    assert_eq!((waiting[0].tries, waiting[0].first_seen_millis), (2, 5));
    store
        .write(|tx| {
            assert!(set_body(tx, sealed.digest, Some(Stamp::at_millis(3)), b"opened")?);
            release(tx, sealed.digest)
        })
        .unwrap();
    assert_eq!(store.read(|c| bodies_of(c, space(1))).unwrap()[0].body, b"opened");
    assert_eq!(store.read(held_count).unwrap(), 0);
}

#[test]
fn after_a_restore_of_the_hub_what_it_lost_is_offered_again() {
    let (_folder, store) = store();
    let rows = [event_row(space(1), b"one"), event_row(space(2), b"two")];
    store
        .write(|tx| {
            for row in &rows {
                let _ = append(tx, row)?;
                mark_confirmed(tx, row.digest, Some(77))?;
            }
            Ok(())
        })
        .unwrap();
    assert!(store.read(|c| unconfirmed(c, 0, 10)).unwrap().is_empty());
    store
        .write(|tx| {
            mark_all_unconfirmed(tx)?;
            seen_in_feed(tx, rows[0].digest)
        })
        .unwrap();
    let lost = store.read(|c| unconfirmed(c, 0, 10)).unwrap();
    assert_eq!(lost.iter().map(|row| row.digest).collect::<Vec<_>>(), [rows[1].digest]);
    assert_eq!(lost[0].stored_at_millis, Some(77));
    assert_eq!(store.read(spaces).unwrap(), [space(1), space(2)]);
}

#[test]
fn keys_are_found_by_name_and_the_newest_writes() {
    let (_folder, store) = store();
    let row = |key: &SpaceKey, scope| SpaceKeyRow {
        space: space(1),
        key: key.clone(),
        granted_by: UnitId::from_bytes([4; 16]),
        scope,
        from_digest: Some(Digest::of(b"grant")),
    };
    let (old, new) = (SpaceKey::from_secret(key_of(1)), SpaceKey::from_secret(key_of(2)));
    store
        .write(|tx| {
            assert!(put_key(tx, &row(&old, Scope::FromHere))?);
            assert!(put_key(tx, &row(&new, Scope::Whole))?);
            assert!(!put_key(tx, &row(&old, Scope::Whole))?);
            let holder = HolderRow {
                space: space(1),
                unit: UnitId::from_bytes([4; 16]),
                grant: Digest::of(b"grant"),
                granted_by: UnitId::from_bytes([4; 16]),
                circle: Circle::Heads,
                circle_kid: Kid::from_bytes([1; 16]),
                seq: 0,
            };
            assert!(put_holder(tx, &holder)? && !put_holder(tx, &holder)?);
            Ok(())
        })
        .unwrap();
    assert_eq!(store.read(|c| newest_key(c, space(1))).unwrap().unwrap().key.kid(), new.kid());
    assert_eq!(store.read(|c| key(c, space(1), old.kid())).unwrap().unwrap().kid(), old.kid());
    assert!(store.read(|c| key(c, space(2), old.kid())).unwrap().is_none());
    assert_eq!(store.read(|c| keys(c, space(1))).unwrap()[0].scope, Scope::Whole);
    assert_eq!(store.read(|c| holders(c, space(1))).unwrap()[0].circle, Circle::Heads);
}

#[test]
fn arabic_words_are_found_as_they_are_typed_newest_first() {
    let (_folder, store) = store();
    store
        .write(|tx| {
            put_projection(tx, &listed(space(1), 10, "a"), "محمد الدار البيضاء")?;
            put_projection(tx, &listed(space(2), 30, "b"), "محمود سلا")?;
            put_projection(tx, &listed(space(3), 20, "c"), "فاطمه محطه الدار")?;
            put_projection(tx, &listed(space(4), 20, "d"), "mohamed sale")
        })
        .unwrap();
    let found = |query: &str| -> Vec<u8> {
        let rows = store.read(|c| search(c, query, 10)).unwrap();
        rows.iter().map(|row| row.row.space.as_bytes()[0]).collect()
    };
    assert_eq!(found("م"), [2, 3, 1]);
    assert_eq!(found("مح"), [2, 3, 1]);
    assert_eq!(found("محم"), [2, 1]);
    assert_eq!(found("محمد"), [1]);
    assert_eq!(found("الدار مح"), [3, 1]);
    assert_eq!(found("moh"), [4]);
    assert_eq!(found("حمد"), Vec::<u8>::new());
    assert_eq!(store.read(|c| search(c, "مح", 1)).unwrap().len(), 1);
}

#[test]
fn changed_words_are_no_longer_found_and_new_ones_are() {
    let (_folder, store) = store();
    store.write(|tx| put_projection(tx, &listed(space(1), 10, "a"), "ancien")).unwrap();
    store.write(|tx| put_projection(tx, &listed(space(1), 40, "a"), "nouveau")).unwrap();
    store.write(|tx| put_projection(tx, &listed(space(2), 40, "b"), "nouveau")).unwrap();
    assert!(store.read(|c| search(c, "ancien", 10)).unwrap().is_empty());
    assert_eq!(store.read(|c| search(c, "nouveau", 10)).unwrap().len(), 2);
    store.write(|tx| remove_projection(tx, space(1))).unwrap();
    assert_eq!(store.read(|c| search(c, "nouveau", 10)).unwrap().len(), 1);
    store.write(|tx| Ok(tx.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", [])?)).unwrap();
}

#[test]
fn a_list_is_newest_first_filtered_and_paged() {
    let (_folder, store) = store();
    store
        .write(|tx| {
            for byte in 1..=20_u8 {
                let row = ProjectionRow {
                    kind: byte % 4,
                    risk: Some(byte % 5),
                    ..listed(space(byte), i64::from(byte / 2), "t")
                };
                put_projection(tx, &row, "")?;
            }
            mark_news(tx, space(9), 2)?;
            mark_news(tx, space(9), 1)
        })
        .unwrap();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.read(|c| newest(c, &Filter::default(), 6, before)).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.recency);
        seen.extend(page.iter().map(|row| row.row.updated.millis()));
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.windows(2).all(|pair| pair[0] >= pair[1]));
    let count = |filter: Filter| store.read(|c| newest(c, &filter, 50, None)).unwrap().len();
    assert_eq!(count(Filter { kinds: vec![1], ..Filter::default() }), 5);
    assert_eq!(count(Filter { kinds: vec![1, 2], ..Filter::default() }), 10);
    assert_eq!(count(Filter { min_risk: Some(4), ..Filter::default() }), 4);
    assert_eq!(count(Filter { owner: Some(UnitId::from_bytes([0; 16])), ..Filter::default() }), 0);
    assert_eq!(count(Filter { only_news: true, ..Filter::default() }), 1);
    let row = store.read(|c| by_space(c, space(9))).unwrap().unwrap();
    assert_eq!((row.news, row.unread), (true, 3));
    assert!(store.write(|tx| mark_read(tx, space(9))).unwrap());
    assert_eq!(store.read(news_count).unwrap(), 0);
}

#[test]
fn a_rebuild_in_another_order_gives_the_same_bytes() {
    let (_folder, store) = store();
    let rows: Vec<ProjectionRow> = (1..=9).map(|byte| listed(space(byte), 5, "même instant")).collect();
    let fill = |rows: Vec<&ProjectionRow>| {
        store
            .write(|tx| {
                clear_projections(tx)?;
                put_referral(tx, &referral_row(space(1), 2))?;
                rows.iter().try_for_each(|row| put_projection(tx, row, "mots"))
            })
            .unwrap();
        store.read(dump_projections).unwrap()
    };
    let forward = fill(rows.iter().collect());
    assert_eq!(fill(rows.iter().rev().collect()), forward);
    assert_ne!(fill(rows[1..].iter().collect()), forward);
    assert_eq!(store.read(|c| search(c, "mots", 50)).unwrap().len(), 8);
}

#[test]
fn referrals_and_receipts_are_listed() {
    let (_folder, store) = store();
    let receipt = ReceiptRow {
        of: Digest::of(b"grant"),
        space: space(1),
        unit: UnitId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
        at: Stamp::at_millis(3),
    };
    store
        .write(|tx| {
            for step in [1, 3, 5] {
                put_referral(tx, &referral_row(space(1), step))?;
            }
            put_referral(tx, &referral_row(space(1), 3))?;
            assert!(put_receipt(tx, &receipt)? && !put_receipt(tx, &receipt)?);
            Ok(())
        })
        .unwrap();
    let steps = |wanted: &[u8]| -> Vec<u8> {
        store.read(|c| referrals(c, Direction::In, wanted, 9)).unwrap().iter().map(|row| row.step).collect()
    };
    assert_eq!(steps(&[]), [5, 3, 1]);
    assert_eq!(steps(&[1, 3]), [3, 1]);
    assert!(store.read(|c| referrals(c, Direction::Out, &[], 9)).unwrap().is_empty());
    assert_eq!(store.read(|c| receipts(c, receipt.of)).unwrap(), std::slice::from_ref(&receipt));
    assert_eq!(store.read(|c| receipts_in(c, space(1))).unwrap(), [receipt]);
}

#[test]
fn an_erased_space_leaves_no_row_and_takes_none() {
    let (_folder, store) = store();
    store
        .write(|tx| {
            let _ = append(tx, &event_row(space(1), b"one"))?;
            put_projection(tx, &listed(space(1), 1, "t"), "mots")?;
            erase(tx, space(1), Digest::of(b"erasure"))
        })
        .unwrap();
    assert_eq!(store.write(|tx| append(tx, &event_row(space(1), b"two"))).unwrap(), Appended::Erased);
    assert!(store.read(|c| events_of(c, space(1))).unwrap().is_empty());
    assert!(store.read(|c| search(c, "mots", 9)).unwrap().is_empty());
    assert_eq!(store.read(|c| erased_by(c, space(1))).unwrap(), Some(Digest::of(b"erasure")));
}

#[test]
fn a_full_disk_refuses_the_new_and_keeps_the_old() {
    let (_folder, store) = store();
    let _ = store.write(|tx| append(tx, &event_row(space(1), b"first"))).unwrap();
    store.limit_pages(80);
    let mut kept = 1;
    let refused = loop {
        match store.write(|tx| append(tx, &event_row(space(1), &[kept; 3_000]))) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, StoreError::NoSpace);
    assert!(refused.can_retry());
    assert_eq!(store.read(|c| events_of(c, space(1))).unwrap().len(), usize::from(kept));
    store.limit_pages(10_000);
    assert!(store.write(|tx| append(tx, &event_row(space(1), &[kept; 3_000]))).is_ok());

    let (_other, carrier) = carrier();
    carrier.write(|tx| carrier::enqueue(tx, &[b"first"], 1)).unwrap();
    carrier.limit_pages(40);
    let big = vec![1_u8; 400_000];
    assert_eq!(carrier.write(|tx| carrier::enqueue(tx, &[&big], 1)), Err(StoreError::NoSpace));
    assert_eq!(carrier.read(|c| carrier::batch(c, 9, 9_000)).unwrap().len(), 1);
}

#[test]
fn a_write_that_stops_before_its_commit_leaves_nothing() {
    let save = |store: &Store| {
        store.write(|tx| {
            let _ = append(tx, &event_row(space(1), b"one"))?;
            put_projection(tx, &listed(space(1), 5, "t"), "mots")
        })
    };
    for point in fault::FAIL_POINTS.iter().filter(|point| point.starts_with("store.")) {
        let (_folder, store) = store();
        let armed = Armed::new(point, "return");
        assert_eq!(save(&store), Err(StoreError::Interrupted), "{point}");
        drop(armed);
        let committed = usize::from(*point == "store.write.after_commit");
        assert_eq!(store.read(|c| events_of(c, space(1))).unwrap().len(), committed, "{point}");
        assert_eq!(store.read(|c| search(c, "mots", 9)).unwrap().len(), committed, "{point}");
        save(&store).unwrap();
        assert_eq!(store.read(|c| events_of(c, space(1))).unwrap().len(), 1, "{point}");
    }
}

#[test]
fn a_panic_inside_a_write_leaves_nothing_and_the_store_usable() {
    let (_folder, store) = store();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write::<()>(|tx| {
            let _ = append(tx, &event_row(space(1), b"one"))?;
            panic!("a fault");
        })
    }));
    assert!(outcome.is_err());
    assert_eq!(store.write(|tx| append(tx, &event_row(space(1), b"two"))).unwrap(), Appended::New(1));
}

fn page() -> (Vec<Item>, Cursor) {
    let item = |position, what| Item { position, stored_at_millis: 9, what };
    let items = vec![
        item(1, ItemBody::Envelope(b"one".to_vec().into())),
        item(2, ItemBody::Own(Digest::of(b"two"))),
        item(3, ItemBody::Envelope(b"three".to_vec().into())),
    ];
    (items, Cursor { incarnation: Some(Incarnation::from_bytes([1; 16])), after: 3, entries_after: 0 })
}

#[test]
fn a_page_and_its_cursor_arrive_together_or_not_at_all() {
    for point in ["carrier.write.begin", "carrier.page.after_items", "carrier.write.before_commit"] {
        let (_folder, carrier) = carrier();
        let (items, next) = page();
        let armed = Armed::new(point, "return");
        assert_eq!(carrier.write(|tx| carrier::put_page(tx, &items, &next)), Err(StoreError::Interrupted));
        drop(armed);
        assert_eq!(carrier.read(carrier::cursor).unwrap(), Cursor::default());
        assert_eq!(carrier.read(carrier::inbox_count).unwrap(), 0);
        for _ in 0..2 {
            carrier.write(|tx| carrier::put_page(tx, &items, &next)).unwrap();
        }
        assert_eq!(carrier.read(carrier::cursor).unwrap(), next);
        let taken = carrier.read(|c| carrier::take(c, 9)).unwrap();
        assert_eq!(taken.iter().map(|row| row.position).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(taken[1].envelope, None);
        assert!(carrier.write(|tx| carrier::done(tx, taken[0].seq)).unwrap());
        assert_eq!(carrier.read(|c| carrier::take(c, 1)).unwrap()[0].position, 2);
    }
}

#[test]
fn a_new_history_of_the_hub_starts_from_zero_and_loses_nothing_waiting() {
    let (_folder, carrier) = carrier();
    let (items, next) = page();
    let other = Incarnation::from_bytes([2; 16]);
    carrier
        .write(|tx| {
            carrier::put_page(tx, &items, &next)?;
            carrier::put_cursor(tx, &Cursor { after: 1, ..next })?;
            assert_eq!(carrier::cursor(tx)?.after, 3, "never back within one history");
            carrier::restart(tx, other)
        })
        .unwrap();
    let again = [Item { position: 1, stored_at_millis: 9, what: ItemBody::Envelope(b"four".to_vec().into()) }];
    let next = Cursor { incarnation: Some(other), after: 1, entries_after: 0 };
    carrier.write(|tx| carrier::put_page(tx, &again, &next)).unwrap();
    assert_eq!(carrier.read(carrier::cursor).unwrap(), next);
    assert_eq!(carrier.read(carrier::inbox_count).unwrap(), 4);
}

#[test]
fn the_outbox_keeps_its_order_and_drops_nothing() {
    let (_folder, carrier) = carrier();
    let digest = |text: &str| Digest::of(text.as_bytes());
    carrier.write(|tx| carrier::enqueue(tx, &["grant", "event", "other", "bad"], 1)).unwrap();
    assert_eq!(carrier.write(|tx| carrier::enqueue(tx, &["event"], 2)).unwrap(), 0);
    let sent = |count, bytes| -> Vec<String> {
        let rows = carrier.read(|c| carrier::batch(c, count, bytes)).unwrap();
        rows.into_iter().map(|row| String::from_utf8(row.envelope).unwrap()).collect()
    };
    assert_eq!(sent(9, 999), ["grant", "event", "other", "bad"]);
    assert_eq!(sent(9, 11), ["grant", "event"]);
    assert_eq!(sent(9, 1), ["grant"]);
    assert_eq!(sent(1, 999), ["grant"]);
    carrier
        .write(|tx| {
            carrier::refused(tx, digest("event"), Refusal::NoGrant)?;
            carrier::refused(tx, digest("bad"), Refusal::Signature)?;
            carrier::clear(tx, digest("grant"))
        })
        .unwrap();
    assert_eq!(sent(9, 999), ["other", "event"]);
    let counts = carrier.read(carrier::outbox_counts).unwrap();
    assert_eq!((counts.waiting, counts.parked, counts.bytes, counts.oldest_millis), (2, 1, 13, Some(1)));
    assert!(carrier.read(|c| carrier::waits(c, digest("bad"))).unwrap());
    assert_eq!(carrier.read(carrier::outbox_rows).unwrap().len(), 3);
    assert_eq!(carrier.write(carrier::unpark).unwrap(), 1);
    assert_eq!(sent(9, 999), ["other", "bad", "event"]);
}

#[test]
fn entries_states_and_receipts_are_kept_once() {
    let (_folder, carrier) = carrier();
    let items: Vec<RegistryItem> =
        (1..=3_u8).map(|n| RegistryItem { position: n.into(), entry: vec![n; 9].into() }).collect();
    let next = Cursor { incarnation: None, after: 0, entries_after: 3 };
    let digest = Digest::of(b"mine");
    carrier
        .write(|tx| {
            assert_eq!(carrier::put_entries(tx, &items, &next)?, 3);
            assert_eq!(carrier::put_entries(tx, &items, &next)?, 0);
            assert!(carrier::queue_entry(tx, b"mine")? && !carrier::queue_entry(tx, b"mine")?);
            carrier::refused_entry(tx, digest, Refusal::Forked)?;
            assert!(carrier::first_receipt(tx, digest)? && !carrier::first_receipt(tx, digest)?);
            carrier::put_state(tx, "round", b"one")?;
            carrier::put_state(tx, "round", b"two")
        })
        .unwrap();
    assert_eq!(carrier.read(carrier::all_entries).unwrap()[2], [3; 9]);
    assert_eq!(carrier.read(carrier::cursor).unwrap().entries_after, 3);
    assert!(carrier.read(carrier::pending_entries).unwrap()[0].parked);
    assert!(carrier.write(|tx| carrier::clear_entry(tx, digest)).unwrap());
    assert_eq!(carrier.read(|c| carrier::state(c, "round")).unwrap().unwrap(), b"two");
}

#[test]
fn no_error_repeats_what_was_typed() {
    let (_folder, store) = store();
    let error = store.read(|c| Ok(c.execute_batch(&format!("SELECT '{CANARY}' FROM {CANARY}"))?)).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canari"));
    let row = event_row(space(1), CANARY.as_bytes());
    assert!(!format!("{row:?} {:?}", listed(space(1), 1, CANARY)).contains("canari"));
}

#[test]
fn the_syntax_of_the_index_cannot_be_typed() {
    let (_folder, store) = store();
    store.write(|tx| put_projection(tx, &listed(space(1), 1, "t"), "near and or not salma")).unwrap();
    for query in [
        "\"",
        "\"\"\"",
        "salma\"",
        "salma*",
        "* OR *",
        "NEAR(salma, 1)",
        "search_text:salma",
        "{a b}:c",
        "^salma",
        "-salma",
        "salma AND",
        "NOT",
        "'; DROP TABLE log; --",
        "\0",
        "salma\0x",
        "()",
        "salma + near",
        "\u{200f}salma",
    ] {
        store.read(|c| search(c, query, 9)).unwrap_or_else(|error| panic!("{query:?}: {error}"));
    }
    assert_eq!(store.read(|c| search(c, "salma\"* AND", 9)).unwrap().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_query_is_answered(queries in prop::collection::vec(any::<String>(), 0..8)) {
        let (_folder, store) = store();
        store.write(|tx| put_projection(tx, &listed(space(1), 1, "t"), "salma")).unwrap();
        for query in &queries {
            prop_assert!(store.read(|c| search(c, query, 9)).is_ok());
        }
    }

    #[test]
    fn folded_text_is_found_by_itself(text in "[a-z0-9ء-ي .,'\"*-]{0,20}[a-zء-ي]") {
        let (_folder, store) = store();
        store.write(|tx| put_projection(tx, &listed(space(1), 1, "t"), &text)).unwrap();
        prop_assert_eq!(store.read(|c| search(c, &text, 9)).unwrap().len(), 1);
    }

    #[test]
    fn any_repetition_of_appends_keeps_each_once(numbers in prop::collection::vec(0_u8..6, 0..24)) {
        let (_folder, store) = store();
        for number in &numbers {
            let _ = store.write(|tx| append(tx, &event_row(space(number % 2), &[*number]))).unwrap();
        }
        let distinct: std::collections::BTreeSet<u8> = numbers.iter().copied().collect();
        prop_assert_eq!(store.read(log_counts).unwrap().all, distinct.len() as u64);
    }

    #[test]
    fn whatever_the_hub_answers_only_what_it_has_leaves_the_outbox(answers in prop::collection::vec((0_u8..6, 0_u8..4), 0..24)) {
        let (_folder, carrier) = carrier();
        let all: Vec<[u8; 1]> = (0..6).map(|number| [number]).collect();
        carrier.write(|tx| carrier::enqueue(tx, &all, 1)).unwrap();
        let mut cleared = std::collections::BTreeSet::new();
        for (number, answer) in answers {
            let digest = Digest::of(&[number]);
            match answer {
                0 => {
                    carrier.write(|tx| carrier::clear(tx, digest)).unwrap();
                    cleared.insert(number);
                }
                1 => drop(carrier.write(|tx| carrier::refused(tx, digest, Refusal::NoGrant)).unwrap()),
                2 => drop(carrier.write(|tx| carrier::refused(tx, digest, Refusal::Malformed)).unwrap()),
                _ => drop(carrier.write(carrier::unpark).unwrap()),
            }
        }
        prop_assert_eq!(carrier.read(carrier::outbox_rows).unwrap().len(), 6 - cleared.len());
    }
}
