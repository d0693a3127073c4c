//! What is submitted and shown. The definitions repeat those of the core, so that it need not know uniffi; one that
//! differs does not compile.

use himaya_core::app::{
    AlternativeView, CallAnswer, CaptureView, ChoiceView, FieldLineView, FileView, LineView, LockedStatus, NearestView,
    NewAnswer, NewCall, NewContact, NewHandover, NewReferral, NewRound, NewSearch, NewSpotting, ReferralView,
    RoundView, StatusView, SyncReport, Whereabouts, WorkerView,
};
use himaya_core::record::{Age, Concern, DeclineReason, Need, Place, Point, ReferralStep, Risk, Sex, SpaceKind, Stage};
use himaya_core::sync::HubAddress;
use himaya_wire::{EventId, MemberId, SpaceId, UnitId};

/// Where the hub is.
#[uniffi::remote(Record)]
pub struct HubAddress {
    /// `https://…`; plain `http` only to this machine itself.
    pub url: String,
    /// PEM of the only root that is trusted for the hub. Without it, the system's roots are.
    pub root_pem: Option<String>,
}

/// Where something was seen: a point with its accuracy and age, a landmark in words, or both.
#[uniffi::remote(Record)]
pub struct Place {
    /// The point, if one was known.
    #[uniffi(default = None)]
    pub point: Option<Point>,
    /// Radius of the 68 % circle, metres.
    #[uniffi(default = None)]
    pub accuracy_m: Option<u32>,
    /// How old the fix was when it was used, seconds.
    #[uniffi(default = None)]
    pub fix_age_s: Option<u32>,
    /// A landmark in the worker's words.
    #[uniffi(default = None)]
    pub landmark: Option<String>,
    /// Census code of the commune or province, digits and dots.
    #[uniffi(default = None)]
    pub area: Option<String>,
}

/// A round to start.
#[uniffi::remote(Record)]
pub struct NewRound {
    /// The vehicle, in the team's words.
    #[uniffi(default = None)]
    pub vehicle: Option<String>,
    /// Who is on board; empty is the worker alone.
    #[uniffi(default = [])]
    pub crew: Vec<MemberId>,
    /// A note.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

/// A contact in a round: someone met, no file.
#[uniffi::remote(Record)]
pub struct NewContact {
    /// How many, 1 to 1,000.
    pub count: u16,
    /// Sex, as far as seen.
    pub sex: Sex,
    /// Age, as far as seen.
    #[uniffi(default = None)]
    pub age: Option<Age>,
    /// Where.
    pub place: Place,
    /// A note.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

/// A child at risk, spotted. The least is a sex and one concern.
#[uniffi::remote(Record)]
pub struct NewSpotting {
    /// Sex, as far as seen.
    pub sex: Sex,
    /// Age, as far as known.
    #[uniffi(default = None)]
    pub age: Option<Age>,
    /// Name as heard.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Nickname.
    #[uniffi(default = None)]
    pub nickname: Option<String>,
    /// What the child looks like, when nothing else is known.
    #[uniffi(default = None)]
    pub description: Option<String>,
    /// What was noticed, at least one.
    pub concerns: Vec<Concern>,
    /// Where.
    pub place: Place,
    /// A note.
    #[uniffi(default = None)]
    pub note: Option<String>,
    /// Whether the team judged immediate danger.
    #[uniffi(default = false)]
    pub danger: bool,
    /// The team's own judgement of risk, where it differs from the one derived.
    #[uniffi(default = None)]
    pub risk: Option<Risk>,
}

/// A referral to send from a spotting or a file.
#[uniffi::remote(Record)]
pub struct NewReferral {
    /// The unit.
    pub to: UnitId,
    /// What is asked, at least one.
    pub needs: Vec<Need>,
    /// A note to the unit.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

/// The answer to a referral.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Enum)]
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

/// A telephone call to a service, recorded.
#[uniffi::remote(Record)]
pub struct NewCall {
    /// The service in the guide.
    pub service: EventId,
    /// Who answered, in the caller's words.
    #[uniffi(default = None)]
    pub who: Option<String>,
    /// What was said.
    pub answer: CallAnswer,
    /// Until when it holds.
    #[uniffi(default = None)]
    pub until_millis: Option<i64>,
}

/// A handover of the child, with receipt.
#[uniffi::remote(Record)]
pub struct NewHandover {
    /// Who took the child, in words: name and function.
    pub to_whom: String,
    /// The unit, if it is one of ours.
    #[uniffi(default = None)]
    pub unit: Option<UnitId>,
    /// The code or signature reference that the receiver gave.
    #[uniffi(default = None)]
    pub receipt: Option<String>,
}

/// Where a search for a unit starts.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Search {
    /// Where. Not `from`: Python keeps that word for itself.
    pub start: Point,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Sex.
    pub sex: Sex,
    /// Risk.
    pub risk: Risk,
    /// Age.
    #[uniffi(default = None)]
    pub age: Option<Age>,
    /// Census code of the area.
    #[uniffi(default = None)]
    pub area: Option<String>,
    /// How many to choose, 1 to 50.
    #[uniffi(default = 5)]
    pub limit: u32,
}

// A count of the core is as wide as the machine; across the border every number has one width.
impl From<Search> for NewSearch {
    fn from(search: Search) -> Self {
        let Search { start, needs, sex, risk, age, area, limit } = search;
        Self { from: start, needs, age, sex, risk, area, limit: usize::try_from(limit).unwrap_or(usize::MAX) }
    }
}

/// A worker of this device, as the lock screen shows them.
#[uniffi::remote(Record)]
pub struct WorkerView {
    /// The worker.
    pub member: MemberId,
    /// The crew name.
    pub label: Option<String>,
    /// Whether a head has admitted the worker.
    pub admitted: bool,
}

/// What is on the device, as far as a locked one can say.
#[uniffi::remote(Record)]
pub struct LockedStatus {
    /// Sealed envelopes not yet at the hub.
    pub unsent: u64,
    /// Sealed envelopes the hub refused for good; kept.
    pub parked: u64,
    /// Sealed envelopes that arrived and wait for an unlock.
    pub inbox: u64,
    /// Whether a round is open, so that the lock screen takes captures.
    pub round_open: bool,
}

/// Where a record is, in the four honest words of the screens page.
#[uniffi::remote(Enum)]
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

/// One line of a list.
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
pub struct CaptureView {
    /// The capture.
    pub capture: EventId,
    /// When it was made, by the device's clock.
    pub at_millis: i64,
    /// One line of it.
    pub title: String,
}

/// What the sync did, in figures.
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
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

/// A suitable service, with its reasons in the reader's language.
#[uniffi::remote(Record)]
pub struct ChoiceView {
    /// The service.
    pub service: EventId,
    /// The unit that takes referrals through the system, if it is one.
    pub unit: Option<UnitId>,
    /// Its name in Arabic.
    pub name_ar: String,
    /// Its name in French.
    pub name_fr: String,
    /// Its telephone.
    pub phone: String,
    /// The geodesic, metres.
    pub metres: u32,
    /// Estimated travel, seconds.
    pub travel_s: u32,
    /// Distance and time in words.
    pub distance: String,
    /// Why it is chosen, or what stands against it.
    pub reasons: Vec<String>,
}

/// The nearest suitable services, and the nearer ones that do not suit.
#[uniffi::remote(Record)]
pub struct NearestView {
    /// Suitable services, best first.
    pub chosen: Vec<ChoiceView>,
    /// Nearer ones, with all that stands against them.
    pub passed_over: Vec<ChoiceView>,
}
