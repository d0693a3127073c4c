use himaya_hub::testing::{new_space, pull, push};
use himaya_wire::{Digest, EventId, ItemBody, Outcome, Refusal, Request, Scope, UnitKind, limits};

use super::{Bench, digests};

#[test]
fn a_grant_opens_a_space_and_an_event_reaches_every_holder() {
    let bench = Bench::new(3);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let event = bench.world.event(0, space, &key, b"seen");
    assert_eq!(bench.push(0, &[&grant, &event]), [Outcome::Stored; 2]);
    assert_eq!(bench.feed(0), digests(&[&grant, &event]));
    assert_eq!(bench.feed(1), digests(&[&grant, &event]));
    assert!(bench.feed(2).is_empty());
    let answer = bench.world.event(1, space, &key, b"accepted");
    let receipt = bench.world.receipt(1, 0, space, Digest::of(&grant));
    assert_eq!(bench.push(1, &[&answer, &receipt]), [Outcome::Stored; 2]);
    assert_eq!(bench.feed(0), digests(&[&grant, &event, &answer, &receipt]));
}

#[test]
fn a_grant_goes_before_the_events_of_the_same_push() {
    let bench = Bench::new(3);
    let (space, key) = new_space();
    let event = bench.world.event(2, space, &key, b"later");
    let third = bench.world.grant(1, space, &key, Scope::Whole, &[2]);
    let second = bench.world.grant(0, space, &key, Scope::Whole, &[1]);
    let first = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    assert_eq!(bench.push(0, &[&event, &third, &second, &first]), [Outcome::Stored; 4]);
    assert_eq!(bench.feed(2), digests(&[&first, &second, &third, &event]));
}

#[test]
fn a_space_without_a_grant_takes_no_event_and_no_receipt() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let event = bench.world.event(0, space, &key, b"seen");
    let receipt = bench.world.receipt(0, 0, space, Digest::of(b"x"));
    let refused = Outcome::Refused(Refusal::NoGrant);
    assert_eq!(bench.push(0, &[&event, &receipt]), [refused; 2]);
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let foreign = bench.world.event(1, space, &key, b"intruder");
    assert_eq!(bench.push(0, &[&grant, &event, &foreign]), [Outcome::Stored, Outcome::Stored, refused]);
    let grab = bench.world.grant(1, space, &key, Scope::Whole, &[1]);
    let capture = bench.world.capture(1, 0, space, b"intruder");
    assert_eq!(bench.push(1, &[&grab, &capture]), [refused; 2]);
    assert!(bench.feed(1).is_empty());
}

#[test]
fn the_first_grant_names_its_own_unit() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let away = bench.world.grant(0, space, &key, Scope::Whole, &[1]);
    assert_eq!(bench.push(0, &[&away]), [Outcome::Refused(Refusal::NoGrant)]);
    assert!(bench.feed(0).is_empty() && bench.feed(1).is_empty());
}

#[test]
fn a_grant_to_an_unknown_unit_waits_for_its_registry() {
    let mut bench = Bench::new(1);
    let (space, key) = new_space();
    bench.world.add_unit(UnitKind::Upe);
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    assert_eq!(bench.push(0, &[&grant]), [Outcome::Refused(Refusal::UnknownAuthor)]);
    bench.tell_entries();
    assert_eq!(bench.push(0, &[&grant]), [Outcome::Stored]);
    assert_eq!(bench.feed(1), digests(&[&grant]));
}

#[test]
fn a_new_holder_of_the_whole_file_receives_all_of_it_in_stored_order() {
    let bench = Bench::new(3);
    let ((space, key), (_, next_key)) = (new_space(), new_space());
    let capture = bench.world.capture(0, 0, space, b"by night");
    let opening = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let old = bench.world.event(0, space, &key, b"old");
    assert_eq!(bench.push(0, &[&capture, &opening, &old]), [Outcome::Stored; 3]);
    let from_here = bench.world.grant(0, space, &next_key, Scope::FromHere, &[2]);
    let new = bench.world.event(0, space, &next_key, b"new");
    assert_eq!(bench.push(0, &[&new]), [Outcome::Stored]);
    assert_eq!(bench.push(0, &[&from_here]), [Outcome::Stored]);
    assert_eq!(bench.feed(2), digests(&[&new, &from_here]));
    let whole = bench.world.grant(0, space, &key, Scope::Whole, &[1]);
    assert_eq!(bench.push(0, &[&whole]), [Outcome::Stored]);
    assert_eq!(bench.feed(1), digests(&[&opening, &old, &new, &from_here, &whole]));
    let wider = bench.world.grant(0, space, &key, Scope::Whole, &[2]);
    assert_eq!(bench.push(0, &[&wider]), [Outcome::Stored]);
    assert_eq!(bench.feed(2), digests(&[&new, &from_here, &whole, &opening, &old, &wider]));
}

#[test]
fn a_capture_opens_a_space_for_its_own_unit_only() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let capture = bench.world.capture(0, 0, space, b"by night");
    assert_eq!(bench.push(0, &[&capture]), [Outcome::Stored]);
    let claim = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let later = bench.world.capture(0, 0, space, b"again");
    assert_eq!(bench.push(0, &[&claim, &later]), [Outcome::Stored; 2]);
    assert_eq!(bench.feed(0), digests(&[&capture, &claim, &later]));
    assert_eq!(bench.feed(1), digests(&[&claim]));
}

#[test]
fn the_same_bytes_are_stored_and_delivered_once() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    assert_eq!(bench.push(0, &[&grant, &grant]), [Outcome::Stored, Outcome::Had]);
    assert_eq!(bench.push(1, &[&grant]), [Outcome::Had]);
    assert_eq!(bench.feed(1), digests(&[&grant]));
}

#[test]
fn another_envelope_with_a_known_id_is_kept_flagged_and_delivered() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let id = EventId::make_random();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let first = bench.world.event_by(0, 0, id, space, &key, b"first");
    let second = bench.world.event_by(0, 0, id, space, &key, b"second");
    assert_eq!(bench.push(0, &[&grant, &first, &second]), [Outcome::Stored, Outcome::Stored, Outcome::Flagged]);
    assert_eq!(bench.feed(1), digests(&[&grant, &first, &second]));
    assert_eq!(bench.relay.store().counts().unwrap().flags, 1);
}

#[test]
fn anyone_may_carry_but_only_the_author_may_write() {
    let mut bench = Bench::new(2);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    assert_eq!(bench.push(1, &[&grant]), [Outcome::Stored]);
    let worker = bench.world.add_member(0);
    let event = bench.world.event_by(0, worker, EventId::make_random(), space, &key, b"before");
    assert_eq!(bench.push(0, &[&event]), [Outcome::Refused(Refusal::UnknownAuthor)]);
    bench.world.remove_member(0, worker);
    bench.tell_entries();
    assert_eq!(bench.push(0, &[&event]), [Outcome::Stored]);
}

#[test]
fn a_wrong_signature_or_role_is_refused_and_hurts_no_neighbour() {
    let mut bench = Bench::new(2);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let event = bench.world.event(0, space, &key, b"good");
    let mut forged = bench.world.event(0, space, &key, b"forged");
    *forged.last_mut().unwrap() ^= 1;
    let large = vec![0; limits::ENVELOPE_BYTES + 1];
    // A head that signs as if it were a device.
    bench.world.units[0].members[0].member =
        himaya_wire::MemberId::from_bytes(*bench.world.units[0].devices[0].device.as_bytes());
    let role = bench.world.event(0, space, &key, b"role");
    let outcomes = bench.push(0, &[&forged, &b"noise".to_vec(), &grant, &large, &role, &event, &Vec::new()]);
    let refused =
        [Refusal::Signature, Refusal::Malformed, Refusal::TooLarge, Refusal::NotAllowed].map(Outcome::Refused);
    let expected = [
        refused[0],
        refused[1],
        Outcome::Stored,
        refused[2],
        refused[3],
        Outcome::Stored,
        Outcome::Refused(Refusal::Malformed),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(bench.feed(0), digests(&[&grant, &event]));
}

#[test]
fn a_device_gets_its_own_envelopes_by_digest_unless_it_asks_for_all() {
    let mut bench = Bench::new(1);
    let other = bench.world.add_device(0);
    bench.tell_entries();
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    bench.push(0, &[&grant]);
    let own = bench.ask(0, &pull(0)).items;
    assert_eq!(own[0].what, ItemBody::Own(Digest::of(&grant)));
    let theirs = bench.ask_by(0, other, &pull(0)).answer.items;
    assert_eq!(theirs[0].what, ItemBody::Envelope(grant.clone().into()));
    let all = bench.ask(0, &Request { all: true, ..pull(0) }).items;
    assert_eq!(all, theirs);
}

#[test]
fn pages_are_bounded_and_say_that_there_is_more() {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let body: Vec<u8> =
        (0..limits::ENVELOPE_BYTES / 8).flat_map(|n| Digest::of(&n.to_be_bytes()).as_bytes()[..6].to_vec()).collect();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    bench.push(0, &[&grant]);
    for _ in 0..3 {
        let large: Vec<Vec<u8>> = (0..8).map(|_| bench.world.event(0, space, &key, &body)).collect();
        let told = bench.ask(0, &push(&large)).push;
        assert!(told.iter().all(|told| told.outcome == Outcome::Stored));
    }
    let (mut after, mut pages) = (0, 0);
    loop {
        let answer = bench.ask(1, &pull(after));
        assert!(answer.to_bytes().unwrap().len() <= limits::REQUEST_BYTES);
        after = answer.items.last().unwrap().position;
        pages += 1;
        if !answer.more {
            break;
        }
    }
    assert_eq!(after, 25);
    assert!(pages > 1);
    let answer = bench.ask(1, &Request { limit: 2, ..pull(0) });
    assert_eq!((answer.items.len(), answer.more), (2, true));
    let answer = bench.ask(1, &Request { limit: 0, ..pull(0) });
    assert_eq!((answer.items.len(), answer.more), (0, true));
}

#[test]
fn positions_stay_gap_free_under_pushes_from_many_threads() {
    let bench = Bench::new(4);
    let spaces: Vec<_> = (0..4).map(|_| new_space()).collect();
    std::thread::scope(|scope| {
        for (unit, (space, key)) in spaces.iter().enumerate() {
            let bench = &bench;
            scope.spawn(move || {
                let grant = bench.world.grant(unit, *space, key, Scope::Whole, &[0, 1, 2, 3]);
                assert_eq!(bench.push(unit, &[&grant]), [Outcome::Stored]);
                for number in 0..10_u8 {
                    let event = bench.world.event(unit, *space, key, &[number]);
                    assert_eq!(bench.push(unit, &[&event]), [Outcome::Stored]);
                }
            });
        }
    });
    assert!((0..4).all(|unit| bench.feed(unit).len() == 44));
    assert_eq!(bench.relay.store().counts().unwrap().events, 40);
}
