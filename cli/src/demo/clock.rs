//! The demo's clock: one for all devices, moved by hand, so that the night is always the same night.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Africa::Casablanca;
use himaya_core::app::Clock;

/// The wall clock of the demo's world, milliseconds since the Unix epoch.
#[derive(Debug)]
pub struct DemoClock(AtomicI64);

impl DemoClock {
    /// Starts at ten in the morning of Friday 10 October 2025, Moroccan time. In the past, so that no certificate made
    /// on it begins in the hub's future.
    pub fn new() -> Self {
        let morning =
            NaiveDate::from_ymd_opt(2025, 10, 10).and_then(|day| day.and_hms_opt(10, 0, 0)).unwrap_or_default();
        let millis = Casablanca.from_local_datetime(&morning).earliest().map_or(0, |at| at.timestamp_millis());
        Self(AtomicI64::new(millis))
    }

    /// Moves on by so many minutes.
    pub fn advance_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    /// Moves on to a time of day in Morocco; to the next day where that has passed.
    pub fn advance_to(&self, hour: u32, minute: u32) {
        let now = self.local();
        let today = now.date_naive().and_hms_opt(hour, minute, 0).unwrap_or_default();
        let at = Casablanca.from_local_datetime(&today).earliest().map_or(0, |at| at.timestamp_millis());
        let next = if at > self.now_millis() { at } else { at + 24 * 3_600_000 };
        self.0.store(next, Ordering::Relaxed);
    }

    fn local(&self) -> chrono::DateTime<chrono_tz::Tz> {
        chrono::DateTime::from_timestamp_millis(self.now_millis()).unwrap_or_default().with_timezone(&Casablanca)
    }
}

impl Clock for DemoClock {
    fn now_millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
