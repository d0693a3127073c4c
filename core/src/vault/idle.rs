//! When an unlocked vault locks by itself.

use std::time::Duration;

/// Counts from the last touch. Pure: the caller gives a monotonic time, from any origin, and drops
/// [`super::Unlocked`] when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLock {
    after: Duration,
    touched: Duration,
}

impl IdleLock {
    /// Two minutes.
    pub const DEFAULT_AFTER: Duration = Duration::from_mins(2);

    /// Starts counting at `now`.
    pub const fn new(after: Duration, now: Duration) -> Self {
        Self { after, touched: now }
    }

    /// Someone did something.
    pub fn touch(&mut self, now: Duration) {
        // A lock that was due stays due: a touch on a screen that should have been locked does not save it.
        if !self.due(now) {
            self.touched = self.touched.max(now);
        }
    }

    /// Whether to lock now.
    pub fn due(&self, now: Duration) -> bool {
        self.remaining(now).is_zero()
    }

    /// How long until it is due.
    pub fn remaining(&self, now: Duration) -> Duration {
        self.after.saturating_sub(now.saturating_sub(self.touched))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::IdleLock;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_idle_vault_is_due_after_its_time_and_not_before() {
        let mut lock = IdleLock::new(s(60), s(1_000));
        assert!(!lock.due(s(1_059)));
        lock.touch(s(1_059));
        assert!(!lock.due(s(1_118)));
        assert_eq!(lock.remaining(s(1_100)), s(19));
        assert!(lock.due(s(1_119)));
    }

    #[test]
    fn a_touch_after_it_was_due_does_not_save_it() {
        let mut lock = IdleLock::new(s(60), s(0));
        lock.touch(s(61));
        assert!(lock.due(s(61)));
    }
}
