//! What a front end submits (`New…`) and shows (`…View`): plain data, no rule.
//!
//! Identifiers are hexadecimal text here, times are milliseconds since the Unix epoch (UTC).

use himaya_wire::{EventId, MemberId, SpaceId, UnitId};
use serde::Serialize;

use crate::record::{Age, Concern, DeclineReason, Need, Place, Point, ReferralStep, Risk, Sex, SpaceKind, Stage};

/// Where a record is, in the four honest words of the screens page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// ○ On this phone.
    OnThisPhone,
    /// ◔ Sent: the hub has it.
    Sent,
    /// ◑ Arrived at the unit: a device of it signed for it.
    Arrived,
    /// ● Seen by a person there.
    Seen,
}

impl Whereabouts {
    /// The sign that stands with the word.
    pub const fn sign(self) -> char {
        match self {
            Self::OnThisPhone => '○',
            Self::Sent => '◔',
            Self::Arrived => '◑',
            Self::Seen => '●',
        }
    }

    /// The key of the word in the message files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OnThisPhone => "where-on_phone",
            Self::Sent => "where-sent",
            Self::Arrived => "where-arrived",
            Self::Seen => "where-seen",
        }
    }
}

/// A round to start.
#[derive(Clone, Debug, Default)]
pub struct NewRound {
    /// The vehicle, in the team's words.
    pub vehicle: Option<String>,
    /// Who is on board; empty is the worker alone.
    pub crew: Vec<MemberId>,
    /// A note.
    pub note: Option<String>,
}

/// A contact in a round: someone met, no file.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// How many, 1 to 1,000.
    pub count: u16,
    /// Sex, as far as seen.
    pub sex: Sex,
    /// Age, as far as seen.
    pub age: Option<Age>,
    /// Where.
    pub place: Place,
    /// A note.
    pub note: Option<String>,
}

/// A child at risk, spotted. The least is a sex and one concern.
#[derive(Clone, Debug)]
pub struct NewSpotting {
    /// Sex, as far as seen.
    pub sex: Sex,
    /// Age, as far as known.
    pub age: Option<Age>,
    /// Name as heard.
    pub name: Option<String>,
    /// Nickname.
    pub nickname: Option<String>,
    /// What the child looks like, when nothing else is known.
    pub description: Option<String>,
    /// What was noticed, at least one.
    pub concerns: Vec<Concern>,
    /// Where.
    pub place: Place,
    /// A note.
    pub note: Option<String>,
    /// Whether the team judged immediate danger.
    pub danger: bool,
    /// The team's own judgement of risk, where it differs from the one derived.
    pub risk: Option<Risk>,
}

/// A referral to send from a spotting or a file.
#[derive(Clone, Debug)]
pub struct NewReferral {
    /// The unit.
    pub to: UnitId,
    /// What is asked, at least one.
    pub needs: Vec<Need>,
    /// A note to the unit.
    pub note: Option<String>,
}

/// The answer to a referral.
#[derive(Clone, Debug)]
pub enum NewAnswer {
    /// Seen by a person.
    Seen,
    /// The unit takes the child.
    Accept,
    /// It does not.
    Decline(DeclineReason),
    /// It does not, and names another.
    Redirect {
        /// Why.
        reason: DeclineReason,
        /// The unit to try.
        to: UnitId,
    },
    /// The child arrived.
    Arrived,
    /// The child did not arrive.
    NotArrived,
    /// The sender takes the referral back.
    Withdraw,
}

/// What was said on the telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAnswer {
    /// They take the child.
    Accepts,
    /// They are full.
    Full,
    /// They are closed.
    Closed,
    /// Nobody answered.
    NoAnswer,
}

impl CallAnswer {
    /// The code on the command line, in records and in message keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepts => "accepts",
            Self::Full => "full",
            Self::Closed => "closed",
            Self::NoAnswer => "no_answer",
        }
    }
}

/// A telephone call to a service, recorded.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The service in the guide.
    pub service: EventId,
    /// Who answered, in the caller's words.
    pub who: Option<String>,
    /// What was said.
    pub answer: CallAnswer,
    /// Until when it holds.
    pub until_millis: Option<i64>,
}

/// A handover of the child, with receipt.
#[derive(Clone, Debug)]
pub struct NewHandover {
    /// Who took the child, in words: name and function.
    pub to_whom: String,
    /// The unit, if it is one of ours.
    pub unit: Option<UnitId>,
    /// The code or signature reference that the receiver gave.
    pub receipt: Option<String>,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineView {
    /// The space.
    pub space: SpaceId,
    /// What it is.
    pub kind: SpaceKind,
    /// Short number, readable aloud.
    pub number: String,
    /// Name, nickname or description.
    pub title: String,
    /// Risk, where there is one.
    pub risk: Option<Risk>,
    /// Stage, where there is one.
    pub stage: Option<Stage>,
    /// Sex.
    pub sex: Option<Sex>,
    /// When it last changed.
    pub updated_millis: i64,
    /// When it was first written.
    pub created_millis: i64,
    /// How many questions have two answers.
    pub conflicts: u32,
    /// Where it is.
    pub whereabouts: Whereabouts,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoundView {
    /// Its space.
    pub space: SpaceId,
    /// When it began.
    pub started_millis: i64,
    /// When it ended; none while it is open.
    pub ended_millis: Option<i64>,
    /// People met.
    pub contacts: u32,
    /// Vehicle.
    pub vehicle: Option<String>,
}

/// One answer among several to the same question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlternativeView {
    /// The edit.
    pub event: EventId,
    /// The answer, in plain text.
    pub text: String,
    /// Who wrote it.
    pub author: MemberId,
    /// From which unit.
    pub unit: UnitId,
    /// When, by the author's clock.
    pub at_millis: i64,
}

/// A question with its answer or answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldLineView {
    /// The field's name, also its key in the message files.
    pub field: String,
    /// The element it belongs to, if any.
    pub element: Option<EventId>,
    /// What is shown.
    pub text: String,
    /// Every answer nobody has replaced: more than one is a conflict when `conflict` says so.
    pub alternatives: Vec<AlternativeView>,
    /// Whether a worker has to settle it.
    pub conflict: bool,
}

/// A referral, from either side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReferralView {
    /// The space it stands in.
    pub space: SpaceId,
    /// The referral.
    pub referral: EventId,
    /// The child's line: name, nickname or description.
    pub title: String,
    /// Who sent it.
    pub from: UnitId,
    /// To whom.
    pub to: UnitId,
    /// What is asked.
    pub needs: Vec<Need>,
    /// Risk when sent.
    pub risk: Option<Risk>,
    /// Its state.
    #[serde(serialize_with = "step_code")]
    pub step: ReferralStep,
    /// Contradictory states stand side by side.
    pub conflict: bool,
    /// When it was sent.
    pub sent_millis: i64,
    /// When the answer is due.
    pub answer_due_millis: i64,
    /// When a device of the unit signed for it.
    pub received_millis: Option<i64>,
    /// Where it is.
    pub whereabouts: Whereabouts,
    /// Ten minutes have passed without a receipt: call.
    pub not_arrived_call: bool,
    /// Whether it was sent by this unit.
    pub outgoing: bool,
}

/// A file, spotting or round, whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileView {
    /// Its line.
    pub line: LineView,
    /// Its fields.
    pub fields: Vec<FieldLineView>,
    /// Its referrals.
    pub referrals: Vec<ReferralView>,
    /// Events that were set aside: their author had no right.
    pub set_aside: u32,
    /// Events this program does not understand.
    pub not_understood: u32,
    /// Events that are known of and have not arrived.
    pub missing: u32,
    /// Units that hold it.
    pub holders: Vec<UnitId>,
}

/// A write-only capture that nobody has claimed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaptureView {
    /// The capture.
    pub capture: EventId,
    /// When it was made, by the device's clock.
    pub at_millis: i64,
    /// One line of it.
    pub title: String,
}

/// What the sync did, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Requests made.
    pub requests: u32,
    /// Envelopes the hub now holds.
    pub sent: u32,
    /// Envelopes the hub refused; they are kept.
    pub refused: u32,
    /// Envelopes received.
    pub received: u32,
    /// Bytes of request bodies.
    pub bytes_out: u64,
    /// Bytes of answer bodies.
    pub bytes_in: u64,
    /// Whether the hub was found restored, and pulled again from zero.
    pub restarted: bool,
}

/// What is stored here and where it stands, without a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusView {
    /// Envelopes not yet at the hub.
    pub unsent: u64,
    /// Envelopes the hub refused.
    pub parked: u64,
    /// Envelopes that cannot be opened or understood yet.
    pub held: u64,
    /// Captures to claim.
    pub captures: u64,
    /// Questions with two answers.
    pub conflicts: u64,
    /// When the unit's registry was last signed by its head.
    pub registry_signed_millis: Option<i64>,
    /// Alarms: a second registry entry at one number, an id used twice, a hub that broke its rules.
    pub alarms: u64,
    /// The open round.
    pub round: Option<SpaceId>,
}

/// Where a search for a unit starts.
#[derive(Clone, Debug)]
pub struct NewSearch {
    /// Where.
    pub from: Point,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Age.
    pub age: Option<Age>,
    /// Sex.
    pub sex: Sex,
    /// Risk.
    pub risk: Risk,
    /// Census code of the area.
    pub area: Option<String>,
    /// How many to choose.
    pub limit: usize,
}

fn step_code<S: serde::Serializer>(step: &ReferralStep, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(step.code())
}
