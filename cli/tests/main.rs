//! The binary from outside, as a person or a script meets it. No network but this machine's own.

// Helpers of tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod demo;
mod doctor;
mod jobs;
#[cfg(feature = "testing")]
mod kill;
mod program;
mod refusals;
mod shell;
mod town;
