//! An authority's folder: whether its list and registries add up.

use std::path::Path;

use super::finding::Finding;
use crate::authority::ledger::Ledger;

/// Looks at an authority's folder.
pub fn look(dir: &Path) -> Vec<Finding> {
    const ADVICE: &str = "Keep the folder, and take the copy that was kept elsewhere.";
    let ledger = match Ledger::load(dir) {
        Ok(ledger) => ledger,
        Err(failure) => return vec![Finding::bad("authority", failure.to_string(), ADVICE)],
    };
    let keys = ledger.provinces.iter().all(|province| ledger.province_key(province).is_file());
    if ledger.registries().is_err() || !keys {
        return vec![Finding::bad("authority", "the authority's list and keys do not add up", ADVICE)];
    }
    let what = format!("{} provinces and {} units, list and keys add up", ledger.provinces.len(), ledger.units.len());
    vec![Finding::good("authority", what)]
}
