//! The same events give the same view: any order, any duplication, any partition, any mix of whole and one by one.

use proptest::prelude::*;

use super::super::*;
use super::world::{history, value};

fn same(one: &View, other: &View) -> Result<(), TestCaseError> {
    prop_assert_eq!(one, other);
    prop_assert_eq!(minicbor::to_vec(one).unwrap(), minicbor::to_vec(other).unwrap());
    Ok(())
}

type History = Vec<(Event, Verdict)>;

/// A history and the same with events repeated, in another order.
fn shuffled() -> impl Strategy<Value = (History, History)> {
    history().prop_flat_map(|events| {
        let more = prop::sample::subsequence(events.clone(), 0..=events.len());
        (Just(events.clone()), more).prop_flat_map(|(events, more)| {
            let all: Vec<_> = events.iter().cloned().chain(more).collect();
            (Just(events), Just(all).prop_shuffle())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_order_and_duplication_give_the_same_view((events, other) in shuffled()) {
        same(&Fold::of(events).view(), &Fold::of(other).view())?;
    }

    #[test]
    fn one_by_one_gives_what_the_whole_gives((events, other) in shuffled()) {
        let mut fold = Fold::new();
        let mut seen: Vec<(Event, Verdict)> = Vec::new();
        for (event, verdict) in other {
            fold.apply(&event, verdict);
            seen.push((event, verdict));
            same(&fold.view(), &Fold::of(seen.iter().rev().cloned()).view())?;
        }
        same(&fold.view(), &Fold::of(events).view())?;
    }

    #[test]
    fn batches_in_any_partition_meet_in_the_same_view((events, other) in shuffled(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(other.len() + 1);
        let mut fold = Fold::of(other[cut..].iter().cloned());
        let _ = fold.view();
        for (event, verdict) in &other[..cut] {
            fold.apply(event, *verdict);
        }
        same(&fold.view(), &Fold::of(events).view())?;
    }

    #[test]
    fn verdicts_that_change_later_give_the_view_of_the_last(
        (events, other) in shuffled(),
        first in prop::collection::vec(any::<bool>(), 64),
        whole in any::<bool>(),
    ) {
        // At first some events are wrongly allowed or set aside; then the registry arrives.
        let mut fold = Fold::new();
        for ((event, _), allowed) in other.iter().zip(first.iter().cycle()) {
            let guess = if *allowed { Verdict::Allowed } else { Verdict::SetAside(SetAsideReason::UnknownAuthor) };
            fold.apply(event, guess);
        }
        if whole {
            let verdicts = events.iter().map(|(event, verdict)| (event.digest, *verdict)).collect();
            fold.set_verdicts(&verdicts);
        } else {
            for (event, verdict) in &other {
                fold.set_verdict(event.digest, *verdict);
            }
        }
        same(&fold.view(), &Fold::of(events).view())?;
    }

    #[test]
    fn nothing_that_was_written_vanishes(events in history()) {
        // Every field that counting events wrote shows at least one value, rings and reused ids or not.
        let view = Fold::of(events.clone()).view();
        for (event, verdict) in &events {
            if *verdict == Verdict::Allowed {
                for act in &event.body.acts {
                    if let Act::Set { field, .. } = act {
                        prop_assert!(!view.fields[field].alternatives.is_empty());
                    }
                }
            }
        }
        let counted = usize::try_from(view.count).unwrap();
        prop_assert_eq!(counted + view.set_aside.len(), events.len());
    }

    #[test]
    fn an_edit_over_what_is_seen_leaves_one_value(events in history(), new in value()) {
        let mut fold = Fold::of(events.clone());
        let view = fold.view();
        for (n, field) in view.fields.keys().enumerate() {
            let mut event = events[0].0.clone();
            event.id = himaya_wire::EventId::from_bytes([250 - u8::try_from(n).unwrap(); 16]);
            event.digest = himaya_wire::Digest::of(event.id.as_bytes());
            event.body.acts = vec![build::settle(&view, field, new.clone())];
            fold.apply(&event, Verdict::Allowed);
            let after = &fold.view().fields[field];
            prop_assert!(!after.conflict);
            prop_assert_eq!(&after.value, &new.clone().in_order());
        }
    }
}
