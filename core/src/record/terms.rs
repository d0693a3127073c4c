//! The terms of protection work: risk, stage, age, sex, concerns, needs, places.
//!
//! Closed lists are enums with fixed numbers, because their merge is a table in the code. Lists that the protocol
//! file extends (concerns, needs, reasons) are [`Code`]s with named constants for the defaults.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Serialize};

/// A term outside its list or range. Says which, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct TermError(pub &'static str);

/// A configurable term: 1 to 32 of `a-z`, `0-9`, `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(Box<str>);

impl Code {
    /// A code written in this source. A test reads every one of them.
    pub(crate) fn literal(code: &'static str) -> Self {
        debug_assert!(code.parse::<Self>().is_ok(), "not a code");
        Self(code.into())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if fits { Ok(Self(text.into())) } else { Err(TermError("code")) }
    }
}

impl TryFrom<String> for Code {
    type Error = TermError;

    fn try_from(text: String) -> Result<Self, TermError> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.into()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<C> Encode<C> for Code {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Code {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(minicbor::decode::Error::custom)
    }
}

macro_rules! code_list {
    ($(#[$doc:meta])* $name:ident, [$($code:literal),* $(,)?]) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
        #[serde(transparent)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] Code);

        impl $name {
            /// The list that ships with the product, to be confirmed by the ministry.
            pub const DEFAULTS: &[&str] = &[$($code),*];

            /// The code as text; also the key of its name in the message files.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = TermError;

            fn from_str(text: &str) -> Result<Self, TermError> {
                text.parse().map(Self).map_err(|_| TermError(stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for Code {
            fn from(term: $name) -> Self {
                term.0
            }
        }

        impl From<Code> for $name {
            fn from(code: Code) -> Self {
                Self(code)
            }
        }
    };
}

code_list!(
    /// A protection concern (وضعية, problématique). List of the domain page, section 4.
    Concern,
    [
        "street_situation", "begging", "child_labour", "domestic_work", "physical_violence", "sexual_violence",
        "psychological_violence", "neglect", "abandonment", "separated", "missing", "child_marriage", "child_mother",
        "trafficking", "conflict_with_law", "witness_or_victim", "substance_use", "disability", "serious_illness",
        "out_of_school", "without_registration", "migrant_or_refugee", "stateless", "parent_detained", "self_harm",
        "online_abuse", "other",
    ]
);
code_list!(
    /// A need, and the service that answers it. List of the domain page, section 4.
    Need,
    [
        "shelter_tonight", "emergency_medical", "medical", "psychological", "listening", "legal_aid",
        "judicial_report", "police", "food", "clothing", "family_mediation", "family_tracing", "school",
        "non_formal_education", "papers", "disability_services", "addiction", "foster_care", "residential_care",
        "material_aid", "interpreter", "return_home", "other",
    ]
);
code_list!(
    /// Why a unit said no to a referral.
    DeclineReason,
    ["full", "closed", "not_our_mandate", "age", "sex", "jurisdiction", "no_staff", "child_left", "other"]
);

macro_rules! numbered_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $n:literal => $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, minicbor::Encode, minicbor::Decode)]
        #[serde(rename_all = "snake_case")]
        #[cbor(index_only)]
        pub enum $name {
            $($(#[$vdoc])* #[n($n)] $variant),*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code on the command line, in CSV and in message keys.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = TermError;

            fn from_str(text: &str) -> Result<Self, $crate::record::TermError> {
                match text { $($code => Ok(Self::$variant),)* _ => Err($crate::record::TermError(stringify!($name))) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

pub(crate) use numbered_enum;

numbered_enum!(
    /// How much danger the child is in. Higher wins where two workers differ without having seen each other.
    Risk {
        /// No protection risk found.
        None = 0 => "none",
        /// Low.
        Low = 1 => "low",
        /// Medium.
        Medium = 2 => "medium",
        /// High.
        High = 3 => "high",
        /// Immediate danger: call within the hour.
        Danger = 4 => "danger",
    }
);
numbered_enum!(
    /// A stage of the protection circuit (مدار الحماية), in its order.
    Stage {
        /// Seen by a team.
        Spotted = 0 => "spotted",
        /// Sent to a unit.
        Reported = 1 => "reported",
        /// The unit has accepted the child.
        Received = 2 => "received",
        /// Listening session held.
        Heard = 3 => "heard",
        /// Assessed.
        Assessed = 4 => "assessed",
        /// Plan approved.
        Planned = 5 => "planned",
        /// Support under way.
        Supported = 6 => "supported",
        /// Followed up.
        FollowedUp = 7 => "followed_up",
        /// Closed.
        Closed = 8 => "closed",
    }
);
numbered_enum!(
    /// The child's sex as far as known.
    Sex {
        /// Girl.
        Girl = 0 => "girl",
        /// Boy.
        Boy = 1 => "boy",
        /// Not known.
        Unknown = 2 => "unknown",
    }
);
numbered_enum!(
    /// Age by sight.
    AgeBand {
        /// 0 to 5 years.
        Infant = 0 => "0-5",
        /// 6 to 11 years.
        Child = 1 => "6-11",
        /// 12 to 14 years.
        YoungAdolescent = 2 => "12-14",
        /// 15 to 17 years.
        Adolescent = 3 => "15-17",
    }
);

impl AgeBand {
    /// First and last completed year of the band.
    pub const fn years(self) -> (u8, u8) {
        match self {
            Self::Infant => (0, 5),
            Self::Child => (6, 11),
            Self::YoungAdolescent => (12, 14),
            Self::Adolescent => (15, 17),
        }
    }

    /// The band that holds a number of completed years; 18 and over falls in the last.
    pub const fn of_years(years: u8) -> Self {
        match years {
            0..=5 => Self::Infant,
            6..=11 => Self::Child,
            12..=14 => Self::YoungAdolescent,
            _ => Self::Adolescent,
        }
    }
}

/// How old the child is, as far as anyone knows. Years are completed years, 0 to 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Exact date of birth.
    #[n(0)]
    Born(
        #[n(0)]
        #[cbor(with = "date_cbor")]
        NaiveDate,
    ),
    /// Estimated years with a margin either side, years.
    #[n(1)]
    Years {
        /// Completed years.
        #[n(0)]
        years: u8,
        /// Margin in years.
        #[n(1)]
        margin: u8,
    },
    /// Band by sight.
    #[n(2)]
    Band(#[n(0)] AgeBand),
}

impl Age {
    /// Lowest and highest completed years the child may have on `today`.
    pub fn range(self, today: NaiveDate) -> (u8, u8) {
        match self {
            Self::Born(born) => {
                let years = today.years_since(born).and_then(|years| u8::try_from(years).ok()).unwrap_or(0);
                (years, years)
            }
            Self::Years { years, margin } => (years.saturating_sub(margin), years.saturating_add(margin)),
            Self::Band(band) => band.years(),
        }
    }

    /// The band for the circuit card, from the middle of the range.
    pub fn band(self, today: NaiveDate) -> AgeBand {
        let (low, high) = self.range(today);
        AgeBand::of_years(low.midpoint(high))
    }
}

impl FromStr for Age {
    type Err = TermError;

    /// `2012-05-30`, `12`, `12~2` (years and margin), `12-14` (a band).
    fn from_str(text: &str) -> Result<Self, TermError> {
        const BAD: TermError = TermError("age");
        if let Ok(band) = text.parse::<AgeBand>() {
            return Ok(Self::Band(band));
        }
        if let Ok(born) = text.parse::<NaiveDate>() {
            return Ok(Self::Born(born));
        }
        let (years, margin) = match text.split_once('~') {
            Some((years, margin)) => (years, margin.parse().map_err(|_| BAD)?),
            None => (text, 0),
        };
        let years = years.parse().map_err(|_| BAD)?;
        if years > 17 || margin > 17 { Err(BAD) } else { Ok(Self::Years { years, margin }) }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Born(born) => write!(f, "{born}"),
            Self::Years { years, margin: 0 } => write!(f, "{years}"),
            Self::Years { years, margin } => write!(f, "{years}~{margin}"),
            Self::Band(band) => band.fmt(f),
        }
    }
}

/// A point on WGS84, degrees, in hundred-thousandths (about 1.1 m): compact, comparable, never a float in an event.
/// Its range is checked however it is made: by degrees, from CBOR, from JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode)]
#[serde(try_from = "RawPoint")]
pub struct Point {
    #[n(0)]
    lat_e5: i32,
    #[n(1)]
    lon_e5: i32,
}

/// A point as it comes from outside, not yet checked.
#[derive(Deserialize, Decode)]
struct RawPoint {
    #[n(0)]
    lat_e5: i32,
    #[n(1)]
    lon_e5: i32,
}

impl TryFrom<RawPoint> for Point {
    type Error = TermError;

    fn try_from(raw: RawPoint) -> Result<Self, TermError> {
        let inside = (-9_000_000..=9_000_000).contains(&raw.lat_e5) && (-18_000_000..=18_000_000).contains(&raw.lon_e5);
        if inside { Ok(Self { lat_e5: raw.lat_e5, lon_e5: raw.lon_e5 }) } else { Err(TermError("point")) }
    }
}

impl<'b, C> Decode<'b, C> for Point {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        RawPoint::decode(d, ctx)?.try_into().map_err(minicbor::decode::Error::custom)
    }
}

impl Point {
    /// Latitude −90 to 90 and longitude −180 to 180, degrees.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Self, TermError> {
        let inside = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        if !inside {
            return Err(TermError("point"));
        }
        #[allow(clippy::cast_possible_truncation)] // Both products are within ±1.8e7, checked above.
        let scale = |degrees: f64| (degrees * 1e5).round() as i32;
        Ok(Self { lat_e5: scale(lat_deg), lon_e5: scale(lon_deg) })
    }

    /// Latitude in degrees.
    pub fn lat_deg(self) -> f64 {
        f64::from(self.lat_e5) / 1e5
    }

    /// Longitude in degrees.
    pub fn lon_deg(self) -> f64 {
        f64::from(self.lon_e5) / 1e5
    }
}

/// Where something was seen: a point with its accuracy and age, a landmark in words, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Place {
    /// The point, if one was known.
    #[n(0)]
    pub point: Option<Point>,
    /// Radius of the 68 % circle, metres.
    #[n(1)]
    pub accuracy_m: Option<u32>,
    /// How old the fix was when it was used, seconds.
    #[n(2)]
    pub fix_age_s: Option<u32>,
    /// A landmark in the worker's words.
    #[n(3)]
    pub landmark: Option<String>,
    /// Census code of the commune or province, digits and dots.
    #[n(4)]
    pub area: Option<String>,
}

/// Dates as days since 1970-01-01, the form of RFC 8943 (CBOR tag 100) without the tag.
pub(crate) mod date_cbor {
    use chrono::{Days, NaiveDate};
    use minicbor::{Decoder, Encoder};

    #[allow(clippy::trivially_copy_pass_by_ref)] // The derive passes a reference.
    pub fn encode<C, W: minicbor::encode::Write>(
        date: &NaiveDate,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.i64(date.signed_duration_since(NaiveDate::default()).num_days())?.ok()
    }

    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<NaiveDate, minicbor::decode::Error> {
        let days = d.i64()?;
        let epoch = NaiveDate::default();
        let date = if days < 0 {
            epoch.checked_sub_days(Days::new(days.unsigned_abs()))
        } else {
            epoch.checked_add_days(Days::new(days.unsigned_abs()))
        };
        date.ok_or_else(|| minicbor::decode::Error::message("date out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::Point;

    #[test]
    fn a_point_off_the_earth_is_refused_from_every_side() {
        assert!(Point::new(90.1, 0.0).is_err() && Point::new(f64::NAN, 0.0).is_err());
        let off = minicbor::to_vec((9_000_001_i32, 0_i32)).unwrap();
        assert!(minicbor::decode::<Point>(&off).is_err());
        assert!(serde_json::from_str::<Point>(r#"{"lat_e5":0,"lon_e5":18000001}"#).is_err());
        let point = Point::new(33.57, -7.59).unwrap();
        assert_eq!(minicbor::decode::<Point>(&minicbor::to_vec(point).unwrap()).unwrap(), point);
    }
}
