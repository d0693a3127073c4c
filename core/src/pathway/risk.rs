//! The floor under a risk, with its reasons. The worker decides; a difference is kept.

use chrono::NaiveDate;

use super::protocol::Protocol;
use crate::record::{Age, Concern, Risk};

/// Why the risk is no lower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskReason {
    /// The worker saw immediate danger.
    DangerSeen,
    /// A concern is a red flag with this floor.
    RedFlag {
        /// The concern.
        concern: Concern,
        /// Its floor.
        floor: Risk,
    },
    /// A young child for whom something is of concern.
    YoungChild {
        /// The fewest completed years the child may have.
        years: u8,
    },
    /// Something is of concern, no red flag.
    AnyConcern,
}

/// A suggested floor and its reasons, the heaviest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// No lower than this without a reason.
    pub floor: Risk,
    /// Why.
    pub reasons: Vec<RiskReason>,
}

/// What risk the protocol suggests at the least.
pub fn assess_risk(
    concerns: &[Concern],
    danger: bool,
    age: Option<Age>,
    today: NaiveDate,
    protocol: &Protocol,
) -> Assessment {
    let mut reasons: Vec<(Risk, RiskReason)> = Vec::new();
    if danger {
        reasons.push((Risk::Danger, RiskReason::DangerSeen));
    }
    for concern in concerns {
        if let Some(flag) = protocol.red_flags.iter().find(|flag| flag.is(concern)) {
            reasons.push((flag.floor, RiskReason::RedFlag { concern: concern.clone(), floor: flag.floor }));
        }
    }
    if let Some(age) = age.filter(|_| danger || !concerns.is_empty()) {
        let (years, _) = age.range(today);
        if years <= protocol.young_years {
            reasons.push((Risk::Medium, RiskReason::YoungChild { years }));
        }
    }
    if reasons.is_empty() && !concerns.is_empty() {
        reasons.push((Risk::Low, RiskReason::AnyConcern));
    }
    // Stable: reasons of one floor stay in the order the worker gave.
    reasons.sort_by_key(|(floor, _)| std::cmp::Reverse(*floor));
    Assessment {
        floor: reasons.first().map_or(Risk::None, |(floor, _)| *floor),
        reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assess(concerns: &[&str], danger: bool, age: Option<&str>) -> Assessment {
        let concerns: Vec<Concern> = concerns.iter().map(|code| code.parse().unwrap()).collect();
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let age = age.map(|age| age.parse().unwrap());
        assess_risk(&concerns, danger, age, today, &Protocol::default_to_be_confirmed())
    }

    #[test]
    fn danger_seen_stands_above_all() {
        let found = assess(&["begging", "sexual_violence"], true, None);
        assert_eq!(found.floor, Risk::Danger);
        assert_eq!(found.reasons[0], RiskReason::DangerSeen);
        assert_eq!(found.reasons.len(), 2);
    }

    #[test]
    fn a_red_flag_raises_the_floor_and_is_the_reason() {
        let found = assess(&["begging", "trafficking"], false, Some("15-17"));
        assert_eq!(found.floor, Risk::High);
        assert!(matches!(&found.reasons[..], [RiskReason::RedFlag { floor: Risk::High, .. }]));
    }

    #[test]
    fn a_young_child_is_at_medium_risk_and_no_concern_is_no_risk() {
        assert_eq!(assess(&["begging"], false, Some("4")).floor, Risk::Medium);
        assert_eq!(assess(&["begging"], false, Some("12")).floor, Risk::Low);
        assert_eq!(assess(&[], false, Some("4")).floor, Risk::None);
    }

    #[test]
    fn every_red_flag_is_a_concern_of_the_list() {
        for flag in Protocol::default_to_be_confirmed().red_flags {
            assert!(Concern::DEFAULTS.contains(&flag.concern), "{}", flag.concern);
        }
    }
}
