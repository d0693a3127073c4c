//! Referrals: sent, read, answered; calls and handovers beside them.

use clap::Subcommand;
use himaya_core::app::{CallAnswer, NewAnswer, NewCall, NewHandover, NewReferral};
use himaya_core::record::{DeclineReason, Need};

use super::arguments::{NEEDS, REASONS, moment};
use super::context::{Context, find_referral, find_service, find_unit};
use super::problem::from_app;
use super::show;
use crate::output::Failure;

/// A referral to send.
#[derive(Debug, clap::Args)]
pub struct ReferArgs {
    /// Number of the spotting or file
    file: String,
    /// The unit: beginning of its id, or of its name in the guide
    #[arg(long, value_name = "UNIT")]
    to: String,
    /// What is asked
    #[arg(help = NEEDS, long = "need", value_name = "CODE", required = true, num_args = 1)]
    needs: Vec<Need>,
    /// A note to the unit
    #[arg(long)]
    note: Option<String>,
}

/// A call to record.
#[derive(Debug, clap::Args)]
#[allow(clippy::doc_markdown)] // The help shows codes as they are typed.
pub struct CallArgs {
    /// The service: beginning of its id or name
    service: String,
    /// What was said
    #[arg(help = "What was said: accepts, full, closed, no_answer", long, value_parser = call_answer)]
    answer: CallAnswer,
    /// Who answered
    #[arg(long)]
    who: Option<String>,
    /// Until when it holds, as in 2026-10-11T06:00:00+01:00
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    until: Option<i64>,
    /// Number of the child's file or spotting
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
}

/// A handover to record.
#[derive(Debug, clap::Args)]
pub struct HandoverArgs {
    /// Number of the spotting or file
    file: String,
    /// Who took the child: name and function
    #[arg(long, value_name = "WHO")]
    to_whom: String,
    /// The unit, if it is one of ours
    #[arg(long)]
    unit: Option<String>,
    /// The code or signature that the receiver gave
    #[arg(long)]
    receipt: Option<String>,
}

/// Which referrals.
#[derive(Debug, clap::Args)]
pub struct InboxArgs {
    /// Those that this unit sent
    #[arg(long)]
    sent: bool,
}

/// An answer.
#[derive(Debug, Subcommand)]
pub enum AnswerCommand {
    /// A person has read it
    Seen(AnswerArgs),
    /// The unit takes the child
    Accept(AnswerArgs),
    /// The unit does not, and says why
    Decline(DeclineArgs),
    /// The unit does not, says why, and names another
    Redirect(RedirectArgs),
    /// The child arrived
    Arrived(AnswerArgs),
    /// The child did not arrive
    NotArrived(AnswerArgs),
    /// The sender takes it back
    Withdraw(AnswerArgs),
}

/// Which referral.
#[derive(Debug, clap::Args)]
pub struct AnswerArgs {
    /// Beginning of the referral's id, or the file's number
    referral: String,
}

/// Which referral, and why not.
#[derive(Debug, clap::Args)]
#[allow(clippy::doc_markdown)] // The help shows codes as they are typed.
pub struct DeclineArgs {
    /// Beginning of the referral's id, or the file's number
    referral: String,
    /// Why not
    #[arg(help = REASONS, long)]
    reason: DeclineReason,
}

/// Which referral, why not, and where to.
#[derive(Debug, clap::Args)]
pub struct RedirectArgs {
    #[command(flatten)]
    decline: DeclineArgs,
    /// The unit to try
    #[arg(long, value_name = "UNIT")]
    to: String,
}

fn call_answer(text: &str) -> Result<CallAnswer, String> {
    [CallAnswer::Accepts, CallAnswer::Full, CallAnswer::Closed, CallAnswer::NoAnswer]
        .into_iter()
        .find(|answer| answer.code() == text)
        .ok_or_else(|| "accepts, full, closed or no_answer".to_owned())
}

/// Sends a referral.
pub fn refer(context: &Context<'_>, args: &ReferArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = session.find(&args.file).map_err(from_app)?;
    let to = find_unit(&session, &args.to)?;
    let new = NewReferral { to, needs: args.needs.clone(), note: args.note.clone() };
    let referral = session.refer(space, &new).map_err(from_app)?;
    context.out.show(&referral, |page| {
        page.done(&context.out.words().say("referral-kept", &[]));
        show::referrals(context.out.words(), page, &session, std::slice::from_ref(&referral));
    })
}

/// Records a call.
pub fn call(context: &Context<'_>, args: &CallArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = args.file.as_deref().map(|file| session.find(file).map_err(from_app)).transpose()?;
    let service = find_service(&session, &args.service)?;
    let new = NewCall { service, who: args.who.clone(), answer: args.answer, until_millis: args.until };
    session.call(space, &new).map_err(from_app)?;
    context.out.show(&serde_json::json!({ "service": service, "answer": args.answer }), |page| {
        page.done(&context.out.words().say("call-kept", &[]));
    })
}

/// Records a handover.
pub fn handover(context: &Context<'_>, args: &HandoverArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let space = session.find(&args.file).map_err(from_app)?;
    let unit = args.unit.as_deref().map(|unit| find_unit(&session, unit)).transpose()?;
    let new = NewHandover { to_whom: args.to_whom.clone(), unit, receipt: args.receipt.clone() };
    session.handover(space, &new).map_err(from_app)?;
    context.out.show(&serde_json::json!({ "space": space }), |page| {
        page.done(&context.out.words().say("handover-kept", &[]));
    })
}

/// Lists referrals.
pub fn inbox(context: &Context<'_>, args: &InboxArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let referrals = if args.sent { session.sent() } else { session.inbox() }.map_err(from_app)?;
    context.out.show(&referrals, |page| {
        if referrals.is_empty() {
            return page.note(&context.out.words().say("referrals-none", &[]));
        }
        show::referrals(context.out.words(), page, &session, &referrals);
    })
}

/// Answers a referral.
pub fn answer(context: &Context<'_>, command: &AnswerCommand) -> Result<(), Failure> {
    let session = context.session()?;
    let incoming = !matches!(command, AnswerCommand::Withdraw(_));
    let (which, answer) = match command {
        AnswerCommand::Seen(args) => (&args.referral, NewAnswer::Seen),
        AnswerCommand::Accept(args) => (&args.referral, NewAnswer::Accept),
        AnswerCommand::Decline(args) => (&args.referral, NewAnswer::Decline(args.reason.clone())),
        AnswerCommand::Redirect(args) => {
            let to = find_unit(&session, &args.to)?;
            (&args.decline.referral, NewAnswer::Redirect { reason: args.decline.reason.clone(), to })
        }
        AnswerCommand::Arrived(args) => (&args.referral, NewAnswer::Arrived),
        AnswerCommand::NotArrived(args) => (&args.referral, NewAnswer::NotArrived),
        AnswerCommand::Withdraw(args) => (&args.referral, NewAnswer::Withdraw),
    };
    let referral = find_referral(&session, which, incoming)?;
    let referral = session.answer(referral.referral, answer).map_err(from_app)?;
    context.out.show(&referral, |page| {
        page.done(&context.out.words().say("answer-kept", &[]));
        show::referrals(context.out.words(), page, &session, std::slice::from_ref(&referral));
    })
}
