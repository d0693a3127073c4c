//! Wrong tries and the waits they cost. Counted before a try is judged, so that killing the app wins nothing.

use himaya_wire::{MemberId, decode, encode};
use minicbor::{Decode, Encode};

use super::error::{KeystoreError, VaultError};
use super::keystore::Keystore;

/// After so many wrong tries the worker's keys on this device are destroyed.
pub const MOST_TRIES: u8 = 10;

/// Seconds to wait after so many wrong tries.
const WAITS_S: [i64; MOST_TRIES as usize] = [0, 0, 0, 30, 60, 300, 900, 3_600, 10_800, 28_800];

/// A network's correction of a phone's clock is no reason to wait hours anew.
const SLACK_MILLIS: i64 = 60_000;

/// One worker's wrong tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tries {
    #[n(0)]
    member: MemberId,
    /// Wrong tries since the last right one, the one being judged among them.
    #[n(1)]
    pub wrong: u8,
    /// When the present wait began, milliseconds since the Unix epoch.
    #[n(2)]
    from_millis: i64,
    /// The latest time seen, milliseconds since the Unix epoch.
    #[n(3)]
    seen_millis: i64,
}

impl Tries {
    /// None so far.
    pub const fn none(member: MemberId, now_millis: i64) -> Self {
        Self { member, wrong: 0, from_millis: now_millis, seen_millis: now_millis }
    }

    /// What counts where the file is missing or damaged: one try left, after the longest wait. Deleting the file gains
    /// a thief nothing, and a worker whose disk failed is not shut out.
    pub const fn suspect(member: MemberId, now_millis: i64) -> Self {
        Self { member, wrong: MOST_TRIES - 1, from_millis: now_millis, seen_millis: now_millis }
    }

    /// Until when to wait. A clock that was set back starts the wait anew, so that it is never shorter than it was.
    pub fn wait(&mut self, now_millis: i64) -> Option<i64> {
        if now_millis < self.seen_millis.saturating_sub(SLACK_MILLIS) {
            self.from_millis = now_millis;
            self.seen_millis = now_millis;
        }
        let now_millis = now_millis.max(self.seen_millis);
        self.seen_millis = now_millis;
        let wait_s = WAITS_S.get(usize::from(self.wrong)).copied().unwrap_or(0);
        let until = self.from_millis.saturating_add(wait_s.saturating_mul(1_000));
        (now_millis < until).then_some(until)
    }

    /// Counts a try before it is judged.
    pub const fn begin(&mut self, now_millis: i64) {
        self.wrong = self.wrong.saturating_add(1);
        self.from_millis = now_millis;
        self.seen_millis = now_millis;
    }

    /// Tries left.
    pub const fn left(&self) -> u8 {
        MOST_TRIES.saturating_sub(self.wrong)
    }

    /// The file's bytes.
    pub fn seal(&self, keystore: &dyn Keystore) -> Result<Vec<u8>, VaultError> {
        Ok(keystore.seal(&label_of(self.member), &encode(self, "tries")?)?)
    }

    /// Reads the file; `None` where it is damaged. A keystore that is not ready is an error: nothing is concluded.
    pub fn open(member: MemberId, bytes: &[u8], keystore: &dyn Keystore) -> Result<Option<Self>, VaultError> {
        match keystore.open(&label_of(member), bytes) {
            Ok(record) => Ok(decode::<Self>(&record, "tries").ok().filter(|tries| tries.member == member)),
            Err(KeystoreError::DoesNotOpen) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn label_of(member: MemberId) -> String {
    format!("himaya/1 tries {member}")
}

#[cfg(test)]
mod tests {
    use himaya_wire::MemberId;
    use proptest::prelude::*;

    use super::{MOST_TRIES, Tries, WAITS_S};

    #[test]
    fn waits_grow() {
        assert!(WAITS_S.windows(2).all(|pair| pair[0] <= pair[1]));
        let mut tries = Tries::none(MemberId::make_random(), 0);
        for wait_s in [0, 0, 30, 60, 300, 900, 3_600, 10_800, 28_800] {
            tries.begin(1_000);
            let expected = (wait_s > 0).then_some(1_000 + wait_s * 1_000);
            assert_eq!(tries.wait(1_000), expected);
            assert_eq!(tries.wait(1_000 + wait_s * 1_000), None);
        }
        assert_eq!(tries.left(), 1);
    }

    proptest! {
        /// However the clock is set between looks, no try is taken before so much time has passed by that clock.
        #[test]
        fn a_clock_set_back_never_shortens_a_wait(wrong in 3_u8..MOST_TRIES, jumps in prop::collection::vec(-100_000_i64..10_000, 1..20)) {
            let mut tries = Tries::none(MemberId::make_random(), 50_000_000);
            tries.wrong = wrong - 1;
            tries.begin(50_000_000);
            let wait = WAITS_S[usize::from(wrong)] * 1_000;
            let (mut clock, mut lived) = (50_000_000_i64, 0_i64);
            for jump in jumps {
                // A step back takes no time; a step forward takes what it says.
                clock += jump;
                lived += jump.max(0);
                if tries.wait(clock).is_none() {
                    prop_assert!(lived >= wait);
                }
            }
        }
    }
}
