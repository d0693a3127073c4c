//! The guide as `GeoJSON` (RFC 7946), for maps.

use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, feature::Id};
use serde_json::json;

use super::service::Service;
use super::text::AreaCode;
use crate::record::Need;

/// A `FeatureCollection` with a point and the properties of each service: codes as in CSV, hours as people write them.
/// Positions are longitude, latitude on WGS84.
pub fn to_geojson(services: &[Service]) -> String {
    let features = services.iter().map(feature).collect();
    FeatureCollection { bbox: None, features, foreign_members: None }.to_string()
}

fn feature(service: &Service) -> Feature {
    let profile = &service.profile;
    let mut properties = JsonObject::new();
    let mut put = |name: &str, value: serde_json::Value| {
        properties.insert(name.to_owned(), value);
    };
    put("kind", json!(profile.kind.code()));
    put("name_ar", json!(profile.name_ar.as_str()));
    put("name_fr", json!(profile.name_fr.as_str()));
    put("needs", json!(profile.needs.iter().map(Need::as_str).collect::<Vec<_>>()));
    put("min_age", json!(profile.ages.min()));
    put("max_age", json!(profile.ages.max()));
    put("sexes", json!(profile.sexes.code()));
    put("hours", json!(profile.hours.week.to_string()));
    put("ramadan_hours", json!(profile.hours.ramadan.as_ref().map(ToString::to_string)));
    put("emergency_intake", json!(profile.emergency_intake));
    put("phone", json!(profile.phone.as_str()));
    put("jurisdiction", json!(profile.jurisdiction.iter().map(AreaCode::as_str).collect::<Vec<_>>()));
    put("area", json!(profile.area.as_str()));
    put("unit", json!(profile.unit.map(|unit| unit.to_string())));
    let position = [profile.point.lon_deg(), profile.point.lat_deg()];
    Feature {
        bbox: None,
        geometry: Some(Geometry::new(GeometryValue::new_point(position))),
        id: Some(Id::String(service.id.to_string())),
        properties: Some(properties),
        foreign_members: None,
    }
}
