//! Records: spaces, events, folding events into views, conflicts.
mod terms;

pub use self::terms::{Age, AgeBand, Code, Concern, DeclineReason, Need, Place, Point, Risk, Sex, Stage, TermError};
pub(crate) use self::terms::{date_cbor, numbered_enum};
