//! The rules: who may push what, and who receives it. No network and no clock: the caller gives the time.
//!
//! | file | holds |
//! | --- | --- |
//! | `ledger` | the registries as the store has them, and who asks |
//! | `entries` | pushed registry entries |
//! | `check` | a pushed envelope on its own: form, author, signature |
//! | `place` | where a good envelope goes, inside one transaction |
//! | `service` | one request, one answer |
mod check;
mod entries;
mod ledger;
mod place;
mod service;

pub use self::{
    ledger::{Asker, CERTIFICATE_SKEW_S, QUARANTINE_MILLIS},
    service::{Handled, News, Opened, Relay, Waiting},
};
