//! What a front end can do about a failure. Nothing in it says whose file it was.

use himaya_wire::WireError;

use crate::record::TermError;
use crate::store::StoreError;
use crate::sync::SyncError;
use crate::vault::VaultError;

/// The one error of the border; its variants are chosen by what the person can do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// Unlock first, or ask for the secret again.
    #[error(transparent)]
    Vault(VaultError),
    /// Keep what was typed, say that the disk is full.
    #[error("no space left: what was confirmed before is safe, this was not saved")]
    NoSpace,
    /// Nothing to do: it will be sent later.
    #[error("no connection: it will be sent later")]
    Offline,
    /// The hub does not serve this device or breaks its rules.
    #[error(transparent)]
    Hub(SyncError),
    /// Show which field, and why.
    #[error("{field} refused: {why}")]
    Refused {
        /// The field.
        field: &'static str,
        /// Why, as a key of the message files.
        why: &'static str,
    },
    /// What was asked for is not on this device.
    #[error("no such {0} on this device")]
    NotFound(&'static str),
    /// More than one thing here fits; a longer number is needed.
    #[error("more than one {0} fits; give more of its number")]
    Ambiguous(&'static str),
    /// Show the code, offer the support report.
    #[error("something is broken (code {code})")]
    Broken {
        /// A short code for support.
        code: &'static str,
    },
}

impl AppError {
    /// The key of the message shown to the person.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Vault(error) => error.key(),
            Self::NoSpace => "error-no-space",
            Self::Offline => "error-offline",
            Self::Hub(error) => error.key(),
            Self::Refused { why, .. } => why,
            Self::NotFound(_) => "error-not-found",
            Self::Ambiguous(_) => "error-ambiguous",
            Self::Broken { .. } => "error-broken",
        }
    }

    pub(crate) const fn refused(field: &'static str, why: &'static str) -> Self {
        Self::Refused { field, why }
    }

    pub(crate) const fn broken(code: &'static str) -> Self {
        Self::Broken { code }
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSpace => Self::NoSpace,
            other => Self::Broken { code: other.message_key() },
        }
    }
}

impl From<SyncError> for AppError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Offline | SyncError::Later(_) => Self::Offline,
            SyncError::Store(error) => error.into(),
            other => Self::Hub(other),
        }
    }
}

impl From<WireError> for AppError {
    fn from(error: WireError) -> Self {
        Self::Broken {
            code: match error {
                WireError::Malformed(_) => "wire-malformed",
                WireError::Version(_) => "wire-version",
                WireError::TooLarge(_) => "wire-too-large",
                WireError::Signature(_) => "wire-signature",
                WireError::Open(_) => "wire-open",
                WireError::Mismatch(_) => "wire-mismatch",
                _ => "wire-key",
            },
        }
    }
}

impl From<TermError> for AppError {
    fn from(error: TermError) -> Self {
        Self::Refused { field: error.0, why: "error-not-valid" }
    }
}
