//! The states of a referral, and the fixed table by which concurrent steps merge.

use himaya_wire::UnitId;
use minicbor::{Decode, Encode};

use super::terms::DeclineReason;

/// A step of a referral, from the domain page, section 3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum ReferralStep {
    /// Written, not sent.
    #[n(0)]
    Draft,
    /// Sent to the unit.
    #[n(1)]
    Sent,
    /// Seen by a person there.
    #[n(2)]
    Seen,
    /// The unit takes the child.
    #[n(3)]
    Accepted,
    /// The unit does not, and says why.
    #[n(4)]
    Declined(#[n(0)] DeclineReason),
    /// The unit does not, says why, and names another.
    #[n(5)]
    Redirected {
        /// Why.
        #[n(0)]
        reason: DeclineReason,
        /// The unit to try instead.
        #[n(1)]
        to: UnitId,
    },
    /// The child arrived.
    #[n(6)]
    Arrived,
    /// The child did not arrive.
    #[n(7)]
    NotArrived,
    /// The service was given.
    #[n(8)]
    ServiceGiven,
    /// The outcome was told back to the sender.
    #[n(9)]
    ToldBack,
    /// Closed.
    #[n(10)]
    Closed,
    /// Taken back by the sender.
    #[n(11)]
    Withdrawn,
}

impl ReferralStep {
    /// The number of the step, the same as on the wire.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Draft => 0,
            Self::Sent => 1,
            Self::Seen => 2,
            Self::Accepted => 3,
            Self::Declined(_) => 4,
            Self::Redirected { .. } => 5,
            Self::Arrived => 6,
            Self::NotArrived => 7,
            Self::ServiceGiven => 8,
            Self::ToldBack => 9,
            Self::Closed => 10,
            Self::Withdrawn => 11,
        }
    }

    /// The code on the command line and in message keys.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::Seen => "seen",
            Self::Accepted => "accepted",
            Self::Declined(_) => "declined",
            Self::Redirected { .. } => "redirected",
            Self::Arrived => "arrived",
            Self::NotArrived => "not_arrived",
            Self::ServiceGiven => "service_given",
            Self::ToldBack => "told_back",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}
