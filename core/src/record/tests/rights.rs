//! Who may write what, over real registries.

use std::collections::BTreeMap;

use himaya_wire::{
    Claims, Digest, Entry, EntryAct, EventId, FoundUnit, MemberId, NewEntry, Owner, ProvinceId, Registries, Removed,
    SealTo, Secret, Sign, SigningKey, SoftwareDeviceKey, SpaceId, Stamp, Subject, UnitId, UnitKind,
};

use super::super::*;

const UPE: u8 = 10;
const CAPE: u8 = 20;
const OTHER: u8 = 30;

fn unit(n: u8) -> UnitId {
    UnitId::from_bytes([n; 16])
}

/// The head of unit `n` is member `n`, its workers are `n + 1` and `n + 2`.
fn member(n: u8) -> MemberId {
    MemberId::from_bytes([n; 16])
}

fn key(n: u8) -> SigningKey {
    SigningKey::derive(&Secret::from_slice(&[n; 32]).unwrap()).unwrap()
}

fn claims(subject: Subject, of: u8) -> Claims {
    let (verify_key, seal_to) = match subject {
        // Any point will do: no device signs here.
        Subject::Device { .. } => {
            let pkcs8 = SoftwareDeviceKey::make_pkcs8().unwrap();
            (SoftwareDeviceKey::from_pkcs8(&pkcs8).unwrap().verify_key(), None)
        }
        _ => (key(of).verify_key(), Some(SealTo::from_bytes([of; 32]))),
    };
    Claims { subject, verify_key, seal_to, issued_at_s: 0, expires_at_s: 9_000_000_000 }
}

struct Country {
    registries: Registries,
    next: BTreeMap<u8, (u64, Digest)>,
}

impl Country {
    fn new() -> Self {
        let mut country = Self { registries: Registries::new(key(1).verify_key()), next: BTreeMap::new() };
        let province = ProvinceId::from_bytes([2; 16]);
        let certificate = claims(Subject::Province(province), 2).sign(&key(1), b"authority").unwrap().bytes;
        country.enter(Owner::Province(province), 2, 2, &EntryAct::FoundProvince { certificate });
        for (n, kind) in [(UPE, UnitKind::Upe), (CAPE, UnitKind::Cape), (OTHER, UnitKind::Sas)] {
            let certify = |subject| claims(subject, n).sign(&key(2), &[2; 16]).unwrap().bytes;
            let device = himaya_wire::DeviceId::from_bytes([n; 16]);
            let found = FoundUnit {
                unit: certify(Subject::Unit { unit: unit(n), province, kind }),
                head: certify(Subject::Member { member: member(n), unit: unit(n), head: true }),
                device: certify(Subject::Device { device, unit: unit(n) }),
            };
            country.enter(Owner::Unit(unit(n)), n, 2, &EntryAct::FoundUnit(found));
            for worker in [n + 1, n + 2] {
                let subject = Subject::Member { member: member(worker), unit: unit(n), head: false };
                let certificate = claims(subject, worker).sign(&key(n), &[n; 16]).unwrap().bytes;
                let act = EntryAct::AdmitMember { certificate, wraps: Vec::new() };
                country.enter(Owner::Unit(unit(n)), n, n, &act);
            }
        }
        country
    }

    fn enter(&mut self, owner: Owner, of: u8, signer: u8, act: &EntryAct) {
        let (number, previous) = self.next.get(&of).copied().unwrap_or((0, Digest::from_bytes([0; 32])));
        let new = NewEntry { owner, number, previous, signer: [signer; 16], at_millis: 0 };
        let entry = Entry::sign(&new, act, &key(signer)).unwrap();
        self.registries.apply(entry.bytes()).unwrap();
        self.next.insert(of, (number + 1, entry.digest));
    }

    fn remove(&mut self, of: u8, worker: u8) {
        self.enter(Owner::Unit(unit(of)), of, of, &EntryAct::Remove(Removed::Member(member(worker))));
    }
}

fn event(n: u8, of: u8, author: u8, parents: &[&Event], kind: SpaceKind, acts: Vec<Act>) -> Event {
    Event {
        id: EventId::from_bytes([n; 16]),
        digest: Digest::of(&[n]),
        space: SpaceId::from_bytes([1; 16]),
        unit: unit(of),
        author: member(author),
        body: EventBody {
            kind,
            stamp: Stamp::at_millis(n.into()),
            position: 2,
            parents: parents.iter().map(|event| event.digest).collect(),
            acts,
        },
    }
}

fn case(n: u8, of: u8, author: u8, parents: &[&Event]) -> Event {
    event(n, of, author, parents, SpaceKind::Case, vec![set(fields::NAME, Value::Text("invented".into()))])
}

fn rekey(n: u8, of: u8, author: u8, parents: &[&Event], removed: u8) -> Event {
    event(n, of, author, parents, SpaceKind::Case, vec![Act::Rekey { removed: vec![member(removed)] }])
}

fn set(name: &'static str, value: Value) -> Act {
    Act::Set { field: Field::of_space(name), over: Vec::new(), value }
}

fn set_in(name: &'static str) -> Act {
    Act::Set {
        field: Field::of_element(EventId::from_bytes([77; 16]), name),
        over: Vec::new(),
        value: Value::Part(vec![1]),
    }
}

fn verdicts(events: &[&Event], country: &Country, holders: &Holders) -> Vec<Verdict> {
    let judged = judge_all(events.iter().copied(), &country.registries, holders);
    let reversed = judge_all(events.iter().rev().copied(), &country.registries, holders);
    assert_eq!(judged, reversed);
    events.iter().map(|event| judged[&event.digest]).collect()
}

const ALLOWED: Verdict = Verdict::Allowed;

const fn aside(reason: SetAsideReason) -> Verdict {
    Verdict::SetAside(reason)
}

#[test]
fn only_members_of_a_unit_that_holds_the_space_write() {
    let country = Country::new();
    let holders = Holders::founded_by(unit(UPE));
    let mine = case(1, UPE, 11, &[]);
    let stranger = case(2, UPE, 99, &[]);
    let elsewhere = case(3, OTHER, 31, &[]);
    let borrowed = case(4, UPE, 31, &[]);
    let mut early = case(5, UPE, 12, &[]);
    early.body.position = 1;
    assert_eq!(
        verdicts(&[&mine, &stranger, &elsewhere, &borrowed, &early], &country, &holders),
        [
            ALLOWED,
            aside(SetAsideReason::UnknownAuthor),
            aside(SetAsideReason::NotHolder),
            aside(SetAsideReason::UnknownAuthor),
            aside(SetAsideReason::BeforeAdmission),
        ]
    );
    // The grant arrives.
    assert_eq!(judge(&elsewhere, &country.registries, &holders.with(unit(OTHER))), ALLOWED);
}

#[test]
fn a_removed_member_counts_up_to_the_removal_and_then_up_to_the_new_key() {
    let mut country = Country::new();
    let holders = Holders::founded_by(unit(UPE));
    let seen = case(1, UPE, 11, &[]);
    let by_other = case(2, UPE, 12, &[&seen]);
    let backdated = case(3, UPE, 11, &[&by_other]);
    country.remove(UPE, 11);
    let mut knowing = case(4, UPE, 11, &[&by_other]);
    knowing.body.position = 3;
    let all = [&seen, &by_other, &backdated, &knowing];
    assert_eq!(
        verdicts(&all, &country, &holders),
        [ALLOWED, ALLOWED, ALLOWED, aside(SetAsideReason::AfterRemoval)],
        "before the new key, the claimed position decides"
    );
    let new_key = rekey(5, UPE, 12, &[&by_other], 11);
    let all = [&seen, &by_other, &backdated, &knowing, &new_key];
    assert_eq!(
        verdicts(&all, &country, &holders),
        [ALLOWED, ALLOWED, aside(SetAsideReason::CutOff), aside(SetAsideReason::AfterRemoval), ALLOWED]
    );
}

#[test]
fn a_new_key_cannot_cut_off_somebody_whom_the_registry_did_not_remove() {
    let country = Country::new();
    let holders = Holders::founded_by(unit(UPE));
    let victim = case(1, UPE, 11, &[]);
    let attack = rekey(2, UPE, 12, &[], 11);
    assert_eq!(verdicts(&[&victim, &attack], &country, &holders), [ALLOWED, ALLOWED]);
}

#[test]
fn a_new_key_by_a_member_removed_later_counts_if_it_was_seen() {
    let mut country = Country::new();
    let holders = Holders::founded_by(unit(UPE));
    let first = case(1, UPE, 11, &[]);
    let late = case(2, UPE, 11, &[&first]);
    let new_key = rekey(3, UPE, 12, &[&first], 11);
    let second_key = rekey(4, UPE, UPE, &[&new_key], 12);
    // The one removed first answers with a key of their own, backdated, that would spare them.
    let answer = rekey(5, UPE, 11, &[&late], 11);
    country.remove(UPE, 11);
    country.remove(UPE, 12);
    let all = [&first, &late, &new_key, &second_key, &answer];
    assert_eq!(
        verdicts(&all, &country, &holders),
        [ALLOWED, aside(SetAsideReason::CutOff), ALLOWED, ALLOWED, aside(SetAsideReason::CutOff)]
    );
}

#[test]
fn a_card_takes_no_words_point_person_or_birth_date_and_calling_it_a_case_does_not_help() {
    let country = Country::new();
    let holders = Holders::founded_by(unit(UPE)).with(unit(CAPE));
    let card = |n, value| event(n, UPE, 11, &[], SpaceKind::Card, vec![set(fields::NOTE, value)]);
    let right = event(1, UPE, 11, &[], SpaceKind::Card, vec![set(fields::RISK, Value::Risk(Risk::High))]);
    assert_eq!(judge(&right, &country.registries, &holders), ALLOWED);
    for value in [
        Value::Text("a name, invented".into()),
        Value::Place(Place::default()),
        Value::Part(vec![1]),
        Value::Member(member(11)),
        Value::Age("2012-05-30".parse().unwrap()),
        Value::Age("12".parse().unwrap()),
    ] {
        let verdict = judge(&card(2, value), &country.registries, &holders);
        assert_eq!(verdict, aside(SetAsideReason::IdentityOnCard));
    }
    let disguised = case(3, CAPE, 21, &[]);
    assert_eq!(verdicts(&[&right, &disguised], &country, &holders), [ALLOWED, aside(SetAsideReason::OtherKind)]);
}

#[test]
fn a_centre_decides_the_guide_and_anyone_tells_capacity() {
    let country = Country::new();
    let holders = Holders::founded_by(unit(CAPE)).with(unit(UPE));
    let guide = |n, of, author, name| event(n, of, author, &[], SpaceKind::Commons, vec![set_in(name)]);
    let profile = guide(1, CAPE, 21, fields::PROFILE);
    let wrong = guide(2, UPE, 11, fields::PROFILE);
    let capacity = guide(3, UPE, 11, fields::CAPACITY);
    let status = guide(4, UPE, 11, fields::STATUS);
    let adopts = event(5, UPE, UPE, &[], SpaceKind::Commons, vec![Act::Adopt { event: wrong.digest }]);
    assert_eq!(
        verdicts(&[&profile, &wrong, &capacity, &status, &adopts], &country, &holders),
        [ALLOWED, aside(SetAsideReason::CentreDecides), ALLOWED, ALLOWED, aside(SetAsideReason::CentreDecides),]
    );
}

#[test]
fn a_head_adopts_and_a_worker_does_not_and_a_round_is_for_its_own_unit() {
    let country = Country::new();
    let holders = Holders::founded_by(unit(UPE)).with(unit(CAPE));
    let adopt = |n, author| event(n, UPE, author, &[], SpaceKind::Case, vec![Act::Adopt { event: Digest::of(b"x") }]);
    assert_eq!(judge(&adopt(1, UPE), &country.registries, &holders), ALLOWED);
    assert_eq!(judge(&adopt(2, 11), &country.registries, &holders), aside(SetAsideReason::HeadDecides));
    let round = |n, of, author| event(n, of, author, &[], SpaceKind::Round, Vec::new());
    assert_eq!(judge(&round(3, UPE, 11), &country.registries, &holders), ALLOWED);
    assert_eq!(judge(&round(4, CAPE, 21), &country.registries, &holders), aside(SetAsideReason::OtherUnit));
}
