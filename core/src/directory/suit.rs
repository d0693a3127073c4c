//! Whether one service suits one child now: every filter, with what stands against it and what is in doubt.

use chrono::{NaiveDate, TimeDelta};
use himaya_wire::Stamp;

use super::nearest::{Query, Settings};
use super::opening::{Opening, opening};
use super::reason::{Doubt, Obstacle, Reason, minutes_since};
use super::service::Service;
use super::told::StatusKind;
use super::{calendar::local_date, message::When};
use crate::record::Risk;

/// A query with what follows from it once and for all.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub query: &'a Query,
    pub settings: &'a Settings,
    /// Lowest and highest years the child may have.
    pub years: (u8, u8),
    /// Told before this is no longer counted on, milliseconds.
    pub fresh_from: i64,
}

impl<'a> Asked<'a> {
    pub fn new(query: &'a Query, settings: &'a Settings) -> Self {
        let today: NaiveDate = local_date(query.now);
        let years = query.age.map_or((0, 17), |age| age.range(today));
        let fresh_from = query.now.millis().saturating_sub(settings.told_fresh.num_milliseconds());
        Self { query, settings, years, fresh_from }
    }

    /// Whether hours do not count for a service that takes emergencies.
    pub fn danger(&self) -> bool {
        self.query.risk == Risk::Danger
    }

    fn when(&self, at: Stamp) -> When {
        When { at, now: self.query.now }
    }

    fn is_fresh(&self, told_at: Stamp) -> bool {
        told_at.millis() > self.fresh_from
    }
}

/// The outcome of every filter.
pub(super) struct Suit {
    /// All that stands against it; empty means suitable.
    pub obstacles: Vec<Obstacle>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
    /// What speaks for it.
    pub reasons: Vec<Reason>,
}

impl Suit {
    pub fn penalty_s(&self) -> f64 {
        self.doubts.iter().map(Doubt::penalty_s).sum()
    }
}

/// Runs every filter on a service that is `travel_s` seconds away.
pub(super) fn suit(asked: &Asked<'_>, service: &Service, travel_s: f64) -> Suit {
    let mut suit = Suit { obstacles: Vec::new(), doubts: Vec::new(), reasons: Vec::with_capacity(4) };
    whom(asked, service, &mut suit);
    whereabouts(asked, service, &mut suit);
    #[allow(clippy::cast_possible_truncation)]
    // Under 600 hours: half the earth at 1 km/h is 20 000 h, still far inside.
    let arrival = Stamp::at_millis(asked.query.now.millis() + (travel_s * 1_000.0) as i64);
    told(asked, service, arrival, &mut suit);
    hours(asked, service, arrival, &mut suit);
    places(asked, service, &mut suit);
    suit.reasons.push(Reason::Takes(service.profile.sexes, service.profile.ages));
    suit
}

fn whom(asked: &Asked<'_>, service: &Service, suit: &mut Suit) {
    let profile = &service.profile;
    for need in asked.query.needs.iter().filter(|need| !profile.needs.contains(need)) {
        suit.obstacles.push(Obstacle::LacksNeed(need.clone()));
    }
    let (low, high) = asked.years;
    if high < profile.ages.min() || low > profile.ages.max() {
        suit.obstacles.push(Obstacle::WrongAge(profile.ages));
    } else if low < profile.ages.min() || high.min(17) > profile.ages.max() {
        suit.doubts.push(Doubt::AgePartly(profile.ages));
    }
    match profile.sexes.takes(asked.query.sex) {
        Some(true) => {}
        Some(false) => suit.obstacles.push(Obstacle::WrongSex(profile.sexes)),
        None => suit.doubts.push(Doubt::SexUnknown(profile.sexes)),
    }
}

fn whereabouts(asked: &Asked<'_>, service: &Service, suit: &mut Suit) {
    let areas = &service.profile.jurisdiction;
    if areas.is_empty() {
        return;
    }
    match &asked.query.area {
        None => suit.doubts.push(Doubt::AreaUnknown),
        Some(area) if areas.iter().any(|served| served.contains(area)) => {}
        // The child's province is known and only some of its communes are served.
        Some(area) if areas.iter().any(|served| area.contains(served)) => suit.doubts.push(Doubt::AreaUnknown),
        Some(_) => suit.obstacles.push(Obstacle::OutsideArea),
    }
}

/// The last instant, exclusive, at which a status counts; `None` when it no longer does or something newer was told.
pub(super) fn status_counts_until(service: &Service, settings: &Settings) -> Option<i64> {
    let status = service.status?;
    // "Two places", told after "full", is the newer word.
    let superseded = status.what == StatusKind::Full
        && service.capacity.is_some_and(|capacity| capacity.places > 0 && capacity.told_at > status.told_at);
    let end = status
        .until
        .map_or_else(|| status.told_at.millis().saturating_add(settings.told_fresh.num_milliseconds()), Stamp::millis);
    (!superseded).then_some(end)
}

fn told(asked: &Asked<'_>, service: &Service, arrival: Stamp, suit: &mut Suit) {
    let Some(status) = service.status else { return };
    if status_counts_until(service, asked.settings).is_none_or(|end| arrival.millis() >= end) {
        return;
    }
    let until = status.until.map(|until| asked.when(until));
    match status.what {
        StatusKind::Open => {}
        StatusKind::Full => suit.obstacles.push(Obstacle::ToldFull(until)),
        StatusKind::Closed => suit.obstacles.push(Obstacle::ToldClosed(until)),
        StatusKind::NoAnswer => suit.obstacles.push(Obstacle::NoAnswer(until)),
    }
}

/// The end of "we are open until …", which outweighs the hours of the guide. Only with an end that was said.
pub(super) fn told_open_until(service: &Service) -> Option<Stamp> {
    service.status.filter(|status| status.what == StatusKind::Open).and_then(|status| status.until)
}

fn hours(asked: &Asked<'_>, service: &Service, arrival: Stamp, suit: &mut Suit) {
    let calendar = &asked.settings.calendar;
    let open = opening(&service.profile.hours, arrival, calendar);
    let told_open = told_open_until(service).filter(|until| *until > arrival);
    match (open, told_open) {
        (Opening::Open { until: None }, _) => suit.reasons.push(Reason::OpenAlways),
        (Opening::Open { until: Some(until) }, told_open) => {
            let until = told_open.map_or(until, |told| told.max(until));
            let left = TimeDelta::milliseconds(until.millis() - arrival.millis());
            if left < asked.settings.closes_soon && !(asked.danger() && service.profile.emergency_intake) {
                suit.doubts.push(Doubt::ClosesSoon(asked.when(until)));
            } else {
                suit.reasons.push(Reason::OpenUntil(asked.when(until)));
            }
        }
        (Opening::Closed { .. }, Some(told)) => suit.reasons.push(Reason::ToldOpenUntil(asked.when(told))),
        (Opening::Closed { .. }, None) if asked.danger() && service.profile.emergency_intake => {
            suit.reasons.push(Reason::EmergencyIntake);
        }
        (Opening::Closed { next }, None) => {
            // Open now and closed on arrival is worth saying as such: a call may keep the door open.
            let closes = match opening(&service.profile.hours, asked.query.now, calendar) {
                Opening::Open { until: Some(until) } => Obstacle::ClosesBeforeArrival(asked.when(until)),
                _ => Obstacle::Closed(next.map(|next| asked.when(next))),
            };
            suit.obstacles.push(closes);
        }
    }
}

/// Whether "no place left" was overtaken by a later "we take children".
pub(super) fn is_refuted(service: &Service) -> bool {
    service.capacity.is_some_and(|capacity| {
        service.status.is_some_and(|status| status.what == StatusKind::Open && status.told_at > capacity.told_at)
    })
}

fn places(asked: &Asked<'_>, service: &Service, suit: &mut Suit) {
    let now = asked.query.now;
    match service.capacity {
        None if service.profile.lodges() => suit.doubts.push(Doubt::CapacityUnknown(None)),
        None => {}
        Some(capacity) => {
            let told_min = minutes_since(capacity.told_at, now);
            if !asked.is_fresh(capacity.told_at) || (capacity.places == 0 && is_refuted(service)) {
                suit.doubts.push(Doubt::CapacityUnknown(Some(told_min)));
            } else if capacity.places == 0 {
                suit.obstacles.push(Obstacle::NoPlaces(told_min));
            } else {
                suit.reasons.push(Reason::Places { places: capacity.places, told_min });
            }
        }
    }
}
