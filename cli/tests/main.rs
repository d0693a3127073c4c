//! The binary from outside, as a person or a script meets it. No network but this machine's own.
mod demo;
mod doctor;
mod jobs;
#[cfg(feature = "testing")]
mod kill;
mod program;
mod refusals;
mod shell;
mod town;
