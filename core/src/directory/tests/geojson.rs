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
    let point: geo::Point<f64> = first.geometry.clone().unwrap().try_into().unwrap();
    assert!((point.x() + 7.5).abs() < 1e-9 && (point.y() - 33.5).abs() < 1e-9);
    assert_eq!(first.property("name_ar").unwrap(), "دار مخترعة");
    assert_eq!(first.property("hours").unwrap(), "24/7");
}
