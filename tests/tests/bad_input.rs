//! Bad input on every endpoint and use case: a typed error, and nothing changed.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use himaya_core::app::{
    AppError, CallAnswer, Device, NewAnswer, NewCall, NewContact, NewDevice, NewHandover, NewReferral, NewRound,
    Session, Settle, SyncOptions,
};
use himaya_core::record::{Age, Place, Sex, SpaceKind, Value};
use himaya_core::sync::HubAddress;
use himaya_core::vault::UnlockSecret;
use himaya_hub::storage::{HubStore, SqliteStore, StoreOptions};
use himaya_hub::testing::NOW_MILLIS;
use himaya_tests::{Forge, RunningHub, TestClock, Town, Worker, keystore, options, spotting};
use himaya_wire::{Bundle, EventId, MemberId, Request, SpaceId, Stamp, Trouble, TroubleBody, UnitId, UnitKind, limits};

fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}

/// One request over a connection of its own; status and body.
fn ask(port: u16, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A hub that has read enough hangs up.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let status = String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    (status, answer.split_off(end))
}

fn counts(town: &Town) -> String {
    let store = SqliteStore::open(&town.hub_dir().join("hub.sqlite"), StoreOptions::default()).unwrap();
    format!("{:?}", store.counts().unwrap())
}

#[test]
fn every_endpoint_of_the_hub_refuses_bad_bytes_with_its_reason_and_keeps_nothing() {
    const CBOR: &str = "application/cbor";
    let mut town = Town::new();
    let (_, upe) = town.unit(UnitKind::Upe);
    let before = counts(&town);
    let port = town.port;
    let key = himaya_core::vault::Keystore::device_key(keystore(upe.device.dir()).as_ref()).unwrap();
    let good = Request { limit: 10, ..Request::default() }.sign(key.as_ref(), upe.device.id().as_bytes()).unwrap();
    assert_eq!(ask(port, "POST", "/v1/sync", CBOR, &good).0, 200, "the control");

    let mut version = good.clone();
    let at = version.windows(3).position(|bytes| bytes == [0x82, 0x01, 0x07]).unwrap();
    version[at + 1] = 2;
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    let stranger = Request::default().sign(key.as_ref(), &[7; 16]).unwrap();
    let huge = vec![0_u8; limits::REQUEST_BYTES + 1];
    let deep = vec![0x81_u8; 100_000];
    let cases: [(&str, &[u8], Trouble); 9] = [
        ("empty", b"", Trouble::Malformed),
        ("text", b"{\"hello\":1}", Trouble::Malformed),
        ("truncated", &good[..good.len() / 2], Trouble::Malformed),
        ("trailing", &[good.as_slice(), b"x"].concat(), Trouble::Malformed),
        ("deep", &deep, Trouble::Malformed),
        ("version", &version, Trouble::Version),
        ("forged", &forged, Trouble::Signature),
        ("stranger", &stranger, Trouble::UnknownDevice),
        ("huge", &huge, Trouble::TooLarge),
    ];
    for (name, body, trouble) in cases {
        let (status, answer) = ask(port, "POST", "/v1/sync", CBOR, body);
        assert!((400..500).contains(&status), "{name}: {status}");
        assert_eq!(TroubleBody::parse(&answer).map(|body| body.trouble), Ok(trouble), "{name}");
    }
    assert_eq!(ask(port, "POST", "/v1/sync", "text/html", &good).0, 415);
    for body in [&b""[..], b"text", &deep, &good, &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        let (status, answer) = ask(port, "POST", "/v1/entries", CBOR, body);
        assert_eq!((status, TroubleBody::parse(&answer).unwrap().trouble), (400, Trouble::Malformed));
    }
    assert_eq!(ask(port, "POST", "/v1/entries", CBOR, &huge).0, 413);
    // A list of entries that are none is answered one by one.
    let entries = minicbor::to_vec(vec![minicbor::bytes::ByteVec::from(vec![1, 2, 3])]).unwrap();
    assert_eq!(ask(port, "POST", "/v1/entries", CBOR, &entries).0, 200);
    for (method, path, status) in [
        ("GET", "/v1/sync", 405),
        ("DELETE", "/v1/entries", 405),
        ("POST", "/v1/health", 405),
        ("PUT", "/metrics", 405),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/v1/sync/../health", 404),
    ] {
        assert_eq!(ask(port, method, path, CBOR, b"").0, status, "{method} {path}");
    }
    // What is not HTTP at all, and a length that is a lie.
    for raw in [&b"\x16\x03\x01\x02\x00"[..], b"POST /v1/sync HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(raw).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"));
    }
    // A signed request may ask for anything: numbers without sense are held to the limits.
    for (after, limit) in [(u64::MAX, u32::MAX), (i64::MAX as u64, 0), (0, u32::MAX)] {
        let odd = Request { at_millis: i64::MIN, after, entries_after: after, limit, ..Request::default() };
        let odd = odd.sign(key.as_ref(), upe.device.id().as_bytes()).unwrap();
        assert_eq!(ask(port, "POST", "/v1/sync", CBOR, &odd).0, 200, "{after} {limit}");
    }
    assert_eq!(counts(&town), before);
    let (status, _) = ask(port, "GET", "/v1/health", CBOR, b"");
    assert_eq!(status, 200);
    town.hub_down();
    town.hub = Some(RunningHub::start(&town.hub_dir(), port));
    assert_eq!(counts(&town), before);
}

struct Street {
    forge: Forge,
    sas: Worker,
}

impl Street {
    fn new() -> Self {
        let mut forge = Forge::new(&[UnitKind::Sas, UnitKind::Upe]);
        let sas = forge.worker(0);
        Self { forge, sas }
    }
}

#[test]
fn a_file_that_is_no_bundle_changes_nothing() {
    let town = Street::new();
    let device = &town.sas.device;
    let street = town.sas.unlock();
    street.spot(&spotting("Yassine")).unwrap();
    let good = town.forge.dir().join("good.bundle");
    assert!(device.export_bundle(&good).unwrap() > 0);
    let whole = fs::read(&good).unwrap();
    let before = (device.status_locked().unwrap(), street.status().unwrap());
    let broken = Bundle { entries: Vec::new(), envelopes: vec![vec![1, 2, 3].into()] }.to_bytes().unwrap();
    let mut late = whole.clone();
    late[7] = 2;
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"nothing of the kind".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..9].to_vec(),
        [whole.as_slice(), &[0]].concat(),
        broken,
        late,
        [b"himaya\x00\x01".as_slice(), &[0x81; 50_000]].concat(),
        [b"himaya\x00\x01".as_slice(), &[0xa2, 0x00, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat(),
    ];
    let path = town.forge.dir().join("bad.bundle");
    for bytes in cases {
        fs::write(&path, &bytes).unwrap();
        let told = device.import_bundle(&path);
        assert!(matches!(told, Err(AppError::Refused { field: "bundle", .. })), "{} bytes: {told:?}", bytes.len());
    }
    fs::File::create(&path).unwrap().set_len(limits::BUNDLE_BYTES as u64 + 1).unwrap();
    assert!(matches!(device.import_bundle(&path), Err(AppError::Refused { why: "error-too-large", .. })));
    assert!(matches!(device.import_bundle(&town.forge.dir().join("none")), Err(AppError::NotFound(_))));
    assert!(device.import_bundle(town.forge.dir()).is_err(), "a folder");
    assert_eq!((device.status_locked().unwrap(), street.status().unwrap()), before);
    // One's own bundle, come back, is nothing new.
    device.import_bundle(&good).unwrap();
    street.ingest().unwrap();
    assert_eq!(street.list(&himaya_core::app::ListFilter::default()).unwrap().len(), 1);
}

#[test]
fn every_use_case_refuses_what_makes_no_sense_and_changes_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let line = street.spot(&spotting("Yassine")).unwrap();
    let before = (street.status().unwrap(), street.show(line.space).unwrap());
    let huge = "x".repeat(20_001);
    let nowhere = SpaceId::make_random();
    let nothing = EventId::make_random();
    let other = town.forge.unit(1);
    let needs = || vec!["listening".parse().unwrap()];
    let mut refused: Vec<(&str, Option<AppError>)> = Vec::new();
    let mut try_out = |name: &'static str, told: Result<(), AppError>| refused.push((name, told.err()));

    let mut bad = spotting("x");
    bad.concerns.clear();
    try_out("no concern", street.spot(&bad).map(drop));
    let mut bad = spotting("x");
    bad.age = Some(Age::Years { years: 200, margin: 0 });
    try_out("an age", street.spot(&bad).map(drop));
    for part in 0..5 {
        let mut bad = spotting("x");
        let text = Some(huge.clone());
        match part {
            0 => bad.name = text,
            1 => bad.nickname = text,
            2 => bad.description = text,
            3 => bad.note = text,
            _ => bad.place = Place { landmark: text, ..Place::default() },
        }
        try_out("a long text", street.spot(&bad).map(drop));
        try_out("a capture outside a round", town.sas.device.capture(&bad).map(drop));
    }
    let referral = |to, needs, note| NewReferral { to, needs, note };
    try_out("refer nothing", street.refer(nowhere, &referral(other, needs(), None)).map(drop));
    try_out("no need", street.refer(line.space, &referral(other, Vec::new(), None)).map(drop));
    try_out("own unit", street.refer(line.space, &referral(street.unit(), needs(), None)).map(drop));
    try_out("no unit", street.refer(line.space, &referral(UnitId::make_random(), needs(), None)).map(drop));
    try_out("long note", street.refer(line.space, &referral(other, needs(), Some(huge.clone()))).map(drop));
    try_out("answer nothing", street.answer(nothing, NewAnswer::Accept).map(drop));
    try_out("no referral", street.referral(line.space, nothing).map(drop));
    let call = |who| NewCall { service: nothing, who, answer: CallAnswer::Full, until_millis: Some(i64::MAX) };
    try_out("call nobody", street.call(Some(nowhere), &call(None)));
    try_out("call at length", street.call(Some(line.space), &call(Some(huge.clone()))));
    let handover = |to_whom: &str, receipt| NewHandover { to_whom: to_whom.into(), unit: None, receipt };
    try_out("hand over to nobody", street.handover(line.space, &handover("  ", None)));
    try_out("hand over nothing", street.handover(nowhere, &handover("a nurse", None)));
    try_out("a long receipt", street.handover(line.space, &handover("a nurse", Some(huge.clone()))));
    try_out("open a file", street.open_file(line.space).map(drop));
    try_out("show nothing", street.show(nowhere).map(drop));
    try_out("a line of nothing", street.line(nowhere).map(drop));
    for text in ["", "abc", "zzzzzzzz", "\u{202e}\u{0}", huge.as_str()] {
        try_out("find", street.find(text).map(drop));
    }
    try_out("a long search", street.search(&huge, 1).map(drop));
    for (field, text) in [
        ("name", huge.as_str()),
        ("stage", "nowhere"),
        ("risk", "-1"),
        ("sex", "7"),
        ("age", "200"),
        ("age", "-3~99"),
        ("danger", "perhaps"),
        ("concerns", "NOT A CODE!"),
        ("card", "x"),
        ("no_such_field", "x"),
        ("", "x"),
        ("'; DROP TABLE log; --", "x"),
    ] {
        try_out("edit", street.edit(line.space, field, None, text).map(drop));
    }
    try_out("edit nothing", street.edit(nowhere, "name", None, "x").map(drop));
    try_out("settle no conflict", street.settle(line.space, "name", None, Settle::Write("x".into())).map(drop));
    try_out("settle nothing", street.settle(nowhere, "name", None, Settle::Keep(nothing)).map(drop));
    try_out("claim nothing", street.claim(nothing).map(drop));
    try_out("end no round", street.end_round(None).map(drop));
    let contact = |count| NewContact { count, sex: Sex::Girl, age: None, place: Place::default(), note: None };
    try_out("a contact outside a round", street.contact(&contact(1)).map(drop));
    try_out("nobody", street.contact(&contact(0)).map(drop));
    try_out("a crowd", street.contact(&contact(u16::MAX)).map(drop));
    try_out("open commons", street.open_commons().map(drop));
    for code in ["", "A", "not a code", &"A".repeat(5_000), "MFRGG", "🌙"] {
        try_out("admit", street.admit(code, false).map(drop));
    }
    let passphrase = UnlockSecret::parse("abacus abdomen yo-yo zoom unruly").unwrap();
    try_out("a second worker alone", town.sas.device.newcomer("x", &passphrase, None).map(drop));
    try_out("a long crew name", town.sas.device.newcomer(&huge, &passphrase, Some(&street)).map(drop));
    try_out("unlock nobody", town.sas.device.unlock(MemberId::make_random(), "x").map(drop));
    for url in ["", "nonsense", "http://hub.example", "ftp://127.0.0.1", "https://"] {
        try_out("a hub", town.sas.device.set_hub(HubAddress { url: url.into(), root_pem: None }));
    }
    for csv in [&b""[..], b"\xff\xfe", b"a,b\n1,2\n", huge.as_bytes()] {
        assert!(street.import_guide(csv).is_err());
    }
    for (name, error) in refused {
        let error = error.unwrap_or_else(|| panic!("{name} was taken"));
        assert!(!matches!(error, AppError::Broken { .. }), "{name}: {error:?}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("xxxx") && !told.contains("Yassine"), "{name} repeats what was typed");
        assert!(!error.key().is_empty());
    }
    assert_eq!((street.status().unwrap(), street.show(line.space).unwrap()), before);
}

#[test]
fn a_damaged_device_folder_is_a_typed_error_and_is_left_as_it_is() {
    let town = Street::new();
    let dir = town.sas.device.dir().to_path_buf();
    let open = || Device::open(&dir, keystore(&dir), town.forge.clock.clone(), &options());
    for file in ["device.json", "carrier.key"] {
        let path = dir.join(file);
        let good = fs::read(&path).unwrap();
        for bad in [Vec::new(), b"{}".to_vec(), vec![0xff; 10_000], good[..good.len() / 2].to_vec()] {
            fs::write(&path, &bad).unwrap();
            assert!(matches!(open(), Err(AppError::Broken { .. })), "{file}, {} bytes", bad.len());
            assert_eq!(fs::read(&path).unwrap(), bad);
        }
        fs::write(&path, good).unwrap();
    }
    let path = dir.join("device.json");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert!(matches!(open(), Err(AppError::Broken { code: "device-version" })));
    fs::write(&path, good).unwrap();
    open().unwrap();

    let fresh = town.forge.dir().join("fresh");
    let hub = town.sas.device.hub();
    for authority in [Vec::new(), vec![0; 5_000], b"certificate".to_vec()] {
        let new = NewDevice { authority, hub: hub.clone() };
        let made = Device::create(&fresh, keystore(&fresh), town.forge.clock.clone(), &new, &options());
        assert!(matches!(made, Err(AppError::Refused { field: "authority", .. })));
    }
    assert!(!fresh.join("device.json").exists());
    let missing = Device::open(&fresh, keystore(&fresh), Arc::new(TestClock::at(0)), &options());
    assert!(matches!(missing, Err(AppError::NotFound(_))));
}

#[test]
fn a_clock_ten_years_off_refuses_no_record_and_drags_no_other_clock() {
    const TEN_YEARS: i64 = 10 * 365 * 86_400_000;
    let mut forge = Forge::new(&[UnitKind::Sas, UnitKind::Upe]);
    let (sas, upe) = (forge.worker(0), forge.worker(1));
    for (round, off) in (1..).zip([TEN_YEARS, -TEN_YEARS]) {
        forge.clock.set_millis(NOW_MILLIS + off);
        let street = sas.unlock();
        street.start_round(&NewRound::default()).unwrap();
        let line = street.spot(&spotting("Yassine")).unwrap();
        let needs = vec!["listening".parse().unwrap()];
        street.refer(line.space, &NewReferral { to: forge.unit(1), needs, note: None }).unwrap();
        sas.device.capture(&spotting("Salma")).unwrap();
        street.end_round(None).unwrap();
        sync(&street);
        assert_eq!(street.status().unwrap().unsent, 0, "nothing is refused");
        drop(street);

        forge.clock.set_millis(NOW_MILLIS + 5_000 * round);
        let unit = upe.unlock();
        sync(&unit);
        assert_eq!(unit.inbox().unwrap().len(), usize::try_from(round).unwrap());
        let own = unit.spot(&spotting("Hind")).unwrap();
        assert!((own.created_millis - NOW_MILLIS).abs() < 86_400_000, "{}", own.created_millis - NOW_MILLIS);
        unit.answer(unit.inbox().unwrap()[0].referral, NewAnswer::Accept).unwrap();
        assert_eq!(unit.show(line.space).unwrap().set_aside, 0);
        assert!(unit.rebuild().unwrap().identical);
        sync(&unit);
        unit.board().unwrap();
    }
    // The clock that was ahead and came back: what is written next is not lost behind what was written then.
    let street = sas.unlock();
    sync(&street);
    let line = street.spot(&spotting("Nora")).unwrap();
    street.edit(line.space, "name", None, "Noura").unwrap();
    assert_eq!(street.line(line.space).unwrap().title, "Noura");
}

#[test]
fn an_event_with_extreme_values_is_shown_and_breaks_nothing() {
    let mut forge = Forge::new(&[UnitKind::Sas, UnitKind::Upe]);
    let sas = forge.worker(0);
    let street = sas.unlock();
    sync(&street);
    let space = street.spot(&spotting("Yassine")).unwrap().space;
    sync(&street);
    let (event, key) = forge.newest(0, space);
    let set = |name: &str, value| himaya_core::record::Act::Set {
        field: himaya_core::record::Field { element: None, name: name.parse().unwrap() },
        over: vec![event.header.id; 3],
        value,
    };
    let stamps = [0, 1, u64::MAX];
    for bits in stamps {
        let acts = vec![
            set("at", Value::Time(Stamp::from_bits(bits))),
            set("deadline", Value::Time(Stamp::from_bits(bits))),
            set("count", Value::Number(i64::MIN)),
            // Kinds that the fields are not made for.
            set("risk", Value::Number(i64::MAX)),
            set("stage", Value::Text("nowhere".into())),
            set("sex", Value::Empty),
            set("place", Value::Part(vec![0; 1_000])),
            set("card", Value::Event(EventId::from_bytes([0; 16]))),
            set("age", Value::Age(Age::Years { years: 255, margin: 255 })),
            himaya_core::record::Act::Unknown { kind: u32::MAX, data: vec![0xff; 100] },
        ];
        let mut forged = forge.event(0, space, SpaceKind::Spotting, acts);
        forged.stamp = Stamp::from_bits(bits);
        forged.parents = vec![event.digest; 50];
        forge.push(0, &[forge.seal(&forged, &key)]);
        sync(&street);
        street.show(space).unwrap();
        street.list(&himaya_core::app::ListFilter::default()).unwrap();
        street.board().unwrap();
        assert!(street.rebuild().unwrap().identical);
        let own = street.spot(&spotting("Hind")).unwrap();
        assert!((own.created_millis - NOW_MILLIS).abs() < 86_400_000);
    }
    // A body that is no event is kept sealed, and stops nothing.
    let garbage = forge.world.event(0, space, &key, &[0xff; 64]);
    let empty = forge.world.event(0, space, &key, &[]);
    forge.push(0, &[garbage, empty]);
    sync(&street);
    assert_eq!(street.status().unwrap().held, 2);
    street.edit(space, "name", None, "Yasin").unwrap();
    assert_eq!(street.line(space).unwrap().title, "Yasin");
}
