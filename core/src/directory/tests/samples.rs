//! Invented services: none of them exists.

use himaya_wire::{Stamp, UnitId};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::directory::{
    Ages, Capacity, DayHours, Exception, Hours, Interval, Service, ServiceId, ServiceKind, ServiceProfile, Sexes,
    Status, StatusKind, WeekHours,
};
use crate::record::{Need, Point};

pub fn utc(text: &str) -> Stamp {
    Stamp::at_millis(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
}

/// A house open day and night for every child, `east_m` metres east of the middle of an invented town.
pub fn house(number: u8, east_m: f64) -> Service {
    Service {
        id: ServiceId::from_bytes([number; 16]),
        profile: ServiceProfile {
            unit: None,
            kind: ServiceKind::Association,
            name_ar: "دار مخترعة".parse().unwrap(),
            name_fr: "Maison inventée".parse().unwrap(),
            needs: vec!["listening".parse().unwrap()],
            ages: Ages::ALL,
            sexes: Sexes::Both,
            hours: Hours { week: WeekHours::always(), ramadan: None, exceptions: Vec::new() },
            emergency_intake: false,
            phone: "+212500000000".parse().unwrap(),
            jurisdiction: Vec::new(),
            point: Point::new(33.5, -7.5 + east_m / 92_900.0).unwrap(),
            area: "06.141".parse().unwrap(),
        },
        capacity: None,
        status: None,
    }
}

fn day_hours() -> impl Strategy<Value = DayHours> {
    let interval =
        (0..96_u16, 1..=96_u16).prop_map(|(from, length)| Interval::new(from * 15, (from + length) * 15).unwrap());
    prop_oneof![
        2 => vec(interval, 1..3).prop_map(|intervals| {
            DayHours::new(intervals.clone()).unwrap_or_else(|_| DayHours::new(intervals[..1].to_vec()).unwrap())
        }),
        1 => Just(DayHours::closed()),
    ]
}

pub fn week() -> impl Strategy<Value = WeekHours> {
    prop_oneof![
        1 => Just(WeekHours::always()),
        1 => day_hours().prop_map(|day| WeekHours::new(std::array::from_fn(|_| day.clone()))),
        2 => proptest::array::uniform7(day_hours()).prop_map(WeekHours::new),
    ]
}

fn hours() -> impl Strategy<Value = Hours> {
    // Dates around the moments that queries ask about.
    let date = (0..6_u64).prop_map(|days| "2026-02-13".parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(days));
    let note = option::of("[ -~]{1,20}|#ملاحظة ; '=1".prop_filter_map("a note", |text| text.parse().ok()));
    let exceptions = btree_map(date, (day_hours(), note), 0..3)
        .prop_map(|dates| dates.into_iter().map(|(date, (hours, note))| Exception { date, hours, note }).collect());
    (week(), option::of(week()), prop_oneof![2 => Just(Vec::new()), 1 => exceptions])
        .prop_map(|(week, ramadan, exceptions)| Hours { week, ramadan, exceptions })
}

pub fn moment() -> impl Strategy<Value = Stamp> {
    let start = utc("2026-02-13T00:00:00Z").millis();
    // Six days: an offset change on the 15th, Ramadan from the 18th.
    (0..6 * 86_400_000_i64, prop_oneof![9 => Just(0_u64), 1 => 0..65_536_u64])
        .prop_map(move |(after, counter)| Stamp::from_bits(Stamp::at_millis(start + after).to_bits() | counter))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[=+@'-]?[a-zA-Z,;\"' éأب]{1,12}", "[\\PC]{1,10}"]
}

pub fn area() -> impl Strategy<Value = crate::directory::AreaCode> {
    select(vec!["06", "06.141", "06.141.01.00", "06.355", "04.421"]).prop_map(|code| code.parse().unwrap())
}

pub fn point() -> impl Strategy<Value = Point> {
    prop_oneof![
        8 => (33.3..33.7_f64, -7.9..-7.1_f64),
        1 => (21.0..35.9_f64, -17.0..-1.0_f64),
        1 => (-90.0..90.0_f64, -180.0..180.0_f64),
    ]
    .prop_map(|(lat, lon)| Point::new(lat, lon).unwrap())
}

pub fn need() -> impl Strategy<Value = Need> {
    select(Need::DEFAULTS[..5].to_vec()).prop_map(|code| code.parse().unwrap())
}

pub fn profile() -> impl Strategy<Value = ServiceProfile> {
    let whom = (0..=17_u8, 0..=17_u8, select(Sexes::ALL.to_vec()))
        .prop_map(|(a, b, sexes)| (Ages::new(a.min(b), a.max(b)).unwrap(), sexes));
    let name = || name().prop_filter_map("a name", |text| text.parse().ok());
    let needs = subsequence(Need::DEFAULTS[..5].to_vec(), 1..=3)
        .prop_map(|codes| codes.iter().map(|code| code.parse().unwrap()).collect::<Vec<Need>>());
    let areas =
        prop_oneof![2 => Just(Vec::new()), 1 => btree_set(area(), 1..3).prop_map(|set| set.into_iter().collect())];
    let phone = "\\+?[0-9]{2,15}".prop_map(|text| text.parse().unwrap());
    let unit = option::of(any::<[u8; 16]>().prop_map(UnitId::from_bytes));
    (
        (unit, select(ServiceKind::ALL.to_vec()), name(), name(), needs, whom),
        (hours(), any::<bool>(), phone, areas, point(), area()),
    )
        .prop_map(
            |(
                (unit, kind, name_ar, name_fr, needs, whom),
                (hours, emergency_intake, phone, jurisdiction, point, area),
            )| {
                let (ages, sexes) = whom;
                ServiceProfile {
                    unit,
                    kind,
                    name_ar,
                    name_fr,
                    needs,
                    ages,
                    sexes,
                    hours,
                    emergency_intake,
                    phone,
                    jurisdiction,
                    point,
                    area,
                }
            },
        )
}

pub fn service() -> impl Strategy<Value = Service> {
    let capacity = option::of((0..4_u16, moment()).prop_map(|(places, told_at)| Capacity { places, told_at }));
    let status =
        option::weighted(
            0.3,
            (select(StatusKind::ALL.to_vec()), option::of(moment()), moment())
                .prop_map(|(what, until, told_at)| Status { what, until, told_at }),
        );
    (any::<[u8; 16]>().prop_map(ServiceId::from_bytes), profile(), capacity, status)
        .prop_map(|(id, profile, capacity, status)| Service { id, profile, capacity, status })
}

proptest! {
    #[test]
    fn the_three_stored_parts_survive_cbor_and_the_whole_survives_json(service in service()) {
        let cbor = minicbor::to_vec(&service.profile).unwrap();
        prop_assert_eq!(&minicbor::decode::<ServiceProfile>(&cbor).unwrap(), &service.profile);
        let cbor = minicbor::to_vec(service.capacity).unwrap();
        prop_assert_eq!(minicbor::decode::<Option<Capacity>>(&cbor).unwrap(), service.capacity);
        let cbor = minicbor::to_vec(service.status).unwrap();
        prop_assert_eq!(minicbor::decode::<Option<Status>>(&cbor).unwrap(), service.status);
        let json = serde_json::to_string(&service).unwrap();
        prop_assert_eq!(serde_json::from_str::<Service>(&json).unwrap(), service);
    }

    #[test]
    fn bytes_from_outside_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = minicbor::decode::<ServiceProfile>(&bytes);
        let _ = minicbor::decode::<Capacity>(&bytes);
        let _ = minicbor::decode::<Status>(&bytes);
    }

    #[test]
    fn hours_survive_their_text(week in week()) {
        prop_assert_eq!(week.to_string().parse::<WeekHours>().unwrap(), week);
    }
}
