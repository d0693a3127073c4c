//! The ministry's folder: its keys and its list.

use std::path::Path;

use super::Findings;
use crate::authority::ledger::{AUTHORITY_KEY, Ledger};

/// Looks at the key files and at whether the list adds up.
pub fn look(dir: &Path, found: &mut Findings) {
    if !dir.join(AUTHORITY_KEY).is_file() {
        found.wrong(
            "authority-key",
            "the authority's key is not here",
            "Put this folder back from its copy; nothing replaces the key.",
        );
    }
    let ledger = match Ledger::load(dir).and_then(|ledger| ledger.registries().map(|_| ledger)) {
        Ok(ledger) => ledger,
        Err(failure) => return found.failure("authority-list", &failure),
    };
    let (provinces, units) = (ledger.provinces.len(), ledger.units.len());
    found.good("authority-list", format!("the list adds up: {provinces} provinces, {units} units"));
    for row in ledger.provinces.iter().filter(|row| !ledger.province_key(row).is_file()) {
        let text = format!("the keys of province {} are not here", row.code);
        found.wrong("province-key", text, "Put the file back from the folder's copy.");
    }
}
