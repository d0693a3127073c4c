//! The hub's own tests. Whatever needs a device's vault or store is in the whole-system tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where its world breaks")]

mod http;
mod relay;
mod store;
