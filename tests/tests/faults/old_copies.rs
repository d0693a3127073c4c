//! Old copies put back: the hub from a backup, a device's records or its outbox from an earlier day.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use himaya_core::app::{NewReferral, NewRound, SyncOptions};
use himaya_tests::{RunningHub, Same, Thawed, Town, assert_same, gap_free, spotting, sync, views};
use himaya_wire::UnitKind;

/// Puts a hub back as its backup has it, under its old address.
fn restore(hub: &mut Option<RunningHub>, hub_dir: &Path, backup: &Path, port: u16) {
    if let Some(hub) = hub.take() {
        hub.stop();
    }
    fs::remove_dir_all(hub_dir).unwrap();
    himaya_hub::restore(backup, hub_dir).unwrap();
    *hub = Some(RunningHub::start(hub_dir, port));
}

/// Everything a stopped hub holds, by digest.
fn held_by(hub_dir: &Path, table: &str) -> BTreeSet<Vec<u8>> {
    let hub = rusqlite::Connection::open(hub_dir.join("hub.sqlite")).unwrap();
    let mut statement = hub.prepare(&format!("SELECT digest FROM {table}")).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn copy_database(town: &Thawed, number: usize, name: &str, to: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let from = town.folder(number).join(format!("{name}{suffix}"));
        let kept = town.dir.path().join(format!("{to}{suffix}"));
        let _ = fs::remove_file(&kept);
        if from.exists() {
            fs::copy(from, kept).unwrap();
        }
    }
}

fn put_database_back(town: &Thawed, number: usize, name: &str, from: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let target = town.folder(number).join(format!("{name}{suffix}"));
        let kept = town.dir.path().join(format!("{from}{suffix}"));
        let _ = fs::remove_file(&target);
        if kept.exists() {
            fs::copy(kept, target).unwrap();
        }
    }
}

#[test]
fn what_a_restored_hub_had_not_seen_is_offered_again_byte_for_byte() {
    let (frozen, upe_id) = super::town();
    let mut town = frozen.thaw();
    let (head, member, upe) = (town.worker(0), town.worker(1), town.worker(2));
    let (street, beside, unit) = (head.unlock(), member.unlock(), upe.unlock());
    let early = street.spot(&spotting("Early")).unwrap().space;
    sync(&street);
    let backup = town.dir.path().join("backup");
    himaya_hub::backup(&town.hub_dir(), &backup).unwrap();
    let late = street.spot(&spotting("Late")).unwrap().space;
    let referral = NewReferral { to: upe_id, needs: vec!["listening".parse().unwrap()], note: None };
    street.refer(early, &referral).unwrap();
    street.refer(late, &referral).unwrap();
    head.device.capture(&spotting("Captured")).unwrap();
    sync(&street);
    beside_works(&beside, late);
    for session in [&unit, &street, &beside, &unit] {
        sync(session);
    }
    let before = views(&street);
    let (head_dir, hub_dir) = (town.folder(0), town.hub_dir());
    town.hub_down();
    let (envelopes, entries) = (held_by(&hub_dir, "envelopes"), held_by(&hub_dir, "registry"));
    // Made while the hub was away.
    let away = street.spot(&spotting("Away")).unwrap().space;
    let port = town.port;
    restore(&mut town.hub, &hub_dir, &backup, port);
    assert!(head_dir.exists());

    // A locked phone finds out first; its records are offered at the next unlock.
    assert!(head.device.sync(SyncOptions::default()).unwrap().restarted);
    for _ in 0..2 {
        for session in [&street, &beside, &unit] {
            sync(session);
        }
    }
    assert_same(&[&street, &beside], Same::Everything, "after the restore");
    assert_same(&[&unit], Same::Everything, "the unit after the restore");
    let mut after = views(&street);
    assert!(after.remove(&away).is_some());
    for (space, view) in &before {
        assert_eq!(after.get(space), Some(view), "{space}");
    }
    assert_eq!(unit.inbox().unwrap().len(), 2);
    assert_eq!(beside.captures().unwrap().len(), 1);
    for session in [&street, &beside, &unit] {
        let report = session.sync(SyncOptions::default()).unwrap();
        assert_eq!((report.requests, report.sent, report.received), (1, 0, 0), "quiet: {report:?}");
        assert_eq!(session.status().unwrap().alarms, 0);
    }
    town.hub_down();
    let lost: Vec<_> = envelopes.difference(&held_by(&hub_dir, "envelopes")).cloned().collect();
    assert!(lost.is_empty(), "{} envelopes are not back", lost.len());
    assert_eq!(held_by(&hub_dir, "registry"), entries);
    gap_free(&hub_dir);
}

fn beside_works(beside: &himaya_core::app::Session, late: himaya_wire::SpaceId) {
    sync(beside);
    beside.edit(late, "nickname", None, "Lulu").unwrap();
    sync(beside);
}

#[test]
fn a_hub_restored_twice_and_in_the_middle_of_the_first_offer_has_everything_back() {
    let (frozen, _) = super::town();
    let mut town = frozen.thaw();
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    let backup = town.dir.path().join("backup");
    himaya_hub::backup(&town.hub_dir(), &backup).unwrap();
    for number in 0..5 {
        street.spot(&spotting(&format!("Child{number}"))).unwrap();
        sync(&street);
        sync(&beside);
    }
    let (hub_dir, port) = (town.hub_dir(), town.port);
    restore(&mut town.hub, &hub_dir, &backup, port);
    head.device.sync(SyncOptions::default()).unwrap();
    restore(&mut town.hub, &hub_dir, &backup, port);
    sync(&beside);
    restore(&mut town.hub, &hub_dir, &backup, port);
    for _ in 0..2 {
        sync(&street);
        sync(&beside);
    }
    assert_same(&[&street, &beside], Same::Everything, "after three restores");
    assert_eq!(beside.search("child", 10).unwrap().len(), 5);
    town.hub_down();
    gap_free(&hub_dir);
}

#[test]
fn a_member_admitted_and_a_unit_founded_after_the_backup_bring_themselves_back() {
    let mut town = Town::new();
    let (_, head) = town.unit(UnitKind::Sas);
    let backup = town.dir.path().join("backup");
    himaya_hub::backup(&town.hub_dir(), &backup).unwrap();
    let member = town.member(&head);
    let (late_id, late) = town.unit(UnitKind::Upe);
    let beside = member.unlock();
    beside.start_round(&NewRound::default()).unwrap();
    sync(&beside);
    head.device.sync(SyncOptions::default()).unwrap();
    let (hub_dir, port) = (town.hub_dir(), town.port);
    let hub = town.hub.take();
    drop(beside);
    let mut hub = hub;
    restore(&mut hub, &hub_dir, &backup, port);
    // The newcomers come first: a hub that does not know them hears of them from themselves.
    let unit = late.unlock();
    sync(&unit);
    let beside = member.unlock();
    let spotted = beside.spot(&spotting("Nour")).unwrap().space;
    sync(&beside);
    let referral = NewReferral { to: late_id, needs: vec!["listening".parse().unwrap()], note: None };
    beside.refer(spotted, &referral).unwrap();
    sync(&beside);
    sync(&unit);
    let street = head.unlock();
    sync(&street);
    sync(&beside);
    assert_eq!(unit.inbox().unwrap().len(), 1);
    assert_same(&[&street, &beside], Same::Everything, "after the restore");
    for session in [&street, &beside, &unit] {
        let status = session.status().unwrap();
        assert_eq!((status.held, status.unsent, status.alarms), (0, 0, 0));
    }
    hub.unwrap().stop();
    gap_free(&hub_dir);
}

#[test]
fn a_hub_restored_from_before_anybody_was_admitted_is_told_everything_again() {
    let mut town = Town::new();
    let backup = town.dir.path().join("backup");
    himaya_hub::backup(&town.hub_dir(), &backup).unwrap();
    let (_, head) = town.unit(UnitKind::Sas);
    let member = town.member(&head);
    let (hub_dir, port) = (town.hub_dir(), town.port);
    let mut hub = town.hub.take();
    restore(&mut hub, &hub_dir, &backup, port);
    member.device.sync(SyncOptions::default()).unwrap();
    let street = head.unlock();
    street.spot(&spotting("Nour")).unwrap();
    sync(&street);
    let beside = member.unlock();
    sync(&beside);
    sync(&street);
    assert_same(&[&street, &beside], Same::Everything, "after the restore");
    hub.unwrap().stop();
    gap_free(&hub_dir);
}

#[test]
fn records_put_back_from_an_older_copy_are_filled_up_from_the_hub() {
    let (frozen, upe_id) = super::town();
    let town = frozen.thaw();
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    street.spot(&spotting("Early")).unwrap();
    sync(&street);
    drop((street, head));
    copy_database(&town, 0, "records.db", "records.kept");

    let head = town.worker(0);
    let street = head.unlock();
    let own = street.spot(&spotting("Own")).unwrap().space;
    let referral = NewReferral { to: upe_id, needs: vec!["listening".parse().unwrap()], note: None };
    street.refer(own, &referral).unwrap();
    beside.spot(&spotting("Theirs")).unwrap();
    for session in [&street, &beside, &street, &beside] {
        sync(session);
    }
    let unsent = street.spot(&spotting("Unsent")).unwrap().space;
    let before = views(&street);
    drop((street, head));
    put_database_back(&town, 0, "records.db", "records.kept");

    let head = town.worker(0);
    let street = head.unlock();
    sync(&street);
    sync(&beside);
    assert_eq!(views(&street), before, "all is back");
    assert!(before.contains_key(&unsent));
    assert_same(&[&street, &beside], Same::Everything, "after the older copy");
    let report = street.sync(SyncOptions::default()).unwrap();
    assert_eq!((report.requests, report.received), (1, 0), "and then it is quiet: {report:?}");
    // What it sends from now on does not come back to it.
    street.spot(&spotting("Later")).unwrap();
    assert_eq!(street.sync(SyncOptions::default()).unwrap().received, 0);
}

#[test]
fn an_outbox_put_back_from_an_older_copy_loses_and_doubles_nothing() {
    let (frozen, _) = super::town();
    let town = frozen.thaw();
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    street.spot(&spotting("Early")).unwrap();
    drop((street, head));
    copy_database(&town, 0, "carrier.db", "carrier.kept");
    let head = town.worker(0);
    let street = head.unlock();
    sync(&street);
    street.spot(&spotting("Sent")).unwrap();
    beside.spot(&spotting("Theirs")).unwrap();
    sync(&beside);
    sync(&street);
    street.spot(&spotting("Unsent")).unwrap();
    let before = views(&street);
    drop((street, head));
    put_database_back(&town, 0, "carrier.db", "carrier.kept");
    let head = town.worker(0);
    let street = head.unlock();
    sync(&street);
    sync(&beside);
    assert_eq!(views(&street), before);
    assert_same(&[&street, &beside], Same::Everything, "after the older copy");
}
