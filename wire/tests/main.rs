//! The formats proved from outside: round trips, every tamper, the registries' rules, recorded vectors, another
//! implementation.
#![allow(
    clippy::unwrap_used,
    clippy::new_without_default,
    clippy::unused_self,
    clippy::too_many_lines,
    reason = "test code"
)]
mod corpus;
mod envelopes;
mod foreign;
mod registries;
mod rfc;
mod sizes;
mod vectors;
mod world;
