//! `himaya bench`: what it costs on this machine, beside a peer or a goal.
mod command;
mod figures;
mod place;
mod wire;

pub use self::command::{BenchArgs, run};
