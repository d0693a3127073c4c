//! The one error of the border.

use himaya_core::app::AppError;
use himaya_core::record::TermError;
use himaya_core::vault::VaultError;

/// What the person can do next. Every `key` and `why` names a message in their language; nothing says whose file it was.
#[derive(Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HimayaError {
    /// Ask for the PIN or passphrase (again), or wait until the time that is given.
    #[error("locked: {key}")]
    Locked {
        /// Names the message.
        key: String,
        /// Tries left before this worker's keys here are destroyed, after a wrong one.
        tries_left: Option<u8>,
        /// When the next try is taken, milliseconds since the Unix epoch.
        until_millis: Option<i64>,
    },
    /// The keys here were destroyed. What was sealed is still sent; the head admits the worker anew.
    #[error("wiped: {key}")]
    Wiped {
        /// Names the message.
        key: String,
    },
    /// Keep what was typed, say that the disk is full.
    #[error("no space left")]
    NoSpace,
    /// Nothing to do: it will be sent later.
    #[error("no connection")]
    Offline,
    /// The hub does not serve this device, or breaks its rules: ask the head of the unit.
    #[error("hub: {key}")]
    Hub {
        /// Names the message.
        key: String,
    },
    /// Show which field, and why.
    #[error("{field} refused: {why}")]
    Refused {
        /// The field.
        field: String,
        /// Names the message.
        why: String,
    },
    /// It is not on this device.
    #[error("no such {what} on this device")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// Ask for more of its number.
    #[error("more than one {what} fits")]
    Ambiguous {
        /// What was looked for.
        what: String,
    },
    /// Show the code, offer the support report.
    #[error("broken (code {code})")]
    Broken {
        /// A short code for support.
        code: String,
    },
}

impl HimayaError {
    pub(crate) fn locked() -> Self {
        VaultError::Locked.into()
    }

    pub(crate) fn broken(code: &str) -> Self {
        Self::Broken { code: code.into() }
    }
}

impl From<AppError> for HimayaError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Vault(error) => error.into(),
            AppError::NoSpace => Self::NoSpace,
            AppError::Offline => Self::Offline,
            AppError::Hub(error) => Self::Hub { key: error.key().into() },
            AppError::Refused { field, why } => Self::Refused { field: field.into(), why: why.into() },
            AppError::NotFound(what) => Self::NotFound { what: what.into() },
            AppError::Ambiguous(what) => Self::Ambiguous { what: what.into() },
            AppError::Broken { code } => Self::broken(code),
            other => Self::broken(other.key()),
        }
    }
}

impl From<VaultError> for HimayaError {
    fn from(error: VaultError) -> Self {
        let key = error.key().to_owned();
        match error {
            VaultError::WrongPin { tries_left } => {
                Self::Locked { key, tries_left: Some(tries_left), until_millis: None }
            }
            VaultError::Wait { until_millis } => {
                Self::Locked { key, tries_left: None, until_millis: Some(until_millis) }
            }
            VaultError::Locked => Self::Locked { key, tries_left: None, until_millis: None },
            VaultError::Wiped | VaultError::SlotWiped => Self::Wiped { key },
            VaultError::WeakPin(_) | VaultError::BadPassphrase(_) | VaultError::NeedsPassphrase => {
                Self::Refused { field: "secret".into(), why: key }
            }
            VaultError::Worker | VaultError::NotAllowed(_) => Self::Refused { field: "worker".into(), why: key },
            VaultError::NoVault => Self::NotFound { what: "vault".into() },
            VaultError::Io(std::io::ErrorKind::StorageFull) => Self::NoSpace,
            _ => Self::Broken { code: key },
        }
    }
}

impl From<TermError> for HimayaError {
    fn from(error: TermError) -> Self {
        AppError::from(error).into()
    }
}
