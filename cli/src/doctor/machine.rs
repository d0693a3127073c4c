//! The machine: its clock, its disk, the versions of what is used.

use std::path::Path;
use std::process::Command;

use chrono::{Datelike, Utc};
use chrono_tz::Africa::Casablanca;

use super::finding::Finding;

/// Kilobytes of free space below which records may soon be refused.
const LOW_KB: u64 = 200 * 1024;
const NO_KB: u64 = 20 * 1024;
/// The year this program is from: a clock before it is wrong.
const LEAST_YEAR: i32 = 2025;

/// The clock, and which versions are at work.
pub fn clock_and_versions() -> Vec<Finding> {
    let now = Utc::now();
    let local = now.with_timezone(&Casablanca).format("%Y-%m-%d %H:%M");
    let clock = if now.year() < LEAST_YEAR {
        let advice = "Set the clock: records are kept all the same, but deadlines and certificates go by it.";
        Finding::bad("clock", format!("the clock of this machine says {local}, which cannot be"), advice)
    } else {
        Finding::good("clock", format!("the clock says {local} in Morocco"))
    };
    let versions = format!("himaya {}, SQLite {}", env!("CARGO_PKG_VERSION"), rusqlite::version());
    vec![clock, Finding::good("versions", versions)]
}

/// Free space where the folder is.
pub fn space(dir: &Path) -> Finding {
    let advice = "Make room: nothing confirmed is lost, but new records are refused when the disk is full.";
    match free_kb(dir) {
        None => Finding::look("space", "free space on the disk could not be read", "Look at it by hand: df -h"),
        Some(free) if free < NO_KB => Finding::bad("space", format!("{} MB are free on the disk", free / 1024), advice),
        Some(free) if free < LOW_KB => {
            Finding::look("space", format!("{} MB are free on the disk", free / 1024), advice)
        }
        Some(free) => Finding::good("space", format!("{} MB are free on the disk", free / 1024)),
    }
}

/// By the system's own `df`, in the form that POSIX fixes.
fn free_kb(dir: &Path) -> Option<u64> {
    let shown = Command::new("df").arg("-Pk").arg("--").arg(dir).output().ok()?;
    let text = String::from_utf8(shown.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}
