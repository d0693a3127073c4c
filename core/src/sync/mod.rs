//! Sync: one request pushes and pulls; the same whether the vault is open or locked.
//!
//! | file | holds |
//! | --- | --- |
//! | `exchange` | the state machine: what to ask next, what an answer changes. No network, no clock |
//! | `client` | the thin driver over HTTP, and its retries |
//! | `error` | what can go wrong, and whether a retry helps |
//!
//! Only the carrier (the sealed outbox and inbox) is touched here. Opening what arrived is for `app`, after unlock.
mod client;
mod error;
mod exchange;

pub use self::{
    client::{HubAddress, HubClient, HubHealth},
    error::SyncError,
    exchange::{
        Ask, Me, Progress, STATE_REOFFER, STATE_WANTS_ALL, absorb, alarms, plan, queue_all_entries, raise_alarms,
    },
};
