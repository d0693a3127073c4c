//! The guide as a CSV file that a spreadsheet opens and that comes back the same.

use super::csv_fault::Column;
use super::csv_row::cell;
use super::service::Service;

/// UTF-8 with a byte order mark (without it a spreadsheet garbles Arabic), commas, one row a service, columns as in
/// [`Column::ALL`]. Texts that would run as formulas are guarded by an apostrophe.
pub fn export_csv(services: &[Service]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(b"\xef\xbb\xbf".to_vec());
    // Writing rows of equal length into memory has no failure of its own.
    let headings = Column::ALL.map(Column::code);
    let mut written = writer.write_record(headings);
    for service in services {
        written = written.and_then(|()| writer.write_record(Column::ALL.map(|column| cell(service, column))));
    }
    debug_assert!(written.is_ok());
    writer.into_inner().unwrap_or_default()
}
