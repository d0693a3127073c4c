//! The regions, provinces and prefectures of Morocco: codes, names, centres and neighbours.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::distance::distance_m;
use super::text::AreaCode;
use crate::record::Point;

const REGIONS: &str = include_str!("../../data/morocco/regions.csv");
const PROVINCES: &str = include_str!("../../data/morocco/provinces.csv");
const CENTROIDS: &str = include_str!("../../data/osm/provinces_centroids.csv");
const NEIGHBOURS: &str = include_str!("../../data/osm/provinces_neighbours.csv");

/// The shipped lists could not be read: the build is broken, no retry helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shipped list of places cannot be read")]
pub struct PlacesError;

/// One of the twelve regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Census code.
    pub code: AreaCode,
    /// Name in Arabic.
    pub name_ar: String,
    /// Name in French.
    pub name_fr: String,
}

/// What a province is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvinceType {
    /// Province.
    Province,
    /// Prefecture.
    Prefecture,
    /// Prefecture of arrondissements, a part of Casablanca.
    PrefectureOfArrondissements,
}

/// A province, a prefecture or a prefecture of arrondissements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Province {
    /// Census code.
    pub code: AreaCode,
    /// Name in Arabic.
    pub name_ar: String,
    /// Name in French.
    pub name_fr: String,
    /// What it is.
    pub what: ProvinceType,
    /// Census code of its region.
    pub region: AreaCode,
    /// A point inside, near the middle. Known for provinces and prefectures, not for parts of Casablanca.
    pub centroid: Option<Point>,
    /// Codes of the provinces that share a border with it, by their code.
    pub neighbours: Vec<AreaCode>,
}

/// All of them. Codes and names are facts of the 2024 census; centres and borders derive from OpenStreetMap and are kept
/// in a folder of their own with their licence.
#[derive(Clone, Debug)]
pub struct Places {
    regions: BTreeMap<AreaCode, Region>,
    provinces: BTreeMap<AreaCode, Province>,
}

impl Places {
    /// Reads the lists that ship.
    pub fn load() -> Result<Self, PlacesError> {
        let mut regions = BTreeMap::new();
        for [code, name_fr, name_ar] in table(REGIONS)? {
            let code: AreaCode = parsed(&code)?;
            regions.insert(code.clone(), Region { code, name_ar, name_fr });
        }
        let mut provinces = BTreeMap::new();
        for [code, name_fr, name_ar, what, region] in table(PROVINCES)? {
            let what = match what.as_str() {
                "province" => ProvinceType::Province,
                "prefecture" => ProvinceType::Prefecture,
                "prefecture_of_arrondissements" => ProvinceType::PrefectureOfArrondissements,
                _ => return Err(PlacesError),
            };
            let (code, region): (AreaCode, AreaCode) = (parsed(&code)?, parsed(&region)?);
            let (centroid, neighbours) = (None, Vec::new());
            provinces.insert(code.clone(), Province { code, name_ar, name_fr, what, region, centroid, neighbours });
        }
        for [code, lat, lon] in table(CENTROIDS)? {
            let province = provinces.get_mut(&parsed::<AreaCode>(&code)?).ok_or(PlacesError)?;
            let point = Point::new(parsed(&lat)?, parsed(&lon)?).map_err(|_| PlacesError)?;
            province.centroid = Some(point);
        }
        for [code, neighbours] in table(NEIGHBOURS)? {
            let province = provinces.get_mut(&parsed::<AreaCode>(&code)?).ok_or(PlacesError)?;
            province.neighbours = neighbours.split(' ').map(parsed).collect::<Result<_, _>>()?;
        }
        Ok(Self { regions, provinces })
    }

    /// The regions, by code.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.values()
    }

    /// The provinces, prefectures and prefectures of arrondissements, by code.
    pub fn provinces(&self) -> impl Iterator<Item = &Province> {
        self.provinces.values()
    }

    /// One region.
    pub fn region(&self, code: &AreaCode) -> Option<&Region> {
        self.regions.get(code)
    }

    /// One province.
    pub fn province(&self, code: &AreaCode) -> Option<&Province> {
        self.provinces.get(code)
    }

    /// The provinces that share a border with one, nearest centre first. From simplified outlines: right for planning,
    /// not for a legal boundary.
    pub fn neighbours(&self, code: &AreaCode) -> Vec<&Province> {
        let Some(province) = self.province(code) else { return Vec::new() };
        let mut found: Vec<&Province> = province.neighbours.iter().filter_map(|code| self.province(code)).collect();
        let away = |other: &Province| match (province.centroid, other.centroid) {
            (Some(here), Some(there)) => distance_m(here, there),
            _ => f64::INFINITY,
        };
        found.sort_by(|a, b| away(a).total_cmp(&away(b)));
        found
    }

    /// The credits to print with any list or map made from this.
    pub const fn credits() -> &'static str {
        "Haut-Commissariat au Plan, RGPH 2024 · © OpenStreetMap contributors (ODbL)"
    }
}

fn table<const N: usize>(text: &str) -> Result<Vec<[String; N]>, PlacesError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let cells: Vec<String> = record.map_err(|_| PlacesError)?.iter().map(str::to_owned).collect();
        cells.try_into().map_err(|_| PlacesError)
    };
    reader.records().map(row).collect()
}

fn parsed<T: FromStr>(text: &str) -> Result<T, PlacesError> {
    text.parse().map_err(|_| PlacesError)
}

#[cfg(test)]
mod tests {
    use super::{Places, ProvinceType};

    #[test]
    fn the_shipped_lists_are_whole_and_agree() {
        let places = Places::load().unwrap();
        assert_eq!((places.regions().count(), places.provinces().count()), (12, 83));
        for province in places.provinces() {
            assert!(places.region(&province.region).is_some());
            assert!(province.region.contains(&province.code));
            let part = province.what == ProvinceType::PrefectureOfArrondissements;
            assert_eq!(
                (province.centroid.is_none(), province.neighbours.is_empty()),
                (part, part),
                "{}",
                province.code
            );
            for neighbour in &province.neighbours {
                assert!(places.province(neighbour).unwrap().neighbours.contains(&province.code));
            }
        }
    }

    #[test]
    fn a_province_is_found_by_its_code_with_its_neighbours_nearest_first() {
        let places = Places::load().unwrap();
        let rabat = "04.421".parse().unwrap();
        assert_eq!(places.province(&rabat).unwrap().name_ar, "الرباط");
        let names: Vec<_> = places.neighbours(&rabat).iter().map(|province| province.name_fr.as_str()).collect();
        assert_eq!(names, ["Salé", "Skhirate-Témara"]);
        assert!(Places::credits().contains("OpenStreetMap") && Places::credits().contains("RGPH 2024"));
    }
}
