//! What every store must pass, whatever it keeps its rows in.

use himaya_wire::{DeviceId, Digest, EventId, Header, Incarnation, ItemBody, Kid, Purpose, SpaceId, UnitId};

use super::{Backfill, Counts, FeedPage, FeedQuery, Holding, HubStore, NewEnvelope, StoreError, Transaction};

const ALL: usize = usize::MAX;

/// Runs the whole suite; `make` gives a new, empty store each time. Panics at the first broken promise.
pub fn store_suite<S: HubStore>(make: &dyn Fn() -> S) {
    a_new_store_is_empty_and_has_a_history(&make());
    positions_are_gap_free_and_each_delivery_happens_once(&make());
    a_failed_transaction_leaves_nothing(&make());
    a_backfill_keeps_stored_order_and_leaves_out_foreign_captures(&make());
    a_backfill_under_one_key_leaves_the_rest(&make());
    holding_widens_and_never_narrows(&make());
    pages_respect_their_limits(&make());
    a_device_sees_its_own_envelopes_by_digest(&make());
    registry_positions_are_gap_free(&make());
    flags_quarantine_and_alarms_are_counted_once(&make());
    writers_take_turns(&make());
}

struct Sample {
    header: Header,
    bytes: Vec<u8>,
}

fn sample(space: SpaceId, purpose: Purpose, kid: u8) -> Sample {
    let (id, unit, kid) = (EventId::make_random(), unit(9), Kid::from_bytes([kid; 16]));
    let header = Header { purpose, id, space, unit, kid, author: [8; 16] };
    Sample { header, bytes: id.as_bytes().repeat(4) }
}

impl Sample {
    fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    fn put(&self, tx: &mut dyn Transaction, by: u8) -> Result<(), StoreError> {
        let (digest, pushed_by) = (self.digest(), DeviceId::from_bytes([by; 16]));
        tx.put(&NewEnvelope { digest, header: &self.header, pushed_by, at_millis: 77, bytes: &self.bytes })
    }
}

fn unit(number: u8) -> UnitId {
    UnitId::from_bytes([number; 16])
}

fn query(number: u8, after: u64) -> FeedQuery {
    FeedQuery { unit: unit(number), after, limit: 1_000, max_bytes: ALL, own: None }
}

fn write(store: &dyn HubStore, mut work: impl FnMut(&mut dyn Transaction) -> Result<(), StoreError>) {
    ok(store.write(&mut work));
}

fn ok<T>(result: Result<T, StoreError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the store failed: {error:?}"),
    }
}

/// Positions and digests of a page.
fn digests(page: &FeedPage) -> Vec<(u64, Digest)> {
    let digest = |what: &ItemBody| match what {
        ItemBody::Envelope(bytes) => Digest::of(bytes),
        ItemBody::Own(digest) => *digest,
    };
    page.items.iter().map(|item| (item.position, digest(&item.what))).collect()
}

fn a_new_store_is_empty_and_has_a_history(store: &dyn HubStore) {
    assert_eq!(ok(store.counts()), Counts::default());
    assert_eq!(ok(store.feed(&query(1, 0))), FeedPage::default());
    assert!(ok(store.registry(0, 10, ALL)).rows.is_empty());
    assert_ne!(ok(store.incarnation()), Incarnation::from_bytes([0; 16]));
    assert_eq!(ok(store.incarnation()), ok(store.incarnation()));
}

fn positions_are_gap_free_and_each_delivery_happens_once(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    let samples: Vec<Sample> = (0..5).map(|_| sample(space, Purpose::Event, 1)).collect();
    for sample in &samples {
        write(store, |tx| {
            assert!(!tx.has(sample.digest())? && !tx.has_id(sample.header.id)?);
            sample.put(tx, 1)?;
            assert!(tx.has(sample.digest())? && tx.has_id(sample.header.id)?);
            tx.deliver(unit(1), sample.digest())?;
            tx.deliver(unit(1), sample.digest())
        });
    }
    write(store, |tx| tx.deliver(unit(2), samples[3].digest()));
    let expected: Vec<_> = (1..).zip(samples.iter().map(Sample::digest)).collect();
    assert_eq!(digests(&ok(store.feed(&query(1, 0)))), expected);
    assert_eq!(digests(&ok(store.feed(&query(1, 3)))), expected[3..]);
    assert_eq!(digests(&ok(store.feed(&query(2, 0)))), [(1, samples[3].digest())]);
    assert!(ok(store.feed(&query(1, u64::MAX))).items.is_empty());
    assert!(ok(store.feed(&query(1, 0))).items.iter().all(|item| item.stored_at_millis == 77));
    let counts = ok(store.counts());
    assert_eq!((counts.events, counts.deliveries), (5, 6));
}

fn a_failed_transaction_leaves_nothing(store: &dyn HubStore) {
    let sample = sample(SpaceId::make_random(), Purpose::Grant, 1);
    let failed = store.write(&mut |tx| {
        sample.put(tx, 1)?;
        tx.deliver(unit(1), sample.digest())?;
        tx.hold(sample.header.space, unit(1), Holding::Whole, 1)?;
        tx.put_entry(Digest::of(b"entry"), b"entry", 1)?;
        Err(StoreError::NoSpace)
    });
    assert!(matches!(failed, Err(StoreError::NoSpace)));
    assert_eq!(ok(store.counts()), Counts::default());
    write(store, |tx| {
        assert!(!tx.has(sample.digest())? && tx.holders(sample.header.space)?.is_empty());
        assert!(tx.deliver(unit(1), sample.digest()).is_err());
        Ok(())
    });
}

fn a_backfill_keeps_stored_order_and_leaves_out_foreign_captures(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    let purposes = [Purpose::Capture, Purpose::Grant, Purpose::Event, Purpose::Receipt, Purpose::Event];
    let samples: Vec<Sample> = purposes.into_iter().map(|purpose| sample(space, purpose, 1)).collect();
    let other = sample(SpaceId::make_random(), Purpose::Event, 1);
    write(store, |tx| {
        other.put(tx, 1)?;
        tx.deliver(unit(2), other.digest())?;
        samples.iter().try_for_each(|sample| sample.put(tx, 1))?;
        tx.deliver(unit(2), samples[2].digest())?;
        tx.backfill(unit(2), space, Backfill::Whole)?;
        tx.backfill(unit(2), space, Backfill::Whole)?;
        tx.backfill(unit(9), space, Backfill::Whole)
    });
    let expected = [&other, &samples[2], &samples[1], &samples[3], &samples[4]].map(Sample::digest);
    assert_eq!(digests(&ok(store.feed(&query(2, 0)))), (1..).zip(expected).collect::<Vec<_>>());
    let own: Vec<_> = (1..).zip(samples.iter().map(Sample::digest)).collect();
    assert_eq!(digests(&ok(store.feed(&query(9, 0)))), own);
}

fn a_backfill_under_one_key_leaves_the_rest(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    let samples: Vec<Sample> = [1, 2, 1, 2].into_iter().map(|kid| sample(space, Purpose::Event, kid)).collect();
    write(store, |tx| {
        samples.iter().try_for_each(|sample| sample.put(tx, 1))?;
        tx.backfill(unit(2), space, Backfill::Under(Kid::from_bytes([2; 16])))
    });
    let page = ok(store.feed(&query(2, 0)));
    assert_eq!(digests(&page), [(1, samples[1].digest()), (2, samples[3].digest())]);
    write(store, |tx| tx.backfill(unit(2), space, Backfill::Whole));
    let page = ok(store.feed(&query(2, 2)));
    assert_eq!(digests(&page), [(3, samples[0].digest()), (4, samples[2].digest())]);
}

fn holding_widens_and_never_narrows(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    let expect = |hold: Holding, expected: Holding| {
        write(store, |tx| {
            tx.hold(space, unit(1), hold, 1)?;
            assert_eq!(tx.holders(space)?, [(unit(1), expected)]);
            Ok(())
        });
    };
    expect(Holding::FromHere, Holding::FromHere);
    expect(Holding::Whole, Holding::Whole);
    expect(Holding::FromHere, Holding::Whole);
    write(store, |tx| {
        tx.hold(space, unit(0), Holding::FromHere, 1)?;
        assert_eq!(tx.holders(space)?, [(unit(0), Holding::FromHere), (unit(1), Holding::Whole)]);
        assert!(tx.holders(SpaceId::make_random())?.is_empty());
        Ok(())
    });
}

fn pages_respect_their_limits(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    for _ in 0..6 {
        let sample = sample(space, Purpose::Event, 1);
        write(store, |tx| {
            sample.put(tx, 1)?;
            tx.deliver(unit(1), sample.digest())?;
            tx.put_entry(sample.digest(), &sample.bytes, 5).map(|_| ())
        });
    }
    let page = |limit, max_bytes| ok(store.feed(&FeedQuery { limit, max_bytes, ..query(1, 0) }));
    assert_eq!((page(4, ALL).items.len(), page(4, ALL).more), (4, true));
    assert_eq!((page(6, ALL).items.len(), page(6, ALL).more), (6, false));
    assert_eq!((page(0, ALL).items.len(), page(0, ALL).more), (0, true));
    let small = page(6, 3 * 64 + 250);
    assert!(small.more && small.items.len() == 3, "{}", small.items.len());
    assert!(page(6, 0).items.is_empty() && page(6, 0).more);
    let registry = ok(store.registry(1, 3, ALL));
    assert_eq!(registry.rows.iter().map(|row| row.position).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(registry.more && !ok(store.registry(3, 3, ALL)).more);
    assert_eq!(ok(store.registry(0, 3, 1)).rows.len(), 1);
}

fn a_device_sees_its_own_envelopes_by_digest(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    let (mine, theirs) = (sample(space, Purpose::Event, 1), sample(space, Purpose::Event, 1));
    write(store, |tx| {
        mine.put(tx, 1)?;
        theirs.put(tx, 2)?;
        tx.backfill(unit(1), space, Backfill::Whole)
    });
    let page = ok(store.feed(&FeedQuery { own: Some(DeviceId::from_bytes([1; 16])), ..query(1, 0) }));
    let bodies: Vec<_> = page.items.into_iter().map(|item| item.what).collect();
    assert_eq!(bodies, [ItemBody::Own(mine.digest()), ItemBody::Envelope(theirs.bytes.clone().into())]);
    let page = ok(store.feed(&query(1, 0)));
    assert!(page.items.iter().all(|item| matches!(item.what, ItemBody::Envelope(_))));
}

fn registry_positions_are_gap_free(store: &dyn HubStore) {
    for (number, entry) in [b"one".as_slice(), b"two", b"three"].into_iter().enumerate() {
        write(store, |tx| {
            assert_eq!(tx.put_entry(Digest::of(entry), entry, 5)?, number as u64 + 1);
            Ok(())
        });
        let failed = store.write(&mut |tx| tx.put_entry(Digest::of(b"x"), b"x", 5).and(Err(StoreError::NoSpace)));
        assert!(failed.is_err());
    }
    let page = ok(store.registry(0, 10, ALL));
    let rows: Vec<_> = page.rows.iter().map(|row| (row.position, row.stored_at_millis, row.entry.as_slice())).collect();
    assert_eq!(rows, [(1, 5, b"one".as_slice()), (2, 5, b"two"), (3, 5, b"three")]);
}

fn flags_quarantine_and_alarms_are_counted_once(store: &dyn HubStore) {
    let digest = Digest::of(b"x");
    for _ in 0..2 {
        write(store, |tx| {
            tx.flag(digest, EventId::from_bytes([1; 16]))?;
            tx.quarantine(unit(1), DeviceId::from_bytes([1; 16]), digest, b"x", 1)?;
            tx.alarm(digest, b"x", 1)
        });
    }
    let counts = ok(store.counts());
    assert_eq!((counts.flags, counts.quarantined, counts.alarms, counts.events), (1, 1, 1, 0));
}

fn writers_take_turns(store: &dyn HubStore) {
    let space = SpaceId::make_random();
    std::thread::scope(|scope| {
        for by in 0..4 {
            scope.spawn(move || {
                for _ in 0..10 {
                    let sample = sample(space, Purpose::Event, 1);
                    write(store, |tx| {
                        sample.put(tx, by)?;
                        tx.deliver(unit(1), sample.digest())
                    });
                }
            });
        }
    });
    let positions: Vec<u64> = ok(store.feed(&query(1, 0))).items.iter().map(|item| item.position).collect();
    assert_eq!(positions, (1..=40).collect::<Vec<_>>());
}
