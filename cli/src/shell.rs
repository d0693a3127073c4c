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
    fs::create_dir_all(&args.folder).map_err(|error| Failure::io("folder for the manual pages", &error))?;
    let mut command = Cli::command();
    command.build();
    let mut pages = Vec::new();
    write_pages(&command, "himaya", &args.folder, &mut pages)?;
    out.show(&serde_json::json!({ "pages": pages }), |page| {
        page.done(&format!("{} manual pages written.", pages.len()));
        page.note(&format!("Read them with: man -l {}", args.folder.join("himaya.1").display()));
    })
}

fn write_pages(
    command: &clap::Command,
    name: &str,
    folder: &std::path::Path,
    pages: &mut Vec<String>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    let named = command.clone().name(name.to_owned());
    clap_mangen::Man::new(named).render(&mut text).map_err(|error| Failure::io("manual page", &error))?;
    let file = format!("{name}.1");
    fs::write(folder.join(&file), text).map_err(|error| Failure::io("manual page", &error))?;
    pages.push(file);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set()) {
        write_pages(sub, &format!("{name}-{}", sub.get_name()), folder, pages)?;
    }
    Ok(())
}
