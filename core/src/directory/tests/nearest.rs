use himaya_wire::Stamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::samples::{area, house, moment, need, point, service, utc};
use crate::directory::suit::{Asked, suit};
use crate::directory::{
    Ages, Capacity, Doubt, Exception, Guide, Obstacle, Query, Reason, Service, ServiceId, Settings, Sexes, Status,
    StatusKind, When, distance_m,
};
use crate::record::{Age, AgeBand, Need, Point, Risk, Sex};

type Answer = (Vec<ServiceId>, Vec<(ServiceId, u32, Vec<Obstacle>)>);

/// The same answer by looking at every service: ids chosen, and ids passed over with what stands against them.
fn brute_force(services: &[Service], query: &Query, settings: &Settings) -> Answer {
    let asked = Asked::new(query, settings);
    let mut suitable = Vec::new();
    let mut rest = Vec::new();
    for service in services {
        if query.needs.first().is_some_and(|main| !service.profile.needs.contains(main)) {
            continue;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 20,004,000.
        let metres = distance_m(query.from, service.profile.point).round() as u32;
        let travel_s = settings.travel.seconds(f64::from(metres));
        let suit = suit(&asked, service, travel_s);
        if suit.obstacles.is_empty() {
            suitable.push((travel_s + suit.penalty_s(), service.id, metres, suit.doubts));
        } else {
            rest.push((metres, service.id, suit.obstacles));
        }
    }
    suitable.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let best = suitable.first().map(|first| first.2);
    rest.extend(
        suitable
            .iter()
            .skip(query.limit.max(1))
            .map(|(_, id, metres, doubts)| (*metres, *id, doubts.iter().cloned().map(Obstacle::RankedLower).collect())),
    );
    rest.retain(|(metres, ..)| best.is_none_or(|best| *metres < best));
    rest.sort_by_key(|(metres, id, _)| (*metres, *id));
    rest.truncate(query.passed_over_limit);
    let chosen = suitable.iter().take(query.limit.max(1)).map(|(_, id, ..)| *id).collect();
    (chosen, rest.into_iter().map(|(metres, id, obstacles)| (id, metres, obstacles)).collect())
}

fn agrees(services: Vec<Service>, query: &Query) -> Result<(), TestCaseError> {
    let settings = Settings::default();
    let (chosen, passed_over) = brute_force(&services, query, &settings);
    let guide = Guide::new(services);
    let found = guide.nearest(query, &settings);
    prop_assert_eq!(found.chosen.iter().map(|choice| choice.service.id).collect::<Vec<_>>(), chosen);
    let found: Vec<_> =
        found.passed_over.into_iter().map(|passed| (passed.service.id, passed.metres, passed.obstacles)).collect();
    prop_assert_eq!(found, passed_over);
    Ok(())
}

fn age() -> impl Strategy<Value = Option<Age>> {
    option::of(prop_oneof![
        (0..=17_u8, 0..4_u8).prop_map(|(years, margin)| Age::Years { years, margin }),
        select(AgeBand::ALL.to_vec()).prop_map(Age::Band),
        Just(Age::Born("2009-02-15".parse().unwrap())),
        Just(Age::Born("2000-01-01".parse().unwrap())),
    ])
}

fn query() -> impl Strategy<Value = Query> {
    let other_need = Just("judicial_report".parse::<Need>().unwrap());
    let needs = vec(prop_oneof![20 => need(), 1 => other_need], 0..3);
    let risk = select(vec![Risk::None, Risk::High, Risk::Danger]);
    let child = (age(), select(Sex::ALL.to_vec()), risk, option::of(area()));
    ((point(), moment(), needs), child, (0..4_usize, 0..6_usize)).prop_map(
        |((from, now, needs), (age, sex, risk, area), (limit, passed_over_limit))| Query {
            from,
            now,
            needs,
            age,
            sex,
            risk,
            area,
            limit,
            passed_over_limit,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_index_finds_what_looking_at_every_service_finds(services in vec(service(), 0..60), query in query()) {
        agrees(services, &query)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn it_does_so_too_where_so_few_suit_that_the_tree_is_left(
        few in vec(service(), 1..40),
        spread in vec(point(), 150..300),
        query in query(),
        closed in select(vec!["closed", "Mo-Su 09:00-10:00", "Fr 22:00-04:00"]),
    ) {
        let many = spread.into_iter().zip(1_u32..).map(|(point, number)| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let mut service = few[number as usize % few.len()].clone();
            service.id = ServiceId::from_bytes(bytes);
            service.profile.point = point;
            service.profile.hours.week = closed.parse().unwrap();
            service.profile.needs = Need::DEFAULTS[..3].iter().map(|code| code.parse().unwrap()).collect();
            service
        });
        agrees(many.chain(few.iter().cloned()).collect(), &query)?;
    }
}

const NIGHT: &str = "2026-07-01T01:00:00Z"; // Wednesday, 02:00 in Morocco.

fn night_query() -> Query {
    let mut query = Query::new(Point::new(33.5, -7.5).unwrap(), utc(NIGHT));
    query.needs = vec!["listening".parse().unwrap()];
    query.age = Some(Age::Years { years: 13, margin: 0 });
    query.sex = Sex::Girl;
    query
}

fn when(at: &str) -> When {
    When { at: utc(at), now: utc(NIGHT) }
}

fn with_hours(mut service: Service, week: &str) -> Service {
    service.profile.hours.week = week.parse().unwrap();
    service
}

fn told(mut service: Service, places: u16, told_at: &str) -> Service {
    service.capacity = Some(Capacity { places, told_at: utc(told_at) });
    service
}

fn answered(mut service: Service, what: StatusKind, until: Option<&str>, told_at: &str) -> Service {
    service.status = Some(Status { what, until: until.map(utc), told_at: utc(told_at) });
    service
}

fn reasons(service: Service, query: &Query) -> Vec<Reason> {
    let guide = Guide::new(vec![service]);
    let found = guide.nearest(query, &Settings::default());
    found.chosen.first().map(|choice| choice.reasons.clone()).unwrap_or_default()
}

fn obstacles(service: Service, query: &Query) -> Vec<Obstacle> {
    let guide = Guide::new(vec![service]);
    let found = guide.nearest(query, &Settings::default());
    assert!(found.chosen.is_empty());
    found.passed_over[0].obstacles.clone()
}

#[test]
fn at_two_in_the_night_the_open_house_is_chosen_and_the_nearer_closed_one_explained() {
    let closed = with_hours(house(1, 800.0), "Mo-Fr 08:30-16:30");
    let open = with_hours(told(house(2, 2_000.0), 2, "2026-07-01T00:20:00Z"), "20:00-06:00");
    let guide = Guide::new(vec![closed, open]);
    let found = guide.nearest(&night_query(), &Settings::default());
    assert_eq!(found.chosen.len(), 1);
    assert_eq!(
        found.chosen[0].reasons,
        [
            Reason::OpenUntil(when("2026-07-01T05:00:00Z")),
            Reason::Places { places: 2, told_min: 40 },
            Reason::Takes(Sexes::Both, Ages::ALL),
        ]
    );
    let passed = &found.passed_over[0];
    assert_eq!(passed.obstacles, [Obstacle::Closed(Some(when("2026-07-01T07:30:00Z")))]);
    let nearer = i64::from(passed.nearer_by_m.unwrap());
    assert!((nearer - 1_200).abs() < 10, "{nearer}");
}

#[test]
fn a_house_that_closes_before_arrival_says_so() {
    // 10 km by roads at 30 km/h: 26 minutes; it closes in 15.
    let closing = with_hours(house(1, 10_000.0), "20:00-02:15");
    assert_eq!(obstacles(closing, &night_query()), [Obstacle::ClosesBeforeArrival(when("2026-07-01T01:15:00Z"))]);
    let opening = with_hours(house(1, 10_000.0), "02:20-09:00");
    assert!(reasons(opening, &night_query()).contains(&Reason::OpenUntil(when("2026-07-01T08:00:00Z"))));
    let soon = with_hours(house(1, 10_000.0), "20:00-03:00");
    assert!(reasons(soon, &night_query()).contains(&Reason::Doubt(Doubt::ClosesSoon(when("2026-07-01T02:00:00Z")))));
}

#[test]
fn places_told_long_ago_are_unknown_and_none_left_long_ago_is_no_bar() {
    let query = night_query();
    let fresh_none = told(house(1, 100.0), 0, "2026-06-30T23:00:00Z");
    assert_eq!(obstacles(fresh_none, &query), [Obstacle::NoPlaces(120)]);
    for places in [0, 3] {
        let old = told(house(1, 100.0), places, "2026-06-30T13:00:00Z");
        assert!(reasons(old, &query).contains(&Reason::Doubt(Doubt::CapacityUnknown(Some(720)))));
    }
    let just_fresh = told(house(1, 100.0), 3, "2026-06-30T13:00:01Z");
    assert!(reasons(just_fresh, &query).contains(&Reason::Places { places: 3, told_min: 719 }));
    let mut shelter = house(1, 100.0);
    shelter.profile.needs.push("shelter_tonight".parse().unwrap());
    assert!(reasons(shelter, &query).contains(&Reason::Doubt(Doubt::CapacityUnknown(None))));
    assert!(!reasons(house(1, 100.0), &query).iter().any(|reason| matches!(reason, Reason::Doubt(_))));
}

#[test]
fn an_oral_answer_counts_until_its_end_or_as_long_as_it_is_fresh() {
    let query = night_query();
    let full = |until, told_at| answered(house(1, 100.0), StatusKind::Full, until, told_at);
    let until = when("2026-07-01T06:00:00Z");
    assert_eq!(
        obstacles(full(Some("2026-07-01T06:00:00Z"), "2026-06-01T00:00:00Z"), &query),
        [Obstacle::ToldFull(Some(until))]
    );
    assert_eq!(obstacles(full(None, "2026-07-01T00:00:00Z"), &query), [Obstacle::ToldFull(None)]);
    assert!(!reasons(full(Some("2026-07-01T00:30:00Z"), "2026-07-01T00:00:00Z"), &query).is_empty());
    assert!(!reasons(full(None, "2026-06-30T10:00:00Z"), &query).is_empty());
    let silent = answered(house(1, 100.0), StatusKind::NoAnswer, None, "2026-07-01T00:50:00Z");
    assert_eq!(obstacles(silent, &query), [Obstacle::NoAnswer(None)]);
    // The newer word wins.
    let freed = told(full(None, "2026-06-30T22:00:00Z"), 1, "2026-07-01T00:00:00Z");
    assert!(reasons(freed, &query).contains(&Reason::Places { places: 1, told_min: 60 }));
    let takes =
        answered(told(house(1, 100.0), 0, "2026-06-30T22:00:00Z"), StatusKind::Open, None, "2026-07-01T00:00:00Z");
    assert!(reasons(takes, &query).contains(&Reason::Doubt(Doubt::CapacityUnknown(Some(180)))));
    let stays = with_hours(house(1, 100.0), "Mo-Fr 08:30-16:30");
    let stays = answered(stays, StatusKind::Open, Some("2026-07-01T04:00:00Z"), "2026-07-01T00:00:00Z");
    assert!(reasons(stays, &query).contains(&Reason::ToldOpenUntil(when("2026-07-01T04:00:00Z"))));
}

#[test]
fn danger_opens_the_door_of_emergency_intake_and_no_other() {
    let mut query = night_query();
    let mut intake = with_hours(house(1, 100.0), "Mo-Fr 08:30-16:30");
    intake.profile.emergency_intake = true;
    assert_eq!(obstacles(intake.clone(), &query).len(), 1);
    query.risk = Risk::Danger;
    assert!(reasons(intake.clone(), &query).contains(&Reason::EmergencyIntake));
    intake.profile.emergency_intake = false;
    assert_eq!(obstacles(intake, &query).len(), 1);
}

#[test]
fn every_filter_that_fails_is_named() {
    let mut query = night_query();
    query.needs.push("legal_aid".parse().unwrap());
    query.area = Some("06.141".parse().unwrap());
    let mut service = told(with_hours(house(1, 100.0), "closed"), 0, "2026-07-01T00:00:00Z");
    service = answered(service, StatusKind::Closed, None, "2026-07-01T00:00:00Z");
    service.profile.ages = Ages::new(0, 5).unwrap();
    service.profile.sexes = Sexes::Boys;
    service.profile.jurisdiction = vec!["04".parse().unwrap()];
    assert_eq!(
        obstacles(service, &query),
        [
            Obstacle::LacksNeed("legal_aid".parse().unwrap()),
            Obstacle::WrongAge(Ages::new(0, 5).unwrap()),
            Obstacle::WrongSex(Sexes::Boys),
            Obstacle::OutsideArea,
            Obstacle::ToldClosed(None),
            Obstacle::Closed(None),
            Obstacle::NoPlaces(60),
        ]
    );
}

#[test]
fn what_is_not_known_of_the_child_is_a_doubt_and_never_a_bar() {
    let mut query = night_query();
    (query.age, query.sex) = (Some(Age::Years { years: 16, margin: 3 }), Sex::Unknown);
    let mut service = house(1, 100.0);
    service.profile.ages = Ages::new(14, 17).unwrap();
    service.profile.sexes = Sexes::Girls;
    service.profile.jurisdiction = vec!["06.141".parse().unwrap()];
    let found = reasons(service.clone(), &query);
    for doubt in [Doubt::AgePartly(service.profile.ages), Doubt::SexUnknown(Sexes::Girls), Doubt::AreaUnknown] {
        assert!(found.contains(&Reason::Doubt(doubt)));
    }
    query.age = Some(Age::Years { years: 17, margin: 2 });
    service.profile.ages = Ages::new(15, 17).unwrap();
    assert!(!reasons(service, &query).iter().any(|reason| matches!(reason, Reason::Doubt(Doubt::AgePartly(_)))));
}

#[test]
fn a_doubt_costs_minutes_and_the_nearer_doubtful_house_is_explained() {
    let mut doubtful = house(1, 1_000.0);
    doubtful.profile.needs.push("shelter_tonight".parse().unwrap());
    let guide = Guide::new(vec![doubtful, house(2, 1_500.0)]);
    let mut query = night_query();
    query.limit = 1;
    let found = guide.nearest(&query, &Settings::default());
    assert_eq!(found.chosen[0].service.id, ServiceId::from_bytes([2; 16]));
    assert_eq!(found.passed_over[0].obstacles, [Obstacle::RankedLower(Doubt::CapacityUnknown(None))]);
    query.limit = 2;
    let found = guide.nearest(&query, &Settings::default());
    assert_eq!((found.chosen.len(), found.passed_over.len()), (2, 0));
}

#[test]
fn a_dated_exception_closes_a_house_that_is_always_open() {
    let mut feast = house(1, 100.0);
    let exception = Exception { date: "2026-07-01".parse().unwrap(), hours: "closed".parse().unwrap(), note: None };
    feast.profile.hours.exceptions.push(exception);
    assert_eq!(obstacles(feast, &night_query()), [Obstacle::Closed(Some(when("2026-07-01T23:00:00Z")))]);
}

#[test]
fn a_need_that_nobody_answers_gives_an_empty_answer() {
    let mut query = night_query();
    query.needs = vec!["addiction".parse().unwrap()];
    let guide = Guide::new(vec![house(1, 100.0)]);
    let found = guide.nearest(&query, &Settings::default());
    assert!(found.chosen.is_empty() && found.passed_over.is_empty());
    let extreme = Query::new(query.from, Stamp::from_bits(u64::MAX));
    assert_eq!(guide.nearest(&extreme, &Settings::default()).chosen.len(), 1);
}
