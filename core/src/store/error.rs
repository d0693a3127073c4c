//! What can go wrong on the disk. Codes only: a message of `SQLite` can repeat what a worker typed.

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why a store could not do what was asked. Nothing in it says what was in the store, nor its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The key does not open the file, or the file is no store. The file is untouched.
    #[error("the key does not open this store")]
    WrongKey,
    /// The file is damaged. It is kept; `set_aside` moves it out of the way.
    #[error("the store is damaged (code {0})")]
    Corrupt(i32),
    /// A newer program wrote this store. It is untouched.
    #[error("the store is of version {0}, newer than this program")]
    Newer(u32),
    /// The disk is full. What was there is intact, what was new is not kept.
    #[error("no space left for the store")]
    NoSpace,
    /// Another process holds the store.
    #[error("the store is busy")]
    Busy,
    /// The file could not be read or written.
    #[error("the store cannot be read or written (code {0})")]
    Io(i32),
    /// A stored row is not what this program writes.
    #[error("a stored {0} is not readable")]
    Row(&'static str),
    /// The space was erased; nothing of it is kept again.
    #[error("the space was erased")]
    Erased,
    /// `SQLite` refused for another reason: a fault of this program.
    #[error("the store refused (code {0})")]
    Sqlite(i32),
    /// A fail point of the fault tests.
    #[error("interrupted by a fail point")]
    Interrupted,
}

impl StoreError {
    /// Whether doing the same again later can help.
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::NoSpace | Self::Busy | Self::Io(_) | Self::Interrupted)
    }

    /// The key of the message that is shown to the person in their language.
    pub const fn message_key(self) -> &'static str {
        match self {
            Self::WrongKey => "error-store-wrong-key",
            Self::Corrupt(_) | Self::Row(_) => "error-store-damaged",
            Self::Newer(_) => "error-store-newer",
            Self::NoSpace => "error-no-space",
            Self::Busy => "error-store-busy",
            Self::Io(_) => "error-store-io",
            Self::Erased => "error-erased",
            Self::Sqlite(_) | Self::Interrupted => "error-broken",
        }
    }

    fn of_code(code: ErrorCode, extended: i32) -> Self {
        match code {
            ErrorCode::NotADatabase => Self::WrongKey,
            ErrorCode::DatabaseCorrupt => Self::Corrupt(extended),
            ErrorCode::DiskFull => Self::NoSpace,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            // On a full disk the log's index or a partly written page fails before SQLite can say "full".
            ErrorCode::SystemIoFailure if matches!(extended, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE) => {
                Self::NoSpace
            }
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly
            | ErrorCode::FileLockingProtocolFailed => Self::Io(extended),
            _ => Self::Sqlite(extended),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(inner) => Self::of_code(inner.code, inner.extended_code),
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Row("row"),
                _ => Self::Sqlite(0),
            },
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::NoSpace,
            _ => Self::Io(error.raw_os_error().unwrap_or(0)),
        }
    }
}
