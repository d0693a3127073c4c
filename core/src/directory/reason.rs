//! Why a service was chosen, and why a nearer one was not: typed, so that screens, tests and reports agree.

use himaya_wire::Stamp;

use super::message::{Arg, Message, When};
use super::service::{Ages, Sexes};
use crate::record::Need;

/// Something that speaks for a chosen service, or must be known about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Open day and night.
    OpenAlways,
    /// Open on arrival, until then.
    OpenUntil(When),
    /// Said to be open until then, whatever its hours.
    ToldOpenUntil(When),
    /// Closed on arrival, but takes children in immediate danger at any hour.
    EmergencyIntake,
    /// Whom it takes.
    Takes(Sexes, Ages),
    /// Places left, and how long ago that was told.
    Places {
        /// Places left, over 0.
        places: u16,
        /// Minutes since it was told.
        told_min: u32,
    },
    /// Something to ask first.
    Doubt(Doubt),
}

/// A suitable service with a question open. Each costs minutes in the ranking.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// Nobody has told of its places, or too long ago: call. Minutes since it was told.
    CapacityUnknown(Option<u32>),
    /// Closes soon after arrival.
    ClosesSoon(When),
    /// Only part of what the child's age may be is taken.
    AgePartly(Ages),
    /// Takes one sex only, and the child's is not known.
    SexUnknown(Sexes),
    /// Works for some areas only, and the child's is not known well enough.
    AreaUnknown,
}

/// What stands against a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    /// Does not answer this need as well.
    LacksNeed(Need),
    /// Takes other ages.
    WrongAge(Ages),
    /// Takes the other sex only.
    WrongSex(Sexes),
    /// Works for other areas.
    OutsideArea,
    /// Closed on arrival; opens then, if it does within two weeks.
    Closed(Option<When>),
    /// Open now, closes before arrival.
    ClosesBeforeArrival(When),
    /// No place left. Minutes since it was told.
    NoPlaces(u32),
    /// Said that it is full, until then if that was said.
    ToldFull(Option<When>),
    /// Said that it is closed, until then if that was said.
    ToldClosed(Option<When>),
    /// Did not answer the telephone; asked to be left until then, if that was noted.
    NoAnswer(Option<When>),
    /// Suitable, but ranked lower for this.
    RankedLower(Doubt),
}

impl Doubt {
    /// What it costs in the ranking, seconds of travel. Defaults, to be confirmed by the ministry.
    pub const fn penalty_s(&self) -> f64 {
        match self {
            Self::CapacityUnknown(_) => 600.0,
            Self::ClosesSoon(_) => 900.0,
            Self::AgePartly(_) | Self::SexUnknown(_) => 300.0,
            Self::AreaUnknown => 120.0,
        }
    }

    /// How it is said.
    pub fn message(&self) -> Message {
        match self {
            Self::CapacityUnknown(None) => Message::plain("doubt-capacity-never-told"),
            Self::CapacityUnknown(Some(told_min)) => {
                Message::plain("doubt-capacity-old").with("age", Arg::Minutes(*told_min))
            }
            Self::ClosesSoon(at) => Message::plain("doubt-closes-soon").with("time", Arg::When(*at)),
            Self::AgePartly(ages) => with_ages(Message::plain("doubt-age-partly"), *ages),
            Self::SexUnknown(sexes) => {
                Message::plain("doubt-sex-unknown").with("who", Arg::term("sexes", sexes.code()))
            }
            Self::AreaUnknown => Message::plain("doubt-area-unknown"),
        }
    }
}

impl Reason {
    /// How it is said.
    pub fn message(&self) -> Message {
        match self {
            Self::OpenAlways => Message::plain("reason-open-always"),
            Self::OpenUntil(at) => Message::plain("reason-open-until").with("time", Arg::When(*at)),
            Self::ToldOpenUntil(at) => Message::plain("reason-told-open-until").with("time", Arg::When(*at)),
            Self::EmergencyIntake => Message::plain("reason-emergency-intake"),
            Self::Takes(sexes, ages) => {
                with_ages(Message::plain("reason-takes").with("who", Arg::term("sexes", sexes.code())), *ages)
            }
            Self::Places { places, told_min } => Message::plain("reason-places")
                .with("places", Arg::Count(i64::from(*places)))
                .with("age", Arg::Minutes(*told_min)),
            Self::Doubt(doubt) => doubt.message(),
        }
    }
}

impl Obstacle {
    /// How it is said.
    pub fn message(&self) -> Message {
        let until = |key: &'static str, key_until: &'static str, at: &Option<When>| match at {
            None => Message::plain(key),
            Some(at) => Message::plain(key_until).with("time", Arg::When(*at)),
        };
        match self {
            Self::LacksNeed(need) => {
                Message::plain("obstacle-lacks-need").with("need", Arg::term("need", need.as_str().to_owned()))
            }
            Self::WrongAge(ages) => with_ages(Message::plain("obstacle-wrong-age"), *ages),
            Self::WrongSex(sexes) => Message::plain("obstacle-wrong-sex").with("who", Arg::term("sexes", sexes.code())),
            Self::OutsideArea => Message::plain("obstacle-outside-area"),
            Self::Closed(at) => until("obstacle-closed", "obstacle-closed-until", at),
            Self::ClosesBeforeArrival(at) => {
                Message::plain("obstacle-closes-before-arrival").with("time", Arg::When(*at))
            }
            Self::NoPlaces(told_min) => Message::plain("obstacle-no-places").with("age", Arg::Minutes(*told_min)),
            Self::ToldFull(at) => until("obstacle-full", "obstacle-full-until", at),
            Self::ToldClosed(at) => until("obstacle-told-closed", "obstacle-told-closed-until", at),
            Self::NoAnswer(at) => until("obstacle-no-answer", "obstacle-no-answer-until", at),
            Self::RankedLower(doubt) => doubt.message(),
        }
    }
}

fn with_ages(message: Message, ages: Ages) -> Message {
    message.with("min", Arg::Count(ages.min().into())).with("max", Arg::Count(ages.max().into()))
}

/// Whole minutes from `told_at` to `now`; a stamp ahead of the clock counts as now.
pub(super) fn minutes_since(told_at: Stamp, now: Stamp) -> u32 {
    u32::try_from((now.millis() - told_at.millis()) / 60_000).unwrap_or(0)
}
