//! Shell completions and manual pages, made from the command line itself.

use std::fs;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::output::{Failure, Out, print};

/// Which shell.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Where to.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Folder for the pages; made if it is not there
    folder: PathBuf,
}

/// Prints the completion script.
pub fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "himaya", &mut script);
    print(&script)
}

/// Writes one page a command.
pub fn man(out: &Out, args: &ManArgs) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::io("manual pages", error);
    fs::create_dir_all(&args.folder).map_err(|error| failed(&error))?;
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(|error| failed(&error))?;
    let names = fs::read_dir(&args.folder).map_err(|error| failed(&error))?.filter_map(Result::ok);
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> = names.filter(|name| name.starts_with("himaya") && name.ends_with(".1")).collect();
    pages.sort();
    out.show(&serde_json::json!({ "pages": pages }), |page| {
        page.done(&format!("{} manual pages written.", pages.len()));
        page.note(&format!("Read them with: man -l {}", args.folder.join("himaya.1").display()));
    })
}
