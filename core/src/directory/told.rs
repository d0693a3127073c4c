//! What people were told: places left, full, closed, no answer. It ages, and its age is shown.

use chrono::{DateTime, SecondsFormat, Utc};
use himaya_wire::Stamp;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::record::{TermError, numbered_enum};

/// Places left, as somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Capacity {
    /// Places left for children; 0 is full.
    #[n(0)]
    pub places: u16,
    /// When it was said.
    #[n(1)]
    #[serde(with = "stamp_text")]
    pub told_at: Stamp,
}

numbered_enum!(
    /// What a unit answered, or that it did not.
    StatusKind {
        /// Takes children.
        Open = 0 => "open",
        /// Has no place.
        Full = 1 => "full",
        /// Is closed.
        Closed = 2 => "closed",
        /// Did not answer the telephone.
        NoAnswer = 3 => "no_answer",
    }
);

/// The last oral answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Status {
    /// What was answered.
    #[n(0)]
    pub what: StatusKind,
    /// Until when, if that was said. Without it, it counts as long as what was told stays fresh.
    #[n(1)]
    #[serde(with = "optional_stamp_text", default)]
    pub until: Option<Stamp>,
    /// When it was answered.
    #[n(2)]
    #[serde(with = "stamp_text")]
    pub told_at: Stamp,
}

/// A stamp as people and JSON read it: RFC 3339 in UTC to the millisecond, then `#` and the counter if it is not zero.
pub(super) fn stamp_to_text(stamp: Stamp) -> String {
    let wall = DateTime::<Utc>::from_timestamp_millis(stamp.millis()).unwrap_or_default();
    let wall = wall.to_rfc3339_opts(SecondsFormat::Millis, true);
    match stamp.to_bits() & 0xffff {
        0 => wall,
        counter => format!("{wall}#{counter}"),
    }
}

/// The inverse of [`stamp_to_text`]; any RFC 3339 offset is taken.
pub(super) fn stamp_from_text(text: &str) -> Result<Stamp, TermError> {
    const BAD: TermError = TermError("time");
    let (wall, counter) = match text.trim().split_once('#') {
        Some((wall, counter)) => (wall, counter.parse::<u16>().map_err(|_| BAD)?),
        None => (text.trim(), 0),
    };
    let millis = DateTime::parse_from_rfc3339(wall).map_err(|_| BAD)?.timestamp_millis();
    if millis < 0 {
        return Err(BAD);
    }
    Ok(Stamp::from_bits(Stamp::at_millis(millis).to_bits() | u64::from(counter)))
}

mod stamp_text {
    use himaya_wire::Stamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    // serde hands every field by reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub fn serialize<S: Serializer>(stamp: &Stamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::stamp_to_text(*stamp))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Stamp, D::Error> {
        super::stamp_from_text(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

mod optional_stamp_text {
    use himaya_wire::Stamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    // serde hands every field by reference.
    #[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option)]
    pub fn serialize<S: Serializer>(stamp: &Option<Stamp>, to: S) -> Result<S::Ok, S::Error> {
        match stamp {
            Some(stamp) => to.serialize_some(&super::stamp_to_text(*stamp)),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Stamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| super::stamp_from_text(&text).map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, StatusKind, stamp_from_text, stamp_to_text};
    use himaya_wire::Stamp;

    #[test]
    fn a_stamp_survives_its_text_with_its_counter() {
        for bits in [0, 1, 1_790_000_000_123 << 16, (1_790_000_000_123 << 16) | 65_535, u64::MAX] {
            let stamp = Stamp::from_bits(bits);
            if bits == u64::MAX {
                // The year 10889 is past what RFC 3339 writes; it is refused on the way back, never misread.
                assert!(stamp_from_text(&stamp_to_text(stamp)).is_err());
            } else {
                assert_eq!(stamp_from_text(&stamp_to_text(stamp)), Ok(stamp));
            }
        }
        assert_eq!(stamp_from_text("2026-07-01T03:00:00+01:00"), stamp_from_text("2026-07-01T02:00:00Z"));
        assert!(stamp_from_text("1969-12-31T23:59:59Z").is_err() && stamp_from_text("yesterday").is_err());
    }

    #[test]
    fn a_status_survives_json_and_cbor() {
        let status = Status { what: StatusKind::NoAnswer, until: None, told_at: Stamp::from_bits((7 << 16) | 3) };
        assert_eq!(serde_json::from_str::<Status>(&serde_json::to_string(&status).unwrap()).unwrap(), status);
        assert_eq!(minicbor::decode::<Status>(&minicbor::to_vec(status).unwrap()).unwrap(), status);
    }
}
