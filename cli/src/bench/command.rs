//! The command: measures while a spinner says what is under way, then a table with the goals.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::figures::{Figure, Size, measure};
use crate::output::{Cell, Failure, Out, Tone};

/// How much to measure.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// A look that takes seconds; figures at full size take minutes
    #[arg(long)]
    quick: bool,
}

/// Measures and shows.
pub fn run(out: &Out, args: &BenchArgs) -> Result<(), Failure> {
    let size = if args.quick { Size::QUICK } else { Size::FULL };
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg}  {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    let measured = measure(size, &|what| bar.set_message(what.to_owned()));
    bar.finish_and_clear();
    let figures = measured.map_err(|error| {
        Failure::failed("bench", format!("could not measure: {error}"))
            .advice("See `himaya doctor`: disk space, clock.")
    })?;
    out.show(&figures, |page| {
        let row = |figure: &Figure| {
            [Cell::plain(figure.what), Cell::new(Tone::Head, figure.value.clone()), Cell::quiet(figure.goal)]
        };
        page.table(["what", "measured", "goal"].map(str::to_owned), figures.iter().map(row).collect());
        if args.quick {
            page.note("A quick look at a small size; without --quick the figures are those of 10,000 records.");
        }
        page.note("Times are this machine's; ratios compare with the same rows written raw in the same run.");
    })
}
