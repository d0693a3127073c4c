//! What the builders write reads back from the view.

use himaya_wire::{Digest, EventId, MemberId, SpaceId, Stamp, UnitId};

use super::super::*;

/// One worker's device: applies its own acts.
struct Pen {
    fold: Fold,
    count: u8,
    author: u8,
    kind: SpaceKind,
}

impl Pen {
    fn new(kind: SpaceKind, author: u8) -> Self {
        Self { fold: Fold::new(), count: 0, author, kind }
    }

    fn write(&mut self, acts: Vec<Act>) -> Event {
        self.count += 1;
        let event = Event {
            id: EventId::from_bytes([self.author.wrapping_mul(40) + self.count; 16]),
            digest: Digest::of(&[self.author, self.count]),
            space: SpaceId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([9; 16]),
            author: MemberId::from_bytes([self.author; 16]),
            body: EventBody {
                kind: self.kind,
                stamp: Stamp::at_millis(i64::from(self.count) * 1_000),
                position: 0,
                parents: self.fold.view().heads,
                acts,
            },
        };
        self.fold.apply(&event, Verdict::Allowed);
        event
    }
}

fn element(n: u8) -> ElementId {
    EventId::from_bytes([n; 16])
}

#[test]
fn a_referral_is_sent_answered_and_told() {
    let mut pen = Pen::new(SpaceKind::Spotting, 1);
    let new = build::NewReferral {
        to: UnitId::from_bytes([5; 16]),
        service: None,
        needs: vec!["shelter_tonight".parse().unwrap()],
        risk: Some(Risk::High),
        note: None,
        sent_at: Some(Stamp::at_millis(10)),
    };
    pen.write(build::referral(&pen.fold.view(), element(1), &new));
    for step in [ReferralStep::Seen, ReferralStep::Accepted, ReferralStep::Arrived] {
        pen.write(build::referral_step(&pen.fold.view(), element(1), step.clone(), Stamp::at_millis(20), None));
        assert_eq!(pen.fold.view().element(element(1)).step(fields::STEP), Some(&step));
    }
    let view = pen.fold.view();
    assert_eq!(view.list(fields::REFERRALS), [element(1)]);
    assert_eq!(view.element(element(1)).unit(fields::TO), Some(UnitId::from_bytes([5; 16])));
    assert!(view.conflicts.is_empty());
}

#[test]
fn a_round_keeps_its_crew_and_contacts() {
    let mut pen = Pen::new(SpaceKind::Round, 1);
    let crew = vec![MemberId::from_bytes([1; 16]), MemberId::from_bytes([2; 16])];
    let new = build::NewRound { started: Stamp::at_millis(1), crew, vehicle: Some("van".into()), note: None };
    pen.write(build::start_round(&pen.fold.view(), &new));
    let contact = build::NewContact {
        at: Stamp::at_millis(2),
        count: 3,
        sex: Some(Sex::Boy),
        band: None,
        place: None,
        note: None,
    };
    pen.write(build::contact(&pen.fold.view(), element(3), &contact));
    pen.write(build::end_round(&pen.fold.view(), Stamp::at_millis(9), None));
    let view = pen.fold.view();
    assert_eq!(view.list(fields::CREW).len(), 2);
    assert_eq!(view.element(element(3)).number(fields::COUNT), Some(3));
    assert_eq!(view.space().time(fields::ENDED), Some(Stamp::at_millis(9)));
}

#[test]
fn two_workers_differ_one_settles() {
    let (mut one, mut two) = (Pen::new(SpaceKind::Case, 1), Pen::new(SpaceKind::Case, 2));
    let first = one.write(build::spotting(&View::default(), &build::NewSpotting::default()));
    two.fold.apply(&first, Verdict::Allowed);
    let named = |name: &str| build::NewSpotting { name: Some(name.into()), ..Default::default() };
    let a = one.write(build::spotting(&one.fold.view(), &named("first, invented")));
    let b = two.write(build::spotting(&two.fold.view(), &named("second, invented")));
    one.fold.apply(&b, Verdict::Allowed);
    two.fold.apply(&a, Verdict::Allowed);
    let view = one.fold.view();
    assert_eq!(view, two.fold.view());
    assert_eq!(view.conflicts, [Field::of_space(fields::NAME)]);
    assert_eq!(view.space().field(fields::NAME).unwrap().alternatives.len(), 2);
    let settled = build::settle(&view, &view.conflicts[0], Value::Text("second, invented".into()));
    one.write(vec![settled]);
    let view = one.fold.view();
    assert!(view.conflicts.is_empty());
    assert_eq!(view.space().text(fields::NAME), Some("second, invented"));
}

#[test]
fn an_addition_that_a_removal_did_not_see_stays() {
    let (mut one, mut two) = (Pen::new(SpaceKind::Commons, 1), Pen::new(SpaceKind::Commons, 2));
    let part = || vec![build::ServicePart::Profile(vec![1])];
    let first = one.write(build::service(&View::default(), element(1), part()));
    let unseen = two.write(build::service(&View::default(), element(1), part()));
    one.write(build::remove_service(&one.fold.view(), element(1)));
    assert!(one.fold.view().list(fields::SERVICES).is_empty());
    one.fold.apply(&unseen, Verdict::Allowed);
    assert_eq!(one.fold.view().list(fields::SERVICES), [element(1)]);
    assert_eq!(one.fold.view().list(fields::CALLS), []);
    assert!(one.fold.contains(first.digest));
}

#[test]
fn a_reused_id_keeps_both_contents_and_is_raised() {
    let mut pen = Pen::new(SpaceKind::Case, 1);
    let named = |name: &str| build::NewSpotting { name: Some(name.into()), ..Default::default() };
    let honest = pen.write(build::spotting(&View::default(), &named("honest, invented")));
    let mut twin = honest.clone();
    twin.digest = Digest::of(b"twin");
    twin.body.acts = build::spotting(&View::default(), &named("twin, invented"));
    pen.fold.apply(&twin, Verdict::Allowed);
    let view = pen.fold.view();
    assert_eq!(view.reused_ids, [honest.id]);
    assert_eq!(view.space().field(fields::NAME).unwrap().alternatives.len(), 2);
    assert_eq!(view.over(&Field::of_space(fields::NAME)), [honest.id]);
}

#[test]
fn edits_that_replace_one_another_in_a_ring_hide_nothing() {
    let mut pen = Pen::new(SpaceKind::Case, 1);
    let set = |over: Vec<EventId>, text: &str| Act::Set {
        field: Field::of_space(fields::NAME),
        over,
        value: Value::Text(text.into()),
    };
    let honest = pen.write(vec![set(vec![], "honest, invented")]);
    let (second, third) = (EventId::from_bytes([42; 16]), EventId::from_bytes([43; 16]));
    assert_eq!(pen.write(vec![set(vec![honest.id, third], "a")]).id, second);
    assert_eq!(pen.write(vec![set(vec![second], "b")]).id, third);
    let view = pen.fold.view();
    assert_eq!(view.space().field(fields::NAME).unwrap().alternatives.len(), 3);
    pen.write(vec![build::settle(&view, &Field::of_space(fields::NAME), Value::Text("c".into()))]);
    assert_eq!(pen.fold.view().space().text(fields::NAME), Some("c"));
    assert!(pen.fold.view().conflicts.is_empty());
}

#[test]
fn what_has_not_arrived_shows_and_hides_nothing() {
    let mut pen = Pen::new(SpaceKind::Case, 1);
    let first = pen.write(build::spotting(&View::default(), &build::NewSpotting::default()));
    let second = pen.write(build::set_risk(&pen.fold.view(), Risk::High, None));
    let view = Fold::of([(second.clone(), Verdict::Allowed)]).view();
    assert_eq!(view.missing_parents, [first.digest]);
    assert_eq!(view.space().risk(fields::RISK), Some(Risk::High));
    let view = pen.fold.view();
    assert!(view.missing_parents.is_empty());
    assert_eq!(view.heads, [second.digest]);
}

#[test]
fn an_adopted_event_counts_unless_its_content_may_not() {
    let mut pen = Pen::new(SpaceKind::Card, 1);
    let event = pen.write(build::set_risk(&View::default(), Risk::High, None));
    for (reason, counts) in [(SetAsideReason::CutOff, true), (SetAsideReason::IdentityOnCard, false)] {
        let mut head = Pen::new(SpaceKind::Card, 2);
        head.fold.apply(&event, Verdict::SetAside(reason));
        assert_eq!(head.fold.view().set_aside.len(), 1);
        head.write(vec![Act::Adopt { event: event.digest }]);
        assert_eq!(head.fold.view().space().risk(fields::RISK).is_some(), counts);
        assert_eq!(head.fold.view().set_aside.is_empty(), counts);
    }
}

#[test]
fn a_file_takes_over_what_the_spotting_knew() {
    let mut spotting = Pen::new(SpaceKind::Spotting, 1);
    let new = build::NewSpotting { sex: Some(Sex::Girl), risk: Some(Risk::High), ..Default::default() };
    spotting.write(build::spotting(&View::default(), &new));
    let mut case = Pen::new(SpaceKind::Case, 2);
    let owner = UnitId::from_bytes([9; 16]);
    case.write(build::open_case(&View::default(), &spotting.fold.view(), owner, None));
    let view = case.fold.view();
    assert_eq!(view.space().stage(fields::STAGE), Some(Stage::Received));
    assert_eq!((view.space().sex(fields::SEX), view.space().risk(fields::RISK)), (Some(Sex::Girl), Some(Risk::High)));
}

#[test]
fn calls_handovers_and_cards_read_back() {
    let mut pen = Pen::new(SpaceKind::Spotting, 1);
    let call = build::NewCall {
        at: Stamp::at_millis(1),
        unit: None,
        service: Some(element(8)),
        who: Some("a guard, invented".into()),
        answer: build::CallAnswer::NoAnswer,
        until: None,
        note: None,
    };
    pen.write(build::call(&pen.fold.view(), element(1), &call));
    let receipt = build::NewHandover {
        at: Stamp::at_millis(2),
        unit: None,
        who: "a nurse, invented".into(),
        code: Some("4711".into()),
        note: None,
    };
    pen.write(build::handover(&pen.fold.view(), element(2), &receipt));
    let view = pen.fold.view();
    assert_eq!(view.element(element(1)).code(fields::ANSWER).unwrap().as_str(), "no_answer");
    assert_eq!(view.element(element(2)).text(fields::CODE), Some("4711"));

    let mut pen = Pen::new(SpaceKind::Card, 1);
    let card = build::NewCard { area: Some(build::area_code("01.511.01.").unwrap()), ..Default::default() };
    pen.write(build::card(&View::default(), &card));
    assert_eq!(pen.fold.view().space().code(fields::AREA).unwrap().as_str(), "01_511_01");
    assert!(build::card(&pen.fold.view(), &card).is_empty(), "the same again makes no act");
}
