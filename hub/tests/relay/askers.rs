use himaya_hub::relay::{CERTIFICATE_SKEW_S, QUARANTINE_MILLIS};
use himaya_hub::testing::{LIFE_S, NOW_MILLIS, START_S, World, new_space, pull, push};
use himaya_wire::{EntryAct, Incarnation, Outcome, Owner, Refusal, Request, Scope, Trouble, UnitKind};

use super::Bench;

#[test]
fn a_device_nobody_enrolled_is_refused() {
    let bench = Bench::new(1);
    let stranger = World::new(1).request(0, 0, &pull(0));
    assert_eq!(bench.relay.handle(&stranger, NOW_MILLIS).err(), Some(Trouble::UnknownDevice));
}

#[test]
fn a_request_signed_with_another_key_is_refused() {
    let mut bench = Bench::new(2);
    bench.world.units[0].devices[0].device = bench.world.units[1].devices[0].device;
    let request = bench.world.request(0, 0, &pull(0));
    assert_eq!(bench.relay.handle(&request, NOW_MILLIS).err(), Some(Trouble::Signature));
}

#[test]
fn a_device_is_known_by_entries_in_its_own_first_request() {
    let bench = Bench::empty(1);
    let entries = bench.world.entries.iter().cloned().map(Into::into).collect();
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let answer = bench.ask(0, &Request { entries, entries_after: 0, ..push(&[grant]) });
    assert!(answer.entries.iter().all(|told| told.outcome == Outcome::Stored));
    assert_eq!(answer.push[0].outcome, Outcome::Stored);
    assert_eq!(answer.registry.len(), bench.world.entries.len());
}

#[test]
fn entries_count_in_any_order_and_only_once() {
    let bench = Bench::empty(2);
    let mut entries: Vec<&[u8]> = bench.world.entries.iter().map(Vec::as_slice).collect();
    entries.reverse();
    for expected in [Outcome::Stored, Outcome::Had] {
        let (told, _) = bench.relay.take_entries(&entries, NOW_MILLIS).unwrap();
        assert!(told.iter().all(|told| told.outcome == expected), "{told:?}");
    }
    let answer = bench.ask(0, &Request { entries_after: 0, ..pull(0) });
    let positions: Vec<u64> = answer.registry.iter().map(|item| item.position).collect();
    assert_eq!(positions, (1..=entries.len() as u64).collect::<Vec<_>>());
}

#[test]
fn each_wrong_entry_is_refused_with_its_reason_and_hurts_no_neighbour() {
    let mut bench = Bench::new(2);
    let owner = Owner::Unit(bench.world.units[0].unit);
    let taken = bench.world.sign_entry(owner, Some(0), &EntryAct::Resign).bytes().to_vec();
    let other = bench.world.sign_entry(owner, Some(0), &EntryAct::Unknown { kind: 99, data: vec![1] });
    let foreign = bench.world.sign_entry(owner, Some(1), &EntryAct::Resign).bytes().to_vec();
    bench.world.act(owner, Some(0), &EntryAct::Resign);
    let gap = bench.world.sign_entry(owner, Some(0), &EntryAct::Resign).bytes().to_vec();
    let mut broken = taken.clone();
    *broken.last_mut().unwrap() ^= 1;
    let told = |entries: &[&[u8]]| -> Vec<Outcome> {
        let (told, _) = bench.relay.take_entries(entries, NOW_MILLIS).unwrap();
        told.into_iter().map(|told| told.outcome).collect()
    };
    let refused = Outcome::Refused;
    assert_eq!(told(&[&foreign, b"noise"]), [refused(Refusal::NotAllowed), refused(Refusal::Malformed)]);
    assert_eq!(told(&[&gap, &broken]), [refused(Refusal::Gap), refused(Refusal::Signature)]);
    assert_eq!(told(&[&gap, &taken]), [Outcome::Stored; 2]);
    assert_eq!(told(&[other.bytes()]), [refused(Refusal::Forked)]);
    // The one with a broken signature is no evidence against anybody.
    assert_eq!(told(&[&broken]), [refused(Refusal::Signature)]);
    assert_eq!(bench.relay.store().counts().unwrap().alarms, 1);
}

#[test]
fn a_province_pushes_entries_and_nothing_else() {
    let mut bench = Bench::new(1);
    let known = bench.world.entries.len();
    bench.world.add_unit(UnitKind::Cape);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let entries = bench.world.entries[known..].iter().cloned().map(Into::into).collect();
    let request = Request { entries, entries_after: known as u64, ..push(&[grant]) };
    let bytes = request.sign(&bench.world.province_key, bench.world.province.as_bytes()).unwrap();
    let answer = bench.relay.handle(&bytes, NOW_MILLIS).unwrap().answer;
    assert!(answer.entries.iter().all(|told| told.outcome == Outcome::Stored));
    assert_eq!(answer.push[0].outcome, Outcome::Refused(Refusal::NotAllowed));
    assert!(answer.items.is_empty());
    assert_eq!(answer.registry.len(), bench.world.entries.len() - known);
}

#[test]
fn a_removed_device_hands_over_into_quarantine_for_thirty_days_and_gets_no_feed() {
    let mut bench = Bench::new(2);
    let lost = bench.world.add_device(0);
    bench.tell_entries();
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    bench.push(0, &[&grant]);
    bench.world.remove_device(0, lost);
    bench.tell_entries();
    let removed_at = bench.world.entries.len();
    bench.world.act(Owner::Unit(bench.world.units[0].unit), Some(0), &EntryAct::Resign);
    bench.tell_entries();

    let event = bench.world.event(0, space, &key, b"the last night");
    let request = Request { entries_after: 0, ..push(&[event.clone(), grant.clone(), b"noise".to_vec()]) };
    let bytes = bench.world.request(0, lost, &request);
    let answer = bench.relay.handle(&bytes, NOW_MILLIS).unwrap().answer;
    let outcomes: Vec<_> = answer.push.iter().map(|told| told.outcome).collect();
    assert_eq!(outcomes, [Outcome::Quarantined, Outcome::Had, Outcome::Refused(Refusal::Malformed)]);
    assert!(answer.items.is_empty() && !answer.more);
    // It learns of its removal, and of nothing after.
    assert_eq!(answer.registry.len(), removed_at);
    assert_eq!(bench.feed(1).len(), 1);
    assert_eq!(bench.relay.store().counts().unwrap().quarantined, 1);

    let late = bench.relay.handle(&bytes, NOW_MILLIS + QUARANTINE_MILLIS).unwrap().answer;
    assert_eq!(late.push[0].outcome, Outcome::Refused(Refusal::NotAllowed));
    assert_eq!(late.registry.len(), removed_at);
    // The unit's head brings the event in again.
    assert_eq!(bench.push(0, &[&event]), [Outcome::Stored]);
}

#[test]
fn an_expired_certificate_bars_the_device_after_a_generous_while() {
    let bench = Bench::new(1);
    let request = bench.world.request(0, 0, &pull(0));
    let end_millis = (START_S + LIFE_S + CERTIFICATE_SKEW_S) * 1000;
    assert!(bench.relay.handle(&request, end_millis - 1).is_ok());
    assert_eq!(bench.relay.handle(&request, end_millis).err(), Some(Trouble::Expired));
    // A hub whose clock stands far behind serves too.
    assert!(bench.relay.handle(&request, 0).is_ok());
}

#[test]
fn a_device_with_a_wrong_clock_is_served() {
    let bench = Bench::new(1);
    for at_millis in [i64::MIN, 0, i64::MAX] {
        bench.ask(0, &Request { at_millis, ..pull(0) });
    }
}

#[test]
fn another_history_gives_no_items_and_still_stores() {
    let bench = Bench::new(1);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let elsewhere = Some(Incarnation::make_random());
    let request = Request { incarnation: elsewhere, entries_after: 0, wait_s: 9, ..push(std::slice::from_ref(&grant)) };
    let answer = bench.ask(0, &request);
    assert_eq!(answer.push[0].outcome, Outcome::Stored);
    assert_eq!(answer.incarnation, bench.relay.incarnation());
    assert!(answer.items.is_empty() && answer.registry.is_empty() && !answer.more);
    let handled = bench.ask_by(0, 0, &Request { incarnation: elsewhere, wait_s: 9, ..pull(0) });
    assert!(handled.waiting.is_none());
    let here = Some(bench.relay.incarnation());
    assert_eq!(bench.ask(0, &Request { incarnation: here, ..pull(0) }).items.len(), 1);
}

#[test]
fn a_copied_device_id_in_another_unit_does_not_lock_the_real_one_out() {
    let bench = Bench::new(3);
    let real = bench.world.units[1].devices[0].device;
    // Dishonest heads on both sides of the real unit's id enrol devices of their own under the same id.
    let copies = [0, 2].map(|unit| bench.world.device_entry(unit, real).0);
    let copies: Vec<&[u8]> = copies.iter().map(Vec::as_slice).collect();
    let (told, _) = bench.relay.take_entries(&copies, NOW_MILLIS).unwrap();
    assert!(told.iter().all(|told| told.outcome == Outcome::Refused(Refusal::NotAllowed)), "{told:?}");
    let (space, key) = new_space();
    let grant = bench.world.grant(1, space, &key, Scope::Whole, &[1]);
    assert_eq!(bench.push(1, &[&grant]), [Outcome::Stored]);
    assert_eq!(bench.feed(1).len(), 1);
}

#[test]
fn only_an_idle_device_with_nothing_to_read_waits() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let waits = |request: &Request| bench.ask_by(0, 0, request).waiting.map(|waiting| waiting.time.as_secs());
    assert_eq!(waits(&Request { wait_s: 9, ..pull(0) }), Some(9));
    assert_eq!(waits(&Request { wait_s: u32::MAX, ..pull(0) }), Some(60));
    assert_eq!(waits(&pull(0)), None);
    assert_eq!(waits(&Request { wait_s: 9, limit: 0, ..pull(0) }), None);
    assert_eq!(waits(&Request { wait_s: 9, entries_after: 0, ..pull(0) }), None);
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let handled = bench.ask_by(0, 0, &Request { wait_s: 9, ..push(&[grant]) });
    assert!(handled.waiting.is_none());
    assert_eq!(handled.news.units.len(), 2);
    assert_eq!(waits(&Request { wait_s: 9, ..pull(1) }), Some(9));
}
