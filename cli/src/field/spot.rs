//! Spottings: recorded with a passphrase, or write-only as on the lock screen, and claimed later.

use himaya_core::app::{CaptureView, NewSpotting};
use himaya_core::record::{Concern, Risk};

use super::arguments::{CONCERNS, ChildArgs, PlaceArgs};
use super::context::Context;
use super::problem::from_app;
use super::show::{self, time};
use crate::output::{Cell, Failure};

/// A child at risk.
#[derive(Debug, clap::Args)]
#[allow(clippy::doc_markdown)] // The help shows codes as they are typed.
pub struct SpotArgs {
    #[command(flatten)]
    child: ChildArgs,
    /// What was noticed
    #[arg(help = CONCERNS, long = "concern", value_name = "CODE", required = true, num_args = 1)]
    concerns: Vec<Concern>,
    /// Name as heard
    #[arg(long)]
    name: Option<String>,
    /// Nickname
    #[arg(long)]
    nickname: Option<String>,
    /// What the child looks like, when nothing else is known
    #[arg(long)]
    description: Option<String>,
    /// A note
    #[arg(long)]
    note: Option<String>,
    /// Immediate danger
    #[arg(long)]
    danger: bool,
    /// The team's own judgement: none, low, medium, high, danger; without it, the one that the concerns give
    #[arg(long)]
    risk: Option<Risk>,
    /// Without a passphrase, as on the lock screen in a round: cannot be read here until a colleague claims it
    #[arg(long)]
    write_only: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

/// A capture to claim.
#[derive(Debug, clap::Args)]
pub struct ClaimArgs {
    /// The beginning of the capture's id; without it, captures are listed
    capture: Option<String>,
}

/// Records a spotting.
pub fn spot(context: &Context<'_>, args: &SpotArgs) -> Result<(), Failure> {
    let new = NewSpotting {
        sex: args.child.sex,
        age: args.child.age,
        name: args.name.clone(),
        nickname: args.nickname.clone(),
        description: args.description.clone(),
        concerns: args.concerns.clone(),
        place: args.place.place(),
        note: args.note.clone(),
        danger: args.danger,
        risk: args.risk,
    };
    if args.write_only {
        let capture = context.device()?.capture(&new).map_err(from_app)?;
        return context.out.show(&serde_json::json!({ "capture": capture }), |page| {
            page.done(&context.out.words().say("capture-kept", &[]));
        });
    }
    let session = context.session()?;
    let line = session.spot(&new).map_err(from_app)?;
    context.out.show(&line, |page| {
        page.done(&context.out.words().say("spotting-kept", &[("number", line.number.clone().into())]));
        show::lines(context.out.words(), page, std::slice::from_ref(&line));
    })
}

/// Lists or claims captures.
pub fn claim(context: &Context<'_>, args: &ClaimArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let captures = session.captures().map_err(from_app)?;
    let Some(prefix) = &args.capture else {
        return context.out.show(&captures, |page| {
            let words = context.out.words();
            if captures.is_empty() {
                return page.note(&words.say("captures-none", &[]));
            }
            let row = |capture: &CaptureView| {
                let id: String = capture.capture.to_string().chars().take(8).collect();
                [Cell::plain(id), Cell::plain(time(capture.at_millis)), Cell::plain(show::who(words, &capture.title))]
            };
            let headings = [words.say("head-number", &[]), words.say("head-when", &[]), words.say("head-who", &[])];
            page.table(headings, captures.iter().map(row).collect());
        });
    };
    let typed = prefix.to_ascii_lowercase();
    let fits = |capture: &&CaptureView| typed.len() >= 4 && capture.capture.to_string().starts_with(&typed);
    let mut fitting = captures.iter().filter(fits);
    let (Some(capture), None) = (fitting.next(), fitting.next()) else {
        return Err(Failure::missing("capture", "no such capture here, or several")
            .advice("See `himaya field claim` without a number."));
    };
    let line = session.claim(capture.capture).map_err(from_app)?;
    context.out.show(&line, |page| {
        page.done(&context.out.words().say("capture-claimed", &[("number", line.number.clone().into())]));
        show::lines(context.out.words(), page, std::slice::from_ref(&line));
    })
}
