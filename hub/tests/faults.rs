//! Failing disks. In a process of its own, because fail points hold for a whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where its world breaks")]

use std::sync::Arc;

use fail::FailScenario;
use himaya_hub::FAIL_POINTS;
use himaya_hub::relay::Relay;
use himaya_hub::storage::{Counts, HubStore, MemoryStore, SqliteStore, StoreOptions};
use himaya_hub::testing::{NOW_MILLIS, World, new_space, pull, push};
use himaya_wire::{EntryAct, Outcome, Owner, Request, Scope, Trouble};

fn stores(folder: &tempfile::TempDir) -> [Arc<dyn HubStore>; 2] {
    let path = folder.path().join("hub.sqlite");
    SqliteStore::create(&path, b"authority").unwrap();
    [Arc::new(SqliteStore::open(&path, StoreOptions::default()).unwrap()), Arc::new(MemoryStore::default())]
}

fn known(world: &World, store: Arc<dyn HubStore>) -> Relay {
    let relay = Relay::new(store, world.authority.claims.verify_key.clone()).unwrap();
    let entries: Vec<&[u8]> = world.entries.iter().map(Vec::as_slice).collect();
    relay.take_entries(&entries, NOW_MILLIS).unwrap();
    relay
}

#[test]
fn a_write_that_fails_stores_nothing_or_all_and_pushing_again_is_right() {
    let scenario = FailScenario::setup();
    for (point, kept) in [("hub.commit.before", false), ("hub.commit.after", true), ("hub.registry.before", false)] {
        assert!(FAIL_POINTS.contains(&point));
        let folder = tempfile::tempdir().unwrap();
        for store in stores(&folder) {
            let mut world = World::new(1);
            let relay = known(&world, store);
            let before = relay.store().counts().unwrap();
            let entry = world.act(Owner::Unit(world.units[0].unit), Some(0), &EntryAct::Resign);
            let (space, key) = new_space();
            let grant = world.grant(0, space, &key, Scope::Whole, &[0]);
            let request = Request { entries: vec![entry.into()], ..push(&[grant]) };
            let bytes = world.request(0, 0, &request);
            fail::cfg(point, "return").unwrap();
            assert_eq!(relay.handle(&bytes, NOW_MILLIS).err(), Some(Trouble::NoSpace));
            let after = Counts { grants: 1, deliveries: 1, entries: before.entries + 1, ..before };
            assert_eq!(relay.store().counts().unwrap(), if kept { after } else { before });
            // Reading goes on.
            assert!(relay.handle(&world.request(0, 0, &pull(0)), NOW_MILLIS).is_ok());
            fail::remove(point);
            let answer = relay.handle(&bytes, NOW_MILLIS).unwrap().answer;
            let outcome = if kept { Outcome::Had } else { Outcome::Stored };
            assert_eq!((answer.push[0].outcome, answer.entries[0].outcome), (outcome, outcome));
            assert_eq!(relay.store().counts().unwrap(), after);
            let next =
                world.act(Owner::Unit(world.units[0].unit), Some(0), &EntryAct::Unknown { kind: 9, data: vec![] });
            assert_eq!(relay.take_entries(&[&next], NOW_MILLIS).unwrap().0[0].outcome, Outcome::Stored);
        }
    }
    scenario.teardown();
}

#[test]
fn a_feed_that_cannot_be_read_is_told_as_broken() {
    let scenario = FailScenario::setup();
    let world = World::new(1);
    let relay = known(&world, Arc::new(MemoryStore::default()));
    let request = world.request(0, 0, &pull(0));
    fail::cfg("hub.feed.read", "return").unwrap();
    assert_eq!(relay.handle(&request, NOW_MILLIS).err(), Some(Trouble::Broken));
    fail::remove("hub.feed.read");
    assert!(relay.handle(&request, NOW_MILLIS).is_ok());
    scenario.teardown();
}

#[test]
fn a_full_database_refuses_the_new_keeps_the_old_and_still_reads() {
    let _scenario = FailScenario::setup();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite");
    SqliteStore::create(&path, b"authority").unwrap();
    let options = StoreOptions { max_bytes: Some(300_000) };
    let world = World::new(1);
    let relay = known(&world, Arc::new(SqliteStore::open(&path, options).unwrap()));
    let (space, key) = new_space();
    let grant = world.grant(0, space, &key, Scope::Whole, &[0]);
    relay.handle(&world.request(0, 0, &push(&[grant])), NOW_MILLIS).unwrap();
    let body: Vec<u8> =
        (0_u32..10_000).flat_map(|n| himaya_wire::Digest::of(&n.to_be_bytes()).as_bytes()[..4].to_vec()).collect();
    let mut stored = 0;
    let refused = loop {
        let event = world.event(0, space, &key, &body);
        match relay.handle(&world.request(0, 0, &push(&[event])), NOW_MILLIS) {
            Ok(_) => stored += 1,
            Err(trouble) => break trouble,
        }
        assert!(stored < 100);
    };
    assert_eq!(refused, Trouble::NoSpace);
    let answer = relay.handle(&world.request(0, 0, &pull(0)), NOW_MILLIS).unwrap().answer;
    assert_eq!(answer.items.len(), stored + 1);
}
