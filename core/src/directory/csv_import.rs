//! A CSV file into services: all of it, or nothing and every fault with its place.

use std::collections::{HashMap, HashSet};

use super::csv_fault::{Column, CsvFault, Fault};
use super::csv_row::{ReadRow, RowReader};
use super::service::{Service, ServiceId};

const MAX_BYTES: usize = 8 << 20;
const MAX_ROWS: usize = 20_000;
const MAX_FAULTS: usize = 1_000;

/// Reads a guide: UTF-8 with or without a byte order mark, cells apart by `,`, `;` or tabs (the headings decide), columns
/// in any order. Rows without an id get one from `new_id`. On any fault nothing is imported and all faults are told, row
/// by row, the first thousand of them.
pub fn import_csv(bytes: &[u8], mut new_id: impl FnMut() -> ServiceId) -> Result<Vec<Service>, Vec<CsvFault>> {
    if bytes.len() > MAX_BYTES {
        return Err(vec![CsvFault::of_file(Fault::TooLarge)]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| vec![CsvFault::of_file(Fault::Encoding)])?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|_| vec![CsvFault::of_file(Fault::Shape)])?.clone();
    let columns = columns(&headings)?;

    let mut services = Vec::new();
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    for (record, row) in reader.records().zip(2_u32..) {
        let Ok(record) = record else {
            faults.push(CsvFault { row, column: None, fault: Fault::Shape });
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if services.len() >= MAX_ROWS {
            faults.push(CsvFault { row, column: None, fault: Fault::TooLarge });
        }
        if services.len() >= MAX_ROWS || faults.len() >= MAX_FAULTS {
            break;
        }
        if record.len() != headings.len() {
            faults.push(CsvFault { row, column: None, fault: Fault::Shape });
            continue;
        }
        let cell_of = |column| columns.get(&column).and_then(|at| record.get(*at)).unwrap_or("");
        let mut reader = RowReader { cell_of: &cell_of, faults: Vec::new() };
        let read = reader.read();
        faults.extend(reader.faults.into_iter().map(|(column, fault)| CsvFault { row, column, fault }));
        let Ok(ReadRow { id, profile, capacity, status }) = read else { continue };
        let id = id.unwrap_or_else(&mut new_id);
        if !seen.insert(id) {
            faults.push(CsvFault { row, column: Some(Column::Id), fault: Fault::RepeatedId });
        }
        services.push(Service { id, profile, capacity, status });
    }
    if faults.is_empty() && services.is_empty() {
        faults.push(CsvFault::of_file(Fault::Empty));
    }
    if faults.is_empty() { Ok(services) } else { Err(faults) }
}

/// The one of `,`, `;` and tab that stands most often in the headings.
fn delimiter(text: &str) -> u8 {
    let headings = text.lines().next().unwrap_or("");
    let count = |delimiter: u8| headings.bytes().filter(|byte| *byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn columns(headings: &csv::StringRecord) -> Result<HashMap<Column, usize>, Vec<CsvFault>> {
    if headings.iter().all(|heading| heading.trim().is_empty()) {
        return Err(vec![CsvFault::of_file(Fault::Empty)]);
    }
    let mut columns = HashMap::new();
    let mut faults = Vec::new();
    for (at, heading) in headings.iter().enumerate() {
        match Column::of_heading(heading) {
            Some(column) if columns.insert(column, at).is_some() => {
                faults.push(CsvFault { row: 1, column: Some(column), fault: Fault::RepeatedColumn });
            }
            Some(_) => {}
            // An unknown heading may be a slip in a known one: reading on would drop what stands under it.
            None => faults.push(CsvFault { row: 1, column: None, fault: Fault::UnknownColumn }),
        }
    }
    let missing = Column::ALL.into_iter().filter(|column| column.is_required() && !columns.contains_key(column));
    faults.extend(missing.map(|column| CsvFault { row: 1, column: Some(column), fault: Fault::MissingColumn }));
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}
