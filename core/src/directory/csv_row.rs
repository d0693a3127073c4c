//! One row of the guide's CSV file: a service to cells and back.

use std::str::FromStr;

use super::csv_fault::{Column, Fault};
use super::opening::{Exception, Hours};
use super::service::{Ages, Service, ServiceId, ServiceProfile, Sexes};
use super::text::AreaCode;
use super::told::{Capacity, Status, stamp_from_text, stamp_to_text};
use crate::record::{Need, Point};

const FIRST_OF_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that a spreadsheet would run as a formula gets an apostrophe in front; so does one that starts with an
/// apostrophe, so that [`unguard`] knows which to take away.
pub(super) fn guard(text: String) -> String {
    if text.starts_with(FIRST_OF_FORMULA) || text.starts_with('\'') { format!("'{text}") } else { text }
}

/// The inverse of [`guard`]; an apostrophe that guards nothing stays.
pub(super) fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FIRST_OF_FORMULA) || rest.starts_with('\'') => rest,
        _ => text,
    }
}

/// The cell of a service in a column.
pub(super) fn cell(service: &Service, column: Column) -> String {
    let profile = &service.profile;
    let joined = |codes: Vec<&str>| codes.join(" ");
    match column {
        // Plain numbers, written raw: a negative longitude is no formula and must stay a number in a spreadsheet.
        Column::Lat => degrees(profile.point.lat_deg()),
        Column::Lon => degrees(profile.point.lon_deg()),
        Column::Id => service.id.to_string(),
        Column::Unit => profile.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        Column::Kind => profile.kind.code().to_owned(),
        Column::NameAr => guard(profile.name_ar.to_string()),
        Column::NameFr => guard(profile.name_fr.to_string()),
        Column::Needs => joined(profile.needs.iter().map(Need::as_str).collect()),
        Column::MinAge => profile.ages.min().to_string(),
        Column::MaxAge => profile.ages.max().to_string(),
        Column::Sexes => profile.sexes.code().to_owned(),
        Column::Hours => profile.hours.week.to_string(),
        Column::RamadanHours => profile.hours.ramadan.as_ref().map(ToString::to_string).unwrap_or_default(),
        Column::Exceptions => profile.hours.exceptions.iter().map(exception_line).collect::<Vec<_>>().join("\n"),
        Column::EmergencyIntake => if profile.emergency_intake { "yes" } else { "no" }.to_owned(),
        Column::Phone => guard(profile.phone.to_string()),
        Column::Jurisdiction => joined(profile.jurisdiction.iter().map(AreaCode::as_str).collect()),
        Column::Area => profile.area.to_string(),
        Column::Places => service.capacity.map(|capacity| capacity.places.to_string()).unwrap_or_default(),
        Column::PlacesToldAt => service.capacity.map(|capacity| stamp_to_text(capacity.told_at)).unwrap_or_default(),
        Column::Status => service.status.map(|status| status.what.code().to_owned()).unwrap_or_default(),
        Column::StatusUntil => service.status.and_then(|status| status.until).map(stamp_to_text).unwrap_or_default(),
        Column::StatusToldAt => service.status.map(|status| stamp_to_text(status.told_at)).unwrap_or_default(),
    }
}

fn degrees(value: f64) -> String {
    format!("{value:.5}")
}

fn exception_line(exception: &Exception) -> String {
    let note = exception.note.as_ref().map(|note| format!(" # {note}")).unwrap_or_default();
    format!("{} {}{note}", exception.date, exception.hours)
}

fn exception_from_line(line: &str) -> Option<Exception> {
    let (rule, note) = match line.split_once('#') {
        Some((rule, note)) => (rule, Some(note.parse().ok()?)),
        None => (line, None),
    };
    let (date, hours) = rule.trim().split_once([' ', ':'])?;
    Some(Exception { date: date.parse().ok()?, hours: hours.parse().ok()?, note })
}

/// A fault was found and noted; reading goes on with the next cell.
pub(super) struct Noted;

/// What a row says: a service but for an id that is yet to be made.
pub(super) struct ReadRow {
    pub id: Option<ServiceId>,
    pub profile: ServiceProfile,
    pub capacity: Option<Capacity>,
    pub status: Option<Status>,
}

/// Reads one row, gathering every fault in it.
pub(super) struct RowReader<'r> {
    pub cell_of: &'r dyn Fn(Column) -> &'r str,
    pub faults: Vec<(Option<Column>, Fault)>,
}

impl RowReader<'_> {
    fn text(&self, column: Column) -> &str {
        unguard((self.cell_of)(column).trim())
    }

    fn fault<T>(&mut self, column: Column, fault: Fault) -> Result<T, Noted> {
        self.faults.push((Some(column), fault));
        Err(Noted)
    }

    /// A cell that may be empty.
    fn optional<T>(&mut self, column: Column, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Noted> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match read(text) {
            Some(value) => Ok(Some(value)),
            None => self.fault(column, Fault::Form),
        }
    }

    fn required<T>(&mut self, column: Column, read: impl Fn(&str) -> Option<T>) -> Result<T, Noted> {
        match self.optional(column, read)? {
            Some(value) => Ok(value),
            None => self.fault(column, Fault::Required),
        }
    }

    /// The service of the row, or nothing if anything is at fault.
    pub fn read(&mut self) -> Result<ReadRow, Noted> {
        let id = self.optional(Column::Id, parsed);
        let unit = self.optional(Column::Unit, parsed);
        let kind = self.required(Column::Kind, parsed);
        let name_ar = self.required(Column::NameAr, parsed);
        let name_fr = self.required(Column::NameFr, parsed);
        let needs = self.required(Column::Needs, list);
        let ages = self.ages();
        let sexes = self.optional(Column::Sexes, parsed);
        let hours = self.hours();
        let emergency = self.optional(Column::EmergencyIntake, yes_no);
        let phone = self.required(Column::Phone, parsed);
        let jurisdiction = self.optional(Column::Jurisdiction, list);
        let point = self.point();
        let area = self.required(Column::Area, parsed);
        let capacity = self.capacity();
        let status = self.status();
        let profile = ServiceProfile {
            unit: unit?,
            kind: kind?,
            name_ar: name_ar?,
            name_fr: name_fr?,
            needs: needs?,
            ages: ages?,
            sexes: sexes?.unwrap_or(Sexes::Both),
            hours: hours?,
            emergency_intake: emergency?.unwrap_or(false),
            phone: phone?,
            jurisdiction: jurisdiction?.unwrap_or_default(),
            point: point?,
            area: area?,
        };
        let (id, capacity, status) = (id?, capacity?, status?);
        match profile.check().map_err(|error| error.0) {
            Ok(()) => Ok(ReadRow { id, profile, capacity, status }),
            Err("jurisdiction") => self.fault(Column::Jurisdiction, Fault::Form),
            Err("exceptions") => self.fault(Column::Exceptions, Fault::Form),
            Err(_) => self.fault(Column::Needs, Fault::Form),
        }
    }

    fn ages(&mut self) -> Result<Ages, Noted> {
        let year = |text: &str| text.parse::<u8>().ok().filter(|year| *year <= 17);
        let (min, max) = (self.optional(Column::MinAge, year), self.optional(Column::MaxAge, year));
        match Ages::new(min?.unwrap_or(0), max?.unwrap_or(17)) {
            Ok(ages) => Ok(ages),
            Err(_) => self.fault(Column::MaxAge, Fault::AgesReversed),
        }
    }

    fn hours(&mut self) -> Result<Hours, Noted> {
        let week = self.required(Column::Hours, parsed);
        let ramadan = self.optional(Column::RamadanHours, parsed);
        let lines = |text: &str| {
            text.lines().filter(|line| !line.trim().is_empty()).map(exception_from_line).collect::<Option<Vec<_>>>()
        };
        let exceptions = self.optional(Column::Exceptions, lines);
        Ok(Hours { week: week?, ramadan: ramadan?, exceptions: exceptions?.unwrap_or_default() })
    }

    fn point(&mut self) -> Result<Point, Noted> {
        // Spreadsheets in French and Arabic write a decimal comma.
        let degrees = |most: f64| {
            move |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|value| value.abs() <= most)
        };
        let (lat, lon) = (self.required(Column::Lat, degrees(90.0)), self.required(Column::Lon, degrees(180.0)));
        Point::new(lat?, lon?).map_err(|_| Noted)
    }

    fn capacity(&mut self) -> Result<Option<Capacity>, Noted> {
        let places = self.optional(Column::Places, |text| text.parse().ok());
        let told_at = self.optional(Column::PlacesToldAt, |text| stamp_from_text(text).ok());
        match (places?, told_at?) {
            (Some(places), Some(told_at)) => Ok(Some(Capacity { places, told_at })),
            (None, None) => Ok(None),
            (None, Some(_)) => self.fault(Column::Places, Fault::Incomplete),
            (Some(_), None) => self.fault(Column::PlacesToldAt, Fault::Incomplete),
        }
    }

    fn status(&mut self) -> Result<Option<Status>, Noted> {
        let what = self.optional(Column::Status, parsed);
        let until = self.optional(Column::StatusUntil, |text| stamp_from_text(text).ok());
        let told_at = self.optional(Column::StatusToldAt, |text| stamp_from_text(text).ok());
        match (what?, until?, told_at?) {
            (Some(what), until, Some(told_at)) => Ok(Some(Status { what, until, told_at })),
            (None, None, None) => Ok(None),
            (None, ..) => self.fault(Column::Status, Fault::Incomplete),
            (Some(_), _, None) => self.fault(Column::StatusToldAt, Fault::Incomplete),
        }
    }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn list<T: FromStr>(text: &str) -> Option<Vec<T>> {
    text.split([' ', ',', ';', '\n']).filter(|part| !part.is_empty()).map(parsed).collect()
}

fn yes_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "oui" | "نعم" => Some(true),
        "no" | "non" | "لا" => Some(false),
        _ => None,
    }
}
