//! The figures, measured in one run on this machine, beside a peer or a goal.

use std::time::{Duration, Instant};

use himaya_core::app::{ListFilter, NewSpotting, Session, SyncOptions};
use himaya_core::record::{Place as Where, Point, Sex};
use himaya_core::store::Store;
use himaya_core::sync::HubAddress;
use himaya_wire::{Envelope, Purpose, Secret, UnitKind};
use serde::Serialize;

use super::place::{Place, Result};
use super::wire;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: &'static str,
    /// The figure, with its unit.
    pub value: String,
    /// What it is to be held against.
    pub goal: &'static str,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Spottings saved one by one.
    pub saves: usize,
    /// Records pushed and pulled.
    pub records: usize,
    /// Edits of the long file.
    pub edits: usize,
}

impl Size {
    /// The figures of the closing note.
    pub const FULL: Self = Self { saves: 300, records: 10_000, edits: 200 };
    /// A look that takes seconds.
    pub const QUICK: Self = Self { saves: 30, records: 300, edits: 40 };
}

/// Measures everything. `progress` is told what is under way.
pub fn measure(size: Size, progress: &dyn Fn(&str)) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut add = |what, value: String, goal| figures.push(Figure { what, value, goal });

    progress("set up a hub, a centre, a unit with two devices");
    let mut place = Place::new()?;
    let centre = place.unit(UnitKind::Cape)?;
    let worker = place.unit(UnitKind::Sas)?;
    let session = worker.unlock()?;
    session.sync(SyncOptions::default())?;

    progress("save spottings one by one");
    let saves = timed(size.saves, |n| session.spot(&spotting(n)).map(|_| ()))?;
    let raw = raw_saves(&place, &session, size.saves)?;
    add("save a spotting, p50 over the same rows raw", ratio(p(&saves, 50), p(&raw, 50)), "ratio in one run");
    add("save a spotting, p99 over the same rows raw", ratio(p(&saves, 99), p(&raw, 99)), "ratio in one run");
    add("save a spotting, p50 and p99", format!("{} and {}", ms(p(&saves, 50)), ms(p(&saves, 99))), "this machine");
    session.sync(SyncOptions::default())?;

    progress("count the bytes of one spotting");
    let (addr, counts) = wire::count_to(place.hub)?;
    let through = HubAddress { url: format!("http://{addr}"), root_pem: None };
    worker.device.set_hub(through)?;
    worker.device.sync(SyncOptions::default())?;
    counts.take();
    let idle = worker.device.sync(SyncOptions::default())?;
    let (idle_out, idle_back) = counts.take();
    add(
        "nothing new: bytes out and back, with HTTP",
        format!("{idle_out} + {idle_back} in {} request", idle.requests),
        "a few hundred",
    );
    session.spot(&spotting(0))?;
    let made_of = made_of(&worker.device, &place)?;
    let one = worker.device.sync(SyncOptions::default())?;
    let (out, back) = counts.take();
    add(
        "one spotting with keys, grants and card: bytes out and back, with HTTP",
        format!("{out} + {back} in {} request(s)", one.requests),
        "one request, under 2,000",
    );
    add("of which envelopes", made_of, "");
    worker.device.set_hub(HubAddress { url: format!("http://{}", place.hub), root_pem: None })?;
    session.sync(SyncOptions::default())?;

    progress("make, push and pull many records");
    for n in 0..size.records {
        session.spot(&spotting(n))?;
    }
    let started = Instant::now();
    let pushed = session.sync(SyncOptions::default())?;
    add("push, per record", each(started.elapsed(), size.records), "this machine");
    add("push, bytes per record (4 envelopes)", per(pushed.bytes_out, size.records), "");
    let (colleague, pulled) = place.colleague(&session)?;
    let other = colleague.unlock()?;
    let started = Instant::now();
    other.sync(SyncOptions::default())?;
    let spent = pulled.time + started.elapsed();
    let all = size.records + size.saves + 1;
    add("pull with projections and search, per record", each(spent, all), "this machine");
    add("pull, bytes per record (4 envelopes)", per(pulled.bytes, all), "");
    add("memory of this process with all of it: hub and both devices", memory(), "");

    progress("list and search");
    let list = timed(200, |_| other.list(&ListFilter::default()).map(|_| ()))?;
    let search = timed(200, |n| other.search(["yas", "nour", "bus st", "سل"][n % 4], 50).map(|_| ()))?;
    let events = other.opened_count()?;
    add("events on the device for list and search", events.to_string(), "20,000");
    add("list newest 50, p50 and p99", format!("{} and {}", ms(p(&list, 50)), ms(p(&list, 99))), "under 16 ms");
    add("search as typed, p50 and p99", format!("{} and {}", ms(p(&search, 50)), ms(p(&search, 99))), "under 16 ms");

    progress("fold a long file");
    let file = session.spot(&spotting(1))?.space;
    for n in 0..size.edits {
        session.edit(file, "note", None, &format!("visit {n}"))?;
    }
    drop(session);
    let folds = timed(20, |_| {
        let fresh = worker.unlock().map_err(|_| himaya_core::app::AppError::NotFound("worker"))?;
        let started = Instant::now();
        fresh.show(file)?;
        FOLD.with(|fold| fold.borrow_mut().push(started.elapsed()));
        Ok(())
    })?;
    drop(folds);
    let folds = FOLD.with(|fold| std::mem::take(&mut *fold.borrow_mut()));
    add("open a file of 200 events: read, judge, fold, show, p50", ms(p(&folds, 50)), "under 50 ms");
    drop(centre);
    Ok(figures)
}

thread_local! {
    static FOLD: std::cell::RefCell<Vec<Duration>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Invented, and says so: names are drawn from a short list.
fn spotting(n: usize) -> NewSpotting {
    const NAMES: [&str; 6] = ["Yassine", "سلمى", "Nour", "أيوب", "Hana", "إيمان"];
    let name = NAMES.get(n % NAMES.len()).copied().unwrap_or("Nour");
    NewSpotting {
        sex: if n.is_multiple_of(2) { Sex::Boy } else { Sex::Girl },
        age: "12~2".parse().ok(),
        name: Some(format!("{name} {n}")),
        nickname: None,
        description: None,
        concerns: ["street_situation", "begging"].iter().filter_map(|code| code.parse().ok()).collect(),
        place: Where {
            point: Point::new(31.63, -8.0).ok(),
            accuracy_m: Some(60),
            fix_age_s: Some(240),
            landmark: Some("bus station".into()),
            area: Some("07.351".into()),
        },
        note: Some("asked for food, sleeps near the station".into()),
        danger: false,
        risk: None,
    }
}

fn timed(
    runs: usize,
    mut act: impl FnMut(usize) -> std::result::Result<(), himaya_core::app::AppError>,
) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(runs);
    for run in 0..runs {
        let started = Instant::now();
        act(run)?;
        times.push(started.elapsed());
    }
    Ok(times)
}

/// The peer: four rows of the same sizes in one transaction of an empty SQLCipher file with the same settings, and the
/// same envelopes in a second such file: what a save writes, without sealing, folding, projecting or searching.
fn raw_saves(place: &Place, session: &Session, runs: usize) -> Result<Vec<Duration>> {
    let sizes = session.newest_sizes(4)?;
    let key = Secret::make_random()?;
    let log = Store::open(&place.dir().join("raw-log.db"), &key)?;
    let outbox = Store::open(&place.dir().join("raw-outbox.db"), &key)?;
    let create = "CREATE TABLE raw (seq INTEGER PRIMARY KEY, envelope BLOB NOT NULL) STRICT";
    for store in [&log, &outbox] {
        store.write(|tx| Ok(tx.execute_batch(create)?))?;
    }
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let started = Instant::now();
        for store in [&log, &outbox] {
            store.write(|tx| {
                for size in &sizes {
                    tx.execute("INSERT INTO raw (envelope) VALUES (zeroblob(?1))", [*size])?;
                }
                Ok(())
            })?;
        }
        times.push(started.elapsed());
    }
    Ok(times)
}

fn made_of(device: &himaya_core::app::Device, place: &Place) -> Result<String> {
    let path = place.dir().join("one.himaya");
    device.export_bundle(&path)?;
    let bundle = himaya_wire::Bundle::parse(&std::fs::read(&path)?)?;
    let mut parts = Vec::new();
    for bytes in &bundle.envelopes {
        let kind = match Envelope::parse(bytes)?.header.purpose {
            Purpose::Grant => "grant",
            Purpose::Event => "event",
            _ => "other",
        };
        parts.push(format!("{kind} {}", bytes.len()));
    }
    Ok(parts.join(", "))
}

fn p(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

fn ratio(a: Duration, b: Duration) -> String {
    format!("{:.1}", a.as_secs_f64() / b.as_secs_f64().max(f64::MIN_POSITIVE))
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

fn each(time: Duration, count: usize) -> String {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    ms(time / count)
}

fn per(bytes: u64, count: usize) -> String {
    (bytes / u64::try_from(count).unwrap_or(u64::MAX).max(1)).to_string()
}

/// Resident memory by `/proc/self/status`; where there is none, says so.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "not known on this system".to_owned(), |line| line.trim().to_owned())
}
