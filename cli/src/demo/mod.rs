//! `himaya demo`: one invented night in a real prefecture, over a real hub process, with the proof at its end.
mod chance;
mod clock;
mod command;
mod hub;
mod morning;
mod names;
mod needles;
mod night;
mod page;
mod proof;
mod setting;
mod story;
mod town;
mod world;

pub use self::command::{DemoArgs, run};
