//! Chores: `cargo xtask setup`, `ci`, `fuzz`, `vectors --record`.
mod ci;
mod fuzz;
mod run;

use clap::{Parser, Subcommand};

/// Chores of this workspace.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Prepares the Python that the foreign implementations run in: target/venv.
    Setup,
    /// Formatting, lints, every test, a short fuzz run, licences; prints `N passed, N failed` last.
    Ci {
        /// How long each fuzz target runs, seconds.
        #[arg(long, default_value_t = 5)]
        fuzz_seconds: u64,
    },
    /// Runs every fuzz target on its corpus.
    Fuzz {
        /// How long each target runs, seconds.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// One target only.
        #[arg(long)]
        target: Option<String>,
    },
    /// Records the vectors of tests/vectors/wire. Refuses to write over one.
    Vectors {
        /// Writes them.
        #[arg(long, required = true)]
        record: bool,
    },
}

fn main() -> std::process::ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Setup => run::setup(),
        Chore::Ci { fuzz_seconds } => ci::run(fuzz_seconds),
        Chore::Fuzz { seconds, target } => fuzz::run(seconds, target.as_deref()).and_then(run::Count::as_result),
        Chore::Vectors { record: _ } => vectors(),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn vectors() -> Result<(), String> {
    for test in ["vectors::record_vectors", "corpus::record_corpus"] {
        let mut cargo = run::cargo();
        cargo.args([
            "test",
            "--quiet",
            "--package",
            "himaya-wire",
            "--test",
            "main",
            "--",
            "--ignored",
            "--exact",
            test,
        ]);
        run::check(&mut cargo)?;
    }
    Ok(())
}
