//! The `himaya` binary: authority, hub, field, doctor, demo and bench over the core and the blind hub.
mod args;
mod authority;
mod bench;
mod demo;
mod doctor;
#[cfg(feature = "testing")]
mod fault;
mod field;
mod hub;
mod output;
mod passphrase;
mod shell;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use self::output::{Exit, Out};

fn main() -> ExitCode {
    #[cfg(feature = "testing")]
    fault::arm();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let out = match Out::new(&cli.global) {
        Ok(out) => out,
        Err(failure) => return output::report(&failure, cli.global.json),
    };
    let done = match cli.command {
        Command::Authority(command) => authority::run(&cli.global, &out, &command),
        Command::Hub(command) => hub::run(&cli.global, &out, &command),
        Command::Field(command) => field::run(&cli.global, &out, &command),
        Command::Doctor(command) => doctor::run(&cli.global, &out, &command),
        Command::Demo(command) => demo::run(&out, &command),
        Command::Bench(command) => bench::run(&out, &command),
        Command::Completions(command) => shell::completions(&command),
        Command::Man(command) => shell::man(&out, &command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.exit == Exit::Done => ExitCode::SUCCESS,
        Err(failure) => output::report(&failure, cli.global.json),
    }
}
