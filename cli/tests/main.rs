//! The command line from outside, by its binary only: what it refuses, what it prints, the main job end to end.

// Helpers of tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "main/job.rs"]
mod job;
#[path = "main/lab.rs"]
mod lab;
#[path = "main/refusals.rs"]
mod refusals;
#[path = "main/shape.rs"]
mod shape;
