use proptest::collection::vec;
use proptest::prelude::*;

use super::samples::{house, service};
use crate::directory::{Column, CsvFault, Fault, Service, ServiceId, export_csv, import_csv};

const NO_ID: fn() -> ServiceId = || ServiceId::from_bytes([9; 16]);
const MINIMUM: &str = "kind,name_ar,name_fr,needs,hours,phone,lat,lon,area\n";

fn with_rows(rows: &str) -> Result<Vec<Service>, Vec<CsvFault>> {
    import_csv(format!("{MINIMUM}{rows}").as_bytes(), NO_ID)
}

fn fault(row: u32, column: Column, fault: Fault) -> CsvFault {
    CsvFault { row, column: Some(column), fault }
}

proptest! {
    #[test]
    fn what_is_exported_comes_back_the_same(services in vec(service(), 1..6)) {
        prop_assert_eq!(import_csv(&export_csv(&services), NO_ID).unwrap(), services);
    }

    #[test]
    fn no_cell_of_an_export_starts_a_formula(services in vec(service(), 1..4)) {
        let text = export_csv(&services);
        let mut reader = csv::Reader::from_reader(&text[3..]);
        for record in reader.records() {
            for (cell, column) in record.unwrap().iter().zip(Column::ALL) {
                let is_number = matches!(column, Column::Lat | Column::Lon) && cell.parse::<f64>().is_ok();
                prop_assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            }
        }
    }

    #[test]
    fn a_file_of_anything_is_an_answer_and_no_panic(text in "\\PC{0,60}(\n\\PC{0,60}){0,4}", bytes in vec(any::<u8>(), 0..100)) {
        let _ = import_csv(text.as_bytes(), NO_ID);
        let _ = import_csv(&bytes, NO_ID);
        let _ = with_rows(&text);
    }
}

#[test]
fn a_file_a_coordinator_would_write_is_read() {
    let file = "\u{feff}KIND; name_ar ;name_fr;needs;hours;phone;lat;lon;area;exceptions;emergency_intake\n\
        upe;وحدة مخترعة;Unité inventée;listening, psychological;\"Lu-Ve 8h30-16h30; Sa 09:00-12:00\";0522 00 00 00;33,5731;-7,5898;06.141;\
        \"2026-11-06 closed # المسيرة الخضراء\n2026-12-31: 09:00-12:00\";oui\n;;;;;;;;;;\n";
    let services = import_csv(file.as_bytes(), NO_ID).unwrap();
    assert_eq!(services.len(), 1);
    let profile = &services[0].profile;
    assert_eq!(services[0].id, NO_ID());
    assert_eq!(profile.hours.week.to_string(), "Mo-Fr 08:30-16:30; Sa 09:00-12:00");
    assert_eq!(profile.hours.exceptions.len(), 2);
    assert_eq!(profile.hours.exceptions[0].note.as_ref().unwrap().as_str(), "المسيرة الخضراء");
    assert_eq!((profile.phone.as_str(), profile.emergency_intake, profile.needs.len()), ("0522000000", true, 2));
    assert!((profile.point.lon_deg() + 7.5898).abs() < 1e-9);
}

#[test]
fn every_fault_is_told_with_its_row_and_column_and_nothing_is_imported() {
    let rows = "upe,أ,A,listening,24/7,0500000000,33.5,-7.5,06.141\n\
        castle,أ,,listening,always,05,95,-7.5,06.141\n\
        upe,أ,A,Listening,24/7,0500000000,33.5,-7.5\n\
        upe,أ,A,listening listening,24/7,0500000000,33.5,x,6\n";
    assert_eq!(
        with_rows(rows).unwrap_err(),
        [
            fault(3, Column::Kind, Fault::Form),
            fault(3, Column::NameFr, Fault::Required),
            fault(3, Column::Hours, Fault::Form),
            fault(3, Column::Lat, Fault::Form),
            CsvFault { row: 4, column: None, fault: Fault::Shape },
            fault(5, Column::Lon, Fault::Form),
            fault(5, Column::Area, Fault::Form),
        ]
    );
    let twice = "upe,أ,A,listening listening,24/7,0500000000,33.5,-7.5,06\n";
    assert_eq!(with_rows(twice).unwrap_err(), [fault(2, Column::Needs, Fault::Form)]);
}

#[test]
fn headings_are_checked_before_rows() {
    let faults = import_csv(b"kind,kind,name_ar,name_fr,need,hours,phone,lat,lon\n", NO_ID).unwrap_err();
    assert_eq!(
        faults,
        [
            fault(1, Column::Kind, Fault::RepeatedColumn),
            CsvFault { row: 1, column: None, fault: Fault::UnknownColumn },
            fault(1, Column::Needs, Fault::MissingColumn),
            fault(1, Column::Area, Fault::MissingColumn),
        ]
    );
    assert_eq!(import_csv(b"", NO_ID).unwrap_err(), [CsvFault { row: 0, column: None, fault: Fault::Empty }]);
    assert_eq!(with_rows("").unwrap_err(), [CsvFault { row: 0, column: None, fault: Fault::Empty }]);
    assert_eq!(import_csv(b"kind\xff", NO_ID).unwrap_err()[0].fault, Fault::Encoding);
    assert_eq!(import_csv(&vec![b'a'; (8 << 20) + 1], NO_ID).unwrap_err()[0].fault, Fault::TooLarge);
}

#[test]
fn cells_that_go_together_are_asked_for_together() {
    let file = "kind,name_ar,name_fr,needs,hours,phone,lat,lon,area,places,status,min_age,max_age,id\n\
        upe,أ,A,listening,24/7,0500000000,33.5,-7.5,06.141,2,full,12,6,\n";
    assert_eq!(
        import_csv(file.as_bytes(), NO_ID).unwrap_err(),
        [
            fault(2, Column::MaxAge, Fault::AgesReversed),
            fault(2, Column::PlacesToldAt, Fault::Incomplete),
            fault(2, Column::StatusToldAt, Fault::Incomplete),
        ]
    );
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let twice = export_csv(&[house(1, 0.0), house(1, 10.0)]);
    assert_eq!(import_csv(&twice, NO_ID).unwrap_err(), [fault(3, Column::Id, Fault::RepeatedId)]);
}

#[test]
fn a_name_that_looks_like_a_formula_is_disarmed_and_comes_back() {
    let mut service = house(1, 0.0);
    service.profile.name_fr = "=HYPERLINK(\"x\")".parse().unwrap();
    service.profile.name_ar = "'=واحد".parse().unwrap();
    let text = String::from_utf8(export_csv(std::slice::from_ref(&service))).unwrap();
    assert!(
        text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains(",''=واحد,") && text.contains(",'+212500000000,")
    );
    assert_eq!(import_csv(text.as_bytes(), NO_ID).unwrap(), [service]);
}
