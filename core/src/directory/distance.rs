//! Distances on the WGS84 ellipsoid, travel times from them, and a cheap bound that never lies.

use geo::{Distance, Geodesic};
use serde::{Deserialize, Serialize};

use crate::record::{Point, TermError};

/// Mean radius of the sphere that stands in for the ellipsoid in bounds, metres.
const SPHERE_M: f64 = 6_371_008.8;
/// On WGS84 the radii of curvature lie between 6 335 439.3 m (meridian at the equator) and 6 399 593.7 m (pole), so each
/// path, and with it the shortest, differs from its spherical length by at most these factors.
const BOUNDS: (f64, f64) = (6_335_439.0 / SPHERE_M, 6_399_594.0 / SPHERE_M);

/// The length of the geodesic on WGS84 (Karney, *Algorithms for geodesics*, 2013), metres.
pub fn distance_m(from: Point, to: Point) -> f64 {
    let point = |at: Point| geo::Point::new(at.lon_deg(), at.lat_deg());
    Geodesic.distance(point(from), point(to))
}

/// How a distance on the map becomes a time on the road.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawTravel")]
pub struct Travel {
    road_factor: f64,
    speed_m_per_s: f64,
}

#[derive(Deserialize)]
struct RawTravel {
    road_factor: f64,
    speed_m_per_s: f64,
}

impl TryFrom<RawTravel> for Travel {
    type Error = TermError;

    fn try_from(raw: RawTravel) -> Result<Self, TermError> {
        Self::new(raw.road_factor, raw.speed_m_per_s * 3.6)
    }
}

impl Travel {
    /// Roads are `road_factor` (1 to 5) times as long as the geodesic and driven at `speed_km_h` (1 to 150).
    pub fn new(road_factor: f64, speed_km_h: f64) -> Result<Self, TermError> {
        let fits = (1.0..=5.0).contains(&road_factor) && (0.999..=150.0).contains(&speed_km_h);
        if fits { Ok(Self { road_factor, speed_m_per_s: speed_km_h / 3.6 }) } else { Err(TermError("travel")) }
    }

    /// Metres of geodesic that take so many seconds.
    pub(super) fn metres_in(self, seconds: f64) -> f64 {
        seconds * self.speed_m_per_s / self.road_factor
    }

    /// Seconds on the road for a geodesic of so many metres.
    pub fn seconds(self, metres: f64) -> f64 {
        metres * self.road_factor / self.speed_m_per_s
    }
}

impl Default for Travel {
    /// Roads 1.3 times as long as the geodesic, 30 km/h door to door in town: to be confirmed by each province.
    fn default() -> Self {
        Self { road_factor: 1.3, speed_m_per_s: 30.0 / 3.6 }
    }
}

/// A point as a unit vector, so that nearness is plain Euclidean distance, even across the date line and the poles.
pub(super) fn unit_vector(at: Point) -> [f64; 3] {
    let (lat, lon) = (at.lat_deg().to_radians(), at.lon_deg().to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// Least and greatest metres that the geodesic can have, from the squared chord between two unit vectors.
pub(super) fn bounds_m(chord_squared: f64) -> (f64, f64) {
    let chord = chord_squared.sqrt();
    // The angle is 2·asin(c/2) = c + c³/24 + 3c⁵/640 + …; up to c = 1 (over 6,000 km) the tail adds less than c³/120, and
    // two multiplications stand in for a sine.
    let (least, most) = if chord <= 1.0 {
        (chord * (1.0 + chord_squared / 24.0), chord * (1.0 + chord_squared / 20.0))
    } else {
        let angle = 2.0 * (chord / 2.0).min(1.0).asin();
        (angle, angle)
    };
    // A centimetre for rounding in the chord of very near points.
    ((least * SPHERE_M * BOUNDS.0 - 0.01).max(0.0), most * SPHERE_M * BOUNDS.1 + 0.01)
}

/// The squared chord past which every geodesic is longer than `metres`.
pub(super) fn chord_squared_beyond(metres: f64) -> f64 {
    // A chord is no longer than its arc, so this errs towards looking at too many.
    let angle = (metres + 0.01) / (SPHERE_M * BOUNDS.0);
    if angle >= 2.0 { f64::INFINITY } else { angle * angle }
}

/// The squared chord between two unit vectors.
pub(super) fn chord_squared(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Travel, bounds_m, chord_squared, chord_squared_beyond, distance_m, unit_vector};
    use crate::record::Point;

    fn anywhere() -> impl Strategy<Value = Point> {
        (-90.0..=90.0_f64, -180.0..=180.0_f64).prop_map(|(lat, lon)| Point::new(lat, lon).unwrap())
    }

    proptest! {
        #[test]
        fn the_bound_holds_everywhere(a in anywhere(), b in anywhere()) {
            let exact = distance_m(a, b);
            let (least, most) = bounds_m(chord_squared(&unit_vector(a), &unit_vector(b)));
            // Near the antipode the chord loses digits: two metres there.
            prop_assert!(least <= exact + 2.0 && exact <= most + 2.0, "{least} {exact} {most}");
        }

        #[test]
        fn the_bound_holds_in_morocco(lat in 20.0..36.0_f64, lon in -17.2..-1.0_f64, dlat in -0.2..0.2_f64, dlon in -0.2..0.2_f64) {
            let (a, b) = (Point::new(lat, lon).unwrap(), Point::new(lat + dlat, lon + dlon).unwrap());
            let exact = distance_m(a, b);
            let (least, most) = bounds_m(chord_squared(&unit_vector(a), &unit_vector(b)));
            prop_assert!(least <= exact && exact <= most);
            prop_assert!(chord_squared(&unit_vector(a), &unit_vector(b)) <= chord_squared_beyond(exact));
        }
    }

    #[test]
    fn travel_is_refused_out_of_its_range() {
        assert!(
            Travel::new(0.9, 30.0).is_err() && Travel::new(1.3, f64::NAN).is_err() && Travel::new(1.3, 0.0).is_err()
        );
        let travel = Travel::new(1.3, 30.0).unwrap();
        assert!((travel.seconds(30_000.0 / 1.3) - 3600.0).abs() < 1e-6);
    }
}
