//! The compact side of the guide: one small row a service, and the gate that most of them do not pass.
//!
//! The gate is cheap and never turns away a service that suits; what it lets through is still judged by `suit`.

use chrono::{Datelike, Days, TimeDelta, Timelike};
use himaya_wire::Stamp;

use super::calendar::{Season, local};
use super::distance::unit_vector;
use super::guide::Guide;
use super::hours::WeekHours;
use super::service::Service;
use super::suit::{Asked, is_refuted, told_open_until};
use super::told::StatusKind;
use crate::record::{Need, Sex};

const WEEK_HOURS: u32 = 7 * 24;
const HOUR_S: f64 = 3_600.0;

/// One bit an hour of the week, Monday 00:00 first: set if the service is open at any minute of that hour.
pub(super) type WeekBits = [u64; 3];

/// What the gate looks at first: 64 bytes, one line of cache.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub vector: [f64; 3],
    /// Bits 0 to 17: the ages taken.
    ages: u32,
    /// Bit 0 girls, bit 1 boys.
    sexes: u8,
    emergency: bool,
    /// Whether `blocked` is the end of a status, or the moment it was told without an end.
    blocked_has_end: bool,
    /// Which distinct list of areas; 0 is "anywhere".
    pub areas: u32,
    /// Bit i: answers the need of index i, of the first 64.
    pub needs: u64,
    blocked: i64,
    /// When it told of no place at all.
    none_left_at: i64,
}

impl Row {
    pub fn new(service: &Service, areas: u32, needs: u64) -> Self {
        let profile = &service.profile;
        let ages = (profile.ages.min()..=profile.ages.max()).fold(0, |bits, year| bits | 1 << year);
        let sexes = [Sex::Girl, Sex::Boy].iter().enumerate();
        let sexes = sexes.fold(0, |bits, (at, sex)| bits | u8::from(profile.sexes.takes(*sex) == Some(true)) << at);
        let newer_places =
            |told_at: Stamp| service.capacity.is_some_and(|capacity| capacity.places > 0 && capacity.told_at > told_at);
        let block = service.status.filter(|status| match status.what {
            StatusKind::Open => false,
            StatusKind::Full => !newer_places(status.told_at),
            StatusKind::Closed | StatusKind::NoAnswer => true,
        });
        let none_left = service.capacity.filter(|capacity| capacity.places == 0 && !is_refuted(service));
        Self {
            vector: unit_vector(profile.point),
            ages,
            sexes,
            emergency: profile.emergency_intake,
            blocked_has_end: block.is_some_and(|status| status.until.is_some()),
            areas,
            needs,
            blocked: block.map_or(i64::MIN, |status| status.until.unwrap_or(status.told_at).millis()),
            none_left_at: none_left.map_or(i64::MIN, |capacity| capacity.told_at.millis()),
        }
    }
}

/// The hours of both seasons, and the end of "we are open until …".
#[derive(Clone, Copy)]
pub(super) struct HourRow {
    weeks: [WeekBits; 2],
    told_open_until: i64,
}

impl HourRow {
    pub fn new(service: &Service) -> Self {
        let hours = &service.profile.hours;
        let ordinary = week_bits(&hours.week);
        let ramadan = hours.ramadan.as_ref().map_or(ordinary, week_bits);
        let told = told_open_until(service).map_or(i64::MIN, Stamp::millis);
        Self { weeks: [ordinary, ramadan], told_open_until: told }
    }
}

fn week_bits(week: &WeekHours) -> WeekBits {
    let mut bits = [0; 3];
    for (day, hours) in (0_u32..).zip(week.days()) {
        for interval in hours.intervals() {
            let (first, end) = (u32::from(interval.from_min()) / 60, u32::from(interval.to_min()).div_ceil(60));
            for hour in first..end {
                let hour = (day * 24 + hour) % WEEK_HOURS;
                // The hour is under 168, so the word is 0 to 2.
                bits[(hour / 64) as usize] |= 1_u64 << (hour % 64);
            }
        }
    }
    bits
}

/// Hours can be judged by bits only while nothing shifts them: one season and one offset around the arrival.
struct HourGate {
    season: usize,
    /// Seconds since Monday 00:00 on the wall.
    week_s: f64,
    /// Services with an exception near, sorted: judged exactly.
    exceptional: Vec<u32>,
}

const WINDOW_S: f64 = 24.0 * HOUR_S;

impl HourGate {
    fn new(guide: &Guide, asked: &Asked<'_>) -> Option<Self> {
        let now = asked.query.now;
        let day_ms = TimeDelta::days(1).num_milliseconds();
        let shifted = |millis: i64| local(Stamp::at_millis(now.millis() + millis));
        let (before, wall, after) = (shifted(-day_ms), local(now), shifted(day_ms));
        let even = wall - before == TimeDelta::days(1) && after - wall == TimeDelta::days(1);
        let first = wall.date().checked_sub_days(Days::new(1))?;
        let dates: Vec<_> = first.iter_days().take(3).collect();
        let season = asked.settings.calendar.season(wall.date());
        if !even || dates.iter().any(|date| asked.settings.calendar.season(*date) != season) {
            return None;
        }
        let mut exceptional: Vec<u32> = dates.iter().flat_map(|date| guide.exceptional_on(*date)).copied().collect();
        exceptional.sort_unstable();
        let days = wall.weekday().num_days_from_monday();
        let week_s = f64::from(days * 86_400 + wall.num_seconds_from_midnight());
        Some(Self { season: usize::from(season == Season::Ramadan), week_s, exceptional })
    }

    fn may_be_open(&self, index: u32, row: &HourRow, arrival_s: (f64, f64)) -> bool {
        if arrival_s.1 >= WINDOW_S {
            return true;
        }
        let bits = &row.weeks[self.season];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Both are 0 to 8 days in hours.
        let hour = |seconds: f64| ((self.week_s + seconds) / HOUR_S) as u32;
        // A second either side for rounding of the wall clock to whole seconds.
        (hour(arrival_s.0)..=hour(arrival_s.1 + 1.0))
            .map(|hour| hour % WEEK_HOURS)
            .any(|hour| bits[(hour / 64) as usize] >> (hour % 64) & 1 == 1)
            || self.exceptional.binary_search(&index).is_ok()
    }
}

/// The filters of one query in the form of rows.
pub(super) struct Gate<'a> {
    guide: &'a Guide,
    asked: &'a Asked<'a>,
    ages: u32,
    sexes: u8,
    /// The needs asked, of the first 64 of the guide.
    needs: u64,
    /// A need that nobody in the guide answers was asked.
    hopeless: bool,
    /// What is known of each distinct list of areas.
    areas: Vec<Option<bool>>,
    hours: Option<HourGate>,
}

impl<'a> Gate<'a> {
    pub fn new(guide: &'a Guide, asked: &'a Asked<'a>) -> Self {
        let (low, high) = asked.years;
        let ages = (low..=high.min(17)).fold(0, |bits, year| bits | 1 << year);
        let sexes = match asked.query.sex {
            Sex::Girl => 1,
            Sex::Boy => 2,
            Sex::Unknown => 3,
        };
        let indices = asked.query.needs.iter().map(|need: &Need| guide.need_index(need));
        let hopeless = indices.clone().any(|index| index.is_none());
        let needs = indices.flatten().filter(|index| *index < 64).fold(0, |bits, index| bits | 1_u64 << index);
        let areas = vec![None; guide.area_lists().len()];
        Self { guide, asked, ages, sexes, needs, hopeless, areas, hours: HourGate::new(guide, asked) }
    }

    /// The filters that need no distance. False only if the service surely does not suit.
    pub fn may_take(&self, row: &Row) -> bool {
        !self.hopeless
            && row.ages & self.ages != 0
            && row.sexes & self.sexes != 0
            && row.needs & self.needs == self.needs
            && row.none_left_at <= self.asked.fresh_from
    }

    /// All filters. False only if the service surely does not suit. `metres` is the least and greatest its distance can be.
    pub fn may_suit(&mut self, index: u32, metres: (f64, f64)) -> bool {
        let guide = self.guide;
        let at = index as usize;
        let (Some(row), Some(hours)) = (guide.rows().get(at), guide.hour_rows().get(at)) else { return false };
        if !self.may_take(row) {
            return false;
        }
        let travel = self.asked.settings.travel;
        let arrival_s = (travel.seconds((metres.0 - 1.0).max(0.0)), travel.seconds(metres.1 + 1.0));
        #[allow(clippy::cast_possible_truncation)] // Half the earth at a snail's pace is far under 2^63 milliseconds.
        let latest = self.asked.query.now.millis() + (arrival_s.1 * 1_000.0) as i64 + 1;
        !self.is_blocked(row, latest) && self.opens(index, row, hours, arrival_s, latest) && self.serves(row.areas)
    }

    fn is_blocked(&self, row: &Row, latest: i64) -> bool {
        let fresh = self.asked.settings.told_fresh.num_milliseconds();
        let end = if row.blocked_has_end { row.blocked } else { row.blocked.saturating_add(fresh) };
        row.blocked != i64::MIN && latest < end
    }

    fn opens(&self, index: u32, row: &Row, hours: &HourRow, arrival_s: (f64, f64), latest: i64) -> bool {
        #[allow(clippy::cast_possible_truncation)] // As above.
        let span = ((arrival_s.1 - arrival_s.0) * 1_000.0) as i64 + 2;
        (row.emergency && self.asked.danger())
            || hours.told_open_until > latest - span
            || self.hours.as_ref().is_none_or(|gate| gate.may_be_open(index, hours, arrival_s))
    }

    fn serves(&mut self, list: u32) -> bool {
        let Some(asked) = &self.asked.query.area else { return true };
        let list = list as usize;
        let (Some(known), Some(areas)) = (self.areas.get_mut(list), self.guide.area_lists().get(list)) else {
            return true;
        };
        *known.get_or_insert_with(|| {
            areas.is_empty() || areas.iter().any(|served| served.contains(asked) || asked.contains(served))
        })
    }
}
