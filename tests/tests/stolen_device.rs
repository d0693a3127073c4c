//! A stolen device: what lies on its disk, what guessing costs, what a wipe leaves, what stays in memory after a lock.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use himaya_core::app::{AppError, Device, NewReferral, NewRound, SyncOptions};
use himaya_core::store::{Store, StoreError};
use himaya_core::vault::{MOST_TRIES, VaultError};
use himaya_tests::{
    Canary, Scanner, Town, Worker, database_key, fresh_point, fresh_words, keystore, options, spotting,
};
use himaya_wire::{MemberId, Secret, UnitId, UnitKind};

const LATIN: &str = "abcdefghijklmnopqrstuvwxyz";
const WRONG: &str = "abacus abdomen yo-yo zoom unruly";

struct Stolen {
    town: Town,
    sas: Worker,
    upe_id: UnitId,
    upe: Worker,
    canaries: Vec<Canary>,
    name: String,
}

/// A phone with a round, a referral and a capture made with no network, locked and lost.
fn stolen() -> Stolen {
    let mut town = Town::new();
    let (upe_id, upe) = town.unit(UnitKind::Upe);
    let (_, sas) = town.unit(UnitKind::Sas);
    let (name, captured, note, vehicle) =
        (fresh_words(LATIN), fresh_words(LATIN), fresh_words(LATIN), fresh_words(LATIN));
    let point = fresh_point();
    let words = [&name, &captured, &note, &vehicle];
    let mut canaries: Vec<Canary> = words.into_iter().map(|words| Canary::text(words)).collect();
    canaries.push(Canary::point(point.0, point.1));
    let mut spotting = spotting(&name);
    spotting.note = Some(note);
    spotting.place.point = Some(himaya_core::record::Point::new(point.0, point.1).unwrap());
    let session = sas.unlock();
    session.sync(SyncOptions::default()).unwrap();
    town.hub_down();
    session.start_round(&NewRound { vehicle: Some(vehicle), ..NewRound::default() }).unwrap();
    let space = session.spot(&spotting).unwrap().space;
    let needs = vec!["listening".parse().unwrap()];
    session.refer(space, &NewReferral { to: upe_id, needs, note: None }).unwrap();
    spotting.name = Some(captured);
    sas.device.capture(&spotting).unwrap();
    Stolen { town, sas, upe_id, upe, canaries, name }
}

fn open(worker: &Worker, town: &Town) -> Result<Device, AppError> {
    let dir = worker.device.dir();
    Device::open(dir, keystore(dir), town.clock.clone(), &options())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn the_records_do_not_open_without_the_key_and_are_left_as_they_were() {
    let stolen = stolen();
    let records = stolen.sas.device.dir().join("records.db");
    let before = fs::read(&records).unwrap();
    let other = Secret::make_random().unwrap();
    assert_eq!(Store::open(&records, &other).err(), Some(StoreError::WrongKey));
    let plain = rusqlite::Connection::open(&records).unwrap();
    assert!(plain.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).is_err());
    drop(plain);
    assert_eq!(fs::read(&records).unwrap(), before);
    assert!(!before.starts_with(b"SQLite format 3"));
    let key = Secret::from_bytes(database_key(&stolen.sas, stolen.town.clock_now()));
    assert!(Store::open(&records, &key).is_ok(), "the right key opens it");
}

#[test]
fn no_file_of_a_locked_device_holds_a_word_or_a_point() {
    let stolen = stolen();
    let scanner = Scanner::new(&stolen.canaries);
    let dir = stolen.sas.device.dir();
    // As the disk is while the session is open: what a pulled battery leaves, with the log of pages beside the file.
    let session = stolen.sas.unlock();
    assert_eq!(session.search(&stolen.name, 5).unwrap().len(), 1);
    session.spot(&spotting(&stolen.name)).unwrap();
    let crashed = stolen.town.dir.path().join("crashed");
    copy(dir, &crashed);
    assert!(fs::metadata(crashed.join("records.db-wal")).unwrap().len() > 0);
    assert_eq!(scanner.folder(&crashed), [].into());
    session.lock();
    assert_eq!(scanner.folder(dir), [].into());
    let passphrase = Scanner::new(&[Canary::text(&stolen.sas.passphrase)]);
    assert_eq!(passphrase.folder(dir), [].into(), "nor the passphrase");
    let key = database_key(&stolen.sas, stolen.town.clock_now());
    assert_eq!(Scanner::new(&[Canary::bytes("database key", &key)]).folder(dir), [].into(), "nor the key");
}

#[test]
fn wrong_tries_count_down_wait_longer_survive_a_restart_and_end_in_a_wipe_that_still_delivers() {
    let mut stolen = stolen();
    let town = &stolen.town;
    let (mut waits, mut last_wait) = (0, 0);
    for wrong in 1..=MOST_TRIES {
        // Each try by a process that was started anew.
        let device = open(&stolen.sas, town).unwrap();
        let mut told = device.unlock(stolen.sas.member, WRONG);
        while let Err(AppError::Vault(VaultError::Wait { until_millis })) = told {
            let wait = until_millis - town.clock_now();
            assert!(wait > 0);
            if wait > last_wait {
                waits += 1;
            }
            assert!(wait + 10_000 >= last_wait, "waits never shorten");
            last_wait = wait;
            assert!(
                matches!(
                    open(&stolen.sas, town).unwrap().unlock(stolen.sas.member, &stolen.sas.passphrase),
                    Err(AppError::Vault(VaultError::Wait { .. }))
                ),
                "not even the right words, and not after a restart"
            );
            town.clock.set_millis(until_millis + 1);
            told = open(&stolen.sas, town).unwrap().unlock(stolen.sas.member, WRONG);
        }
        match told {
            Err(AppError::Vault(VaultError::WrongPin { tries_left })) => assert_eq!(tries_left, MOST_TRIES - wrong),
            Err(AppError::Vault(VaultError::Wiped | VaultError::SlotWiped)) => assert_eq!(wrong, MOST_TRIES),
            other => panic!("{other:?}"),
        }
    }
    assert!(waits >= 5, "{waits}");
    let device = open(&stolen.sas, town).unwrap();
    assert!(device.unlock(stolen.sas.member, &stolen.sas.passphrase).is_err(), "the right words come too late");
    delivers_and_reads_nothing(&mut stolen, &device);
}

#[test]
fn a_wiped_device_still_delivers_and_reads_nothing() {
    let mut stolen = stolen();
    stolen.sas.device.wipe().unwrap();
    assert!(matches!(
        stolen.sas.device.unlock(stolen.sas.member, &stolen.sas.passphrase),
        Err(AppError::Vault(VaultError::Wiped | VaultError::SlotWiped))
    ));
    let device = open(&stolen.sas, &stolen.town).unwrap();
    assert!(device.status_locked().unwrap().unsent > 0);
    delivers_and_reads_nothing(&mut stolen, &device);
}

fn delivers_and_reads_nothing(stolen: &mut Stolen, device: &Device) {
    let dir = device.dir().to_path_buf();
    assert!(!dir.join("records.db").exists());
    assert_eq!(Scanner::new(&stolen.canaries).folder(&dir), [].into());
    assert!(matches!(device.unlock(stolen.sas.member, &stolen.sas.passphrase), Err(AppError::Vault(_))));
    stolen.town.hub_up();
    device.sync(SyncOptions::default()).unwrap();
    assert_eq!(device.status_locked().unwrap().unsent, 0);
    let unit = stolen.upe.unlock();
    unit.sync(SyncOptions::default()).unwrap();
    let inbox = unit.inbox().unwrap();
    assert_eq!((inbox.len(), inbox[0].title.as_str(), inbox[0].to), (1, stolen.name.as_str(), stolen.upe_id));
}

/// What one guess costs on this machine, at the cost that ships:
/// `cargo test -p himaya-tests --test stolen_device one_guess -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
fn one_guess_costs_this_long() {
    use himaya_core::vault::{KdfParams, NewMember, Passphrase, UnlockSecret, Vault, VaultOptions};
    let dir = tempfile::TempDir::new().unwrap();
    let vault = Vault::create(&dir.path().join("vault"), keystore(dir.path()), VaultOptions::default()).unwrap();
    let (worker, passphrase) = (NewMember::make().unwrap(), Passphrase::generate().unwrap());
    let words = passphrase.reveal().to_owned();
    vault.add_worker(&worker, None, &UnlockSecret::Passphrase(passphrase), None, 0).unwrap();
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            vault.unlock(worker.member(), &words, 1_000).unwrap();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let KdfParams { memory_kib, passes, lanes } = KdfParams::DEFAULT;
    let guess = times[2];
    println!("Argon2id, {memory_kib} KiB, {passes} passes, {lanes} lane: {guess:.3} s a guess");
    let years = |guesses: f64, machines: f64| guesses / 2.0 * guess / machines / (365.25 * 86_400.0);
    println!("six digits, one machine: {:.1} hours on average", years(1e6, 1.0) * 365.25 * 24.0);
    println!("five words, 10,000 machines: {:.1e} years on average", years(7776_f64.powi(5), 1e4));
}

const DIR: &str = "HIMAYA_TEST_DEVICE";

#[test]
#[ignore = "a part of no_database_key_stays_in_the_memory_of_a_locked_process, run by it in a process of its own"]
fn locked_child() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let mut words = line.trim().split('|');
    let member = MemberId::from_slice(&data_encoding::HEXLOWER.decode(words.next().unwrap().as_bytes()).unwrap());
    let now = words.next().unwrap().parse().unwrap();
    let device =
        Device::open(&dir, keystore(&dir), std::sync::Arc::new(himaya_tests::TestClock::at(now)), &options()).unwrap();
    let session = device.unlock(member.unwrap(), words.next().unwrap()).unwrap();
    session.list(&himaya_core::app::ListFilter::default()).unwrap();
    session.spot(&spotting("nobody")).unwrap();
    fs::write(dir.join("unlocked"), []).unwrap();
    let mut byte = [0];
    std::io::stdin().read_exact(&mut byte).unwrap();
    session.lock();
    fs::write(dir.join("locked"), []).unwrap();
    let _ = std::io::stdin().read(&mut byte);
}

#[test]
fn no_database_key_stays_in_the_memory_of_a_locked_process() {
    use std::io::Write as _;
    let stolen = stolen();
    let key = database_key(&stolen.sas, stolen.town.clock_now());
    let dir = stolen.town.dir.path().join("copied");
    copy(stolen.sas.device.dir(), &dir);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "locked_child", "--ignored", "--nocapture"])
        .env(DIR, &dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let member = data_encoding::HEXLOWER.encode(stolen.sas.member.as_bytes());
    writeln!(input, "{member}|{}|{}", stolen.town.clock_now(), stolen.sas.passphrase).unwrap();
    let forms = [("raw", key.to_vec()), ("hexadecimal", data_encoding::HEXLOWER.encode(&key).into_bytes())];
    let forms = forms.map(|(name, bytes)| Canary { name: name.into(), patterns: vec![bytes], pairs: Vec::new() });
    let scanner = Scanner::new(&forms);
    wait_for(&dir.join("unlocked"), &mut child);
    let (open, _) = scanner.memory(child.id());
    input.write_all(b".").unwrap();
    input.flush().unwrap();
    wait_for(&dir.join("locked"), &mut child);
    let (locked, read) = scanner.memory(child.id());
    drop(input);
    child.wait().unwrap();
    assert!(!open.is_empty(), "the scanner finds the key while the session is open");
    assert_eq!(locked, [].into(), "after the lock, in {read} bytes");
}

fn wait_for(path: &Path, child: &mut std::process::Child) {
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !path.exists() {
        assert!(
            child.try_wait().unwrap().is_none() && std::time::Instant::now() < until,
            "the child did not get there"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
