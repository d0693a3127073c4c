//! The protocol's settings.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::record::{Concern, Risk, Stage};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// When a stage must be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// So long after the stage began.
    After(Duration),
    /// When the team's round ends.
    EndOfRound,
    /// When each service of the plan says.
    PerService,
    /// Never.
    None,
}

/// A concern that puts a floor under the risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedFlag {
    /// The concern.
    pub concern: &'static str,
    /// No lower than this without a reason.
    pub floor: Risk,
}

impl RedFlag {
    /// Whether it is this concern.
    pub fn is(&self, concern: &Concern) -> bool {
        self.concern == concern.as_str()
    }
}

/// Deadlines and red flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// When each stage must be left, by risk.
    pub stages: BTreeMap<(Stage, Risk), Within>,
    /// When a unit must have answered a referral, by risk.
    pub answers: BTreeMap<Risk, Duration>,
    /// How soon somebody must be called in immediate danger.
    pub danger_call: Duration,
    /// Concerns that put a floor under the risk.
    pub red_flags: Vec<RedFlag>,
    /// A child of this many completed years or fewer is at medium risk at the least where anything is of concern.
    pub young_years: u8,
}

impl Protocol {
    /// What ships with the product, to be confirmed by the ministry: the domain page, section 3. The domain page
    /// gives no column for immediate danger and none: the first runs as high, the second as low.
    pub fn default_to_be_confirmed() -> Self {
        let mut stages = BTreeMap::new();
        let mut row = |stage, high: Within, medium: Within, low: Within| {
            for (risk, within) in
                [(Risk::Danger, high), (Risk::High, high), (Risk::Medium, medium), (Risk::Low, low), (Risk::None, low)]
            {
                stages.insert((stage, risk), within);
            }
        };
        let hours = |hours: u32| Within::After(HOUR * hours);
        let days = |days: u32| Within::After(DAY * days);
        row(Stage::Spotted, Within::EndOfRound, Within::EndOfRound, Within::EndOfRound);
        row(Stage::Reported, hours(24), hours(72), days(7));
        row(Stage::Received, hours(24), hours(72), days(7));
        row(Stage::Heard, hours(48), days(5), days(10));
        row(Stage::Assessed, days(7), days(14), days(21));
        row(Stage::Planned, days(14), days(14), days(14));
        row(Stage::Supported, Within::PerService, Within::PerService, Within::PerService);
        row(Stage::FollowedUp, days(7), days(14), days(30));
        row(Stage::Closed, Within::None, Within::None, Within::None);
        let flag = |concern, floor| RedFlag { concern, floor };
        Self {
            stages,
            answers: BTreeMap::from([
                (Risk::Danger, HOUR),
                (Risk::High, HOUR * 24),
                (Risk::Medium, HOUR * 72),
                (Risk::Low, DAY * 7),
                (Risk::None, DAY * 7),
            ]),
            danger_call: HOUR,
            red_flags: vec![
                flag("sexual_violence", Risk::High),
                flag("trafficking", Risk::High),
                flag("self_harm", Risk::High),
                flag("physical_violence", Risk::High),
                flag("abandonment", Risk::High),
                flag("child_marriage", Risk::High),
                flag("missing", Risk::High),
                flag("separated", Risk::Medium),
                flag("street_situation", Risk::Medium),
                flag("child_labour", Risk::Medium),
                flag("domestic_work", Risk::Medium),
                flag("child_mother", Risk::Medium),
                flag("substance_use", Risk::Medium),
                flag("serious_illness", Risk::Medium),
                flag("psychological_violence", Risk::Medium),
                flag("neglect", Risk::Medium),
                flag("online_abuse", Risk::Medium),
            ],
            young_years: 5,
        }
    }
}
