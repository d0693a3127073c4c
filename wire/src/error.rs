//! What can be wrong with bytes from outside. Nothing here repeats what was in them.

/// Why bytes from outside were refused, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes are not what the format says. A retry cannot help.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// A newer version than this program knows.
    #[error("version {0} is newer than this program")]
    Version(u64),
    /// Over a limit of [`crate::limits`].
    #[error("{0} is over its limit")]
    TooLarge(&'static str),
    /// A signature does not match its key and content.
    #[error("signature of {0} does not verify")]
    Signature(&'static str),
    /// A sealed text does not open with this key, or was changed.
    #[error("{0} does not open with this key")]
    Open(&'static str),
    /// Two places that must agree do not.
    #[error("{0} disagree")]
    Mismatch(&'static str),
    /// The system's random generator or a key operation failed.
    #[error("key operation failed: {0}")]
    Key(&'static str),
}
