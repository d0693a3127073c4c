//! Whether an event counts, as the check of rights found.

use minicbor::{Decode, Encode};

/// Whether an event counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It counts.
    Allowed,
    /// It is kept and shown to the head, and does not count.
    SetAside(SetAsideReason),
}

/// Why an event was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SetAsideReason {
    /// The registry does not know the author, or not yet.
    #[n(0)]
    UnknownAuthor,
    /// The event claims a registry position before the author's admission.
    #[n(1)]
    BeforeAdmission,
    /// The event was written after the author was removed.
    #[n(2)]
    AfterRemoval,
    /// No new key of the space after the author's removal descends from the event.
    #[n(3)]
    CutOff,
    /// The author's unit does not hold the space, or no grant says so yet.
    #[n(4)]
    NotHolder,
    /// Only the unit that began the space writes in it.
    #[n(5)]
    OtherUnit,
    /// Only a support centre decides this part of the guide.
    #[n(6)]
    CentreDecides,
    /// Only a head takes up what was set aside.
    #[n(7)]
    HeadDecides,
    /// It would put words, a point or a person on a circuit card.
    #[n(8)]
    IdentityOnCard,
    /// It says that the space is for something else than the event that began it.
    #[n(9)]
    OtherKind,
}

impl SetAsideReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::UnknownAuthor,
        Self::BeforeAdmission,
        Self::AfterRemoval,
        Self::CutOff,
        Self::NotHolder,
        Self::OtherUnit,
        Self::CentreDecides,
        Self::HeadDecides,
        Self::IdentityOnCard,
        Self::OtherKind,
    ];

    /// The code in JSON and in message keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownAuthor => "unknown_author",
            Self::BeforeAdmission => "before_admission",
            Self::AfterRemoval => "after_removal",
            Self::CutOff => "cut_off",
            Self::NotHolder => "not_holder",
            Self::OtherUnit => "other_unit",
            Self::CentreDecides => "centre_decides",
            Self::HeadDecides => "head_decides",
            Self::IdentityOnCard => "identity_on_card",
            Self::OtherKind => "other_kind",
        }
    }

    /// Whether a head may take the event up. Not where nobody vouches for the author, nor where the content itself
    /// may not stand in the space.
    pub const fn adoptable(self) -> bool {
        !matches!(self, Self::UnknownAuthor | Self::HeadDecides | Self::IdentityOnCard | Self::OtherKind)
    }
}
