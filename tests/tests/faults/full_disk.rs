//! A full disk: the new is refused in so many words, the old is kept, and with room again everything goes on.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use himaya_core::app::{AppError, Clock, Device, ListFilter, NewRound};
use himaya_core::record::SpaceKind;
use himaya_tests::{Same, TestClock, Worker, assert_same, child, keystore, options, spotting, sync};

/// No file of this process may grow beyond this; a disk that is full looks the same to it.
fn most_bytes(limit: &str) {
    let pid = std::process::id().to_string();
    let limit = format!("--fsize={limit}:unlimited");
    assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
}

/// Run in a process of its own by the test below.
#[test]
#[ignore = "the child of a_full_disk_refuses_the_new_and_keeps_the_old"]
fn works_on_a_full_disk() {
    let var = |name: &str| std::env::var(name).unwrap();
    let dir = PathBuf::from(var("HIMAYA_DIR"));
    let clock = Arc::new(TestClock::at(var("HIMAYA_NOW").parse().unwrap()));
    let device = Device::open(&dir, keystore(&dir), clock, &options()).unwrap();
    let worker = Worker { device, member: var("HIMAYA_MEMBER").parse().unwrap(), passphrase: var("HIMAYA_WORDS") };
    let mut told = fs::OpenOptions::new().append(true).create(true).open(dir.join("told")).unwrap();
    let run = var("HIMAYA_RUN");
    let session = worker.unlock();
    let capture_first = run.parse::<u32>().unwrap() % 2 == 0;
    most_bytes(&var("HIMAYA_LIMIT"));
    let mut refused = Vec::new();
    if capture_first {
        // Captures fill the outbox's file alone, until it is full and that of the records is not.
        for number in 0..200 {
            let name = format!("Capture{run}x{number:03}");
            match worker.device.capture(&spotting(&name)) {
                Ok(_) => writeln!(told, "capture {name}").unwrap(),
                Err(error) => {
                    assert!(matches!(error, AppError::NoSpace), "{error:?}");
                    break;
                }
            }
        }
    }
    let mut saved = 0;
    for number in 0..60 {
        let name = format!("Child{run}x{number:03}");
        match session.spot(&spotting(&name)) {
            Ok(line) => {
                saved += 1;
                assert_eq!(session.line(line.space).unwrap().title, name);
                writeln!(told, "spotting {name}").unwrap();
            }
            Err(error) => {
                assert!(matches!(error, AppError::NoSpace), "{error:?}");
                refused.push(name);
            }
        }
        if refused.len() == 3 {
            break;
        }
    }
    let ended = session.end_round(None);
    assert!(matches!(ended, Ok(_) | Err(AppError::NoSpace)), "{ended:?}");
    let round = session.start_round(&NewRound::default());
    let refused_as_open = matches!(round, Err(AppError::Refused { .. })) && ended.is_err();
    assert!(matches!(round, Ok(_) | Err(AppError::NoSpace)) || refused_as_open, "{round:?}");
    for name in &refused {
        assert!(session.search(name, 10).unwrap().is_empty(), "{name} was refused");
    }
    assert_eq!(session.search(&format!("child{run}x"), 1_000).unwrap().len(), saved, "reading goes on");

    most_bytes("unlimited");
    if session.open_round().unwrap().is_none() {
        session.start_round(&NewRound::default()).unwrap();
    }
    let rounds = ListFilter { kinds: vec![SpaceKind::Round], limit: 1_000 };
    let open = session
        .list(&rounds)
        .unwrap()
        .into_iter()
        .filter(|line| session.round(line.space).unwrap().ended_millis.is_none());
    assert_eq!(open.count(), 1, "a round that was refused is not half begun");
    for name in refused {
        session.spot(&spotting(&name)).unwrap();
        writeln!(told, "spotting {name}").unwrap();
    }
    sync(&session);
    assert_eq!(session.status().unwrap().unsent, 0);
}

#[test]
fn a_full_disk_refuses_the_new_and_keeps_the_old() {
    let (frozen, _) = super::town();
    let town = frozen.thaw();
    let colleague = town.worker(1);
    let beside = colleague.unlock();
    for (run, limit) in [9_000, 30_000, 60_000, 100_000, 150_000, 250_000, 400_000, 700_000].into_iter().enumerate() {
        let dir = town.folder(0);
        let _ = fs::remove_file(dir.join("told"));
        let worker = town.worker(0);
        let (member, words) = (worker.member.to_string(), worker.passphrase.clone());
        drop(worker);
        let inner = child("full_disk::works_on_a_full_disk");
        let output = Command::new("sh")
            // The signal of a file too large would end the process; ignored, the write fails as on a full disk.
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(inner.get_program())
            .args(inner.get_args())
            .env("HIMAYA_DIR", &dir)
            .env("HIMAYA_MEMBER", member)
            .env("HIMAYA_WORDS", words)
            .env("HIMAYA_NOW", town.clock.now_millis().to_string())
            .env("HIMAYA_LIMIT", limit.to_string())
            .env("HIMAYA_RUN", run.to_string())
            .output()
            .unwrap();
        town.clock.advance_millis(600_000);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "limit {limit}: {said}");
        let session = town.worker(0).unlock();
        sync(&session);
        sync(&beside);
        let captures = session.captures().unwrap();
        for line in fs::read_to_string(dir.join("told")).unwrap().lines() {
            let (what, name) = line.split_once(' ').unwrap();
            let found = match what {
                "capture" => captures.iter().filter(|capture| capture.title == name).count(),
                _ => session.search(name, 10).unwrap().len(),
            };
            assert_eq!(found, 1, "limit {limit}: {line}");
        }
        assert_same(&[&session, &beside], Same::Everything, &format!("limit {limit}"));
    }
}
