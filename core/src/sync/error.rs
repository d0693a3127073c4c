//! Why an exchange with the hub did not happen, and whether to try again.

use std::time::Duration;

use himaya_wire::{Trouble, WireError};

use crate::store::StoreError;

/// Why an exchange failed. Nothing that was to be sent is lost by any of these.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// No connection, or it broke. It will be sent later.
    #[error("no connection to the hub")]
    Offline,
    /// The hub asks to come back later.
    #[error("the hub asks to wait")]
    Later(Option<Duration>),
    /// The hub does not know this device, or no longer serves it. The head of the unit can help.
    #[error("the hub does not serve this device: {0:?}")]
    NotServed(Trouble),
    /// The hub's answer breaks its own rules: a gap in a feed, an unknown form. Kept apart, shown as an alarm.
    #[error("the hub's answer breaks the rules: {0}")]
    Dishonest(&'static str),
    /// The address or certificate of the hub is not usable.
    #[error("the hub's address is not usable: {0}")]
    Address(&'static str),
    /// The sealed outbox or inbox could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A format or key operation failed.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl SyncError {
    /// Whether trying again later can help without anybody doing anything.
    pub const fn can_retry(&self) -> bool {
        matches!(self, Self::Offline | Self::Later(_))
    }

    /// The key of the message shown to the worker.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Offline => "sync-offline",
            Self::Later(_) => "sync-later",
            Self::NotServed(_) => "sync-not-served",
            Self::Dishonest(_) => "sync-dishonest",
            Self::Address(_) => "sync-address",
            Self::Store(error) => error.message_key(),
            Self::Wire(_) => "sync-broken",
        }
    }
}
