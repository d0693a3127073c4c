//! The outreach round: started, counted in, ended.

use clap::Subcommand;
use himaya_core::app::{NewContact, NewRound, RoundView};

use super::arguments::{ChildArgs, PlaceArgs};
use super::context::Context;
use super::problem::from_app;
use super::show::time;
use crate::output::{Failure, Page};

/// The round.
#[derive(Debug, Subcommand)]
pub enum RoundCommand {
    /// Start a round; from then on the lock screen takes spottings
    Start {
        /// The vehicle, in words
        #[arg(long)]
        vehicle: Option<String>,
        /// A note
        #[arg(long)]
        note: Option<String>,
    },
    /// End the open round
    End {
        /// A note
        #[arg(long)]
        note: Option<String>,
    },
    /// Show the open round
    Show,
}

/// People met.
#[derive(Debug, clap::Args)]
pub struct ContactArgs {
    /// How many, 1 to 1000
    #[arg(long, default_value_t = 1)]
    count: u16,
    #[command(flatten)]
    child: ChildArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// A note
    #[arg(long)]
    note: Option<String>,
}

/// Starts, ends or shows the round.
pub fn round(context: &Context<'_>, command: &RoundCommand) -> Result<(), Failure> {
    let session = context.session()?;
    let round = match command {
        RoundCommand::Start { vehicle, note } => {
            let new = NewRound { vehicle: vehicle.clone(), note: note.clone(), ..NewRound::default() };
            Some(session.start_round(&new).map_err(from_app)?)
        }
        RoundCommand::End { note } => Some(session.end_round(note.clone()).map_err(from_app)?),
        RoundCommand::Show => session.open_round().map_err(from_app)?,
    };
    context.out.show(&round, |page| write(context, page, round.as_ref()))
}

fn write(context: &Context<'_>, page: &mut Page, round: Option<&RoundView>) {
    let words = context.out.words();
    let Some(round) = round else { return page.note(&words.say("round-none", &[])) };
    let met = ("met", i64::from(round.contacts).into());
    match round.ended_millis {
        None => page.done(&words.say("round-open", &[("since", time(round.started_millis).into()), met])),
        Some(ended) => page.done(&words.say("round-ended", &[("at", time(ended).into()), met])),
    }
}

/// Counts people met.
pub fn contact(context: &Context<'_>, args: &ContactArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let new = NewContact {
        count: args.count,
        sex: args.child.sex,
        age: args.child.age,
        place: args.place.place(),
        note: args.note.clone(),
    };
    let met = session.contact(&new).map_err(from_app)?;
    context.out.show(&serde_json::json!({ "contacts": met }), |page| {
        page.done(&context.out.words().say("contact-counted", &[("met", i64::from(met).into())]));
    })
}
