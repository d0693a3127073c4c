//! Reports: the circuit board, and what an aggregate must spare its readers.
//!
//! Counts cards only, once, by owner; never opens a file.
mod board;
mod suppress;

pub use self::{
    board::{Board, Cell},
    suppress::{Count, DEFAULT_THRESHOLD, suppress},
};
