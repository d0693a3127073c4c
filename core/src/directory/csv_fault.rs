//! The columns of the guide's CSV file, and what can be wrong with a file: where, and how it is said.

use super::message::{Arg, Message};

/// A column. Its code is its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// 32 hexadecimal digits; a new one is made where it is empty.
    Id,
    /// The unit that takes referrals through the system; empty for a telephone number only.
    Unit,
    /// A code of `ServiceKind`.
    Kind,
    /// Name in Arabic.
    NameAr,
    /// Name in French.
    NameFr,
    /// Codes of needs, apart by spaces or commas.
    Needs,
    /// First year taken; empty is 0.
    MinAge,
    /// Last year taken; empty is 17.
    MaxAge,
    /// `girls`, `boys` or `both`; empty is both.
    Sexes,
    /// Weekly hours.
    Hours,
    /// Weekly hours in Ramadan; empty where they are the same.
    RamadanHours,
    /// One a line: date, hours, and after `#` a note.
    Exceptions,
    /// `yes` or `no`; empty is no.
    EmergencyIntake,
    /// Number to call.
    Phone,
    /// Census codes apart by spaces or commas; empty is anywhere.
    Jurisdiction,
    /// Latitude, degrees, WGS84.
    Lat,
    /// Longitude, degrees, WGS84.
    Lon,
    /// Census code of the province.
    Area,
    /// Places left.
    Places,
    /// When that was told.
    PlacesToldAt,
    /// A code of `StatusKind`.
    Status,
    /// Until when.
    StatusUntil,
    /// When that was told.
    StatusToldAt,
}

impl Column {
    /// Every column, in the order of an export.
    pub const ALL: [Self; 23] = [
        Self::Id,
        Self::Unit,
        Self::Kind,
        Self::NameAr,
        Self::NameFr,
        Self::Needs,
        Self::MinAge,
        Self::MaxAge,
        Self::Sexes,
        Self::Hours,
        Self::RamadanHours,
        Self::Exceptions,
        Self::EmergencyIntake,
        Self::Phone,
        Self::Jurisdiction,
        Self::Lat,
        Self::Lon,
        Self::Area,
        Self::Places,
        Self::PlacesToldAt,
        Self::Status,
        Self::StatusUntil,
        Self::StatusToldAt,
    ];

    /// The heading.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Unit => "unit",
            Self::Kind => "kind",
            Self::NameAr => "name_ar",
            Self::NameFr => "name_fr",
            Self::Needs => "needs",
            Self::MinAge => "min_age",
            Self::MaxAge => "max_age",
            Self::Sexes => "sexes",
            Self::Hours => "hours",
            Self::RamadanHours => "ramadan_hours",
            Self::Exceptions => "exceptions",
            Self::EmergencyIntake => "emergency_intake",
            Self::Phone => "phone",
            Self::Jurisdiction => "jurisdiction",
            Self::Lat => "lat",
            Self::Lon => "lon",
            Self::Area => "area",
            Self::Places => "places",
            Self::PlacesToldAt => "places_told_at",
            Self::Status => "status",
            Self::StatusUntil => "status_until",
            Self::StatusToldAt => "status_told_at",
        }
    }

    /// Whether a file without this column is refused.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Self::Kind
                | Self::NameAr
                | Self::NameFr
                | Self::Needs
                | Self::Hours
                | Self::Phone
                | Self::Lat
                | Self::Lon
                | Self::Area
        )
    }

    /// The column of a heading, as it stands in the file.
    pub fn of_heading(heading: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code().eq_ignore_ascii_case(heading.trim()))
    }
}

/// What is wrong at one place of a file. Never repeats what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Over 8 MB, or over 20,000 rows.
    TooLarge,
    /// Not UTF-8 text.
    Encoding,
    /// No heading row, or no rows under it.
    Empty,
    /// The file has no such column.
    MissingColumn,
    /// A heading that is not a column.
    UnknownColumn,
    /// A heading that stands twice.
    RepeatedColumn,
    /// A row with more or fewer cells than headings, or a quote that never ends.
    Shape,
    /// A cell that may not be empty.
    Required,
    /// A cell that is not of its column's form.
    Form,
    /// First year over the last.
    AgesReversed,
    /// Goes together with another cell that is empty.
    Incomplete,
    /// The id of an earlier row.
    RepeatedId,
}

/// A fault and its place. Rows count as a spreadsheet counts them: the headings are row 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CsvFault {
    /// Row; 0 for the whole file.
    pub row: u32,
    /// Column, where one is at fault.
    pub column: Option<Column>,
    /// What is wrong.
    pub fault: Fault,
}

impl CsvFault {
    pub(super) const fn of_file(fault: Fault) -> Self {
        Self { row: 0, column: None, fault }
    }

    /// What is wrong and what to write instead.
    pub fn message(&self) -> Message {
        let key = match (self.fault, self.column) {
            (Fault::TooLarge, _) => "csv-too-large",
            (Fault::Encoding, _) => "csv-encoding",
            (Fault::Empty, _) => "csv-empty",
            (Fault::MissingColumn, _) => "csv-missing-column",
            (Fault::UnknownColumn, _) => "csv-unknown-column",
            (Fault::RepeatedColumn, _) => "csv-repeated-column",
            (Fault::Shape, _) => "csv-shape",
            (Fault::Required, _) => "csv-required",
            (Fault::AgesReversed, _) => "csv-ages-reversed",
            (Fault::Incomplete, _) => "csv-incomplete",
            (Fault::RepeatedId, _) => "csv-repeated-id",
            (Fault::Form, Some(Column::Hours | Column::RamadanHours)) => "csv-form-hours",
            (Fault::Form, Some(Column::Exceptions)) => "csv-form-exceptions",
            (Fault::Form, Some(Column::Phone)) => "csv-form-phone",
            (Fault::Form, Some(Column::Lat | Column::Lon)) => "csv-form-degrees",
            (Fault::Form, Some(Column::MinAge | Column::MaxAge)) => "csv-form-age",
            (Fault::Form, Some(Column::Needs)) => "csv-form-needs",
            (Fault::Form, Some(Column::Area | Column::Jurisdiction)) => "csv-form-area",
            (Fault::Form, Some(Column::EmergencyIntake)) => "csv-form-yes-no",
            (Fault::Form, Some(Column::PlacesToldAt | Column::StatusUntil | Column::StatusToldAt)) => "csv-form-time",
            (Fault::Form, Some(Column::Id | Column::Unit)) => "csv-form-id",
            (Fault::Form, Some(Column::Kind | Column::Sexes | Column::Status)) => "csv-form-list",
            (Fault::Form, _) => "csv-form",
        };
        let message = Message::plain(key).with("row", Arg::Count(self.row.into()));
        message.with("column", Arg::Text(self.column.map_or("", Column::code).into()))
    }
}
