//! The hybrid logical clock: wall time that never runs backwards and never ties with its own past.
//!
//! Source: Kulkarni et al., *Logical Physical Clocks*, 2014. A stamp orders what is shown; it never decides a merge.

use minicbor::{Decode, Encode};

/// Milliseconds since the Unix epoch (UTC) in the upper 48 bits, a counter in the lower 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Stamp(#[n(0)] u64);

impl Stamp {
    /// A stamp at a wall time, counter zero. Times before 1970 or after the year 10889 are clamped.
    pub fn at_millis(millis: i64) -> Self {
        Self(u64::try_from(millis).unwrap_or(0).min((1 << 48) - 1) << 16)
    }

    /// The wall time in milliseconds since the Unix epoch.
    pub fn millis(self) -> i64 {
        i64::try_from(self.0 >> 16).unwrap_or(i64::MAX)
    }

    /// Wall time and counter in one number.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The inverse of [`Stamp::to_bits`].
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The next stamp of a clock that last gave `self`, at wall time `now`.
    #[must_use]
    pub fn next(self, now_millis: i64) -> Self {
        let now = Self::at_millis(now_millis);
        if now > self { now } else { Self(self.0.saturating_add(1)) }
    }

    /// What a clock at `self` keeps after seeing `other` at wall time `now`: a stamp further ahead of `now` than
    /// `max_ahead_millis` is shown as it is but does not drag the local clock.
    #[must_use]
    pub fn witness(self, other: Self, now_millis: i64, max_ahead_millis: i64) -> Self {
        if other.millis() > now_millis.saturating_add(max_ahead_millis) { self } else { self.max(other) }
    }
}

#[cfg(test)]
mod tests {
    use super::Stamp;

    #[test]
    fn a_clock_that_stands_still_or_runs_back_still_moves_on() {
        let first = Stamp::at_millis(1_000);
        let second = first.next(1_000);
        let third = second.next(500);
        assert!(first < second && second < third);
        assert_eq!(third.millis(), 1_000);
    }

    #[test]
    fn a_stamp_far_ahead_does_not_drag_the_clock() {
        let mine = Stamp::at_millis(1_000);
        assert_eq!(mine.witness(Stamp::at_millis(9_000_000), 1_000, 60_000), mine);
        assert_eq!(mine.witness(Stamp::at_millis(30_000), 1_000, 60_000), Stamp::at_millis(30_000));
    }
}
