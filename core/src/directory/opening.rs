//! Whether a service is open at an instant, until when, or when it opens next.

use chrono::{Days, NaiveDate, TimeDelta};
use himaya_wire::Stamp;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::calendar::{RamadanCalendar, Season, instant_millis, local_date};
use super::hours::{DayHours, WeekHours};
use super::text::Note;
use crate::record::date_cbor;

/// One date that goes by other hours than its weekday.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Exception {
    /// The date, in Morocco.
    #[n(0)]
    #[cbor(with = "date_cbor")]
    pub date: NaiveDate,
    /// What starts on that date instead; closed if empty.
    #[n(1)]
    pub hours: DayHours,
    /// Why, for people.
    #[n(2)]
    pub note: Option<Note>,
}

/// All the hours of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Hours {
    /// The ordinary week.
    #[n(0)]
    pub week: WeekHours,
    /// The week in Ramadan, where it differs.
    #[n(1)]
    pub ramadan: Option<WeekHours>,
    /// Dated exceptions; the first for a date counts.
    #[n(2)]
    pub exceptions: Vec<Exception>,
}

/// The state of a service at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open. `until` is the first closed instant; `None` when it does not close within a week.
    Open {
        /// When it closes.
        until: Option<Stamp>,
    },
    /// Closed. `next` is the next opening; `None` when there is none within two weeks.
    Closed {
        /// When it opens.
        next: Option<Stamp>,
    },
}

impl Hours {
    /// What starts on `date`: its exception, or the week of its season.
    pub fn on(&self, date: NaiveDate, calendar: &RamadanCalendar) -> &DayHours {
        if let Some(exception) = self.exceptions.iter().find(|exception| exception.date == date) {
            return &exception.hours;
        }
        match (&self.ramadan, calendar.season(date)) {
            (Some(ramadan), Season::Ramadan) => ramadan.on(date),
            _ => self.week.on(date),
        }
    }
}

/// The state of `hours` at `at`. Pure. A stretch past midnight belongs to the day it starts on, so a closed date ends
/// nothing that began the evening before.
pub fn opening(hours: &Hours, at: Stamp, calendar: &RamadanCalendar) -> Opening {
    const LOOK_AHEAD_DAYS: u64 = 14;
    const NEVER_CLOSES_DAYS: i64 = 7;
    let now = at.millis();
    let today = local_date(at);
    // From yesterday, whose stretches may run into today.
    let days = today.checked_sub_days(Days::new(1)).into_iter().flat_map(|first| first.iter_days());
    let days = days.take_while(|date| date.signed_duration_since(today).num_days() <= LOOK_AHEAD_DAYS.cast_signed());
    let mut open_until: Option<i64> = None;
    for date in days {
        for interval in hours.on(date, calendar).intervals() {
            let midnight = date.and_time(chrono::NaiveTime::MIN);
            let edge = |minute: u16| instant_millis(midnight + TimeDelta::minutes(minute.into()));
            let from = edge(interval.from_min());
            match open_until {
                // Stretches follow one another in order of their start: a gap after an open one ends it.
                Some(until) if from > until => return Opening::Open { until: Some(Stamp::at_millis(until)) },
                Some(until) => open_until = Some(until.max(edge(interval.to_min()))),
                None if from > now => return Opening::Closed { next: Some(Stamp::at_millis(from)) },
                None => open_until = Some(edge(interval.to_min())).filter(|until| *until > now),
            }
        }
        if open_until.is_some() && date.signed_duration_since(today).num_days() > NEVER_CLOSES_DAYS {
            break;
        }
    }
    match open_until {
        None => Opening::Closed { next: None },
        Some(until) if until - now > TimeDelta::days(NEVER_CLOSES_DAYS).num_milliseconds() => {
            Opening::Open { until: None }
        }
        Some(until) => Opening::Open { until: Some(Stamp::at_millis(until)) },
    }
}

#[cfg(test)]
mod tests {
    use super::{Exception, Hours, Opening, opening};
    use crate::directory::RamadanCalendar;
    use himaya_wire::Stamp;

    fn utc(text: &str) -> Stamp {
        Stamp::at_millis(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
    }

    fn hours(week: &str, ramadan: Option<&str>, exceptions: &[(&str, &str)]) -> Hours {
        let exceptions = exceptions
            .iter()
            .map(|(date, hours)| Exception { date: date.parse().unwrap(), hours: hours.parse().unwrap(), note: None })
            .collect();
        Hours { week: week.parse().unwrap(), ramadan: ramadan.map(|week| week.parse().unwrap()), exceptions }
    }

    fn at(hours: &Hours, when: &str) -> Opening {
        opening(hours, utc(when), &RamadanCalendar::forecast())
    }

    fn open_until(when: &str) -> Opening {
        Opening::Open { until: Some(utc(when)) }
    }

    fn closed_until(when: &str) -> Opening {
        Opening::Closed { next: Some(utc(when)) }
    }

    // In July 2026 Morocco is at UTC+1; 1 July 2026 is a Wednesday.
    #[test]
    fn a_day_has_its_edges_where_the_clock_on_the_wall_says() {
        let office = hours("Mo-Fr 08:30-16:30", None, &[]);
        assert_eq!(at(&office, "2026-07-01T07:29:59Z"), closed_until("2026-07-01T07:30:00Z"));
        assert_eq!(at(&office, "2026-07-01T07:30:00Z"), open_until("2026-07-01T15:30:00Z"));
        assert_eq!(at(&office, "2026-07-01T15:30:00Z"), closed_until("2026-07-02T07:30:00Z"));
        assert_eq!(at(&office, "2026-07-03T20:00:00Z"), closed_until("2026-07-06T07:30:00Z"));
    }

    #[test]
    fn a_night_runs_past_midnight_and_belongs_to_the_day_it_starts_on() {
        let night = hours("Mo-Su 20:00-06:00", None, &[("2026-07-02", "closed")]);
        assert_eq!(at(&night, "2026-07-01T23:30:00Z"), open_until("2026-07-02T05:00:00Z"));
        assert_eq!(at(&night, "2026-07-02T04:59:00Z"), open_until("2026-07-02T05:00:00Z"));
        assert_eq!(at(&night, "2026-07-02T21:00:00Z"), closed_until("2026-07-03T19:00:00Z"));
        let friday_only = hours("Fr 22:00-04:00", None, &[]);
        assert_eq!(at(&friday_only, "2026-07-04T02:00:00Z"), open_until("2026-07-04T03:00:00Z"));
    }

    #[test]
    fn stretches_that_touch_across_midnight_are_one() {
        let both = hours("Fr 18:00-24:00; Sa 00:00-10:00", None, &[]);
        assert_eq!(at(&both, "2026-07-03T20:00:00Z"), open_until("2026-07-04T09:00:00Z"));
    }

    #[test]
    fn day_and_night_never_closes_but_for_an_exception() {
        let always = hours("24/7", None, &[]);
        assert_eq!(at(&always, "2026-07-01T02:00:00Z"), Opening::Open { until: None });
        let feast = hours("24/7", None, &[("2026-07-03", "closed")]);
        assert_eq!(at(&feast, "2026-07-01T02:00:00Z"), open_until("2026-07-02T23:00:00Z"));
        assert_eq!(at(&feast, "2026-07-03T10:00:00Z"), closed_until("2026-07-03T23:00:00Z"));
        assert_eq!(at(&hours("closed", None, &[]), "2026-07-01T02:00:00Z"), Opening::Closed { next: None });
    }

    #[test]
    fn an_exception_takes_the_place_of_the_weekday() {
        let office = hours("Mo-Fr 08:30-16:30", None, &[("2026-07-01", "10:00-12:00"), ("2026-07-05", "09:00-10:00")]);
        assert_eq!(at(&office, "2026-07-01T07:30:00Z"), closed_until("2026-07-01T09:00:00Z"));
        assert_eq!(at(&office, "2026-07-05T08:15:00Z"), open_until("2026-07-05T09:00:00Z"));
    }

    #[test]
    fn ramadan_has_its_own_week_and_its_own_offset() {
        let office = hours("Mo-Fr 08:30-16:30", Some("Mo-Fr 09:00-15:00"), &[]);
        // Tuesday 17 February 2026: not yet Ramadan, the clock has gone back already: UTC+0.
        assert_eq!(at(&office, "2026-02-17T08:30:00Z"), open_until("2026-02-17T16:30:00Z"));
        // Wednesday 18 February: Ramadan.
        assert_eq!(at(&office, "2026-02-18T08:30:00Z"), closed_until("2026-02-18T09:00:00Z"));
        assert_eq!(at(&office, "2026-02-18T14:59:00Z"), open_until("2026-02-18T15:00:00Z"));
        // Monday 23 March: after Ramadan, UTC+1 again.
        assert_eq!(at(&office, "2026-03-23T07:30:00Z"), open_until("2026-03-23T15:30:00Z"));
        let unchanged = hours("Mo-Fr 08:30-16:30", None, &[]);
        assert_eq!(at(&unchanged, "2026-02-18T08:30:00Z"), open_until("2026-02-18T16:30:00Z"));
    }

    #[test]
    fn the_night_the_clock_goes_back_is_an_hour_longer() {
        let night = hours("Mo-Su 20:00-06:00", None, &[]);
        // Evening of Saturday 14 February 2026 at UTC+1 (20:00 = 19:00Z) until Sunday 06:00 at UTC+0 (06:00Z).
        assert_eq!(at(&night, "2026-02-14T19:00:00Z"), open_until("2026-02-15T06:00:00Z"));
        assert_eq!(at(&night, "2026-03-21T20:00:00Z"), open_until("2026-03-22T05:00:00Z"));
    }
}
