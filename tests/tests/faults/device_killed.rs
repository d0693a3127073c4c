//! A device's process killed at every write boundary of saving, sending, receiving and folding.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use himaya_core::app::{Clock, Device, NewReferral, SyncOptions};
use himaya_core::store;
use himaya_tests::{Same, TestClock, Thawed, Worker, assert_same, child, keystore, options, spotting, sync};
use himaya_wire::{SpaceId, UnitId};

const OPERATIONS: [&str; 8] = ["spot", "edit", "refer", "claim", "capture", "send_and_receive", "take_in", "unlock"];

/// One process: what it does, and where it dies.
struct Life<'a> {
    operation: &'a str,
    point: &'a str,
    hit: usize,
    name: String,
    space: SpaceId,
    to: UnitId,
}

/// What it left: whether it died, and what it had told the worker was safe.
struct Death {
    killed: bool,
    told: Vec<String>,
}

fn var(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Run in a process of its own by the test below.
#[test]
#[ignore = "the child of a_device_killed_at_any_write_boundary_loses_nothing_that_it_confirmed"]
fn lives_until_a_fail_point() {
    let dir = PathBuf::from(var("HIMAYA_DIR"));
    let clock = Arc::new(TestClock::at(var("HIMAYA_NOW").parse().unwrap()));
    let device = Device::open(&dir, keystore(&dir), clock, &options()).unwrap();
    let worker = Worker { device, member: var("HIMAYA_MEMBER").parse().unwrap(), passphrase: var("HIMAYA_WORDS") };
    let operation = var("HIMAYA_OPERATION");
    let (name, space) = (var("HIMAYA_NAME"), var("HIMAYA_SPACE").parse().unwrap());
    let to = var("HIMAYA_TO").parse().unwrap();
    let told_path = dir.join("told");
    let tell = |what: String| {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&told_path).unwrap();
        writeln!(file, "{what}").unwrap();
    };
    // Whether the unlock itself is to be killed.
    let armed_before = matches!(operation.as_str(), "unlock" | "unlock_and_sync");
    let session = (!armed_before).then(|| worker.unlock());
    if operation == "take_in" {
        worker.device.sync(SyncOptions::default()).unwrap();
    }
    let counts = arm(&var("HIMAYA_POINT"), var("HIMAYA_HIT").parse().unwrap());
    match operation.as_str() {
        "spot" => tell(session.as_ref().unwrap().spot(&spotting(&name)).unwrap().space.to_string()),
        "edit" => {
            session.as_ref().unwrap().edit(space, "nickname", None, &name).unwrap();
            tell(name);
        }
        "refer" => {
            let new = NewReferral { to, needs: vec!["listening".parse().unwrap()], note: Some(name) };
            tell(session.as_ref().unwrap().refer(space, &new).unwrap().referral.to_string());
        }
        "claim" => {
            let captures = session.as_ref().unwrap().captures().unwrap();
            let capture = captures.iter().find(|capture| capture.title == name).unwrap().capture;
            tell(session.as_ref().unwrap().claim(capture).unwrap().space.to_string());
        }
        "capture" => tell(worker.device.capture(&spotting(&name)).unwrap().to_string()),
        "send_and_receive" => drop(worker.device.sync(SyncOptions::default()).unwrap()),
        "sync" => drop(session.as_ref().unwrap().sync(SyncOptions::default()).unwrap()),
        "take_in" => drop(session.as_ref().unwrap().ingest().unwrap()),
        "unlock_and_sync" => drop(worker.unlock().sync(SyncOptions::default()).unwrap()),
        _ => drop(worker.unlock()),
    }
    let lines = counts.iter().map(|(point, count)| format!("{point} {}\n", count.load(Ordering::SeqCst)));
    fs::write(dir.join("counts"), lines.collect::<String>()).unwrap();
}

/// Counts every point; at the wanted hit of the wanted one, the process ends on the spot.
fn arm(wanted: &str, hit: usize) -> BTreeMap<&'static str, Arc<AtomicUsize>> {
    let mut counts = BTreeMap::new();
    for point in store::fault::FAIL_POINTS {
        let count = Arc::new(AtomicUsize::new(0));
        counts.insert(*point, Arc::clone(&count));
        let fatal = *point == wanted;
        let reached = move || {
            if count.fetch_add(1, Ordering::SeqCst) + 1 == hit && fatal {
                std::process::abort();
            }
        };
        fail::cfg_callback(*point, reached).unwrap();
    }
    counts
}

fn live(town: &Thawed, worker: &(PathBuf, String, String), life: &Life<'_>) -> Death {
    let told = worker.0.join("told");
    let _ = fs::remove_file(&told);
    let output = child("device_killed::lives_until_a_fail_point")
        .env("HIMAYA_DIR", &worker.0)
        .env("HIMAYA_MEMBER", &worker.1)
        .env("HIMAYA_WORDS", &worker.2)
        .env("HIMAYA_NOW", town.clock.now_millis().to_string())
        .env("HIMAYA_OPERATION", life.operation)
        .env("HIMAYA_POINT", life.point)
        .env("HIMAYA_HIT", life.hit.to_string())
        .env("HIMAYA_NAME", &life.name)
        .env("HIMAYA_SPACE", life.space.to_string())
        .env("HIMAYA_TO", life.to.to_string())
        .output()
        .unwrap();
    let killed = !output.status.success();
    let died_of_it = std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(6);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!killed || died_of_it, "{} at {}: {said}", life.operation, life.point);
    town.clock.advance_millis(60_000);
    let told = fs::read_to_string(told).unwrap_or_default().lines().map(str::to_owned).collect();
    Death { killed, told }
}

fn counts(folder: &Path) -> Vec<(String, usize)> {
    let text = fs::read_to_string(folder.join("counts")).unwrap();
    let pair = |line: &str| line.split_once(' ').map(|(point, count)| (point.to_owned(), count.parse().unwrap()));
    text.lines().filter_map(pair).collect()
}

#[test]
fn a_device_killed_at_any_write_boundary_loses_nothing_that_it_confirmed() {
    let (frozen, upe) = super::town();
    let town = frozen.thaw();
    let colleague = town.worker(1);
    let beside = colleague.unlock();
    sync(&beside);
    let base = {
        let worker = town.worker(0);
        let session = worker.unlock();
        let base = session.spot(&spotting("Base")).unwrap().space;
        sync(&session);
        base
    };
    let dir = town.folder(0);
    let who = {
        let worker = town.worker(0);
        (dir.clone(), worker.member.to_string(), worker.passphrase)
    };
    let mut number = 0;
    let (mut tried, mut killed) = (0, 0);
    let mut kill = |operation: &str, point: &str, hit: usize| {
        number += 1;
        let name = format!("Child{number:04}");
        {
            // What the operation needs: something unsent, something to pull, something to claim.
            let worker = town.worker(0);
            if operation == "claim" {
                worker.device.capture(&spotting(&name)).unwrap();
                worker.unlock().ingest().unwrap();
            }
            if matches!(operation, "send_and_receive" | "take_in" | "unlock") {
                worker.unlock().spot(&spotting(&name)).unwrap();
                sync(&beside);
                beside.spot(&spotting(&format!("Other{number:04}"))).unwrap();
                beside.edit(base, "note", None, &format!("note {number}")).unwrap();
                sync(&beside);
            }
        }
        let life = Life { operation, point, hit, name: name.clone(), space: base, to: upe };
        let death = live(&town, &who, &life);
        let context = format!("{operation} killed at {point}, hit {hit}");
        let worker = town.worker(0);
        worker.device.sync(SyncOptions::default()).unwrap();
        let session = worker.unlock();
        sync(&session);
        sync(&beside);
        check(&session, &beside, &life, &death, &context);
        death.killed
    };
    for operation in OPERATIONS {
        kill(operation, "none", 0);
        for (point, reached) in counts(&dir) {
            let mut hits = vec![1, 2, reached.div_ceil(2), reached];
            hits.retain(|hit| (1..=reached).contains(hit));
            hits.sort_unstable();
            hits.dedup();
            for hit in hits {
                tried += 1;
                let died = kill(operation, &point, hit);
                killed += usize::from(died);
            }
        }
    }
    println!("{killed} of {tried} processes killed");
    assert!(killed * 10 >= tried * 9, "almost every counted boundary is met again: {killed} of {tried}");
    let worker = town.worker(0);
    let session = worker.unlock();
    sync(&session);
    assert_same(&[&session, &beside], Same::Everything, "after all the kills");
}

fn check(
    session: &himaya_core::app::Session,
    beside: &himaya_core::app::Session,
    life: &Life<'_>,
    death: &Death,
    context: &str,
) {
    let found = session.search(&life.name, 10).unwrap();
    let file = serde_json::to_value(session.show(life.space).unwrap()).unwrap();
    let told = death.told.first();
    match life.operation {
        "spot" | "claim" => {
            let here: Vec<String> = found.iter().map(|line| line.space.to_string()).collect();
            assert!(here.len() <= 1, "{context}: twice");
            assert!(told.is_none_or(|space| here.contains(space)), "{context}: lost");
            if life.operation == "claim" {
                let waits = session.captures().unwrap().iter().filter(|capture| capture.title == life.name).count();
                assert_eq!(waits + here.len(), 1, "{context}: the capture is claimed or waits");
            }
        }
        "edit" => {
            let nickname = file["fields"].as_array().unwrap().iter().find(|field| field["field"] == "nickname");
            let written =
                nickname.is_some_and(|field| field["text"] == life.name.as_str() && field["conflict"] == false);
            assert!(written || told.is_none(), "{context}: lost");
        }
        "refer" => {
            let referrals = file["referrals"].as_array().unwrap();
            let all = serde_json::to_value(session.sent().unwrap()).unwrap().as_array().unwrap().len();
            assert_eq!(all, referrals.len(), "{context}: the index of referrals");
            let told_of = |referral: &String| referrals.iter().any(|row| row["referral"] == referral.as_str());
            assert!(told.is_none_or(told_of), "{context}: lost");
        }
        "capture" => {
            let waits = session.captures().unwrap().iter().filter(|capture| capture.title == life.name).count();
            assert!(waits <= 1 && (waits == 1 || told.is_none()), "{context}: {waits} captures");
        }
        _ => assert_eq!(found.len(), 1, "{context}: what waited to be sent"),
    }
    assert_same(&[session, beside], Same::Views, context);
    let status = session.status().unwrap();
    assert_eq!((status.held, status.unsent, status.alarms), (0, 0, 0), "{context}");
    assert_eq!(beside.captures().unwrap(), session.captures().unwrap(), "{context}: captures");
}

/// Which old copy is put back before the process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PutBack {
    Hub,
    Records,
}

#[test]
fn a_device_killed_while_it_mends_after_an_old_copy_mends_at_the_next_sync() {
    for put_back in [PutBack::Hub, PutBack::Records] {
        let (frozen, upe) = super::town();
        let mut town = frozen.thaw();
        let backup = town.dir.path().join("backup");
        himaya_hub::backup(&town.hub_dir(), &backup).unwrap();
        let (dir, records) = (town.folder(0), town.folder(0).join("records.db"));
        let kept = town.dir.path().join("records.kept");
        fs::copy(&records, &kept).unwrap();
        let colleague = town.worker(1);
        let beside = colleague.unlock();
        let who = {
            let worker = town.worker(0);
            let session = worker.unlock();
            for name in ["Sent", "Pulled", "Unsent"] {
                let writer = if name == "Pulled" { &beside } else { &session };
                writer.spot(&spotting(name)).unwrap();
                if name != "Unsent" {
                    sync(writer);
                }
            }
            sync(&session);
            session.spot(&spotting("Unsent too")).unwrap();
            (dir.clone(), worker.member.to_string(), worker.passphrase.clone())
        };
        let space = beside.search("Sent", 1).unwrap().first().map_or(SpaceId::from_bytes([0; 16]), |line| line.space);
        let operation = if put_back == PutBack::Hub { "sync" } else { "unlock_and_sync" };
        let mut run = |point: &str, hit: usize| {
            match put_back {
                PutBack::Hub => {
                    town.hub_down();
                    fs::remove_dir_all(town.hub_dir()).unwrap();
                    himaya_hub::restore(&backup, &town.hub_dir()).unwrap();
                    town.hub_up();
                }
                PutBack::Records => {
                    fs::copy(&kept, &records).unwrap();
                }
            }
            let life = Life { operation, point, hit, name: "none".to_owned(), space, to: upe };
            let death = live(&town, &who, &life);
            let context = format!("{put_back:?} put back, killed at {point}, hit {hit}");
            let session = town.worker(0).unlock();
            for session in [&session, &beside, &session, &beside] {
                sync(session);
            }
            for (name, count) in [("Sent", 1), ("Pulled", 1), ("Unsent", 2)] {
                assert_eq!(session.search(name, 10).unwrap().len(), count, "{context}: {name}");
            }
            assert_same(&[&session, &beside], Same::Everything, &context);
            assert_eq!(session.sync(SyncOptions::default()).unwrap().requests, 1, "{context}: quiet");
            death.killed
        };
        run("none", 0);
        let mut killed = 0;
        for (point, reached) in counts(&dir) {
            let mut hits = vec![1, reached.div_ceil(2), reached];
            hits.retain(|hit| (1..=reached).contains(hit));
            hits.dedup();
            for hit in hits {
                killed += usize::from(run(&point, hit));
            }
        }
        println!("{put_back:?}: {killed} processes killed");
        assert!(killed > 15, "{killed}");
    }
}
