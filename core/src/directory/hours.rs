//! Hours of a day and of a week, as a coordinator writes them: `Mo-Fr 08:30-16:30; Sa 09:00-12:00`, `24/7`, `closed`.
//!
//! Local times only; [`super::opening`] turns them into instants.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::text::as_text;
use crate::record::TermError;

const DAY_MIN: u16 = 24 * 60;
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const JOURS: [&str; 7] = ["Lu", "Ma", "Me", "Je", "Ve", "Sa", "Di"];
const BAD: TermError = TermError("hours");

/// One stretch of open time. It belongs to the day it starts on and may run past midnight, 24 hours at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    from_min: u16,
    to_min: u16,
}

impl Interval {
    /// From `from_min` (0 to 1439) until `to_min` (minutes since the same midnight, up to 24 hours later).
    pub fn new(from_min: u16, to_min: u16) -> Result<Self, TermError> {
        let fits = from_min < DAY_MIN && from_min < to_min && to_min - from_min <= DAY_MIN;
        if fits { Ok(Self { from_min, to_min }) } else { Err(BAD) }
    }

    /// First open minute since midnight.
    pub const fn from_min(self) -> u16 {
        self.from_min
    }

    /// First closed minute since the same midnight; over 1440 when it runs into the next day.
    pub const fn to_min(self) -> u16 {
        self.to_min
    }
}

impl FromStr for Interval {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let (from, to) = text.split_once(['-', '–']).ok_or(BAD)?;
        let (from_min, to_min) = (clock(from)?, clock(to)?);
        Self::new(from_min, if to_min <= from_min { to_min + DAY_MIN } else { to_min })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to_min = if self.to_min > DAY_MIN { self.to_min - DAY_MIN } else { self.to_min };
        let (from, to) = (self.from_min, to_min);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

fn clock(text: &str) -> Result<u16, TermError> {
    let (hours, minutes) = text.trim().split_once([':', 'h']).ok_or(BAD)?;
    let digits = |part: &str, len: std::ops::RangeInclusive<usize>| {
        let fits = len.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if fits { part.parse::<u16>().map_err(|_| BAD) } else { Err(BAD) }
    };
    let (hours, minutes) = (digits(hours, 1..=2)?, digits(minutes, 2..=2)?);
    let total = hours * 60 + minutes;
    if minutes < 60 && total <= DAY_MIN { Ok(total) } else { Err(BAD) }
}

/// The open stretches that start on one day, in order, not overlapping. Empty means closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayHours(Vec<Interval>);

impl DayHours {
    /// Sorts the stretches and refuses those that overlap, and more than eight.
    pub fn new(mut intervals: Vec<Interval>) -> Result<Self, TermError> {
        intervals.sort_unstable();
        let apart = intervals.windows(2).all(|pair| pair[0].to_min <= pair[1].from_min);
        if apart && intervals.len() <= 8 { Ok(Self(intervals)) } else { Err(BAD) }
    }

    /// Closed the whole day.
    pub const fn closed() -> Self {
        Self(Vec::new())
    }

    /// The stretches, in order.
    pub fn intervals(&self) -> &[Interval] {
        &self.0
    }
}

impl FromStr for DayHours {
    type Err = TermError;

    /// `closed`, or stretches apart by commas: `08:30-12:00,14:00-18:00`.
    fn from_str(text: &str) -> Result<Self, TermError> {
        if text.trim().eq_ignore_ascii_case("closed") {
            return Ok(Self::closed());
        }
        Self::new(text.split(',').map(str::parse).collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("closed");
        }
        for (index, interval) in self.0.iter().enumerate() {
            write!(f, "{}{interval}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

as_text!(DayHours);

/// The hours of a week, Monday first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeekHours([DayHours; 7]);

impl WeekHours {
    /// Seven days, Monday first.
    pub const fn new(days: [DayHours; 7]) -> Self {
        Self(days)
    }

    /// Open day and night.
    pub fn always() -> Self {
        let whole = Interval { from_min: 0, to_min: DAY_MIN };
        Self(std::array::from_fn(|_| DayHours(vec![whole])))
    }

    /// What starts on the weekday of `date`.
    pub fn on(&self, date: NaiveDate) -> &DayHours {
        // The index is 0 to 6 by the definition of a weekday.
        &self.0[date.weekday().num_days_from_monday() as usize]
    }

    /// The days, Monday first.
    pub const fn days(&self) -> &[DayHours; 7] {
        &self.0
    }
}

impl FromStr for WeekHours {
    type Err = TermError;

    /// Rules apart by semicolons, each with days and stretches; a day that no rule names is closed. Days are
    /// `Mo Tu We Th Fr Sa Su`, or in French `Lu Ma Me Je Ve Sa Di`; a rule without days is for every day.
    fn from_str(text: &str) -> Result<Self, TermError> {
        let text = text.trim();
        if text == "24/7" {
            return Ok(Self::always());
        }
        if text.eq_ignore_ascii_case("closed") {
            return Ok(Self::default());
        }
        let mut days: [Option<DayHours>; 7] = Default::default();
        for rule in text.split(';').map(str::trim).filter(|rule| !rule.is_empty()) {
            let (named, stretches) = match rule.find(|letter: char| letter.is_ascii_digit()) {
                Some(0) => (vec![true; 7], rule),
                Some(at) => (day_set(rule.get(..at).ok_or(BAD)?)?, rule.get(at..).ok_or(BAD)?),
                None => {
                    let at = rule.to_ascii_lowercase().find("closed").ok_or(BAD)?;
                    (day_set(rule.get(..at).ok_or(BAD)?)?, rule.get(at..).ok_or(BAD)?)
                }
            };
            let hours: DayHours = stretches.parse()?;
            for (day, _) in days.iter_mut().zip(named).filter(|(_, named)| *named) {
                // A day named twice is a slip of the pen: which rule was meant cannot be known.
                if day.replace(hours.clone()).is_some() {
                    return Err(BAD);
                }
            }
        }
        if days.iter().all(Option::is_none) {
            return Err(BAD);
        }
        Ok(Self(days.map(Option::unwrap_or_default)))
    }
}

fn day_set(text: &str) -> Result<Vec<bool>, TermError> {
    let mut named = vec![false; 7];
    for part in text.split(',').map(str::trim) {
        let (first, last) = match part.split_once(['-', '–']) {
            Some((first, last)) => (day_index(first)?, day_index(last)?),
            None => (day_index(part)?, day_index(part)?),
        };
        // `Fr-Mo` runs over the end of the week.
        let length = (last + 7 - first) % 7;
        for step in 0..=length {
            named[(first + step) % 7] = true;
        }
    }
    Ok(named)
}

fn day_index(text: &str) -> Result<usize, TermError> {
    let text = text.trim();
    let at = |names: &[&str; 7]| names.iter().position(|name| name.eq_ignore_ascii_case(text));
    at(&DAYS).or_else(|| at(&JOURS)).ok_or(BAD)
}

impl fmt::Display for WeekHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::always() {
            return f.write_str("24/7");
        }
        if self.0.iter().all(|day| day.0.is_empty()) {
            return f.write_str("closed");
        }
        let mut first = 0;
        let mut separator = "";
        while let Some(hours) = self.0.get(first) {
            let run = self.0.iter().skip(first).take_while(|day| *day == hours).count();
            if !hours.0.is_empty() {
                write!(f, "{separator}{}", DAYS[first])?;
                if run > 1 {
                    write!(f, "-{}", DAYS[first + run - 1])?;
                }
                write!(f, " {hours}")?;
                separator = "; ";
            }
            first += run;
        }
        Ok(())
    }
}

as_text!(WeekHours);

#[cfg(test)]
mod tests {
    use super::{DayHours, Interval, WeekHours};

    fn week(text: &str) -> WeekHours {
        text.parse().unwrap()
    }

    #[test]
    fn hours_are_written_back_in_one_form() {
        for (given, kept) in [
            ("24/7", "24/7"),
            ("00:00-24:00", "24/7"),
            ("Mo-Su 0:00-24:00", "24/7"),
            ("closed", "closed"),
            ("Mo-Fr 08:30-16:30; Sa 09:00-12:00", "Mo-Fr 08:30-16:30; Sa 09:00-12:00"),
            ("lu-ve 8h30-12h00, 14h00-18h00", "Mo-Fr 08:30-12:00,14:00-18:00"),
            ("Mo,We 09:00-10:00", "Mo 09:00-10:00; We 09:00-10:00"),
            ("Sa-Mo 20:00-08:00", "Mo 20:00-08:00; Sa-Su 20:00-08:00"),
            ("Fr closed; Mo-Th 09:00–17:00", "Mo-Th 09:00-17:00"),
            ("08:00-08:00", "Mo-Su 08:00-08:00"),
        ] {
            assert_eq!(week(given).to_string(), kept, "{given}");
            assert_eq!(week(kept), week(given));
        }
    }

    #[test]
    fn hours_that_cannot_be_meant_are_refused() {
        for bad in [
            "",
            ";",
            "Mo",
            "Mo-Fr",
            "Xx 09:00-10:00",
            "Mo 9-10",
            "Mo 25:00-26:00",
            "Mo 09:60-10:00",
            "Mo 09:00-12:00,11:00-13:00",
            "Mo 09:00-10:00; Mo 11:00-12:00",
            "Mo 24:00-25:00",
            "مفتوح",
            "Mo ٠٩:٠٠-١٠:٠٠",
            "Mo +9:00-10:00",
        ] {
            assert!(bad.parse::<WeekHours>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stretch_is_at_most_a_day() {
        assert!(Interval::new(0, 1440).is_ok() && Interval::new(1200, 1200 + 1440).is_ok());
        assert!(
            Interval::new(0, 1441).is_err() && Interval::new(1440, 1500).is_err() && Interval::new(60, 60).is_err()
        );
        assert!("22:00-06:00".parse::<DayHours>().is_ok());
    }
}
