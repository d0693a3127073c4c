//! A unit's device on the command line: what a phone does with taps, here with words.
mod arguments;
mod board;
mod context;
mod enrol;
mod file;
mod guide;
mod keep;
mod nearest;
mod problem;
mod referral;
mod round;
mod show;
mod spot;

use clap::Subcommand;

use crate::args::Global;
use crate::output::{Failure, Out};

use self::context::Context;
pub use self::{
    board::{as_json as board_json, write as board_page},
    context::{open_device, unlock},
    problem::from_app,
};

/// A unit's device.
#[derive(Debug, clap::Args)]
pub struct FieldArgs {
    /// Which worker of this device: crew name, or the beginning of the member id; needed where there are several
    #[arg(long = "as", global = true, value_name = "MEMBER", help_heading = "Global options")]
    member: Option<String>,
    #[command(subcommand)]
    command: FieldCommand,
}

#[derive(Debug, Subcommand)]
enum FieldCommand {
    /// Make a worker's keys on this device and print the newcomer's code for the head
    Enrol(enrol::EnrolArgs),
    /// Admit a newcomer whose code you took in person (heads only)
    Admit(enrol::AdmitArgs),
    /// Remove a member or a device (heads only)
    Remove(enrol::RemoveArgs),
    /// Give the unit's circles their first keys (founding head, once)
    Circles,
    /// The head's weekly word that the unit's registry ends here
    Resign,
    /// Start, end or show the outreach round
    #[command(subcommand)]
    Round(round::RoundCommand),
    /// Count people met in the open round; no file is made
    Contact(round::ContactArgs),
    /// Record a child at risk
    Spot(spot::SpotArgs),
    /// List captures made on the lock screen, or claim one
    Claim(spot::ClaimArgs),
    /// Find the nearest units that can take this child now, with the reasons
    Nearest(nearest::NearestArgs),
    /// Send a child's needs to a unit
    Refer(referral::ReferArgs),
    /// Record what was said on the telephone; the guide learns it for everyone
    Call(referral::CallArgs),
    /// Record who took the child
    Handover(referral::HandoverArgs),
    /// Referrals to this unit, or those it sent
    Inbox(referral::InboxArgs),
    /// Answer a referral
    #[command(subcommand)]
    Answer(referral::AnswerCommand),
    /// Open a child's file from a spotting that was referred here
    Open(file::SpaceArgs),
    /// Show a file, spotting or round whole
    Show(file::SpaceArgs),
    /// Newest files, spottings and rounds
    List(file::ListArgs),
    /// Find files by the beginnings of words; hamza, vowel signs, accents and case do not matter
    Search(file::SearchArgs),
    /// Write one field
    Edit(file::EditArgs),
    /// Settle a question that has two answers
    Settle(file::SettleArgs),
    /// The province's guide of services
    #[command(subcommand)]
    Guide(guide::GuideCommand),
    /// The circuit board, from cards without a name (CAPE)
    Board,
    /// Send what waits, fetch what arrived; works locked with --locked
    Sync(keep::SyncArgs),
    /// Carry sealed records by hand
    #[command(subcommand)]
    Bundle(keep::BundleCommand),
    /// Where everything stands, without a name
    Status(keep::StatusArgs),
    /// Derive lists and search anew from the log, and check that they come out the same
    Rebuild,
    /// Lock: nothing stays unlocked between commands; with --forget, destroy what can be read here
    Lock(keep::LockArgs),
    /// Destroy all that can be read on this device; sealed records that wait are kept and still sent
    Wipe(keep::WipeArgs),
    /// Point this device to another address of its hub
    Hub(keep::HubAddressArgs),
}

/// Runs a field command.
pub fn run(global: &Global, out: &Out, args: &FieldArgs) -> Result<(), Failure> {
    let context = Context::new(global, out, args.member.as_deref());
    match &args.command {
        FieldCommand::Enrol(args) => enrol::enrol(&context, args),
        FieldCommand::Admit(args) => enrol::admit(&context, args),
        FieldCommand::Remove(args) => enrol::remove(&context, args),
        FieldCommand::Circles => enrol::circles(&context),
        FieldCommand::Resign => enrol::resign(&context),
        FieldCommand::Round(command) => round::round(&context, command),
        FieldCommand::Contact(args) => round::contact(&context, args),
        FieldCommand::Spot(args) => spot::spot(&context, args),
        FieldCommand::Claim(args) => spot::claim(&context, args),
        FieldCommand::Nearest(args) => nearest::nearest(&context, args),
        FieldCommand::Refer(args) => referral::refer(&context, args),
        FieldCommand::Call(args) => referral::call(&context, args),
        FieldCommand::Handover(args) => referral::handover(&context, args),
        FieldCommand::Inbox(args) => referral::inbox(&context, args),
        FieldCommand::Answer(command) => referral::answer(&context, command),
        FieldCommand::Open(args) => file::open(&context, args),
        FieldCommand::Show(args) => file::show(&context, args),
        FieldCommand::List(args) => file::list(&context, args),
        FieldCommand::Search(args) => file::search(&context, args),
        FieldCommand::Edit(args) => file::edit(&context, args),
        FieldCommand::Settle(args) => file::settle(&context, args),
        FieldCommand::Guide(command) => guide::guide(&context, command),
        FieldCommand::Board => board::board(&context),
        FieldCommand::Sync(args) => keep::sync(&context, args),
        FieldCommand::Bundle(command) => keep::bundle(&context, command),
        FieldCommand::Status(args) => keep::status(&context, args),
        FieldCommand::Rebuild => keep::rebuild(&context),
        FieldCommand::Lock(args) => keep::lock(&context, args),
        FieldCommand::Wipe(args) => keep::wipe(&context, args),
        FieldCommand::Hub(args) => keep::hub_address(&context, args),
    }
}
