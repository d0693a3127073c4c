//! Token buckets: how much one device, one address, everybody together may take.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets that nobody has touched for long are full and need not be remembered.
const MOST_REMEMBERED: usize = 20_000;

/// One bucket for each key: holds `most`, and fills up from empty in `time`.
pub(super) struct Buckets<K> {
    most: f64,
    per_second: f64,
    levels: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    level: f64,
    at: Instant,
}

impl<K: Eq + Hash> Buckets<K> {
    #[expect(clippy::cast_precision_loss, reason = "a limit is no exact number")]
    pub(super) fn new(most: u64, time: Duration) -> Self {
        let most = most.max(1) as f64;
        Self { most, per_second: most / time.as_secs_f64(), levels: Mutex::default() }
    }

    /// Takes `amount`, or says after how many seconds it could be taken.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    pub(super) fn take(&self, key: K, amount: u64, now: Instant) -> Result<(), u32> {
        let mut buckets = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_REMEMBERED {
            buckets.retain(|_, bucket| self.level(bucket, now) < self.most);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { level: self.most, at: now });
        let level = self.level(bucket, now);
        // More than a bucket holds could never be taken: then a full one will do.
        let amount = (amount as f64).min(self.most);
        *bucket = Bucket { level: if level >= amount { level - amount } else { level }, at: now };
        if level >= amount {
            return Ok(());
        }
        Err(((amount - level) / self.per_second).ceil().clamp(1.0, 3600.0) as u32)
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        self.per_second.mul_add(since, bucket.level).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_says_when_and_fills_again() {
        let (start, minute) = (Instant::now(), Duration::from_mins(1));
        let buckets = Buckets::new(6, minute);
        assert!((0..6).all(|_| buckets.take("a", 1, start).is_ok()));
        assert_eq!(buckets.take("a", 1, start), Err(10));
        assert_eq!(buckets.take("b", 1, start), Ok(()));
        assert_eq!(buckets.take("a", 1, start + Duration::from_secs(11)), Ok(()));
        assert_eq!(buckets.take("a", 100, start + 2 * minute), Ok(()));
        assert_eq!(buckets.take("a", 100, start + 2 * minute), Err(60));
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let (start, minute) = (Instant::now(), Duration::from_mins(1));
        let buckets = Buckets::new(6, minute);
        for key in 0..MOST_REMEMBERED {
            buckets.take(key, 1, start).unwrap();
        }
        buckets.take(usize::MAX, 1, start + 2 * minute).unwrap();
        assert_eq!(buckets.levels.lock().unwrap().len(), 1);
    }
}
