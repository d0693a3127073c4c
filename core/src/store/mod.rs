//! What a device keeps on its disk: two SQLCipher files, each with a raw random key.
//!
//! - [`Store`] holds the worker's data: the log of events, keys, projections, search. It opens only after unlock.
//! - [`Carrier`] holds what works while the phone is locked: the sealed outbox and inbox, the registries' cache, the
//!   cursors. Nothing in it can be read without a key that only the [`Store`] holds.
//!
//! One writer connection, several readers. What must be atomic takes `&Transaction`, what only reads takes
//! `&Connection`; [`Store::write`] and [`Store::read`] lend them. Every PRAGMA and its reason: `docs/storage.md`.
pub mod carrier;
mod column;
mod database;
mod error;
pub mod fault;
mod held;
mod key;
mod log;
mod migrate;
mod projection;
mod receipt;
mod referral;
mod search;
mod setting;
mod tombstone;
mod worker;

#[cfg(test)]
mod tests;

pub use self::{
    carrier::Carrier,
    error::StoreError,
    held::{HeldReason, HeldRow, held, held_by_kid, held_count, held_in, hold, release},
    key::{HolderRow, SpaceKeyRow, holders, key, keys, newest_key, put_holder, put_key},
    log::{
        Appended, BodyRow, LogCounts, LogRow, Origin, append, bodies_of, event, events_of, has_unconfirmed, log_counts,
        mark_all_unconfirmed, mark_confirmed, newest_sizes, reused_id_count, same_id, seen_in_feed, set_body, spaces,
        spaces_by, unclaimed, unconfirmed,
    },
    projection::{
        Filter, ListedRow, ProjectionRow, by_space, clear_projections, conflict_count, dump_projections, mark_news,
        mark_read, newest, news_count, put_projection, remove_projection, unsettled_spaces,
    },
    receipt::{ReceiptRow, put_receipt, receipts, receipts_in},
    referral::{
        Direction, ReferralRow, put_referral, referral, referral_by_element, referrals, referrals_in, remove_referrals,
    },
    search::search,
    setting::{put_setting, remove_setting, setting},
    tombstone::{erase, erased_by},
    worker::Store,
};
