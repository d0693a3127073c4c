//! The merge tables, over every pair and triple.

use himaya_wire::UnitId;

use super::super::*;

fn reason(code: &str) -> DeclineReason {
    code.parse().unwrap()
}

fn steps() -> Vec<ReferralStep> {
    use ReferralStep as S;
    let to = |n| UnitId::from_bytes([n; 16]);
    vec![
        S::Draft,
        S::Sent,
        S::Seen,
        S::Accepted,
        S::Declined(reason("full")),
        S::Declined(reason("age")),
        S::Redirected { reason: reason("full"), to: to(1) },
        S::Redirected { reason: reason("full"), to: to(2) },
        S::Arrived,
        S::NotArrived,
        S::ServiceGiven,
        S::ToldBack,
        S::Closed,
        S::Withdrawn,
    ]
}

/// Values of every type, so that a field with a value of the wrong type merges lawfully too.
fn values() -> Vec<Value> {
    let mut values = vec![Value::Empty, Value::Flag(true), Value::Text("a".into()), Value::Text("b".into())];
    values.extend(Risk::ALL.iter().copied().map(Value::Risk));
    values.extend(Stage::ALL.iter().copied().map(Value::Stage));
    values.extend(steps().into_iter().map(Value::Step));
    values
}

const RULES: [Rule; 4] = [Rule::Conflict, Rule::Highest, Rule::Stage, Rule::Step];

#[test]
fn every_rule_is_commutative_and_idempotent() {
    let values = values();
    for rule in RULES {
        for a in values.iter().map(Merged::One) {
            assert_eq!(merge(rule, a, a), a);
            assert_eq!(merge(rule, a, Merged::Conflict), Merged::Conflict);
            for b in values.iter().map(Merged::One) {
                assert_eq!(merge(rule, a, b), merge(rule, b, a), "{rule:?} {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn every_rule_is_associative() {
    let values = values();
    for rule in RULES {
        for a in values.iter().map(Merged::One) {
            for b in values.iter().map(Merged::One) {
                for c in values.iter().map(Merged::One) {
                    let left = merge(rule, merge(rule, a, b), c);
                    let right = merge(rule, a, merge(rule, b, c));
                    assert_eq!(left, right, "{rule:?} {a:?} {b:?} {c:?}");
                }
            }
        }
    }
}

fn step(a: &ReferralStep, b: &ReferralStep) -> Option<ReferralStep> {
    let (a, b) = (Value::Step(a.clone()), Value::Step(b.clone()));
    match merge(Rule::Step, Merged::One(&a), Merged::One(&b)) {
        Merged::One(Value::Step(step)) => Some(step.clone()),
        _ => None,
    }
}

#[test]
fn contradictory_outcomes_of_a_referral_stay_a_conflict() {
    use ReferralStep as S;
    let no = S::Declined(reason("full"));
    for (a, b) in [
        (&S::Accepted, &no),
        (&S::Accepted, &S::Withdrawn),
        (&S::Arrived, &S::NotArrived),
        (&S::ToldBack, &no),
        (&no, &S::Declined(reason("age"))),
        (&S::ServiceGiven, &S::NotArrived),
    ] {
        assert_eq!(step(a, b), None, "{a:?} {b:?}");
    }
}

#[test]
fn the_further_step_wins_and_closure_loses() {
    use ReferralStep as S;
    let no = S::Declined(reason("full"));
    assert_eq!(step(&S::Sent, &S::Accepted), Some(S::Accepted));
    assert_eq!(step(&S::Seen, &no), Some(no.clone()));
    assert_eq!(step(&S::Withdrawn, &no), Some(no));
    for other in steps() {
        assert_eq!(step(&S::Closed, &other), Some(other));
    }
}

#[test]
fn danger_is_highest_and_closure_of_a_file_loses() {
    let merged = |rule, values: &[Value]| merge_all(rule, values).map(|merged| format!("{merged:?}"));
    let one = |value: &Value| Some(format!("{:?}", Merged::One(value)));
    let risks: Vec<Value> = Risk::ALL.iter().copied().map(Value::Risk).collect();
    assert_eq!(merged(Rule::Highest, &risks), one(&Value::Risk(Risk::Danger)));
    let stages: Vec<Value> = Stage::ALL.iter().copied().map(Value::Stage).collect();
    assert_eq!(merged(Rule::Stage, &stages), one(&Value::Stage(Stage::FollowedUp)));
    for stage in Stage::ALL {
        let pair = [Value::Stage(Stage::Closed), Value::Stage(*stage)];
        assert_eq!(merged(Rule::Stage, &pair), one(&pair[1]));
    }
}

#[test]
fn fields_get_their_rules() {
    assert_eq!(merge_rule(SpaceKind::Case, false, fields::RISK), Rule::Highest);
    assert_eq!(merge_rule(SpaceKind::Card, false, fields::STAGE), Rule::Stage);
    assert_eq!(merge_rule(SpaceKind::Spotting, true, fields::STEP), Rule::Step);
    assert_eq!(merge_rule(SpaceKind::Case, false, fields::NAME), Rule::Conflict);
}

#[test]
fn every_name_of_ours_is_a_code_and_none_is_used_twice() {
    let mut all: Vec<&str> = fields::ALL.to_vec();
    all.extend(fields::LISTS);
    all.extend(build::CallAnswer::ALL.iter().map(|answer| answer.code()));
    assert!(all.iter().all(|name| name.parse::<Code>().is_ok()));
    let mut names = fields::ALL.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), fields::ALL.len());
}
