//! Arguments that several commands share, each with its own form checked before anything is opened.

use himaya_core::record::{Age, Place, Point, Sex};

/// What may be noticed; more come with the protocol file.
pub const CONCERNS: &str = "What was noticed, at least one; repeat it for more: street_situation, begging, \
    child_labour, physical_violence, sexual_violence, neglect, abandonment, separated, missing, trafficking, \
    substance_use, serious_illness, out_of_school, self_harm, other …";
/// What may be needed; more come with the protocol file.
pub const NEEDS: &str = "What the child needs, the main need first; repeat it for more: shelter_tonight, \
    emergency_medical, medical, psychological, listening, legal_aid, food, clothing, family_tracing, papers, school …";
/// Why a unit may say no.
pub const REASONS: &str = "Why not: full, closed, not_our_mandate, age, sex, jurisdiction, no_staff, child_left, other";

/// Where.
#[derive(Debug, Default, clap::Args)]
pub struct PlaceArgs {
    /// Latitude and longitude, degrees WGS84: 35.76727,-5.79975
    #[arg(long, value_name = "LAT,LON", value_parser = point, allow_hyphen_values = true)]
    pub at: Option<Point>,
    /// Accuracy of the point, metres
    #[arg(long, value_name = "METRES", requires = "at")]
    pub accuracy: Option<u32>,
    /// How old the position was, seconds
    #[arg(long, value_name = "SECONDS", requires = "at")]
    pub fix_age: Option<u32>,
    /// A landmark in words
    #[arg(long, value_name = "WORDS")]
    pub landmark: Option<String>,
    /// Census code of the commune or province
    #[arg(long, value_name = "CODE")]
    pub area: Option<String>,
}

impl PlaceArgs {
    /// The place.
    pub fn place(&self) -> Place {
        Place {
            point: self.at,
            accuracy_m: self.accuracy,
            fix_age_s: self.fix_age,
            landmark: self.landmark.clone(),
            area: self.area.clone(),
        }
    }
}

/// Who, as far as seen.
#[derive(Debug, clap::Args)]
pub struct ChildArgs {
    /// girl, boy or unknown
    #[arg(long, default_value = "unknown")]
    pub sex: Sex,
    /// Age: 12, 12~2 (give or take), 12-14 (a band: 0-5, 6-11, 12-14, 15-17) or 2012-05-30 (born)
    #[arg(long)]
    pub age: Option<Age>,
}

/// `LAT,LON` in degrees.
pub fn point(text: &str) -> Result<Point, String> {
    const FORM: &str = "write latitude and longitude in degrees, as in 35.76727,-5.79975";
    let (lat, lon) = text.split_once(',').ok_or(FORM)?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| FORM.to_owned());
    Point::new(degrees(lat)?, degrees(lon)?).map_err(|_| FORM.to_owned())
}

/// A moment, as RFC 3339 with its offset; milliseconds since the Unix epoch.
pub fn moment(text: &str) -> Result<i64, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.timestamp_millis())
        .map_err(|_| "write a moment as in 2026-10-11T06:00:00+01:00".to_owned())
}
