//! A hub in a process of its own: the test binary runs itself again.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::RunningHub;

const DIR: &str = "HIMAYA_TEST_HUB_DIR";
const PORT: &str = "HIMAYA_TEST_HUB_PORT";
const LOG: &str = "HIMAYA_TEST_HUB_LOG";

/// A hub that runs as a child until this is dropped.
pub struct ChildHub {
    child: Child,
    /// What it logs, at the most talkative level.
    pub log: PathBuf,
}

impl ChildHub {
    /// Starts a hub on a folder and a port, by running the test `entry` of this very binary, which must call
    /// [`serve_child_hub`]. `planted` goes into its environment.
    pub fn start(entry: &str, dir: &Path, port: u16, log: &Path, planted: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", entry, "--ignored", "--nocapture"])
            .env(DIR, dir)
            .env(PORT, port.to_string())
            .env(LOG, log)
            .env("HIMAYA_TEST_PLANTED", planted)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let hub = Self { child, log: log.to_path_buf() };
        let until = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "the child hub does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        hub
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ChildHub {
    fn drop(&mut self) {
        // The child stops when its input ends.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the child runs: a hub that logs everything to a file, until its input ends. Does nothing when it was not
/// started by [`ChildHub::start`].
pub fn serve_child_hub() {
    let (Some(dir), Some(port), Some(log)) = (std::env::var_os(DIR), std::env::var(PORT).ok(), std::env::var_os(LOG))
    else {
        return;
    };
    let file = File::create(log).unwrap();
    tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).with_writer(file).init();
    assert!(fs::metadata(&dir).unwrap().is_dir());
    let hub = RunningHub::start(Path::new(&dir), port.parse().unwrap());
    let mut rest = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut rest);
    hub.stop();
}
