//! A hub's folder: whether its database is whole and private.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::finding::Finding;

/// Looks at a hub's folder, running or not.
pub fn look(dir: &Path) -> Vec<Finding> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let checked = Connection::open_with_flags(dir.join("hub.sqlite"), flags)
        .and_then(|connection| connection.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0)));
    let whole = match checked.as_deref() {
        Ok("ok") => Finding::good("hub-database", "the hub's database is whole"),
        _ => Finding::bad(
            "hub-database",
            "the hub's database is damaged",
            "Stop the hub, keep the folder, restore the last backup into a new one: himaya hub restore. \
             Devices offer what it had not seen.",
        ),
    };
    let size = std::fs::metadata(dir.join("hub.sqlite")).map(|metadata| metadata.len()).unwrap_or_default();
    vec![whole, Finding::good("hub-size", format!("the hub keeps {} kB of sealed records", size / 1024))]
}
