//! Civil time and the season: Africa/Casablanca from the tz database, Ramadan from a calendar that can be corrected.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Africa::Casablanca;
use himaya_wire::Stamp;
use serde::{Deserialize, Serialize};

use crate::record::TermError;

/// Which set of weekly hours a date goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Outside Ramadan.
    Ordinary,
    /// In Ramadan.
    Ramadan,
}

/// The dates of Ramadan, year by year. An argument, because the month is announced by the sighting of the moon: what
/// ships is a forecast that the signed calendar of the province replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(NaiveDate, NaiveDate)>", into = "Vec<(NaiveDate, NaiveDate)>")]
pub struct RamadanCalendar(Vec<(NaiveDate, NaiveDate)>);

/// First day and length of Ramadan in the Umm al-Qura calendar, years 1446 to 1474 of the Hijra, computed with the
/// Python package hijridate 2.6.0. Morocco sights the moon itself and often starts a day later: to be confirmed.
const FORECAST: [(i32, u32, u32, u64); 29] = [
    (2025, 3, 1, 29),
    (2026, 2, 18, 30),
    (2027, 2, 8, 29),
    (2028, 1, 28, 29),
    (2029, 1, 16, 29),
    (2030, 1, 5, 30),
    (2030, 12, 26, 29),
    (2031, 12, 15, 30),
    (2032, 12, 4, 29),
    (2033, 11, 23, 30),
    (2034, 11, 12, 30),
    (2035, 11, 1, 30),
    (2036, 10, 20, 30),
    (2037, 10, 10, 29),
    (2038, 9, 30, 29),
    (2039, 9, 19, 30),
    (2040, 9, 7, 30),
    (2041, 8, 28, 29),
    (2042, 8, 17, 29),
    (2043, 8, 6, 29),
    (2044, 7, 26, 29),
    (2045, 7, 15, 30),
    (2046, 7, 5, 29),
    (2047, 6, 24, 30),
    (2048, 6, 12, 30),
    (2049, 6, 2, 29),
    (2050, 5, 22, 29),
    (2051, 5, 11, 30),
    (2052, 4, 30, 29),
];

impl RamadanCalendar {
    /// First and last day of each Ramadan. Sorted here; ranges that overlap, run backwards or last over 31 days are refused.
    pub fn new(mut ranges: Vec<(NaiveDate, NaiveDate)>) -> Result<Self, TermError> {
        ranges.sort_unstable();
        let sound = ranges.iter().all(|(first, last)| (0..31).contains(&last.signed_duration_since(*first).num_days()));
        let apart = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if sound && apart { Ok(Self(ranges)) } else { Err(TermError("Ramadan calendar")) }
    }

    /// The forecast that ships, 2025 to 2052: to be confirmed by the ministry.
    pub fn forecast() -> Self {
        let range = |&(year, month, day, length): &(i32, u32, u32, u64)| {
            let first = NaiveDate::from_ymd_opt(year, month, day)?;
            Some((first, first.checked_add_days(Days::new(length - 1))?))
        };
        Self(FORECAST.iter().filter_map(range).collect())
    }

    /// The season of a date.
    pub fn season(&self, date: NaiveDate) -> Season {
        let after = self.0.partition_point(|(first, _)| *first <= date);
        let inside = after.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|(_, last)| date <= *last);
        if inside { Season::Ramadan } else { Season::Ordinary }
    }

    /// First and last days, in order.
    pub fn ranges(&self) -> &[(NaiveDate, NaiveDate)] {
        &self.0
    }
}

impl Default for RamadanCalendar {
    fn default() -> Self {
        Self::forecast()
    }
}

impl TryFrom<Vec<(NaiveDate, NaiveDate)>> for RamadanCalendar {
    type Error = TermError;

    fn try_from(ranges: Vec<(NaiveDate, NaiveDate)>) -> Result<Self, TermError> {
        Self::new(ranges)
    }
}

impl From<RamadanCalendar> for Vec<(NaiveDate, NaiveDate)> {
    fn from(calendar: RamadanCalendar) -> Self {
        calendar.0
    }
}

/// The civil date of an instant in Morocco.
pub fn local_date(at: Stamp) -> NaiveDate {
    local(at).date()
}

/// The clock on the wall in Morocco at an instant.
pub(super) fn local(at: Stamp) -> NaiveDateTime {
    let utc = DateTime::<Utc>::from_timestamp_millis(at.millis()).unwrap_or_default();
    utc.with_timezone(&Casablanca).naive_local()
}

/// The instant of a wall-clock time. Of a time that comes twice the first; of one that is skipped, the instant the
/// clock jumps over it. Milliseconds since 1970.
pub(super) fn instant_millis(wall: NaiveDateTime) -> i64 {
    match Casablanca.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.timestamp_millis(),
        LocalResult::None => {
            // Read with the offset of two hours before, which is the one in force before the jump.
            let before = wall - TimeDelta::hours(2);
            let earliest = Casablanca.from_local_datetime(&before).earliest();
            earliest
                .map_or_else(|| wall.and_utc().timestamp_millis(), |at| (at + TimeDelta::hours(2)).timestamp_millis())
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{RamadanCalendar, Season, instant_millis, local};
    use himaya_wire::Stamp;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_forecast_knows_the_first_and_last_day_and_no_more() {
        let calendar = RamadanCalendar::forecast();
        assert_eq!(calendar.ranges().len(), 29);
        for (day, season) in [
            ("2026-02-17", Season::Ordinary),
            ("2026-02-18", Season::Ramadan),
            ("2026-03-19", Season::Ramadan),
            ("2026-03-20", Season::Ordinary),
            ("2024-03-15", Season::Ordinary),
            ("2030-12-26", Season::Ramadan),
        ] {
            assert_eq!(calendar.season(date(day)), season, "{day}");
        }
    }

    #[test]
    fn a_calendar_that_overlaps_or_runs_backwards_is_refused() {
        let range = |first, last| (date(first), date(last));
        assert!(RamadanCalendar::new(vec![range("2026-03-19", "2026-02-18")]).is_err());
        assert!(
            RamadanCalendar::new(vec![range("2026-02-18", "2026-03-19"), range("2026-03-19", "2026-04-10")]).is_err()
        );
        assert!(
            RamadanCalendar::new(vec![range("2027-02-09", "2027-03-09"), range("2026-02-19", "2026-03-20")]).is_ok()
        );
    }

    #[test]
    fn the_clock_goes_back_for_ramadan_and_forward_after_it() {
        let wall = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap();
        let utc = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        // 2026: UTC+1 until Sunday 15 February 03:00, UTC+0 until Sunday 22 March 02:00.
        assert_eq!(instant_millis(wall("2026-02-14T12:00:00")), utc("2026-02-14T11:00:00Z"));
        assert_eq!(instant_millis(wall("2026-02-15T12:00:00")), utc("2026-02-15T12:00:00Z"));
        assert_eq!(instant_millis(wall("2026-03-22T12:00:00")), utc("2026-03-22T11:00:00Z"));
        // The hour that comes twice is its first, the hour that is skipped is the jump.
        assert_eq!(instant_millis(wall("2026-02-15T02:30:00")), utc("2026-02-15T01:30:00Z"));
        assert_eq!(instant_millis(wall("2026-03-22T02:30:00")), utc("2026-03-22T02:30:00Z"));
        assert_eq!(local(Stamp::at_millis(utc("2026-07-01T23:30:00Z"))), wall("2026-07-02T00:30:00"));
    }
}
