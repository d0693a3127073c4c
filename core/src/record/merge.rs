//! Merging values that were written without sight of one another.
//!
//! Each rule is a rooted tree: of two values the one further from the root wins when the other lies on its path,
//! else they contradict and stay a conflict. What lies below a value in a tree is a chain, so the join is
//! commutative, associative and idempotent. Workers who did see the other value replaced it by `over`: nothing
//! here limits what they may write.
//!
//! | rule | fields | tree, from what loses to what wins |
//! | --- | --- | --- |
//! | `Highest` | `risk` | empty, none, low, medium, high, danger |
//! | `Stage` | `stage` | empty, **closed**, spotted, reported, received, heard, assessed, planned, supported, followed up |
//! | `Step` | `step` of a referral | see [`step_parent`] |
//! | `Conflict` | all others | every value a branch of its own |

use super::event::SpaceKind;
use super::fields;
use super::referral::ReferralStep;
use super::terms::Stage;
use super::value::Value;

/// How concurrent values of a field merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Different values stay a conflict.
    Conflict,
    /// The highest risk wins.
    Highest,
    /// The furthest stage wins, closure loses.
    Stage,
    /// The tree of referral steps.
    Step,
}

/// What concurrent values come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged<'a> {
    /// One value.
    One(&'a Value),
    /// They contradict.
    Conflict,
}

/// The rule of a field of the space itself (`in_element` false) or of an element of a list.
pub fn merge_rule(kind: SpaceKind, in_element: bool, name: &str) -> Rule {
    match (in_element, name) {
        // A referral carries the risk it was sent with; the guide has neither risk nor stage.
        (_, fields::RISK) if kind != SpaceKind::Commons => Rule::Highest,
        (false, fields::STAGE) if kind != SpaceKind::Commons => Rule::Stage,
        (true, fields::STEP) => Rule::Step,
        // A sheet shows one referral, so its step is a field of the space itself.
        (false, fields::STEP) if kind == SpaceKind::Sheet => Rule::Step,
        _ => Rule::Conflict,
    }
}

/// The step that a step wins over, nearest first. The whole table:
///
/// ```text
/// closed ─ draft ─ sent ─ seen ─┬─ accepted ─┬─ arrived ─ service given ─ told back
///                               │            └─ not arrived
///                               └─ withdrawn ─┬─ declined (each reason a branch)
///                                             └─ redirected (each reason and unit a branch)
/// ```
///
/// So accepted against declined, redirected or withdrawn, arrived against not arrived, and two different refusals
/// stay conflicts. A unit's refusal wins over a withdrawal, since it says more (where to go instead) and both leave
/// the child to the sender. Closure loses to everything: whoever closed did not know of the other step.
pub fn step_parent(step: &ReferralStep) -> Option<ReferralStep> {
    use ReferralStep as S;
    match step {
        S::Closed => None,
        S::Draft => Some(S::Closed),
        S::Sent => Some(S::Draft),
        S::Seen => Some(S::Sent),
        S::Accepted | S::Withdrawn => Some(S::Seen),
        S::Arrived | S::NotArrived => Some(S::Accepted),
        S::ServiceGiven => Some(S::Arrived),
        S::ToldBack => Some(S::ServiceGiven),
        S::Declined(_) | S::Redirected { .. } => Some(S::Withdrawn),
    }
}

/// Whether `low` lies on the path from the root to `high`.
fn below(rule: Rule, low: &Value, high: &Value) -> bool {
    if low == high {
        return true;
    }
    match (rule, low, high) {
        (Rule::Conflict, ..) => false,
        (_, Value::Empty, _) => true,
        (Rule::Highest, Value::Risk(low), Value::Risk(high)) => low < high,
        (Rule::Stage, Value::Stage(low), Value::Stage(high)) => stage_rank(*low) < stage_rank(*high),
        (Rule::Step, Value::Step(low), Value::Step(high)) => {
            let mut at = step_parent(high);
            while let Some(step) = at {
                if step == *low {
                    return true;
                }
                at = step_parent(&step);
            }
            false
        }
        _ => false,
    }
}

/// Closure below every other stage, the rest in the circuit's order.
const fn stage_rank(stage: Stage) -> u8 {
    match stage {
        Stage::Closed => 0,
        other => other as u8 + 1,
    }
}

/// Merges two values.
pub fn merge<'a>(rule: Rule, one: Merged<'a>, other: Merged<'a>) -> Merged<'a> {
    let (Merged::One(a), Merged::One(b)) = (one, other) else { return Merged::Conflict };
    if below(rule, a, b) {
        other
    } else if below(rule, b, a) {
        one
    } else {
        Merged::Conflict
    }
}

/// Merges all the values of a field. None without any.
pub fn merge_all<'a>(rule: Rule, values: impl IntoIterator<Item = &'a Value>) -> Option<Merged<'a>> {
    values.into_iter().map(Merged::One).reduce(|one, other| merge(rule, one, other))
}
