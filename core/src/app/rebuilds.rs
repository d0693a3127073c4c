//! Rebuilding what was derived, from the log alone, and proof that it comes out the same.

use serde::Serialize;

use super::error::AppError;
use super::project;
use super::session::Session;
use crate::store;

/// What a rebuild found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RebuildReport {
    /// Whether the rebuilt projections are byte for byte what was there.
    pub identical: bool,
    /// Spaces rebuilt.
    pub spaces: u64,
    /// Envelopes in the log.
    pub envelopes: u64,
}

impl Session {
    /// Clears every projection and the search index and derives them from the log anew.
    pub fn rebuild(&self) -> Result<RebuildReport, AppError> {
        let _one_at_a_time = self.writing_guard();
        let registries = self.registries();
        let report = self.store.write_with(|tx| {
            let before = store::dump_projections(tx)?;
            store::clear_projections(tx)?;
            let spaces = store::spaces(tx)?;
            for space in &spaces {
                project::refresh(tx, self, &registries, *space)?;
            }
            let identical = store::dump_projections(tx)? == before;
            let envelopes = store::log_counts(tx)?.all;
            Ok::<_, AppError>(RebuildReport { identical, spaces: spaces.len() as u64, envelopes })
        })?;
        self.forget_all();
        Ok(report)
    }
}
