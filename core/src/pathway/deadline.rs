//! When things are due.

use std::time::Duration;

use himaya_wire::Stamp;

use super::protocol::{Protocol, Within};
use crate::record::{Risk, Stage};

/// The moment a stage that began at `from` must be left. None where it hangs on a round, on the services of a plan,
/// or on nothing.
pub fn deadline(stage: Stage, risk: Risk, from: Stamp, protocol: &Protocol) -> Option<Stamp> {
    match protocol.stages.get(&(stage, risk)) {
        Some(Within::After(within)) => Some(after(from, *within)),
        Some(Within::EndOfRound | Within::PerService | Within::None) | None => None,
    }
}

/// The moment the answer to a referral is due. `sent` is the earlier of the author's and the hub's time.
pub fn answer_due(sent: Stamp, risk: Risk, protocol: &Protocol) -> Option<Stamp> {
    protocol.answers.get(&risk).map(|within| after(sent, *within))
}

/// Whether a deadline has passed.
pub fn is_overdue(due: Option<Stamp>, now: Stamp) -> bool {
    due.is_some_and(|due| due.millis() < now.millis())
}

fn after(from: Stamp, within: Duration) -> Stamp {
    Stamp::at_millis(from.millis().saturating_add(i64::try_from(within.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_risk_report_is_due_the_next_day() {
        let protocol = Protocol::default_to_be_confirmed();
        let from = Stamp::at_millis(1_000_000);
        let due = deadline(Stage::Reported, Risk::High, from, &protocol).unwrap();
        assert_eq!(due.millis() - from.millis(), 24 * 3_600_000);
        assert!(!is_overdue(Some(due), due) && is_overdue(Some(due), Stamp::at_millis(due.millis() + 1)));
    }

    #[test]
    fn every_stage_has_a_rule_for_every_risk_and_more_risk_is_never_later() {
        let protocol = Protocol::default_to_be_confirmed();
        let from = Stamp::at_millis(0);
        for stage in Stage::ALL {
            for pair in Risk::ALL.windows(2) {
                assert!(protocol.stages.contains_key(&(*stage, pair[0])));
                let (less, more) =
                    (deadline(*stage, pair[0], from, &protocol), deadline(*stage, pair[1], from, &protocol));
                assert!(more <= less, "{stage}");
                assert!(answer_due(from, pair[1], &protocol) <= answer_due(from, pair[0], &protocol));
            }
        }
    }

    #[test]
    fn a_spotting_hangs_on_its_round_and_a_closed_file_on_nothing() {
        let protocol = Protocol::default_to_be_confirmed();
        for stage in [Stage::Spotted, Stage::Supported, Stage::Closed] {
            assert_eq!(deadline(stage, Risk::High, Stamp::at_millis(0), &protocol), None);
        }
    }
}
