//! A session that locks by itself: what a front end keeps between two taps.

use std::time::{Duration, Instant};

use super::error::AppError;
use super::session::Session;
use crate::vault::{IdleLock, VaultError};

/// Holds a session until it has been idle for too long; then drops it, which zeroes its keys and closes its records.
/// The front end calls [`IdleSession::tick`] from a timer and [`IdleSession::with`] for everything else.
#[derive(Debug)]
pub struct IdleSession {
    session: Option<Session>,
    idle: IdleLock,
    start: Instant,
}

impl IdleSession {
    /// Keeps a session until `after` has passed without use.
    pub fn new(session: Session, after: Duration) -> Self {
        Self { session: Some(session), idle: IdleLock::new(after, Duration::ZERO), start: Instant::now() }
    }

    /// Uses the session, which counts as a touch; `Locked` where its time had passed.
    pub fn with<T>(&mut self, act: impl FnOnce(&Session) -> Result<T, AppError>) -> Result<T, AppError> {
        self.with_at(self.start.elapsed(), act)
    }

    /// Locks if the time has passed. Gives how long until then; nothing once locked.
    pub fn tick(&mut self) -> Option<Duration> {
        self.tick_at(self.start.elapsed())
    }

    /// Locks now.
    pub fn lock(&mut self) {
        self.session = None;
    }

    fn with_at<T>(&mut self, now: Duration, act: impl FnOnce(&Session) -> Result<T, AppError>) -> Result<T, AppError> {
        self.tick_at(now);
        self.idle.touch(now);
        let session = self.session.as_ref().ok_or(AppError::Vault(VaultError::Locked))?;
        act(session)
    }

    fn tick_at(&mut self, now: Duration) -> Option<Duration> {
        if self.idle.due(now) {
            self.session = None;
        }
        self.session.is_some().then(|| self.idle.remaining(now))
    }
}
