//! The nearest suitable service among 10,000 invented ones. Goal: under 100 µs with filters and reasons.
#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make undocumented functions; a bench may panic.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use himaya_core::directory::{
    Ages, Capacity, Guide, Hours, Query, Service, ServiceId, ServiceKind, ServiceProfile, Settings, Sexes,
};
use himaya_core::record::{Age, Need, Point, Risk, Sex};
use himaya_wire::Stamp;

/// A small generator of its own (Steele et al., *Fast splittable pseudorandom number generators*, 2014), so that figures compare from run to run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let len = u64::try_from(list.len()).unwrap();
        &list[usize::try_from(self.below(len)).unwrap()]
    }

    #[allow(clippy::cast_precision_loss)] // Below 2^20.
    fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

fn stamp(text: &str) -> Stamp {
    Stamp::at_millis(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
}

const TOWNS: [(f64, f64); 6] =
    [(33.57, -7.59), (34.02, -6.84), (34.03, -5.0), (31.63, -8.0), (35.77, -5.8), (30.42, -9.6)];

fn guide(each_answers: usize, hours: &[&str], night_houses: u64) -> Guide {
    let mut random = Random(7);
    let services = (0..10_000_u64).map(|number| {
        let (lat, lon) = *random.pick(&TOWNS);
        let at_night = number < night_houses;
        let needs: std::collections::BTreeSet<&str> = (0..each_answers)
            .map(|_| *random.pick(&Need::DEFAULTS[..22]))
            .chain(["shelter_tonight"; 1].into_iter().filter(|_| at_night || each_answers > 9))
            .collect();
        let first = u8::try_from(random.below(13)).unwrap();
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let week = if at_night { "24/7" } else { *random.pick(hours) };
        Service {
            id: ServiceId::from_bytes(id),
            profile: ServiceProfile {
                unit: None,
                kind: *random.pick(ServiceKind::ALL),
                name_ar: "خدمة مخترعة".parse().unwrap(),
                name_fr: "Service inventé".parse().unwrap(),
                needs: needs.into_iter().map(|code| code.parse().unwrap()).collect(),
                ages: if at_night { Ages::ALL } else { Ages::new(first, first + 5).unwrap() },
                sexes: if at_night { Sexes::Both } else { *random.pick(Sexes::ALL) },
                hours: Hours { week: week.parse().unwrap(), ramadan: None, exceptions: Vec::new() },
                emergency_intake: random.below(10) == 0,
                phone: "+212500000000".parse().unwrap(),
                jurisdiction: if random.below(3) == 0 { vec!["06".parse().unwrap()] } else { Vec::new() },
                point: Point::new(lat + random.within(-0.2, 0.2), lon + random.within(-0.2, 0.2)).unwrap(),
                area: "06.141".parse().unwrap(),
            },
            capacity: (random.below(2) == 0).then(|| Capacity {
                places: u16::try_from(random.below(4)).unwrap(),
                told_at: Stamp::at_millis(
                    stamp("2026-07-01T01:00:00Z").millis() - 60_000 * i64::try_from(random.below(1_400)).unwrap(),
                ),
            }),
            status: None,
        }
    });
    Guide::new(services.collect())
}

fn query(now: &str) -> Query {
    let mut query = Query::new(Point::new(33.59, -7.61).unwrap(), stamp(now));
    query.needs = vec!["shelter_tonight".parse().unwrap()];
    query.age = Some(Age::Years { years: 13, margin: 1 });
    query.sex = Sex::Girl;
    query.risk = Risk::High;
    query.area = Some("06.141".parse().unwrap());
    query
}

fn nearest(criterion: &mut Criterion) {
    const OFFICE: &[&str] =
        &["Mo-Fr 08:30-16:30", "Mo-Fr 08:30-12:00,14:00-18:00; Sa 09:00-12:00", "Mo-Sa 09:00-13:00"];
    const MIXED: &[&str] = &["Mo-Fr 08:30-16:30", "24/7", "Mo-Su 20:00-08:00", "Mo-Sa 09:00-19:00"];
    let settings = Settings::default();
    let mut measure = |name: &str, guide: &Guide, query: &Query| {
        let found = guide.nearest(query, &settings);
        assert!(!found.chosen.is_empty());
        criterion
            .bench_function(name, |bencher| bencher.iter(|| black_box(guide.nearest(black_box(query), &settings))));
    };
    let mixed = guide(3, MIXED, 0);
    measure("nearest/10k by day", &mixed, &query("2026-07-01T10:00:00Z"));
    measure("nearest/10k at 02:00", &mixed, &query("2026-07-01T01:00:00Z"));
    // Hard: two houses of the whole country are open at night, all the others that answer the need are closed.
    measure("nearest/10k two open at 02:00", &guide(3, OFFICE, 2), &query("2026-07-01T01:00:00Z"));
    // Hardest: every one of the 10,000 answers the need, and two are open.
    measure("nearest/10k all answer, two open", &guide(10, OFFICE, 2), &query("2026-07-01T01:00:00Z"));
}

criterion_group!(benches, nearest);
criterion_main!(benches);
