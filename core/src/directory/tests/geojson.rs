use geojson::{FeatureCollection, GeoJson};

use super::samples::house;
use crate::directory::to_geojson;

#[test]
fn the_guide_as_geojson_is_read_back_with_its_points_and_names() {
    let text = to_geojson(&[house(1, 0.0), house(2, 500.0)]);
    let GeoJson::FeatureCollection(FeatureCollection { features, .. }) = text.parse().unwrap() else {
        panic!("not a collection")
    };
    assert_eq!(features.len(), 2);
    let first = &features[0];
    let geojson::GeometryValue::Point { coordinates } = &first.geometry.as_ref().unwrap().value else {
        panic!("no point")
    };
    assert_eq!(coordinates.as_slice(), [-7.5, 33.5]);
    assert_eq!(first.property("name_ar").unwrap(), "دار مخترعة");
    assert_eq!(first.property("hours").unwrap(), "24/7");
}
