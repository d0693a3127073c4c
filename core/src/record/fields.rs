//! The names of fields and lists, in one place. Part of the format: a name once used keeps its meaning.

/// How much danger. [`Value::Risk`](super::Value::Risk), highest wins.
pub const RISK: &str = "risk";
/// Where in the circuit. [`Value::Stage`](super::Value::Stage), furthest wins, closure loses.
pub const STAGE: &str = "stage";
/// Where a referral stands. [`Value::Step`](super::Value::Step), merged by its tree.
pub const STEP: &str = "step";

/// The child's name as told.
pub const NAME: &str = "name";
/// What others call the child.
pub const NICKNAME: &str = "nickname";
/// How the child looks, where the identity is not known.
pub const DESCRIPTION: &str = "description";
/// Whether the identity is wholly unknown.
pub const IDENTITY_UNKNOWN: &str = "identity_unknown";
/// Sex.
pub const SEX: &str = "sex";
/// Age, or an age band.
pub const AGE: &str = "age";
/// Protection concerns.
pub const CONCERNS: &str = "concerns";
/// Where.
pub const PLACE: &str = "place";
/// The worker's words.
pub const NOTE: &str = "note";
/// Immediate danger, as the worker saw it.
pub const DANGER: &str = "danger";
/// When it happened, by the worker.
pub const AT: &str = "at";
/// The event or capture that this comes from.
pub const FROM: &str = "from";
/// Why the worker decided a risk other than the one suggested.
pub const RISK_REASON: &str = "risk_reason";
/// When a referral took its step.
pub const STEP_AT: &str = "step_at";
/// The words of whoever answered a referral.
pub const ANSWER_NOTE: &str = "answer_note";
/// Until when.
pub const UNTIL: &str = "until";

/// The vehicle.
pub const VEHICLE: &str = "vehicle";
/// When a round began.
pub const STARTED: &str = "started";
/// When a round ended.
pub const ENDED: &str = "ended";
/// How many children.
pub const COUNT: &str = "count";

/// The unit a referral goes to.
pub const TO: &str = "to";
/// The service of the guide that is meant.
pub const SERVICE: &str = "service";
/// What the child needs.
pub const NEEDS: &str = "needs";
/// When a referral was sent.
pub const SENT_AT: &str = "sent_at";
/// What a call got: `yes`, `no`, `full`, `closed`, `no_answer`.
pub const ANSWER: &str = "answer";
/// Who answered or took the child, in words.
pub const WHO: &str = "who";
/// The unit concerned.
pub const UNIT: &str = "unit";
/// The code shown on a receipt.
pub const CODE: &str = "code";

/// A service's profile: what it is, whom it takes.
pub const PROFILE: &str = "profile";
/// A service's capacity.
pub const CAPACITY: &str = "capacity";
/// A service's status as last heard.
pub const STATUS: &str = "status";

/// The random number of a case.
pub const CASE_NUMBER: &str = "case_number";
/// The unit that owns the stage.
pub const OWNER: &str = "owner";
/// When the stage must be left.
pub const DEADLINE: &str = "deadline";
/// Census code of the commune, dots written as `_`.
pub const AREA: &str = "area";

/// List: who is on a round, each element a member's id.
pub const CREW: &str = "crew";
/// The circuit card of a child's spotting or file: the card's space, as an event id.
pub const CARD: &str = "card";

/// List: contacts of a round.
pub const CONTACTS: &str = "contacts";
/// List: referrals of a child.
pub const REFERRALS: &str = "referrals";
/// List: calls made.
pub const CALLS: &str = "calls";
/// List: handovers of the child.
pub const HANDOVERS: &str = "handovers";
/// List: services of the guide.
pub const SERVICES: &str = "services";

/// Every field name.
pub const ALL: &[&str] = &[
    RISK,
    STAGE,
    STEP,
    NAME,
    NICKNAME,
    DESCRIPTION,
    IDENTITY_UNKNOWN,
    SEX,
    AGE,
    CONCERNS,
    PLACE,
    NOTE,
    DANGER,
    AT,
    FROM,
    RISK_REASON,
    STEP_AT,
    ANSWER_NOTE,
    UNTIL,
    VEHICLE,
    STARTED,
    ENDED,
    COUNT,
    TO,
    SERVICE,
    NEEDS,
    SENT_AT,
    ANSWER,
    WHO,
    UNIT,
    CODE,
    PROFILE,
    CAPACITY,
    STATUS,
    CASE_NUMBER,
    OWNER,
    DEADLINE,
    AREA,
    CARD,
];

/// Every list name.
pub const LISTS: &[&str] = &[CREW, CONTACTS, REFERRALS, CALLS, HANDOVERS, SERVICES];
