//! The hub is blind: nothing of what workers write is in its files, its logs or its memory.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use std::fs;

use himaya_core::app::{NewAnswer, NewContact, NewReferral, NewRound, NewSpotting, Session, Settle, SyncOptions};
use himaya_core::record::{Place, Point, Sex};
use himaya_tests::{Canary, ChildHub, Scanner, Town, decrypt, fresh_point, fresh_words, serve_child_hub};
use himaya_wire::UnitKind;

const LATIN: &str = "abcdefghijklmnopqrstuvwxyz";
const ARABIC: &str = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي";

/// What workers write in this run.
struct Planted {
    name: String,
    arabic: String,
    nickname: String,
    note: String,
    edited: String,
    landmark: String,
    captured: String,
    vehicle: String,
    asked: String,
    point: (f64, f64),
    other_point: (f64, f64),
}

impl Planted {
    fn new() -> Self {
        let latin = || fresh_words(LATIN);
        Self {
            name: latin(),
            arabic: fresh_words(ARABIC),
            nickname: latin(),
            note: latin(),
            edited: latin(),
            landmark: fresh_words(ARABIC),
            captured: latin(),
            vehicle: latin(),
            asked: latin(),
            point: fresh_point(),
            other_point: fresh_point(),
        }
    }

    fn canaries(&self) -> Vec<Canary> {
        let words = [
            &self.name,
            &self.arabic,
            &self.nickname,
            &self.note,
            &self.edited,
            &self.landmark,
            &self.captured,
            &self.vehicle,
            &self.asked,
        ];
        let mut all: Vec<Canary> = words.into_iter().map(|words| Canary::text(words)).collect();
        all.push(Canary::point(self.point.0, self.point.1));
        all.push(Canary::point(self.other_point.0, self.other_point.1));
        all
    }

    fn place(&self, point: (f64, f64)) -> Place {
        let point = Some(Point::new(point.0, point.1).unwrap());
        Place { point, landmark: Some(self.landmark.clone()), ..Place::default() }
    }

    fn spotting(&self, name: &str, point: (f64, f64)) -> NewSpotting {
        NewSpotting {
            sex: Sex::Boy,
            age: Some("11~1".parse().unwrap()),
            name: Some(name.into()),
            nickname: Some(self.nickname.clone()),
            description: Some(self.arabic.clone()),
            concerns: vec!["street_situation".parse().unwrap()],
            place: self.place(point),
            note: Some(self.note.clone()),
            danger: false,
            risk: None,
        }
    }
}

fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}

#[test]
#[ignore = "a part of the_hub_holds_no_word_and_no_point, run by it in a process of its own"]
fn child_hub() {
    serve_child_hub();
}

#[test]
fn the_hub_holds_no_word_and_no_point() {
    let planted = Planted::new();
    let control = fresh_words(LATIN);
    let mut town = Town::new();
    let (_, cape) = town.unit(UnitKind::Cape);
    let (upe_id, upe) = town.unit(UnitKind::Upe);
    let (_, sas) = town.unit(UnitKind::Sas);
    town.hub_down();
    let log = town.dir.path().join("hub-child.log");
    let hub = ChildHub::start("child_hub", &town.hub_dir(), town.port, &log, &control);

    let street = sas.unlock();
    sync(&street);
    street.start_round(&NewRound { vehicle: Some(planted.vehicle.clone()), ..NewRound::default() }).unwrap();
    let contact = NewContact {
        count: 3,
        sex: Sex::Boy,
        age: None,
        place: planted.place(planted.other_point),
        note: Some(planted.note.clone()),
    };
    street.contact(&contact).unwrap();
    let line = street.spot(&planted.spotting(&planted.name, planted.point)).unwrap();
    let needs = vec!["listening".parse().unwrap()];
    street.refer(line.space, &NewReferral { to: upe_id, needs, note: Some(planted.asked.clone()) }).unwrap();
    sas.device.capture(&planted.spotting(&planted.captured, planted.other_point)).unwrap();
    sync(&street);

    let unit = upe.unlock();
    sync(&unit);
    let inbox = unit.inbox().unwrap().remove(0);
    unit.answer(inbox.referral, NewAnswer::Accept).unwrap();
    let file = unit.open_file(inbox.space).unwrap();
    unit.edit(file.space, "nickname", None, &planted.edited).unwrap();
    // Both write one field without having seen the other, and one settles it.
    street.edit(line.space, "nickname", None, &planted.edited).unwrap();
    unit.edit(line.space, "nickname", None, "another word").unwrap();
    sync(&street);
    sync(&unit);
    unit.settle(line.space, "nickname", None, Settle::Write(planted.edited.clone())).unwrap();
    sync(&unit);
    sync(&street);
    let centre = cape.unlock();
    sync(&centre);

    let scanner = Scanner::new(&planted.canaries());
    assert_eq!(scanner.folder(&town.hub_dir()), [].into(), "in the hub's folder");
    assert_eq!(scanner.bytes(&fs::read(&hub.log).unwrap()), [].into(), "in the hub's log");
    assert!(fs::metadata(&hub.log).unwrap().len() > 0, "the log is written, at its most talkative");
    let (found, read) = scanner.memory(hub.pid());
    assert_eq!(found, [].into(), "in the hub's memory");
    assert!(read > 1_000_000, "{read} bytes were read");
    let (found, _) = Scanner::new(&[Canary::text(&control)]).memory(hub.pid());
    assert!(!found.is_empty(), "the scanner finds what is in the hub's environment");
    drop(hub);
    assert_eq!(scanner.folder(&town.hub_dir()), [].into(), "in the hub's folder after it stopped");

    // The same search over the devices, opened with their own keys, finds every one.
    let plain = town.dir.path().join("plain");
    fs::create_dir(&plain).unwrap();
    drop((street, unit, centre));
    decrypt(&sas, town.clock_now(), &plain.join("sas.db"));
    decrypt(&upe, town.clock_now(), &plain.join("upe.db"));
    let found: std::collections::BTreeSet<String> = scanner.folder(&plain).into_iter().map(|(name, _)| name).collect();
    let missing: Vec<_> = planted.canaries().into_iter().filter(|canary| !found.contains(&canary.name)).collect();
    assert!(missing.is_empty(), "{:?}", missing.iter().map(|canary| &canary.name).collect::<Vec<_>>());
    // And over the devices as they lie there locked, none.
    for worker in [&sas, &upe, &cape] {
        assert_eq!(scanner.folder(worker.device.dir()), [].into(), "in a locked device's folder");
    }
}

#[test]
fn a_canary_is_recognised_in_every_form() {
    let words = fresh_words(ARABIC);
    let point = fresh_point();
    let scanner = Scanner::new(&[Canary::text(&words), Canary::point(point.0, point.1)]);
    let found = |bytes: &[u8]| scanner.bytes(bytes).len();
    for offset in 0..4 {
        let mut text = vec![b'x'; offset];
        text.extend_from_slice(words.as_bytes());
        text.push(b'!');
        assert_eq!(found(&text), 1);
        assert_eq!(found(data_encoding::BASE64.encode(&text).as_bytes()), 1, "offset {offset}");
        assert_eq!(found(data_encoding::BASE64URL.encode(&text).as_bytes()), 1, "offset {offset}");
        assert_eq!(found(data_encoding::HEXUPPER.encode(&text).as_bytes()), 1);
    }
    let wide: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found(&wide), 1);
    assert_eq!(found(format!("{:?}", point.1).as_bytes()), 1);
    assert_eq!(found(format!("lon={:.5}", point.1).as_bytes()), 1);
    assert_eq!(found(&point.0.to_be_bytes()), 1);
    let whole = |degrees: f64| (degrees * 1e5).round();
    #[allow(clippy::cast_possible_truncation)] // Within a 32-bit number.
    let pair = [(whole(point.0) as i32).to_le_bytes(), (whole(point.1) as i32).to_le_bytes()].concat();
    assert_eq!(found(&pair), 1);
    assert_eq!(found(&himaya_wire::encode(&Point::new(point.0, point.1).unwrap(), "point").unwrap()), 1);
    assert_eq!(found(b"nothing of the kind: 31.62, -7.98"), 0);
}
