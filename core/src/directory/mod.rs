#![doc = include_str!("README.md")]
mod calendar;
mod csv_export;
mod csv_fault;
mod csv_import;
mod csv_row;
mod distance;
mod geo_json;
mod guide;
mod hours;
mod message;
mod nearest;
mod opening;
mod places;
mod reason;
mod row;
mod service;
mod suit;
#[cfg(test)]
mod tests;
mod text;
mod told;

pub use self::{
    calendar::{RamadanCalendar, Season, local_date},
    csv_export::export_csv,
    csv_fault::{Column, CsvFault, Fault},
    csv_import::import_csv,
    distance::{Travel, distance_m},
    geo_json::to_geojson,
    guide::Guide,
    hours::{DayHours, Interval, WeekHours},
    message::{Arg, Message, When},
    nearest::{Choice, Nearest, PassedOver, Query, Settings},
    opening::{Exception, Hours, Opening, opening},
    places::{Places, PlacesError, Province, ProvinceType, Region},
    reason::{Doubt, Obstacle, Reason},
    service::{Ages, Service, ServiceId, ServiceKind, ServiceProfile, Sexes},
    text::{AreaCode, Name, Note, Phone},
    told::{Capacity, Status, StatusKind},
};
