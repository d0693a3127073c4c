//! The invented world: a guide of services around a real prefecture's centre, children, notes, places. From the seed
//! alone.

use std::fmt::Write;

use himaya_core::app::{NewContact, NewSpotting};
use himaya_core::record::{Age, Concern, Place, Point, Risk, Sex};
use himaya_wire::UnitId;

use super::chance::Chance;
use super::names;

/// Services beside the units: with those, the guide has over two hundred.
const HOUSES: usize = 190;
const METRES_PER_DEGREE: f64 = 111_195.0;

/// What a seed makes.
pub struct World {
    chance: Chance,
    centre: Point,
    area: String,
    children: u32,
}

/// A unit's entry in the guide.
pub struct UnitEntry {
    /// The unit.
    pub unit: UnitId,
    /// Its kind's code.
    pub kind: &'static str,
    /// Name in Arabic.
    pub name_ar: String,
    /// Name in French.
    pub name_fr: String,
    /// What it answers.
    pub needs: &'static str,
    /// When it is open.
    pub hours: &'static str,
    /// Places left, told this evening; none if nobody told.
    pub places: Option<u16>,
    /// Whether it takes children in danger at any hour.
    pub emergency: bool,
    /// Whom it takes.
    pub sexes: &'static str,
    /// First and last age.
    pub ages: (u8, u8),
    /// How far from the centre, metres.
    pub reach_m: f64,
}

impl World {
    /// A world around a centre.
    pub fn new(seed: u64, centre: Point, area: &str) -> Self {
        Self { chance: Chance::new(seed), centre, area: area.to_owned(), children: 0 }
    }

    /// A point within `reach_m` metres of the centre.
    pub fn point(&mut self, reach_m: f64) -> Point {
        let angle = self.chance.unit() * std::f64::consts::TAU;
        let metres = reach_m * self.chance.unit().sqrt();
        let lat = self.centre.lat_deg() + metres * angle.sin() / METRES_PER_DEGREE;
        let shrink = self.centre.lat_deg().to_radians().cos();
        let lon = self.centre.lon_deg() + metres * angle.cos() / (METRES_PER_DEGREE * shrink);
        Point::new(lat, lon).unwrap_or(self.centre)
    }

    /// A place with all that a phone would know of it.
    pub fn place(&mut self) -> Place {
        Place {
            point: Some(self.point(7_000.0)),
            accuracy_m: Some(8 + self.chance.below(70)),
            fix_age_s: Some(self.chance.below(600)),
            landmark: Some(format!("{} ({})", self.chance.pick(names::LANDMARKS), self.children)),
            area: Some(self.area.clone()),
        }
    }

    /// A child at risk, invented. One in three is known by look only.
    pub fn spotting(&mut self) -> NewSpotting {
        self.children += 1;
        let number = self.children;
        let sex = if self.chance.below(2) == 0 { Sex::Boy } else { Sex::Girl };
        let known = self.chance.below(3) > 0;
        let first = self.chance.pick(if sex == Sex::Boy { names::BOYS } else { names::GIRLS });
        let family = self.chance.pick(names::FAMILIES);
        let place = self.place();
        let concerns: &[&str] =
            &["street_situation", "begging", "child_labour", "neglect", "separated", "out_of_school"];
        let concerns = [self.chance.pick(concerns)].iter().filter_map(|code| code.parse::<Concern>().ok()).collect();
        let nickname = (self.chance.below(3) == 0).then(|| format!("{} {number}", self.chance.pick(names::NICKNAMES)));
        let years = u8::try_from(7 + self.chance.below(10)).unwrap_or(12);
        NewSpotting {
            sex,
            age: Some(Age::Years { years, margin: 1 }),
            name: known.then(|| format!("{first} {family} {number}")),
            nickname: if known { nickname } else { None },
            description: (!known).then(|| format!("{} — {number}", self.chance.pick(names::LOOKS))),
            concerns,
            place,
            note: Some(format!("{} [{number}]", self.chance.pick(names::NOTES))),
            danger: false,
            risk: (self.chance.below(4) == 0).then_some(Risk::High),
        }
    }

    /// People met, no file.
    pub fn contact(&mut self) -> NewContact {
        let count = u16::try_from(1 + self.chance.below(6)).unwrap_or(1);
        let mut place = self.place();
        place.landmark = None;
        NewContact { count, sex: Sex::Unknown, age: None, place, note: None }
    }

    /// One of a list.
    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        self.chance.pick(list)
    }

    /// The guide as CSV, as a centre would import it: the units, then invented houses.
    pub fn guide(&mut self, units: &[UnitEntry], told_at: &str, neighbours: &[(String, Point)]) -> String {
        let mut csv = String::from(
            "unit,kind,name_ar,name_fr,needs,min_age,max_age,sexes,hours,ramadan_hours,emergency_intake,phone,lat,lon,area,places,places_told_at\n",
        );
        for (number, entry) in units.iter().enumerate() {
            let point = self.point(entry.reach_m);
            let (places, told) = entry.places.map_or((String::new(), ""), |places| (places.to_string(), told_at));
            let _ = writeln!(
                csv,
                "{},{},{},{},{},{},{},{},{},,{},05{:08},{:.5},{:.5},{},{places},{told}",
                entry.unit,
                entry.kind,
                entry.name_ar,
                entry.name_fr,
                entry.needs,
                entry.ages.0,
                entry.ages.1,
                entry.sexes,
                entry.hours,
                if entry.emergency { "yes" } else { "no" },
                24_000_000 + number,
                point.lat_deg(),
                point.lon_deg(),
                self.area,
            );
        }
        for number in 0..HOUSES {
            self.house(&mut csv, number, told_at, neighbours);
        }
        csv
    }

    fn house(&mut self, csv: &mut String, number: usize, told_at: &str, neighbours: &[(String, Point)]) {
        const KINDS: &[(&str, &str, &str, &str, &str)] = &[
            ("health_centre", "مركز صحي", "Centre de santé", "medical", "Mo-Fr 08:30-16:30"),
            ("hospital", "مستشفى", "Hôpital", "medical emergency_medical", "24/7"),
            ("association", "جمعية", "Association", "listening food clothing", "Mo-Sa 09:00-18:00"),
            ("school", "مدرسة", "École", "school", "Mo-Sa 08:00-17:00"),
            ("shelter", "دار", "Foyer", "shelter_tonight food", "Mo-Su 18:00-09:00"),
            ("court", "خلية", "Cellule du tribunal", "legal_aid judicial_report", "Mo-Fr 08:30-16:30"),
            ("association", "فضاء", "Espace", "psychological listening", "Tu-Sa 10:00-19:00"),
        ];
        let index = self.chance.below(u32::try_from(KINDS.len()).unwrap_or(1)) as usize;
        let (kind, ar, fr, needs, hours) = KINDS[index];
        let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap_or(0));
        // A made-up word for each: nobody's house.
        let word = format!("{}{}zra-{number}", letter(number), letter(number / 26 + 7).to_ascii_lowercase());
        let (area, point) = match neighbours.get(number % 24) {
            Some((area, centre)) if number < 24 => (area.clone(), *centre),
            _ => (self.area.clone(), self.point(24_000.0)),
        };
        let sexes = self.chance.pick(&["both", "both", "both", "girls", "boys"]);
        let min_age = self.chance.below(9);
        let places = (kind == "shelter").then(|| self.chance.below(5));
        let (places, told) = places.map_or((String::new(), ""), |places| (places.to_string(), told_at));
        let emergency = if kind == "hospital" { "yes" } else { "no" };
        let _ = writeln!(
            csv,
            ",{kind},{ar} {word},{fr} {word},{needs},{min_age},17,{sexes},{hours},,{emergency},06{:08},{:.5},{:.5},{area},{places},{told}",
            61_000_000 + number * 37,
            point.lat_deg(),
            point.lon_deg(),
        );
    }
}

#[cfg(test)]
mod tests {
    use himaya_core::directory::{ServiceId, import_csv};
    use himaya_core::record::Point;

    use super::World;

    #[test]
    fn the_invented_guide_is_one_that_the_core_takes() {
        let centre = Point::new(31.72755, -8.15428).unwrap();
        let csv = World::new(1, centre, "07.351").guide(&[], "2025-10-10T18:00:00.000Z", &[]);
        assert_eq!(import_csv(csv.as_bytes(), ServiceId::make_random).unwrap().len(), super::HOUSES);
    }
}
