//! What works while the phone is locked: the sealed outbox and inbox, the registries' cache, the cursors.
//!
//! A SQLCipher file of its own, under a key that the keystore gives after the first unlock since boot. Envelopes in it
//! are sealed once more under keys that only the worker's store holds.
mod entry;
mod file;
mod inbox;
mod outbox;
mod state;

pub use self::{
    entry::{
        PendingEntryRow, all_entries, clear_entry, entry_count, pending_entries, put_entries, put_entry, queue_entry,
        refused_entry, unpark_entries,
    },
    file::Carrier,
    inbox::{InboxRow, done, forget_history, inbox_count, put_page, take},
    outbox::{OutboxCounts, OutboxRow, batch, clear, enqueue, outbox_counts, outbox_rows, refused, unpark, waits},
    state::{Cursor, cursor, first_receipt, put_cursor, put_state, remove_state, restart, state},
};
