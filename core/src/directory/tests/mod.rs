//! Tests of the whole concern, and invented services for them.
mod csv;
mod geojson;
mod nearest;
mod samples;
