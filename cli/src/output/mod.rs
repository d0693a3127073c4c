//! What a person or a script sees: pages and tables on a terminal, JSON for scripts, errors that say what to do.
mod failure;
mod out;
mod page;
mod words;

pub use self::{
    failure::{Exit, Failure, report, usage},
    out::{Out, print},
    page::{Cell, Page, Tone},
    words::Words,
};
