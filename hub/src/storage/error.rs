//! What can go wrong with a store.

/// Why a store could not do what it was asked. Whatever it is, nothing was half-stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, or the room the hub was given, is full, or the disk failed. A later try can help.
    #[error("no room to store")]
    NoSpace,
    /// The database was written by a newer program.
    #[error("the database has schema {0}, newer than this program")]
    Newer(i64),
    /// There is no hub in this folder, or one is there already.
    #[error("{0}")]
    Place(&'static str),
    /// The database is not what this program wrote.
    #[error("the database is damaged: {0}")]
    Damaged(&'static str),
    /// The database failed otherwise.
    #[error("the database failed")]
    Database(#[source] rusqlite::Error),
    /// A file operation failed.
    #[error("a file operation failed")]
    File(#[from] std::io::Error),
}

impl StoreError {
    /// Whether the same request can succeed later without anybody's help.
    pub const fn can_retry(&self) -> bool {
        matches!(self, Self::NoSpace | Self::Database(_) | Self::File(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, SystemIoFailure};
        match error.sqlite_error_code() {
            Some(DiskFull | SystemIoFailure) => Self::NoSpace,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged("file"),
            _ => Self::Database(error),
        }
    }
}
