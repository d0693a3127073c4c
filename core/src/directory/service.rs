//! A service of the guide: what it does, for whom, when, where; and what it last told of its places.

use std::fmt;
use std::str::FromStr;

use himaya_wire::{UnitId, WireError};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::opening::Hours;
use super::text::{AreaCode, Name, Phone};
use super::told::{Capacity, Status};
use crate::record::{Need, Point, Sex, TermError, numbered_enum};

/// A service of the guide: 16 bytes, random when it is first entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceId([u8; 16]);

impl ServiceId {
    /// Wraps bytes known to be a service's.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes as they travel.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A new random identifier.
    pub fn make_random() -> Self {
        Self(*uuid::Uuid::new_v4().as_bytes())
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ServiceId {
    type Err = TermError;

    /// 32 hexadecimal digits, dashes ignored.
    fn from_str(text: &str) -> Result<Self, TermError> {
        let id: UnitId = text.parse().map_err(|_: WireError| TermError("service id"))?;
        Ok(Self(*id.as_bytes()))
    }
}

impl TryFrom<String> for ServiceId {
    type Error = TermError;

    fn try_from(text: String) -> Result<Self, TermError> {
        text.parse()
    }
}

impl From<ServiceId> for String {
    fn from(id: ServiceId) -> Self {
        id.to_string()
    }
}

impl<C> Encode<C> for ServiceId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ServiceId {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        minicbor::bytes::ByteArray::<16>::decode(d, ctx).map(|bytes| Self(*bytes))
    }
}

numbered_enum!(
    /// What kind of house stands behind a service.
    ServiceKind {
        /// Mobile social service unit.
        Sas = 0 => "sas",
        /// Child-protection unit.
        Upe = 1 => "upe",
        /// Support centre.
        Cape = 2 => "cape",
        /// Shelter.
        Shelter = 3 => "shelter",
        /// Hospital.
        Hospital = 4 => "hospital",
        /// Health centre.
        HealthCentre = 5 => "health_centre",
        /// Police.
        Police = 6 => "police",
        /// Gendarmerie.
        Gendarmerie = 7 => "gendarmerie",
        /// Court, prosecutor.
        Court = 8 => "court",
        /// School.
        School = 9 => "school",
        /// Association.
        Association = 10 => "association",
        /// Other.
        Other = 11 => "other",
    }
);

numbered_enum!(
    /// Whom a service takes.
    Sexes {
        /// Girls only.
        Girls = 0 => "girls",
        /// Boys only.
        Boys = 1 => "boys",
        /// Girls and boys.
        Both = 2 => "both",
    }
);

impl Sexes {
    /// Whether a child of this sex is taken; `None` when that hangs on a sex nobody knows yet.
    pub const fn takes(self, sex: Sex) -> Option<bool> {
        match (self, sex) {
            (Self::Both, _) | (Self::Girls, Sex::Girl) | (Self::Boys, Sex::Boy) => Some(true),
            (Self::Girls, Sex::Boy) | (Self::Boys, Sex::Girl) => Some(false),
            (_, Sex::Unknown) => None,
        }
    }
}

/// The ages a service takes: first and last completed year, 0 to 17.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode)]
#[serde(try_from = "RawAges")]
pub struct Ages {
    #[n(0)]
    min: u8,
    #[n(1)]
    max: u8,
}

#[derive(Deserialize, Decode)]
struct RawAges {
    #[n(0)]
    min: u8,
    #[n(1)]
    max: u8,
}

impl Ages {
    /// Every child: 0 to 17.
    pub const ALL: Self = Self { min: 0, max: 17 };

    /// From `min` to `max` completed years, both taken.
    pub const fn new(min: u8, max: u8) -> Result<Self, TermError> {
        if min <= max && max <= 17 { Ok(Self { min, max }) } else { Err(TermError("ages")) }
    }

    /// First year taken.
    pub const fn min(self) -> u8 {
        self.min
    }

    /// Last year taken.
    pub const fn max(self) -> u8 {
        self.max
    }
}

impl TryFrom<RawAges> for Ages {
    type Error = TermError;

    fn try_from(raw: RawAges) -> Result<Self, TermError> {
        Self::new(raw.min, raw.max)
    }
}

impl<'b, C> Decode<'b, C> for Ages {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        RawAges::decode(d, ctx)?.try_into().map_err(minicbor::decode::Error::custom)
    }
}

/// What the guide says of a service. Each part checks its own range; [`ServiceProfile::check`] the lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct ServiceProfile {
    /// The unit, when it takes referrals through the system. Without it the entry is a telephone number.
    #[n(0)]
    #[serde(with = "unit_text", default)]
    pub unit: Option<UnitId>,
    /// Kind of house.
    #[n(1)]
    pub kind: ServiceKind,
    /// Name in Arabic.
    #[n(2)]
    pub name_ar: Name,
    /// Name in French.
    #[n(3)]
    pub name_fr: Name,
    /// The needs it answers.
    #[n(4)]
    pub needs: Vec<Need>,
    /// The ages it takes.
    #[n(5)]
    pub ages: Ages,
    /// Whom it takes.
    #[n(6)]
    pub sexes: Sexes,
    /// When it is open.
    #[n(7)]
    pub hours: Hours,
    /// Whether it takes children in immediate danger outside its hours.
    #[n(8)]
    pub emergency_intake: bool,
    /// The number to call.
    #[n(9)]
    pub phone: Phone,
    /// The areas it works for; empty means anywhere.
    #[n(10)]
    pub jurisdiction: Vec<AreaCode>,
    /// Where it is.
    #[n(11)]
    pub point: Point,
    /// The province it lies in.
    #[n(12)]
    pub area: AreaCode,
}

impl ServiceProfile {
    /// 1 to 32 needs, at most 64 areas and 400 dated exceptions, none named twice.
    pub fn check(&self) -> Result<(), TermError> {
        let exceptions: Vec<_> = self.hours.exceptions.iter().map(|exception| exception.date).collect();
        if self.needs.is_empty() || self.needs.len() > 32 || has_twins(&self.needs) {
            Err(TermError("needs"))
        } else if self.jurisdiction.len() > 64 || has_twins(&self.jurisdiction) {
            Err(TermError("jurisdiction"))
        } else if exceptions.len() > 400 || has_twins(&exceptions) {
            Err(TermError("exceptions"))
        } else {
            Ok(())
        }
    }

    /// Whether a child would sleep there, so that places left matter even when nobody has told of them.
    pub fn lodges(&self) -> bool {
        self.kind == ServiceKind::Shelter
            || self.needs.iter().any(|need| matches!(need.as_str(), "shelter_tonight" | "residential_care"))
    }
}

fn has_twins<T: Ord>(list: &[T]) -> bool {
    let mut sorted: Vec<&T> = list.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// A service with what it last told. The three parts change at different speeds and are stored as three fields of one
/// element, so that a new count of places never conflicts with a corrected name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Service {
    /// Which one.
    #[n(0)]
    pub id: ServiceId,
    /// What the guide says.
    #[n(1)]
    pub profile: ServiceProfile,
    /// Places left, if they were ever told.
    #[n(2)]
    pub capacity: Option<Capacity>,
    /// The last oral answer, if there was one.
    #[n(3)]
    pub status: Option<Status>,
}

mod unit_text {
    use himaya_wire::UnitId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    // serde hands every field by reference.
    #[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option)]
    pub fn serialize<S: Serializer>(unit: &Option<UnitId>, to: S) -> Result<S::Ok, S::Error> {
        match unit {
            Some(unit) => to.serialize_some(&unit.to_string()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<UnitId>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
