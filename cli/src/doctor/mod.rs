//! `himaya doctor`: looks for what is wrong in a folder, says it in plain words, and what to do.
mod command;
mod desk;
mod device;
mod finding;
mod hub;
mod machine;

pub use self::command::{DoctorArgs, run};
