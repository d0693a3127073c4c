//! The binary from outside, as a person or a script meets it. No network but this machine's own.
#![allow(clippy::expect_used)] // What is not there in a test fails it.
mod doctor;
mod jobs;
#[cfg(feature = "testing")]
mod kill;
mod program;
mod refusals;
mod shell;
mod town;
