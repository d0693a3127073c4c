//! The hub's process killed around every commit and read: nothing it confirmed is lost, its feeds have no gap.

use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use himaya_core::app::SyncOptions;
use himaya_core::sync::HubAddress;
use himaya_tests::{RunningHub, Same, Thawed, Worker, assert_same, child, gap_free, spotting, sync};

/// Run in a process of its own by the test below.
#[test]
#[ignore = "the child of a_hub_killed_at_any_moment_of_a_push_loses_nothing_that_it_confirmed"]
fn serves_until_a_fail_point() {
    let dir = std::path::PathBuf::from(std::env::var("HIMAYA_DIR").unwrap());
    let hub = RunningHub::start(&dir.join("hub"), 0);
    let hit: usize = std::env::var("HIMAYA_HIT").unwrap().parse().unwrap();
    let met = AtomicUsize::new(0);
    let reached = move || {
        if met.fetch_add(1, Ordering::SeqCst) + 1 == hit {
            std::process::abort();
        }
    };
    fail::cfg_callback(std::env::var("HIMAYA_POINT").unwrap(), reached).unwrap();
    fs::write(dir.join("port.unfinished"), hub.addr.port().to_string()).unwrap();
    fs::rename(dir.join("port.unfinished"), dir.join("port")).unwrap();
    // Until the parent lets go.
    let _ = std::io::stdin().read(&mut [0]);
    hub.stop();
}

struct HubProcess {
    process: Child,
    port: u16,
}

impl HubProcess {
    #[allow(clippy::zombie_processes)] // Where this fails the test ends, and the child with its standard input.
    fn start(town: &Thawed, point: &str, hit: usize) -> Self {
        let ready = town.dir.path().join("port");
        let _ = fs::remove_file(&ready);
        let process = child("hub_killed::serves_until_a_fail_point")
            .env("HIMAYA_DIR", town.dir.path())
            .env("HIMAYA_POINT", point)
            .env("HIMAYA_HIT", hit.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                return Self { process, port: text.parse().unwrap() };
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the hub does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn point(&self, worker: &Worker) {
        let url = format!("http://127.0.0.1:{}", self.port);
        worker.device.set_hub(HubAddress { url, root_pem: None }).unwrap();
    }

    /// Waits for its end; says whether it was killed.
    fn end(mut self) -> bool {
        drop(self.process.stdin.take());
        !self.process.wait().unwrap().success()
    }
}

#[test]
fn a_hub_killed_at_any_moment_of_a_push_loses_nothing_that_it_confirmed() {
    let (frozen, _) = super::town();
    let mut town = frozen.thaw();
    town.hub_down();
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    let base = street.spot(&spotting("Base")).unwrap().space;
    let mut killed = 0;
    let mut spotted = 0;
    for point in himaya_hub::FAIL_POINTS {
        for hit in 1..=3 {
            let context = format!("hub killed at {point}, hit {hit}");
            spotted += 1;
            street.spot(&spotting(&format!("Child{spotted:02}"))).unwrap();
            street.edit(base, "note", None, &context).unwrap();
            street.resign().unwrap();
            beside.spot(&spotting(&format!("Other{spotted:02}"))).unwrap();
            let before = street.status().unwrap().unsent;
            let hub = HubProcess::start(&town, point, hit);
            for worker in [&head, &member] {
                hub.point(worker);
            }
            for _ in 0..2 {
                // Whether these come through is the fault's business.
                let _ = street.sync(SyncOptions::default());
                let _ = beside.sync(SyncOptions::default());
            }
            let died = hub.end();
            killed += usize::from(died);
            if !died && *point != "hub.feed.read" {
                assert_eq!(street.status().unwrap().unsent, 0, "{context}: {before} waited");
            }
            gap_free(&town.hub_dir());
            let hub = HubProcess::start(&town, "none", 0);
            for (session, worker) in [(&street, &head), (&beside, &member)] {
                hub.point(worker);
                sync(session);
            }
            sync(&street);
            assert_eq!(beside.search(&format!("Child{spotted:02}"), 10).unwrap().len(), 1, "{context}");
            assert_same(&[&street, &beside], Same::Everything, &context);
            assert_eq!(street.status().unwrap().alarms, 0, "{context}");
            assert!(!hub.end(), "{context}: the hub stops in order");
            gap_free(&town.hub_dir());
        }
    }
    println!("{killed} hubs killed");
    assert!(killed >= 8, "{killed} hubs killed");
}
