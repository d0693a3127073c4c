//! What the doctor found: each with a sign, plain words, and what to do.

use serde::Serialize;

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Good,
    /// Look at it when there is time.
    Look,
    /// Needs doing.
    Bad,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Stable name for scripts.
    pub key: &'static str,
    /// How it stands.
    pub level: Level,
    /// What was found.
    pub what: String,
    /// What to do.
    pub advice: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn good(key: &'static str, what: impl Into<String>) -> Self {
        Self { key, level: Level::Good, what: what.into(), advice: None }
    }

    /// Look at it when there is time.
    pub fn look(key: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { key, level: Level::Look, what: what.into(), advice: Some(advice.into()) }
    }

    /// Needs doing.
    pub fn bad(key: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { key, level: Level::Bad, what: what.into(), advice: Some(advice.into()) }
    }
}
