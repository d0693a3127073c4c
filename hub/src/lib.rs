#![doc = include_str!("../README.md")]
mod backup;
mod config;
mod error;
mod http;
mod hub;
pub mod relay;
pub mod storage;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    backup::{backup, restore},
    config::{HubConfig, HubLimits, TlsFiles},
    error::HubError,
    hub::{Hub, HubHandle},
};

/// Where tests can stop or fail the hub, feature `testing`: before a transaction is committed, after it is durable and
/// before anybody is told, before a feed is read, before a registry entry is stored.
pub const FAIL_POINTS: &[&str] = &["hub.commit.before", "hub.commit.after", "hub.feed.read", "hub.registry.before"];
