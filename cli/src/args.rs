//! The command line: what may be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::authority::AuthorityArgs;
use crate::bench::BenchArgs;
use crate::demo::DemoArgs;
use crate::doctor::DoctorArgs;
use crate::field::FieldArgs;
use crate::hub::HubArgs;
use crate::shell::{CompletionsArgs, ManArgs};

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do
  1  refused or failed; the message says what to do next
  2  the command line is not right
  3  no connection: kept on this device, sent at the next sync
  4  locked: wrong passphrase, or wait before the next try
  5  not there: no such folder, file, worker, unit or referral

A passphrase is asked for without showing it, or read from HIMAYA_PASSPHRASE or --passphrase-file; never from an
argument, where other users of the machine could see it.";

/// Himaya (حماية): child-protection field and case system. Try `himaya demo` first.
#[derive(Debug, Parser)]
#[command(name = "himaya", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// Folder of the device, the hub or the authority
    #[arg(long, global = true, env = "HIMAYA_DIR", value_name = "FOLDER", help_heading = "Global options")]
    pub dir: Option<PathBuf>,
    /// File whose first line is the passphrase
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub passphrase_file: Option<PathBuf>,
    /// Print JSON for scripts; errors too, on standard error
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Language of what is shown
    #[arg(long, global = true, value_enum, default_value_t = Lang::En, help_heading = "Global options")]
    pub lang: Lang,
    /// No colour, as with `NO_COLOR` set
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_color: bool,
}

/// A language that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// العربية
    Ar,
    /// français
    Fr,
    /// English
    En,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The ministry's desk: enrol provinces, found units
    Authority(AuthorityArgs),
    /// The blind relay: run it, back it up, restore it
    Hub(HubArgs),
    /// A unit's device: rounds, spottings, referrals, files
    Field(FieldArgs),
    /// Look for what is wrong here and say what to do
    Doctor(DoctorArgs),
    /// One invented night in a real province, start to finish, with the proof that the hub read nothing
    Demo(DemoArgs),
    /// Measure this machine: saving, sync, search, memory, bytes
    Bench(BenchArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
}
