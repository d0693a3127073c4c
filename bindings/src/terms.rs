//! Identifiers and terms. They cross as text: identifiers in hexadecimal, terms by their code. What does not parse is
//! refused by name, like any other field.

use himaya_core::app::AppError;
use himaya_core::record::{Age, Concern, DeclineReason, Need, Point, ReferralStep, Risk, Sex, SpaceKind, Stage};
use himaya_wire::{DeviceId, EventId, MemberId, SpaceId, UnitId};

use crate::HimayaError;

fn not_valid(field: &'static str) -> HimayaError {
    AppError::Refused { field, why: "error-not-valid" }.into()
}

macro_rules! as_text {
    ($($name:ident $field:literal),* $(,)?) => {
        $(uniffi::custom_type!($name, String, {
            remote,
            lower: |value| value.to_string(),
            try_lift: |text| Ok(text.parse().map_err(|_| not_valid($field))?),
        });)*
    };
}

as_text!(
    DeviceId "device",
    EventId "id",
    MemberId "member",
    SpaceId "space",
    UnitId "unit",
    Age "age",
    Concern "concern",
    DeclineReason "reason",
    Need "need",
    Risk "risk",
    Sex "sex",
    Stage "stage",
);

uniffi::custom_type!(SpaceKind, String, {
    remote,
    lower: |kind| kind.code().to_owned(),
    try_lift: |code| {
        let mut kinds = (0..).map_while(SpaceKind::of_number);
        Ok(kinds.find(|kind| kind.code() == code).ok_or_else(|| not_valid("kind"))?)
    },
});

// Only ever shown: an answer is submitted as `NewAnswer`.
uniffi::custom_type!(ReferralStep, String, {
    remote,
    lower: |step| step.code().to_owned(),
    try_lift: |_code| Err(not_valid("step").into()),
});

/// A point on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, uniffi::Record)]
pub struct LatLon {
    /// Latitude, degrees, −90 to 90.
    pub lat_deg: f64,
    /// Longitude, degrees, −180 to 180.
    pub lon_deg: f64,
}

uniffi::custom_type!(Point, LatLon, {
    remote,
    lower: |point| LatLon { lat_deg: point.lat_deg(), lon_deg: point.lon_deg() },
    try_lift: |at| Ok(Point::new(at.lat_deg, at.lon_deg).map_err(HimayaError::from)?),
});
