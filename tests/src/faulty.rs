//! What the fault tests share: a town that is built once and copied, children to be killed, and proof that devices
//! ended up the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use himaya_core::app::{Clock, Device, ListFilter, Session};
use himaya_core::record::SpaceKind;
use himaya_core::sync::HubAddress;
use himaya_wire::{MemberId, SpaceId};
use serde_json::Value;
use tempfile::TempDir;

use crate::{RunningHub, TestClock, Town, Worker, keystore, options};

/// A town at rest, to be copied as often as a test needs it.
pub struct Frozen {
    dir: TempDir,
    workers: Vec<(PathBuf, MemberId, String)>,
    now_millis: i64,
}

/// A copy of a frozen town, at work.
pub struct Thawed {
    /// Everything lies below this folder.
    pub dir: TempDir,
    /// Everybody's clock.
    pub clock: Arc<TestClock>,
    /// The hub; none while it is down.
    pub hub: Option<RunningHub>,
    /// The port that the hub comes back on.
    pub port: u16,
    workers: Vec<(PathBuf, MemberId, String)>,
}

impl Frozen {
    /// Stops a town. Its devices must have no session left.
    pub fn freeze(mut town: Town, workers: Vec<Worker>) -> Self {
        town.hub_down();
        let root = town.dir.path().to_path_buf();
        let of = |worker: Worker| {
            let folder = worker.device.dir().strip_prefix(&root).unwrap().to_path_buf();
            (folder, worker.member, worker.passphrase)
        };
        let workers = workers.into_iter().map(of).collect();
        Self { now_millis: town.clock.now_millis(), dir: town.dir, workers }
    }

    /// A copy of its own, with a running hub.
    pub fn thaw(&self) -> Thawed {
        let dir = TempDir::new().unwrap();
        copy_folder(self.dir.path(), dir.path());
        let hub = RunningHub::start(&dir.path().join("hub"), 0);
        let clock = Arc::new(TestClock::at(self.now_millis));
        Thawed { port: hub.addr.port(), hub: Some(hub), clock, dir, workers: self.workers.clone() }
    }
}

impl Thawed {
    /// Opens the device of a worker by number, pointed at this copy's hub.
    pub fn worker(&self, number: usize) -> Worker {
        self.worker_by(number, self.port)
    }

    /// Opens the device of a worker by number, pointed at a port of this machine.
    pub fn worker_by(&self, number: usize, port: u16) -> Worker {
        let (folder, member, passphrase) = &self.workers[number];
        let dir = self.dir.path().join(folder);
        let device = Device::open(&dir, keystore(&dir), self.clock.clone(), &options()).unwrap();
        device.set_hub(HubAddress { url: format!("http://127.0.0.1:{port}"), root_pem: None }).unwrap();
        Worker { device, member: *member, passphrase: passphrase.clone() }
    }

    /// The folder of a worker's device.
    pub fn folder(&self, number: usize) -> PathBuf {
        self.dir.path().join(&self.workers[number].0)
    }

    /// The hub's folder.
    pub fn hub_dir(&self) -> PathBuf {
        self.dir.path().join("hub")
    }

    /// Stops the hub.
    pub fn hub_down(&mut self) {
        if let Some(hub) = self.hub.take() {
            hub.stop();
        }
    }

    /// Starts the hub again on the same port.
    pub fn hub_up(&mut self) {
        if self.hub.is_none() {
            self.hub = Some(RunningHub::start(&self.hub_dir(), self.port));
        }
    }
}

/// A test of the running test program, to be run as a process of its own and killed there.
pub fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--test-threads=1", test]);
    command
}

/// Copies a folder with all that is in it.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every space that a device shows, whole, apart from where it is on its way and what time it is now.
pub fn views(session: &Session) -> BTreeMap<SpaceId, Value> {
    let kinds = vec![SpaceKind::Case, SpaceKind::Spotting, SpaceKind::Round, SpaceKind::Card, SpaceKind::Commons];
    let lines = session.list(&ListFilter { kinds, limit: 10_000 }).unwrap();
    let view = |space| {
        let mut value = serde_json::to_value(session.show(space).unwrap()).unwrap();
        forget(&mut value);
        (space, value)
    };
    lines.into_iter().map(|line| view(line.space)).collect()
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["whereabouts", "not_arrived_call", "outgoing"] {
                map.remove(key);
            }
            map.values_mut().for_each(forget);
        }
        Value::Array(list) => list.iter_mut().for_each(forget),
        _ => {}
    }
}

/// What is asked of devices of one unit after the storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// That they show the same.
    Views,
    /// That a rebuild from the log gives the same too, and nothing waits or is held.
    Everything,
}

/// Proves that devices of one unit show the same of everything.
pub fn assert_same(sessions: &[&Session], what: Same, context: &str) {
    let first = views(sessions[0]);
    for (number, session) in sessions.iter().enumerate() {
        let here = views(session);
        for (space, view) in &first {
            let found = here.get(space);
            assert_eq!(found, Some(view), "{context}: device {number} shows {space} differently");
        }
        assert_eq!(here.len(), first.len(), "{context}: device {number} has spaces of its own");
        if what == Same::Everything {
            assert!(session.rebuild().unwrap().identical, "{context}: the rebuild of device {number} differs");
            let status = session.status().unwrap();
            assert_eq!((status.held, status.unsent, status.parked), (0, 0, 0), "{context}: device {number}");
        }
    }
}

/// Proves from a stopped hub's file that its feeds have no gap, and nothing twice.
pub fn gap_free(hub_dir: &Path) {
    let hub = rusqlite::Connection::open(hub_dir.join("hub.sqlite")).unwrap();
    let count = |sql: &str| hub.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let torn = "SELECT count(*) FROM (SELECT unit FROM feeds GROUP BY unit
                HAVING min(position) <> 1 OR max(position) <> count(*) OR count(DISTINCT envelope) <> count(*))";
    assert_eq!(count(torn), 0, "a feed has a gap or something twice");
    assert_eq!(count("SELECT coalesce(max(position), 0) - count(*) FROM registry"), 0, "a gap in the registries");
    assert_eq!(count("SELECT count(*) - count(DISTINCT digest) FROM envelopes"), 0, "an envelope twice");
    assert_eq!(count("SELECT count(*) FROM flags"), 0, "an id with two contents");
    assert_eq!(count("SELECT count(*) FROM alarms"), 0, "a registry entry beside another");
}
