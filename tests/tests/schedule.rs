//! One long night from one seed: hundreds of mixed steps and faults over four devices, two units and a hub; then
//! quiet, and everything is there, the same everywhere.
//!
//! `HIMAYA_SEED` repeats a night, `HIMAYA_STEPS` makes it longer.
#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use himaya_core::app::{AppError, NewAnswer, NewReferral, NewRound, Session, Settle, SyncOptions};
use himaya_core::record::ReferralStep;
use himaya_core::sync::HubAddress;
use himaya_tests::{Fault, Frozen, Proxy, RunningHub, Same, Thawed, Town, Worker, assert_same, gap_free, spotting};
use himaya_wire::{EventId, SpaceId, UnitId, UnitKind};

const SEED: u64 = 20_261_124;
const STEPS: usize = 400;
const FIELDS: [&str; 3] = ["nickname", "note", "description"];

/// Splitmix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        (!list.is_empty()).then(|| list[self.roll(list.len())].clone())
    }
}

/// A device: open or locked, behind a network of its own.
struct Place {
    worker: Option<Worker>,
    session: Option<Session>,
    proxy: Proxy,
    unit: usize,
    /// Whether it carries envelopes of another unit, which it cannot open.
    carries: bool,
}

/// What was confirmed to a worker.
#[derive(Default)]
struct Promises {
    /// Spottings and claims: the name, and the unit whose devices must show it.
    children: BTreeMap<String, (SpaceId, usize)>,
    /// Captures, by name.
    captures: BTreeMap<String, usize>,
    referrals: BTreeSet<(SpaceId, EventId)>,
    /// Every text that was written into a field.
    edits: BTreeMap<(SpaceId, &'static str), BTreeSet<String>>,
}

struct Night {
    dice: Dice,
    town: Thawed,
    units: [UnitId; 2],
    places: Vec<Place>,
    backups: Vec<PathBuf>,
    /// Each with the unit it came from.
    bundles: Vec<(PathBuf, usize)>,
    promises: Promises,
    step: usize,
    counts: BTreeMap<&'static str, usize>,
}

fn build() -> (Frozen, [UnitId; 2]) {
    let mut town = Town::new();
    let (sas_id, sas) = town.unit(UnitKind::Sas);
    let (upe_id, upe) = town.unit(UnitKind::Upe);
    // The oldest backup knows neither of the two other members.
    himaya_hub::backup(&town.hub_dir(), &town.dir.path().join("backup-000")).unwrap();
    let (educator, listener) = (town.member(&sas), town.member(&upe));
    for worker in [&sas, &educator, &upe, &listener] {
        let session = worker.unlock();
        session.sync(SyncOptions::default()).unwrap();
        session.start_round(&NewRound::default()).unwrap();
        session.sync(SyncOptions::default()).unwrap();
    }
    (Frozen::freeze(town, vec![sas, educator, upe, listener]), [sas_id, upe_id])
}

impl Night {
    fn new(seed: u64) -> Self {
        let (frozen, units) = build();
        let town = frozen.thaw();
        let place = |number| {
            let proxy = Proxy::start(town.port);
            Place {
                worker: Some(town.worker_by(number, proxy.port)),
                session: None,
                proxy,
                unit: number / 2,
                carries: false,
            }
        };
        let places = (0..4).map(place).collect();
        let backups = vec![town.dir.path().join("backup-000")];
        Self {
            dice: Dice(seed),
            town,
            units,
            places,
            backups,
            bundles: Vec::new(),
            promises: Promises::default(),
            step: 0,
            counts: BTreeMap::new(),
        }
    }

    fn session(&mut self, who: usize) -> &Session {
        let place = &mut self.places[who];
        place.session.get_or_insert_with(|| place.worker.as_ref().unwrap().unlock())
    }

    fn device(&self, who: usize) -> &himaya_core::app::Device {
        &self.places[who].worker.as_ref().unwrap().device
    }

    /// One child that a device shows.
    fn child(&mut self, who: usize) -> Option<SpaceId> {
        let lines = self.session(who).search("child", 1_000).unwrap();
        let mut spaces: Vec<SpaceId> = lines.into_iter().map(|line| line.space).collect();
        spaces.sort_unstable();
        self.dice.pick(&spaces)
    }

    fn act(&mut self) {
        self.step += 1;
        let pause = i64::try_from(self.dice.roll(60_000)).unwrap();
        self.town.clock.advance_millis(pause);
        let who = self.dice.roll(4);
        let what = match self.dice.roll(100) {
            0..12 => self.spot(who),
            12..27 => self.edit(who),
            27..34 => self.refer(who),
            34..41 => self.answer(who),
            41..45 => self.capture(who),
            45..49 => self.claim(who),
            49..54 => self.settle(who),
            54..72 => self.sync(who),
            72..78 => self.sync_badly(who),
            78..81 => self.sync_locked(who),
            81..84 => self.hub_down_or_up(),
            84..87 => self.back_up(),
            87..89 => self.restore(),
            89..93 => self.lock(who),
            93..96 => self.reopen(who),
            96..98 => self.export(who),
            _ => self.import(who),
        };
        *self.counts.entry(what).or_default() += 1;
    }

    fn spot(&mut self, who: usize) -> &'static str {
        let name = format!("Child{:04}", self.step);
        let line = self.session(who).spot(&spotting(&name)).unwrap();
        self.promises.children.insert(name, (line.space, self.places[who].unit));
        "spot"
    }

    fn edit(&mut self, who: usize) -> &'static str {
        let Some(space) = self.child(who) else { return "nothing to edit" };
        let field = self.dice.pick(&FIELDS).unwrap();
        let text = format!("text {:04}", self.step);
        self.session(who).edit(space, field, None, &text).unwrap();
        self.promises.edits.entry((space, field)).or_default().insert(text);
        "edit"
    }

    fn refer(&mut self, who: usize) -> &'static str {
        let Some(space) = self.child(who) else { return "nothing to refer" };
        let to = self.units[1 - self.places[who].unit];
        let new = NewReferral { to, needs: vec!["listening".parse().unwrap()], note: None };
        let referral = self.session(who).refer(space, &new).unwrap();
        self.promises.referrals.insert((space, referral.referral));
        "refer"
    }

    fn answer(&mut self, who: usize) -> &'static str {
        let mut inbox = self.session(who).inbox().unwrap();
        inbox.retain(|referral| matches!(referral.step, ReferralStep::Sent | ReferralStep::Seen));
        inbox.sort_by_key(|referral| referral.referral);
        let Some(referral) = self.dice.pick(&inbox) else { return "nothing to answer" };
        let answer = match self.dice.roll(3) {
            0 => NewAnswer::Seen,
            1 => NewAnswer::Accept,
            _ => NewAnswer::Decline("full".parse().unwrap()),
        };
        match self.session(who).answer(referral.referral, answer) {
            Ok(_) | Err(AppError::Refused { why: "error-step", .. }) => "answer",
            Err(error) => panic!("{error:?}"),
        }
    }

    fn capture(&mut self, who: usize) -> &'static str {
        let name = format!("Capture{:04}", self.step);
        self.device(who).capture(&spotting(&name)).unwrap();
        self.promises.captures.insert(name, self.places[who].unit);
        "capture"
    }

    fn claim(&mut self, who: usize) -> &'static str {
        self.session(who).ingest().unwrap();
        let captures = self.session(who).captures().unwrap();
        let Some(capture) = self.dice.pick(&captures) else { return "nothing to claim" };
        self.session(who).claim(capture.capture).unwrap();
        "claim"
    }

    fn settle(&mut self, who: usize) -> &'static str {
        let kinds = himaya_core::app::ListFilter { limit: 1_000, ..Default::default() };
        let lines = self.session(who).list(&kinds).unwrap();
        for line in lines.into_iter().filter(|line| line.conflicts > 0) {
            let file = self.session(who).show(line.space).unwrap();
            let torn = file.fields.iter().find(|field| field.conflict && FIELDS.contains(&field.field.as_str()));
            if let Some(torn) = torn {
                let keep = Settle::Keep(torn.alternatives[0].event);
                let file = self.session(who).settle(line.space, &torn.field, torn.element, keep).unwrap();
                assert!(file.fields.iter().all(|field| field.field != torn.field || !field.conflict));
                return "settle";
            }
        }
        "nothing to settle"
    }

    fn sync(&mut self, who: usize) -> &'static str {
        let up = self.town.hub.is_some();
        match self.session(who).sync(SyncOptions::default()) {
            Ok(_) => "sync",
            Err(AppError::Offline) if !up => "sync without a hub",
            Err(error) => panic!("step {}: {error:?}, hub up: {up}", self.step),
        }
    }

    fn sync_badly(&mut self, who: usize) -> &'static str {
        let place = self.dice.roll(4_000);
        let fault = match self.dice.roll(7) {
            0 => Fault::CutUp(place),
            1 => Fault::CutDown(place),
            2 => Fault::CutDown(0),
            3 => Fault::GarbleUp(place),
            4 => Fault::Double,
            5 => Fault::Late,
            _ => Fault::Stall(place / 8, Duration::from_millis(50)),
        };
        self.session(who);
        self.through(who, fault);
        for _ in 0..2 {
            let result = self.session(who).sync(SyncOptions::default());
            assert!(matches!(result, Ok(_) | Err(AppError::Offline | AppError::Hub(_))), "{fault:?}: {result:?}");
        }
        self.through(who, Fault::None);
        "sync over a bad network"
    }

    /// A new connection, through a fault.
    fn through(&self, who: usize, fault: Fault) {
        let proxy = &self.places[who].proxy;
        proxy.set(fault);
        let url = format!("http://127.0.0.1:{}", proxy.port);
        self.device(who).set_hub(HubAddress { url, root_pem: None }).unwrap();
    }

    fn sync_locked(&mut self, who: usize) -> &'static str {
        self.places[who].session = None;
        let result = self.device(who).sync(SyncOptions::default());
        assert!(result.is_ok() || self.town.hub.is_none(), "{result:?}");
        "sync while locked"
    }

    fn hub_down_or_up(&mut self) -> &'static str {
        if self.town.hub.is_some() {
            self.town.hub_down();
            return "hub down";
        }
        self.town.hub_up();
        "hub up"
    }

    fn back_up(&mut self) -> &'static str {
        let path = self.town.dir.path().join(format!("backup-{:03}", self.step));
        himaya_hub::backup(&self.town.hub_dir(), &path).unwrap();
        self.backups.push(path);
        "back up"
    }

    fn restore(&mut self) -> &'static str {
        let backup = self.dice.pick(&self.backups).unwrap();
        self.town.hub_down();
        fs::remove_dir_all(self.town.hub_dir()).unwrap();
        himaya_hub::restore(&backup, &self.town.hub_dir()).unwrap();
        self.town.hub = Some(RunningHub::start(&self.town.hub_dir(), self.town.port));
        "restore the hub"
    }

    fn lock(&mut self, who: usize) -> &'static str {
        self.places[who].session = None;
        "lock"
    }

    fn reopen(&mut self, who: usize) -> &'static str {
        self.places[who].session = None;
        self.places[who].worker = None;
        let port = self.places[who].proxy.port;
        self.places[who].worker = Some(self.town.worker_by(who, port));
        "reopen"
    }

    fn export(&mut self, who: usize) -> &'static str {
        let path = self.town.dir.path().join(format!("bundle-{:03}", self.step));
        self.device(who).export_bundle(&path).unwrap();
        self.bundles.push((path, self.places[who].unit));
        "export a bundle"
    }

    fn import(&mut self, who: usize) -> &'static str {
        let Some((bundle, unit)) = self.dice.pick(&self.bundles) else { return "no bundle" };
        self.places[who].carries |= unit != self.places[who].unit;
        self.device(who).import_bundle(&bundle).unwrap();
        "import a bundle"
    }

    /// The morning: everybody syncs until nothing moves.
    fn calm(&mut self) {
        self.town.hub_up();
        for round in 0..12 {
            let mut moved = 0;
            for who in 0..4 {
                self.through(who, Fault::None);
                let report = self.session(who).sync(SyncOptions::default()).unwrap();
                moved += report.sent + report.received + report.refused;
            }
            if moved == 0 {
                println!("quiet after {round} rounds");
                return;
            }
        }
        panic!("it does not become quiet");
    }

    fn judge(&mut self) {
        for who in 0..4 {
            self.session(who);
        }
        let sessions: Vec<&Session> = self.places.iter().map(|place| place.session.as_ref().unwrap()).collect();
        assert_same(&[sessions[0], sessions[1]], Same::Views, "the mobile unit");
        assert_same(&[sessions[2], sessions[3]], Same::Views, "the protection unit");
        for (place, session) in self.places.iter().zip(&sessions) {
            assert!(session.rebuild().unwrap().identical);
            let status = session.status().unwrap();
            assert_eq!((status.unsent, status.parked), (0, 0));
            assert!(status.held == 0 || place.carries, "{} held", status.held);
        }
        for (name, (space, unit)) in &self.promises.children {
            for session in &sessions[unit * 2..unit * 2 + 2] {
                let found: Vec<SpaceId> =
                    session.search(name, 10).unwrap().into_iter().map(|line| line.space).collect();
                assert_eq!(found, [*space], "{name}");
            }
        }
        for (name, unit) in &self.promises.captures {
            let session = sessions[unit * 2];
            let waits = session.captures().unwrap().iter().filter(|capture| capture.title == *name).count();
            assert_eq!(waits + session.search(name, 10).unwrap().len(), 1, "{name}");
        }
        for (space, referral) in &self.promises.referrals {
            for session in &sessions {
                assert_eq!(session.referral(*space, *referral).unwrap().referral, *referral);
            }
        }
        for ((space, field), texts) in &self.promises.edits {
            let holders = sessions.iter().filter_map(|session| session.show(*space).ok());
            for file in holders {
                let written = file.fields.iter().find(|line| line.field == *field).unwrap();
                assert!(written.alternatives.iter().all(|answer| texts.contains(&answer.text)
                    || (*field == "note" && !written.alternatives.is_empty() && answer.text.starts_with("sleeps"))));
                assert!(written.alternatives.iter().any(|answer| texts.contains(&answer.text)), "{field} is lost");
            }
        }
        let mut conflicts = 0;
        for session in &sessions {
            for (space, view) in himaya_tests::views(session) {
                for field in view["fields"].as_array().unwrap().iter().filter(|field| field["conflict"] == true) {
                    conflicts += 1;
                    let answers = field["alternatives"].as_array().unwrap();
                    let authors: BTreeSet<&str> =
                        answers.iter().filter_map(|answer| answer["author"].as_str()).collect();
                    assert_eq!(authors.len(), answers.len(), "{space}: who sees their own answer replaces it: {field}");
                }
            }
        }
        println!("{conflicts} answers in conflict; {} children", self.promises.children.len());
    }
}

#[test]
fn after_a_night_of_faults_everything_confirmed_is_there_and_the_same_everywhere() {
    let seed = std::env::var("HIMAYA_SEED").ok().map_or(SEED, |text| text.parse().unwrap());
    let steps = std::env::var("HIMAYA_STEPS").ok().map_or(STEPS, |text| text.parse().unwrap());
    println!("seed = {seed}, {steps} steps");
    let mut night = Night::new(seed);
    for _ in 0..steps {
        night.act();
    }
    println!("{:?}", night.counts);
    night.calm();
    night.judge();
    night.places.clear();
    night.town.hub_down();
    gap_free(&night.town.hub_dir());
}
