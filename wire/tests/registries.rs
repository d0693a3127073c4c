//! Who may write what into a registry. Each refusal leaves everything as it was.
use himaya_wire::*;

use crate::world::{NOW_MS, Person, Phone, World, claims, secret};

fn refused(world: &mut World, entry: &Entry) -> RegistryError {
    let before = format!("{:?}", world.registries);
    let error = world.registries.apply(entry.bytes()).unwrap_err();
    assert_eq!(format!("{:?}", world.registries), before, "a refused entry changes nothing");
    error
}

fn head_is_refused(world: &mut World, act: &EntryAct) {
    let entry = world.sign_as(Owner::Unit(world.sas), act, world.head.id.as_bytes(), &world.head.key);
    let error = refused(world, &entry);
    assert!(matches!(error, RegistryError::NotAllowed | RegistryError::Wire(_)), "{error}");
}

fn sas(world: &World) -> Owner {
    Owner::Unit(world.sas)
}

#[test]
fn the_same_entries_give_the_same_registries_again() {
    let world = World::new();
    let mut again = Registries::new(world.authority.verify_key());
    for entry in &world.entries {
        assert_eq!(again.apply(entry.bytes()).unwrap().1, Applied::New);
        assert_eq!(again.apply(entry.bytes()).unwrap().1, Applied::Had);
    }
    assert_eq!(format!("{again:?}"), format!("{:?}", world.registries));
    let unit = again.unit(world.sas).unwrap();
    assert_eq!((unit.next, unit.members.len(), unit.devices.len()), (5, 2, 2));
    let wraps = unit.wraps_for(world.member.id);
    assert_eq!(wraps[0].open(world.sas, &world.member.hpke).unwrap().expose(), world.circle_all.expose());
}

#[test]
fn entries_that_come_early_wait_and_count_later() {
    let world = World::new();
    let mut again = Registries::new(world.authority.verify_key());
    let late: Vec<_> = world.entries.iter().rev().map(|entry| again.apply(entry.bytes())).collect();
    let refusals = late.iter().filter(|result| result.as_ref().is_err_and(RegistryError::can_retry)).count();
    assert_eq!(refusals, world.entries.len() - 1, "all but the province's first");
}

#[test]
fn another_authority_founds_nothing() {
    let world = World::new();
    let stranger = SigningKey::derive(&secret("stranger")).unwrap();
    let mut other = Registries::new(stranger.verify_key());
    assert!(other.apply(world.entries[0].bytes()).is_err());
    assert!(other.provinces().next().is_none());
}

#[test]
fn a_member_who_is_no_head_admits_removes_and_rekeys_nobody() {
    let mut world = World::new();
    let newcomer = Person::new("newcomer");
    let acts = [
        world.admission(&newcomer, false, &[]),
        world.circle(Circle::All, &secret("own circle"), world.sas, &[&world.member]),
        EntryAct::Remove(Removed::Member(world.head.id)),
        EntryAct::Resign,
        EntryAct::Unknown { kind: 99, data: vec![1] },
    ];
    for act in acts {
        let entry = world.sign_as(sas(&world), &act, world.member.id.as_bytes(), &world.member.key);
        assert_eq!(refused(&mut world, &entry), RegistryError::NotAllowed);
        // Nor by giving the head's name to the member's signature.
        let entry = world.sign_as(sas(&world), &act, world.head.id.as_bytes(), &world.member.key);
        assert!(matches!(refused(&mut world, &entry), RegistryError::Wire(WireError::Signature(_))));
        let entry = world.sign_as(sas(&world), &act, world.province.as_bytes(), &world.member.key);
        assert!(matches!(refused(&mut world, &entry), RegistryError::Wire(WireError::Signature(_))));
    }
}

#[test]
fn the_head_of_another_unit_has_no_say() {
    let mut world = World::new();
    let entry = world.sign_as(
        sas(&world),
        &EntryAct::Remove(Removed::Member(world.member.id)),
        world.upe_head.id.as_bytes(),
        &world.upe_head.key,
    );
    assert_eq!(refused(&mut world, &entry), RegistryError::NotAllowed);
    // Nor does a head admit someone with a certificate that names another unit.
    let stranger = Person::new("stranger");
    let certificate = stranger.claims(world.upe, false).sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitMember { certificate, wraps: Vec::new() });
    let phone = Phone::new("other phone");
    let certificate = phone.claims(world.upe).sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitDevice { certificate });
}

#[test]
fn a_removed_head_has_no_say_and_the_province_outranks_heads() {
    let mut world = World::new();
    world.by_province(sas(&world), &EntryAct::Remove(Removed::Member(world.head.id))).unwrap();
    assert_eq!(world.by_head(sas(&world), &EntryAct::Resign), Err(RegistryError::NotAllowed));
    let unit = world.registries.unit(world.sas).unwrap();
    assert_eq!(unit.members[&world.head.id].removed, Some(5));
    assert!(unit.active_member(world.head.id).is_none());
    // What the removed head signed before still verifies.
    let header = Envelope::parse(&world.event(b"x")).unwrap().header;
    assert!(world.registries.author_key(&Header { author: *world.head.id.as_bytes(), ..header }).is_some());
    // The province admits another head, who then signs.
    let next = Person::new("next head");
    let certificate = next.claims(world.sas, true).sign(&world.province_key, world.province.as_bytes()).unwrap().bytes;
    world.by_province(sas(&world), &EntryAct::AdmitMember { certificate, wraps: Vec::new() }).unwrap();
    let entry = world.sign_as(sas(&world), &EntryAct::Resign, next.id.as_bytes(), &next.key);
    world.take(entry).unwrap();
}

#[test]
fn the_removed_do_not_come_back_under_the_same_name() {
    let mut world = World::new();
    world.by_head(sas(&world), &EntryAct::Remove(Removed::Member(world.member.id))).unwrap();
    world.by_head(sas(&world), &EntryAct::Remove(Removed::Device(world.member_phone.id))).unwrap();
    let act = world.admission(&world.member, true, &[]);
    head_is_refused(&mut world, &act);
    let certificate =
        world.member_phone.claims(world.sas).sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitDevice { certificate });
    let unit = world.registries.unit(world.sas).unwrap();
    assert!(unit.active_member(world.member.id).is_none() && unit.active_device(world.member_phone.id).is_none());
    // Nor are they given a circle's next key.
    let act = world.circle(Circle::All, &secret("next circle"), world.sas, &[&world.head, &world.member]);
    head_is_refused(&mut world, &act);
    // A second removal keeps the first one's number.
    world.by_head(sas(&world), &EntryAct::Remove(Removed::Member(world.member.id))).unwrap();
    assert_eq!(world.registries.unit(world.sas).unwrap().members[&world.member.id].removed, Some(5));
    head_is_refused(&mut world, &EntryAct::Remove(Removed::Member(MemberId::from_bytes([9; 16]))));
    head_is_refused(&mut world, &EntryAct::Remove(Removed::Device(DeviceId::from_bytes([9; 16]))));
}

#[test]
fn an_admission_is_checked_whole_before_anything_changes() {
    let mut world = World::new();
    let newcomer = Person::new("newcomer");
    // A wrap for someone else, a wrap of a key the circle never had, after a right one.
    for wrong in [
        CircleWrap::seal(world.sas, Circle::All, &world.circle_all, world.member.id, &world.member.seal_to()),
        CircleWrap::seal(world.sas, Circle::All, &secret("ghost"), newcomer.id, &newcomer.seal_to()),
        CircleWrap::seal(world.sas, Circle::Medical, &world.circle_all, newcomer.id, &newcomer.seal_to()),
    ] {
        let EntryAct::AdmitMember { certificate, mut wraps } =
            world.admission(&newcomer, false, &[(Circle::All, &world.circle_all)])
        else {
            unreachable!()
        };
        wraps.push(wrong.unwrap());
        head_is_refused(&mut world, &EntryAct::AdmitMember { certificate, wraps });
    }
    // A certificate by another, a certificate without a key to seal to, a device's as a member's.
    let by_other = newcomer.claims(world.sas, false).sign(&world.upe_head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitMember { certificate: by_other, wraps: Vec::new() });
    let bare = Claims { seal_to: None, ..newcomer.claims(world.sas, false) };
    let bare = bare.sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitMember { certificate: bare, wraps: Vec::new() });
    let device = Phone::new("p").claims(world.sas).sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
    head_is_refused(&mut world, &EntryAct::AdmitMember { certificate: device, wraps: Vec::new() });
}

#[test]
fn only_heads_hold_the_heads_circle() {
    let mut world = World::new();
    let newcomer = Person::new("newcomer");
    let act = world.admission(&newcomer, false, &[(Circle::Heads, &world.circle_heads)]);
    head_is_refused(&mut world, &act);
    let act = world.circle(Circle::Heads, &secret("next heads"), world.sas, &[&world.head, &world.member]);
    head_is_refused(&mut world, &act);
    let act = world.admission(&newcomer, true, &[(Circle::Heads, &world.circle_heads)]);
    world.by_head(sas(&world), &act).unwrap();
}

#[test]
fn a_circle_never_goes_back_to_a_key_it_had() {
    let mut world = World::new();
    let act = world.circle(Circle::All, &secret("second"), world.sas, &[&world.head]);
    world.by_head(sas(&world), &act).unwrap();
    let act = world.circle(Circle::All, &world.circle_all, world.sas, &[&world.head]);
    head_is_refused(&mut world, &act);
    let act = world.circle(Circle::Medical, &world.circle_all, world.sas, &[&world.head]);
    head_is_refused(&mut world, &act);
    let now = world.registries.circle_kid(world.sas, Circle::All).unwrap();
    assert_eq!(now, seal_to_of(&secret("second")).unwrap().kid());
}

#[test]
fn a_device_of_another_unit_is_not_taken_over() {
    let mut world = World::new();
    // The head of the SAS lists the UPE's phone under a key of his own, then under its own key.
    let own = Phone::new("upe phone");
    for phone in [own.claims(world.sas), world.upe_phone.claims(world.sas)] {
        let certificate = phone.sign(&world.head.key, world.head.id.as_bytes()).unwrap().bytes;
        head_is_refused(&mut world, &EntryAct::AdmitDevice { certificate });
    }
    assert_eq!(world.registries.unit_of_device(world.upe_phone.id).unwrap().unit, world.upe);
    let third = UnitId::from_bytes([3; 16]);
    let act = world.found(third, UnitKind::Cape, &Person::new("cape head"), &world.upe_phone);
    let entry = world.sign_as(Owner::Unit(third), &act, world.province.as_bytes(), &world.province_key);
    assert_eq!(refused(&mut world, &entry), RegistryError::NotAllowed);
}

#[test]
fn a_unit_is_founded_with_a_head_who_can_be_sealed_to_and_by_its_own_province() {
    let mut world = World::new();
    let (unit, head, phone) = (UnitId::from_bytes([3; 16]), Person::new("third head"), Phone::new("third phone"));
    let EntryAct::FoundUnit(found) = world.found(unit, UnitKind::Cape, &head, &phone) else { unreachable!() };
    let by_province = |claims: Claims| claims.sign(&world.province_key, world.province.as_bytes()).unwrap().bytes;
    let elsewhere = Subject::Unit { unit, province: ProvinceId::from_bytes([8; 16]), kind: UnitKind::Cape };
    let wrong = [
        FoundUnit { head: by_province(Claims { seal_to: None, ..head.claims(unit, true) }), ..found.clone() },
        FoundUnit { head: by_province(head.claims(unit, false)), ..found.clone() },
        FoundUnit { head: by_province(head.claims(world.sas, true)), ..found.clone() },
        FoundUnit { device: by_province(phone.claims(world.sas)), ..found.clone() },
        FoundUnit { unit: by_province(claims(elsewhere, head.key.verify_key(), None)), ..found.clone() },
        FoundUnit { unit: found.head.clone(), ..found.clone() },
        FoundUnit { head: head.claims(unit, true).sign(&head.key, head.id.as_bytes()).unwrap().bytes, ..found.clone() },
    ];
    for found in wrong {
        let act = EntryAct::FoundUnit(found);
        let entry = world.sign_as(Owner::Unit(unit), &act, world.province.as_bytes(), &world.province_key);
        refused(&mut world, &entry);
    }
    world.by_province(Owner::Unit(unit), &EntryAct::FoundUnit(found)).unwrap();
}

#[test]
fn a_second_entry_at_a_number_is_an_alarm() {
    let mut world = World::new();
    let first = world.sign_as(sas(&world), &EntryAct::Resign, world.head.id.as_bytes(), &world.head.key);
    let second = world.sign_as(
        sas(&world),
        &EntryAct::Remove(Removed::Member(world.member.id)),
        world.head.id.as_bytes(),
        &world.head.key,
    );
    world.take(first).unwrap();
    assert_eq!(refused(&mut world, &second), RegistryError::Forked);
    assert!(!RegistryError::Forked.can_retry());
    // A next number over another past, and a number beyond the next.
    let (number, previous) = world.end(sas(&world));
    let new = NewEntry {
        owner: sas(&world),
        number,
        previous: Digest::of(b"another past"),
        signer: *world.head.id.as_bytes(),
        at_millis: NOW_MS,
    };
    let entry = Entry::sign(&new, &EntryAct::Resign, &world.head.key).unwrap();
    assert_eq!(refused(&mut world, &entry), RegistryError::Forked);
    let new = NewEntry { number: u64::MAX, previous, ..new };
    let entry = Entry::sign(&new, &EntryAct::Resign, &world.head.key).unwrap();
    assert_eq!(refused(&mut world, &entry), RegistryError::Gap);
}

#[test]
fn a_province_lists_its_own_units_only_and_a_unit_founds_nothing() {
    let mut world = World::new();
    let province = Owner::Province(world.province);
    let elsewhere = Subject::Unit { unit: world.sas, province: ProvinceId::from_bytes([8; 16]), kind: UnitKind::Sas };
    let certificate = claims(elsewhere, world.head.key.verify_key(), None)
        .sign(&world.province_key, world.province.as_bytes())
        .unwrap()
        .bytes;
    let entry =
        world.sign_as(province, &EntryAct::ListUnit { certificate }, world.province.as_bytes(), &world.province_key);
    assert_eq!(refused(&mut world, &entry), RegistryError::NotAllowed);
    let entry = world.sign_as(province, &EntryAct::Resign, world.head.id.as_bytes(), &world.head.key);
    assert_eq!(refused(&mut world, &entry), RegistryError::NotAllowed);
    let certificate = world.unit_certificate(world.sas, UnitKind::Sas, &world.head).bytes;
    head_is_refused(&mut world, &EntryAct::ListUnit { certificate });
    let act = world.found(world.sas, UnitKind::Sas, &world.head, &world.phone);
    head_is_refused(&mut world, &act);
}

#[test]
fn an_act_of_a_newer_program_takes_its_number_and_does_nothing() {
    let mut world = World::new();
    let members = world.registries.unit(world.sas).unwrap().members.len();
    world.by_head(sas(&world), &EntryAct::Unknown { kind: 99, data: vec![1, 2] }).unwrap();
    let unit = world.registries.unit(world.sas).unwrap();
    assert_eq!((unit.next, unit.members.len()), (6, members));
    let entry = Entry::parse(world.entries.last().unwrap().bytes()).unwrap();
    assert_eq!(entry.act, EntryAct::Unknown { kind: 99, data: vec![1, 2] });
}

#[test]
fn a_device_speaks_with_p256_and_people_with_ed25519() {
    let world = World::new();
    let member = Subject::Member { member: world.member.id, unit: world.sas, head: false };
    let device = Subject::Device { device: world.phone.id, unit: world.sas };
    for (subject, key) in [(member, world.phone.key.verify_key()), (device, world.member.key.verify_key())] {
        let wrong = claims(subject, key, None);
        assert!(wrong.sign(&world.head.key, world.head.id.as_bytes()).is_err());
    }
}
