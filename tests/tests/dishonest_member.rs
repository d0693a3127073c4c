//! What a dishonest colleague can try with real keys, and how honest devices answer: the table in
//! `docs/threat-model.md`.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use coset::cbor::value::Value as Cbor;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, Label};
use himaya_core::app::{NewReferral, Session, SyncOptions};
use himaya_core::record::{Act, Code, Field, Place, Point, SpaceKind, Value, fields as f};
use himaya_hub::testing::NOW_MILLIS;
use himaya_tests::{Forge, Worker, spotting};
use himaya_wire::{
    Circle, Claims, Digest, Entry, EntryAct, Envelope, EventId, MemberId, NewEntry, Outcome, Owner, Purpose, Refusal,
    Scope, Secret, Sign, SigningKey, SpaceId, Subject, UnitKind, seal_to_of,
};

const SAS: usize = 0;
const UPE: usize = 1;
const OUT: usize = 2;
const CAPE: usize = 3;

fn forge() -> Forge {
    Forge::new(&[UnitKind::Sas, UnitKind::Upe, UnitKind::Upe, UnitKind::Cape])
}

fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}

fn set(name: &str, value: Value) -> Act {
    Act::Set { field: Field { element: None, name: name.parse::<Code>().unwrap() }, over: Vec::new(), value }
}

/// A spotting of an honest worker, referred to the honest unit, everything synced.
fn referred(forge: &mut Forge) -> (Worker, Worker, SpaceId) {
    let (sas, upe) = (forge.worker(SAS), forge.worker(UPE));
    let street = sas.unlock();
    sync(&street);
    let space = street.spot(&spotting("Yassine")).unwrap().space;
    let needs = vec!["listening".parse().unwrap()];
    street.refer(space, &NewReferral { to: forge.unit(UPE), needs, note: None }).unwrap();
    sync(&street);
    sync(&upe.unlock());
    sync(&street);
    (sas, upe, space)
}

#[test]
fn a_member_of_a_unit_that_does_not_hold_the_space_is_refused_by_the_hub_and_set_aside_by_devices() {
    let mut forge = forge();
    let (sas, _, space) = referred(&mut forge);
    let (event, key) = forge.newest(SAS, space);
    // As if the key had leaked to them.
    let mut forged = forge.event(OUT, space, SpaceKind::Spotting, vec![set(f::NAME, Value::Text("taken over".into()))]);
    forged.parents = vec![event.digest];
    let envelopes = vec![forge.world.grant(OUT, space, &key, Scope::Whole, &[OUT]), forge.seal(&forged, &key)];
    let refused = Outcome::Refused(Refusal::NoGrant);
    assert_eq!(forge.push(OUT, &envelopes), [refused, refused]);
    assert!(forge.feed(OUT).is_empty(), "and is given nothing of the space");

    let street = sas.unlock();
    forge.carry(&envelopes, &sas.device);
    street.ingest().unwrap();
    let file = street.show(space).unwrap();
    assert_eq!((file.line.title.as_str(), file.set_aside), ("Yassine", 1));
    assert!(!file.holders.contains(&forge.unit(OUT)), "nor does it hold the space by its own word");
    assert!(street.rebuild().unwrap().identical);
}

#[test]
fn an_envelope_signed_again_as_ones_own_does_not_open() {
    let mut forge = forge();
    let (sas, upe, space) = referred(&mut forge);
    let (event, _) = forge.newest(SAS, space);
    let thief = &forge.world.units[UPE].members[0];
    let original = CoseSign1::from_slice(event.bytes()).unwrap();
    let mut header = original.protected.header.clone();
    header.key_id = thief.member.as_bytes().to_vec();
    for (label, value) in &mut header.rest {
        if *label == Label::Int(-65_537)
            && let Cbor::Array(fields) = value
        {
            fields[4] = Cbor::Bytes(forge.unit(UPE).as_bytes().to_vec());
        }
    }
    let stolen = CoseSign1Builder::new()
        .protected(header)
        .payload(original.payload.unwrap())
        .create_signature(&[], |message| thief.key.sign(message).unwrap())
        .build()
        .to_vec()
        .unwrap();
    let parsed = Envelope::parse(&stolen).unwrap();
    assert!(parsed.verify(&thief.key.verify_key()).is_ok(), "the outer signature is good");
    assert_eq!(forge.push(UPE, &[stolen]), [Outcome::Flagged], "the hub cannot look inside, but sees the id twice");
    for worker in [&sas, &upe] {
        let session = worker.unlock();
        let before = session.status().unwrap().held;
        sync(&session);
        let status = session.status().unwrap();
        assert_eq!((status.held, status.alarms), (before + 1, 1));
        assert_eq!(session.show(space).unwrap().line.title, "Yassine");
    }
}

#[test]
fn a_profile_in_the_guide_by_anyone_but_a_centre_is_set_aside() {
    let mut forge = forge();
    let (sas, cape) = (forge.worker(SAS), forge.worker(CAPE));
    let centre = cape.unlock();
    sync(&centre);
    let commons = centre.open_commons().unwrap();
    sync(&centre);
    let street = sas.unlock();
    sync(&street);
    let (event, key) = forge.newest(SAS, commons);
    let service = EventId::make_random();
    let acts = vec![
        Act::Add { list: f::SERVICES.parse().unwrap(), element: service },
        Act::Set {
            field: Field { element: Some(service), name: f::PROFILE.parse().unwrap() },
            over: Vec::new(),
            value: Value::Part(vec![1, 2, 3]),
        },
    ];
    let mut forged = forge.event(SAS, commons, SpaceKind::Commons, acts);
    forged.parents = vec![event.digest];
    assert_eq!(forge.push(SAS, &[forge.seal(&forged, &key)]), [Outcome::Stored]);
    for session in [&street, &centre] {
        sync(session);
        assert_eq!(session.show(commons).unwrap().set_aside, 1);
        assert_eq!(session.guide().unwrap().services().len(), 0);
    }
}

#[test]
fn words_or_a_point_on_a_card_are_set_aside() {
    let mut forge = forge();
    let (sas, cape) = (forge.worker(SAS), forge.worker(CAPE));
    let street = sas.unlock();
    sync(&street);
    street.spot(&spotting("Yassine")).unwrap();
    sync(&street);
    let centre = cape.unlock();
    sync(&centre);
    let card = centre.cards().unwrap().remove(0).space;
    let (event, key) = forge.newest(SAS, card);
    let place = Place { point: Some(Point::new(31.6, -8.0).unwrap()), ..Place::default() };
    let values = [(f::NOTE, Value::Text("her name".into())), (f::PLACE, Value::Place(place))];
    for (set_aside, (field, value)) in (1..).zip(values) {
        let mut forged = forge.event(SAS, card, SpaceKind::Card, vec![set(field, value)]);
        forged.parents = vec![event.digest];
        assert_eq!(forge.push(SAS, &[forge.seal(&forged, &key)]), [Outcome::Stored]);
        sync(&centre);
        let shown = centre.show(card).unwrap();
        assert_eq!(shown.set_aside, set_aside);
        assert!(shown.fields.iter().all(|line| line.field != field), "{field}");
    }
    // Nor by calling the card something else.
    let mut forged = forge.event(SAS, card, SpaceKind::Case, vec![set(f::NOTE, Value::Text("her name".into()))]);
    forged.parents = vec![event.digest];
    forge.push(SAS, &[forge.seal(&forged, &key)]);
    sync(&centre);
    assert_eq!(centre.show(card).unwrap().set_aside, 3);
    assert_eq!(centre.board().unwrap().in_stage(himaya_core::record::Stage::Spotted), 1);
}

#[test]
fn a_removed_member_is_cut_off_by_the_new_key_of_the_next_writer() {
    let mut forge = forge();
    let removed = forge.world.add_member(UPE);
    forge.tell_entries();
    let (sas, upe, space) = referred(&mut forge);
    let (event, old_key) = forge.newest(UPE, space);
    let name = |text: &str| vec![set(f::NICKNAME, Value::Text(text.into()))];
    let mut before = forge.event(UPE, space, SpaceKind::Spotting, name("before"));
    (before.member, before.parents) = (removed, vec![event.digest]);
    let before = forge.seal(&before, &old_key);
    assert_eq!(forge.push(UPE, std::slice::from_ref(&before)), [Outcome::Stored]);
    let street = sas.unlock();
    sync(&street);
    assert_eq!(street.show(space).unwrap().set_aside, 0);

    let position = forge.next(UPE) - 1;
    let old_circle = forge.world.units[UPE].circles[&Circle::All].clone();
    let member = forge.world.units[UPE].members[removed].member;
    forge.remove_member(UPE, member);
    sync(&street);
    street.edit(space, "note", None, "written after the removal").unwrap();
    sync(&street);
    let (rekeyed, new_key) = forge.newest(UPE, space);
    assert_ne!(new_key.kid(), old_key.kid(), "the first remaining writer gives the space a new key");
    let grants = forge
        .feed(UPE)
        .into_iter()
        .filter(|envelope| envelope.header.purpose == Purpose::Grant && envelope.header.kid == new_key.kid());
    for grant in grants {
        let body = himaya_wire::read_grant(&grant).unwrap();
        for recipient in &body.recipients {
            assert!(himaya_wire::open_grant(&grant, &body, recipient, &old_circle).is_err(), "which is not for them");
        }
    }
    assert!(himaya_wire::open_event(&rekeyed, &old_key).is_err());

    // Now they write as if they had written before: an old position, old parents, the old key.
    let mut late = forge.event(UPE, space, SpaceKind::Spotting, name("late"));
    (late.member, late.parents, late.position) = (removed, vec![event.digest], position);
    late.stamp = himaya_wire::Stamp::at_millis(NOW_MILLIS - 1_000_000);
    let honest_position = forge.next(UPE) - 1;
    let mut later = late.clone();
    (later.id, later.position) = (EventId::make_random(), honest_position);
    forge.push(UPE, &[forge.seal(&late, &old_key), forge.seal(&later, &old_key)]);
    let unit = upe.unlock();
    for session in [&street, &unit] {
        sync(session);
        let file = session.show(space).unwrap();
        assert_eq!(file.set_aside, 2, "both are set aside, what they wrote before is not");
        let nickname = file.fields.iter().find(|line| line.field == "nickname").unwrap();
        assert_eq!(nickname.text, "before");
        assert!(session.rebuild().unwrap().identical);
    }
}

#[test]
fn a_removed_device_is_fed_nothing_and_its_pushes_are_kept_apart() {
    let mut forge = forge();
    let (sas, upe, space) = referred(&mut forge);
    let device = forge.world.add_device(UPE);
    forge.tell_entries();
    forge.world.remove_device(UPE, device);
    forge.tell_entries();
    let (_, key) = forge.newest(UPE, space);
    let forged = forge.event(UPE, space, SpaceKind::Spotting, vec![set(f::NAME, Value::Text("late".into()))]);
    let request = himaya_hub::testing::push(&[forge.seal(&forged, &key)]);
    let request = forge.world.request(UPE, device, &request);
    let answer = forge.hub.relay.handle(&request, NOW_MILLIS).unwrap().answer;
    assert_eq!(answer.push[0].outcome, Outcome::Quarantined);
    assert!(answer.items.is_empty());
    for worker in [&sas, &upe] {
        let session = worker.unlock();
        sync(&session);
        assert_eq!(session.show(space).unwrap().line.title, "Yassine");
    }
}

#[test]
fn a_member_who_is_no_head_admits_nobody() {
    let mut forge = forge();
    let upe = forge.worker(UPE);
    let author = forge.world.add_member(UPE);
    forge.tell_entries();
    let unit = forge.unit(UPE);
    let owner = Owner::Unit(unit);
    let author = &forge.world.units[UPE].members[author];
    let ghost = SigningKey::derive(&Secret::make_random().unwrap()).unwrap();
    let claims = Claims {
        subject: Subject::Member { member: MemberId::make_random(), unit, head: true },
        verify_key: ghost.verify_key(),
        seal_to: Some(seal_to_of(&Secret::make_random().unwrap()).unwrap()),
        issued_at_s: 0,
        expires_at_s: i64::MAX / 2,
    };
    let certificate = claims.sign(&author.key, author.member.as_bytes()).unwrap().bytes;
    let number = forge.next(UPE);
    let previous = forge.world.registries.digest_at(owner, number - 1).unwrap();
    let new = NewEntry { owner, number, previous, signer: *author.member.as_bytes(), at_millis: NOW_MILLIS };
    let act = EntryAct::AdmitMember { certificate, wraps: Vec::new() };
    let entry = Entry::sign(&new, &act, &author.key).unwrap().bytes().to_vec();
    let (told, _) = forge.hub.relay.take_entries(&[entry.as_slice()], NOW_MILLIS).unwrap();
    assert_eq!(told[0].outcome, Outcome::Refused(Refusal::NotAllowed));
    // And if a hub played along:
    forge.hub.alter(move |request, answer| {
        let position = request.request.entries_after + 1 + answer.registry.len() as u64;
        answer.registry.push(himaya_wire::RegistryItem { position, entry: entry.clone().into() });
    });
    let session = upe.unlock();
    sync(&session);
    assert!(session.status().unwrap().alarms > 0);
    let members = upe.device.registries(|registries| registries.unit(unit).unwrap().members.len());
    assert_eq!(members, 3, "the head, the honest worker and the dishonest one");
}

#[test]
fn a_receipt_for_another_unit_is_not_believed() {
    let mut forge = forge();
    let sas = forge.worker(SAS);
    let street = sas.unlock();
    sync(&street);
    let space = street.spot(&spotting("Yassine")).unwrap().space;
    let needs = vec!["listening".parse().unwrap()];
    street.refer(space, &NewReferral { to: forge.unit(UPE), needs, note: None }).unwrap();
    sync(&street);
    let grants: Vec<Digest> = forge
        .feed(SAS)
        .iter()
        .filter(|envelope| envelope.header.space == space && envelope.header.purpose == Purpose::Grant)
        .map(|envelope| envelope.digest)
        .collect();
    // By a device of the sender's own unit, and by one of a unit that has nothing to do with it.
    for of in grants {
        let receipts = vec![forge.world.receipt(SAS, 0, space, of), forge.world.receipt(OUT, 0, space, of)];
        forge.carry(&receipts, &sas.device);
    }
    street.ingest().unwrap();
    assert_eq!(street.sent().unwrap()[0].received_millis, None);
}
