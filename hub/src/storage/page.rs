//! Filling a page: the same counting for every store.

use himaya_wire::{Item, ItemBody};

use super::{FeedPage, FeedQuery, RegistryPage, RegistryRow};

/// What an item costs in an answer beside its bytes: array heads, position, time.
const ITEM_OVERHEAD_BYTES: usize = 80;

impl FeedPage {
    /// Adds the next item if it fits. Otherwise says that there is more, and the page is finished.
    pub(super) fn take(&mut self, item: Item, query: &FeedQuery, bytes: &mut usize) -> bool {
        let size = ITEM_OVERHEAD_BYTES
            + match &item.what {
                ItemBody::Envelope(envelope) => envelope.len(),
                ItemBody::Own(_) => 0,
            };
        if self.items.len() >= query.limit as usize || *bytes + size > query.max_bytes {
            self.more = true;
            return false;
        }
        *bytes += size;
        self.items.push(item);
        true
    }
}

impl RegistryPage {
    /// Adds the next entry if it fits, the first in any case unless none is wanted.
    pub(super) fn take(&mut self, row: RegistryRow, limit: u32, max_bytes: usize, bytes: &mut usize) -> bool {
        let size = ITEM_OVERHEAD_BYTES + row.entry.len();
        let full = *bytes + size > max_bytes && !self.rows.is_empty();
        if self.rows.len() >= limit as usize || full {
            self.more = true;
            return false;
        }
        *bytes += size;
        self.rows.push(row);
        true
    }
}
