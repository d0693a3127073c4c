//! One SQLCipher file: opening it with a raw key, its settings, one writer and two readers.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use himaya_wire::Secret;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use super::migrate::{self, Schema};
use super::{StoreError, fault};

/// How long a statement waits for another process before it is `Busy`.
const BUSY: Duration = Duration::from_secs(5);

/// Every setting and its reason: `docs/storage.md`. The key comes before, on its own.
const SETTINGS: &str = "
    PRAGMA cipher_memory_security = OFF;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA journal_size_limit = 4194304;
    PRAGMA cache_size = -8000;
";

/// The fail points around a write of one kind of database.
pub(super) struct Points {
    pub begin: &'static str,
    pub before_commit: &'static str,
    pub after_commit: &'static str,
}

pub(super) struct Database {
    writer: Mutex<Connection>,
    readers: [Mutex<Connection>; 2],
    points: Points,
}

impl Database {
    pub(super) fn open(path: &Path, key: &Secret, schema: &Schema, points: Points) -> Result<Self, StoreError> {
        create_private(path)?;
        let mut writer = connect(path, key)?;
        migrate::upgrade(&mut writer, schema)?;
        let reader = || -> Result<Mutex<Connection>, StoreError> {
            let connection = connect(path, key)?;
            connection.execute_batch("PRAGMA query_only = ON")?;
            Ok(Mutex::new(connection))
        };
        Ok(Self { readers: [reader()?, reader()?], writer: Mutex::new(writer), points })
    }

    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = lock(&self.writer);
        fault::reach(self.points.begin)?;
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let done = act(&tx)?;
        fault::reach(self.points.before_commit)?;
        tx.commit().map_err(StoreError::from)?;
        fault::reach(self.points.after_commit)?;
        Ok(done)
    }

    pub(super) fn read<T, E: From<StoreError>>(&self, act: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let mut reader = self.reader();
        // A transaction, so that several queries see one moment.
        let tx = reader.transaction().map_err(StoreError::from)?;
        act(&tx)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        for reader in &self.readers {
            match reader.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(free)) => return free.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.readers[0])
    }

    /// Copies the log of pages into the file, so that a backup of the file alone is whole.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        lock(&self.writer).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Whether every page is what was written and the tables and indexes agree.
    pub(super) fn is_whole(&self) -> Result<bool, StoreError> {
        let reader = self.reader();
        let mut statement = reader.prepare("PRAGMA cipher_integrity_check")?;
        if statement.query([])?.next()?.is_some() {
            return Ok(false);
        }
        let found: String = reader.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok(found == "ok")
    }

    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        lock(&self.writer).query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    }
}

/// A panic inside a transaction rolls it back when it is dropped, so the connection stays good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `SQLite` gives its log and index files the rights of the database file.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

fn connect(path: &Path, key: &Secret) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Until the key is known to be right, closing must not move pages from the log into the file.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(BUSY)?;
    // A wrong key is an answer, not a line on standard error.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    apply_key(&connection, key)?;
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.execute_batch(SETTINGS)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn apply_key(connection: &Connection, key: &Secret) -> Result<(), StoreError> {
    // EXPOSE: SQLCipher wants the raw key in hexadecimal; the text is zeroed here, SQLCipher wipes its own copy.
    let mut statement = Zeroizing::new(String::with_capacity(96));
    statement.push_str("PRAGMA key = \"x'");
    for byte in key.expose() {
        // Writing to a string cannot fail.
        let _ = write!(statement, "{byte:02x}");
    }
    statement.push_str("'\"");
    // The error of SQLite would carry the statement: only a code goes on.
    connection.execute_batch(&statement).map_err(|_| StoreError::Sqlite(0))
}

/// Moves a database and its log out of the way, under a name that is free. Deletes nothing.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let with = |base: &Path, suffix: &str| {
        let mut name = base.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let taken = |aside: &Path| ["", "-wal", "-shm"].iter().any(|suffix| with(aside, suffix).exists());
    let aside = (1..=u32::MAX)
        .map(|number| with(path, &format!(".set-aside-{number}")))
        .find(|aside| !taken(aside))
        .ok_or(StoreError::Io(0))?;
    // The log first: a database beside somebody else's log would be worse than a database without its own.
    for suffix in ["-wal", "-shm", ""] {
        let from = with(path, suffix);
        if from.exists() {
            fs::rename(from, with(&aside, suffix))?;
        }
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(aside)
}
