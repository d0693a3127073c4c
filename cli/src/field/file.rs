//! Files, spottings and rounds: listed, searched, shown, edited, settled.

use himaya_core::app::{FileView, ListFilter, Session, Settle};
use himaya_core::record::SpaceKind;
use himaya_wire::EventId;

use super::context::Context;
use super::problem::from_app;
use super::show;
use crate::output::Failure;

/// Which file.
#[derive(Debug, clap::Args)]
pub struct SpaceArgs {
    /// Its number, or the beginning of it
    file: String,
}

/// What to list.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only these: case, spotting, round, card; repeat it for more
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    kinds: Vec<SpaceKind>,
    /// Most lines
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// What to find.
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Beginnings of words, in the letters they were written in
    text: String,
    /// Most lines
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

/// A field to write.
#[derive(Debug, clap::Args)]
pub struct EditArgs {
    /// Number of the file
    file: String,
    /// The field: name, nickname, description, note, age, sex, risk, stage, concerns, place …
    field: String,
    /// What to write; empty empties it
    text: String,
    /// The element that the field belongs to, as `show --json` names it
    #[arg(long, value_name = "ID")]
    element: Option<EventId>,
}

/// A question to settle.
#[derive(Debug, clap::Args)]
pub struct SettleArgs {
    /// Number of the file
    file: String,
    /// The field
    field: String,
    /// The answer to keep: beginning of its id, as `show` prints it
    #[arg(long, value_name = "ID", conflicts_with = "write", required_unless_present = "write")]
    keep: Option<String>,
    /// Another answer
    #[arg(long, value_name = "TEXT")]
    write: Option<String>,
    /// The element that the field belongs to
    #[arg(long, value_name = "ID")]
    element: Option<EventId>,
}

fn kind(text: &str) -> Result<SpaceKind, String> {
    match text {
        "case" => Ok(SpaceKind::Case),
        "spotting" => Ok(SpaceKind::Spotting),
        "round" => Ok(SpaceKind::Round),
        "card" => Ok(SpaceKind::Card),
        _ => Err("case, spotting, round or card".to_owned()),
    }
}

/// Opens a file from a spotting.
pub fn open(context: &Context<'_>, args: &SpaceArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let spotting = session.find(&args.file).map_err(from_app)?;
    let line = session.open_file(spotting).map_err(from_app)?;
    context.out.show(&line, |page| {
        page.done(&context.out.words().say("file-opened", &[("number", line.number.clone().into())]));
        show::lines(context.out.words(), page, std::slice::from_ref(&line));
    })
}

/// Shows a file whole.
pub fn show(context: &Context<'_>, args: &SpaceArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = session.find(&args.file).map_err(from_app)?;
    let file = session.show(space).map_err(from_app)?;
    out(context, &session, &file)
}

fn out(context: &Context<'_>, session: &Session, file: &FileView) -> Result<(), Failure> {
    context.out.show(file, |page| show::file(context.out.words(), page, session, file))
}

/// Lists the newest.
pub fn list(context: &Context<'_>, args: &ListArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let mut filter = ListFilter { limit: args.limit, ..ListFilter::default() };
    if !args.kinds.is_empty() {
        filter.kinds.clone_from(&args.kinds);
    }
    let lines = session.list(&filter).map_err(from_app)?;
    context.out.show(&lines, |page| {
        if lines.is_empty() {
            return page.note(&context.out.words().say("list-empty", &[]));
        }
        show::lines(context.out.words(), page, &lines);
    })
}

/// Searches.
pub fn search(context: &Context<'_>, args: &SearchArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let lines = session.search(&args.text, args.limit).map_err(from_app)?;
    context.out.show(&lines, |page| {
        if lines.is_empty() {
            return page.note(&context.out.words().say("search-empty", &[]));
        }
        show::lines(context.out.words(), page, &lines);
    })
}

/// Writes a field.
pub fn edit(context: &Context<'_>, args: &EditArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = session.find(&args.file).map_err(from_app)?;
    let file = session.edit(space, &args.field, args.element, &args.text).map_err(from_app)?;
    out(context, &session, &file)
}

/// Settles a question.
pub fn settle(context: &Context<'_>, args: &SettleArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = session.find(&args.file).map_err(from_app)?;
    let choice = match (&args.keep, &args.write) {
        (_, Some(text)) => Settle::Write(text.clone()),
        (Some(prefix), None) => Settle::Keep(answer(&session.show(space).map_err(from_app)?, &args.field, prefix)?),
        (None, None) => return Err(Failure::usage("usage", "give --keep or --write")),
    };
    let file = session.settle(space, &args.field, args.element, choice).map_err(from_app)?;
    out(context, &session, &file)
}

fn answer(file: &FileView, field: &str, prefix: &str) -> Result<EventId, Failure> {
    let typed = prefix.to_ascii_lowercase();
    let answers = file.fields.iter().filter(|line| line.field == field).flat_map(|line| &line.alternatives);
    let mut fitting = answers.filter(|one| typed.len() >= 4 && one.event.to_string().starts_with(&typed));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.event),
        _ => Err(Failure::missing("answer", "no such answer, or several").advice("See `himaya field show FILE`.")),
    }
}
