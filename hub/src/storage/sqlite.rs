//! The embedded store: one `SQLite` file in WAL mode, one writer, a few readers. Each PRAGMA and its reason is
//! in the README.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use himaya_wire::{Digest, Incarnation, Item, ItemBody, Purpose, UnitId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::sqlite_write::SqliteTransaction;
use super::{Counts, FeedPage, FeedQuery, HubStore, RegistryPage, RegistryRow, StoreError, Work};

/// The schema this program writes: the number of its last migration.
const SCHEMA_VERSION: i64 = 1;
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];
const READERS: usize = 4;
const BUSY: Duration = Duration::from_secs(10);

/// How a store is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    /// Most bytes the database may take; none for as much as the disk has.
    pub max_bytes: Option<u64>,
}

/// See the module.
pub struct SqliteStore {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    next_reader: AtomicUsize,
    incarnation: Incarnation,
}

impl SqliteStore {
    /// Makes a new, empty store that pins an authority's certificate. Fails when the file is there already.
    pub fn create(path: &Path, authority: &[u8]) -> Result<(), StoreError> {
        if path.exists() {
            return Err(StoreError::Place("a hub is in this folder already"));
        }
        let mut connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        prepare_writer(&connection, StoreOptions::default())?;
        migrate_empty(&mut connection, authority)
    }

    /// Opens a store and brings an older schema up to date.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Place("there is no hub in this folder"));
        }
        let mut writer = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        prepare_writer(&writer, options)?;
        migrate(&mut writer)?;
        let readers = (0..READERS)
            .map(|_| {
                let reader = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
                prepare_reader(&reader)?;
                Ok(Mutex::new(reader))
            })
            .collect::<Result<_, StoreError>>()?;
        let incarnation = read_meta(&writer, "incarnation")?;
        let incarnation = Incarnation::from_slice(&incarnation).map_err(|_| StoreError::Damaged("incarnation"))?;
        Ok(Self { writer: Mutex::new(writer), readers, next_reader: AtomicUsize::new(0), incarnation })
    }

    /// The authority's certificate that the store was made for.
    pub fn authority(&self) -> Result<Vec<u8>, StoreError> {
        read_meta(&self.reader(), "authority")
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let next = self.next_reader.fetch_add(1, Ordering::Relaxed);
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| lock(&self.readers[next % self.readers.len()]))
    }
}

/// A panic under the lock drops an open transaction, which rolls it back: the connection stays good.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn open_file(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn prepare_writer(connection: &Connection, options: StoreOptions) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    if let Some(max_bytes) = options.max_bytes {
        let page_bytes: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(max_bytes).unwrap_or(i64::MAX) / page_bytes.max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(())
}

fn prepare_reader(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "query_only", true)?;
    Ok(())
}

/// Writes the schema and the history's name into an empty database.
fn migrate_empty(connection: &mut Connection, authority: &[u8]) -> Result<(), StoreError> {
    migrate(connection)?;
    let incarnation = Incarnation::make_random();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let insert = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
    transaction.execute(insert, params!["incarnation", incarnation.as_bytes().as_slice()])?;
    transaction.execute(insert, params!["authority", authority])?;
    transaction.commit()?;
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(StoreError::Newer(version));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (number, sql) in (1_i64..).zip(MIGRATIONS) {
        if number > version {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn read_meta(connection: &Connection, name: &str) -> Result<Vec<u8>, StoreError> {
    let value = connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    value.ok_or(StoreError::Damaged("meta"))
}

impl HubStore for SqliteStore {
    fn write(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&mut SqliteTransaction(&transaction))?;
        fail::fail_point!("hub.commit.before", |_| Err(StoreError::NoSpace));
        transaction.commit()?;
        fail::fail_point!("hub.commit.after", |_| Err(StoreError::NoSpace));
        Ok(())
    }

    fn feed(&self, query: &FeedQuery) -> Result<FeedPage, StoreError> {
        fail::fail_point!("hub.feed.read", |_| Err(StoreError::Damaged("fail point")));
        let reader = self.reader();
        let mut statement = reader.prepare_cached(
            "SELECT f.position, e.stored_at_millis, e.digest,
                    CASE WHEN e.pushed_by = ?3 THEN NULL ELSE e.bytes END
             FROM feeds f JOIN envelopes e ON e.stored = f.envelope
             WHERE f.unit = ?1 AND f.position > ?2 ORDER BY f.position",
        )?;
        let own = query.own.map(|device| device.as_bytes().to_vec());
        let mut rows = statement.query(params![query.unit.as_bytes().as_slice(), number(query.after), own])?;
        let mut page = FeedPage::default();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let what = match row.get::<_, Option<Vec<u8>>>(3)? {
                Some(envelope) => ItemBody::Envelope(envelope.into()),
                None => ItemBody::Own(digest(&row.get::<_, Vec<u8>>(2)?)?),
            };
            let item = Item { position: position(row.get(0)?)?, stored_at_millis: row.get(1)?, what };
            if !page.take(item, query, &mut bytes) {
                break;
            }
        }
        Ok(page)
    }

    fn registry(&self, after: u64, limit: u32, max_bytes: usize) -> Result<RegistryPage, StoreError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(
            "SELECT position, stored_at_millis, entry FROM registry WHERE position > ?1 ORDER BY position",
        )?;
        let mut rows = statement.query([number(after)])?;
        let mut page = RegistryPage::default();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let row =
                RegistryRow { position: position(row.get(0)?)?, stored_at_millis: row.get(1)?, entry: row.get(2)? };
            if !page.take(row, limit, max_bytes, &mut bytes) {
                break;
            }
        }
        Ok(page)
    }

    fn incarnation(&self) -> Result<Incarnation, StoreError> {
        Ok(self.incarnation)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let reader = self.reader();
        let mut counts = Counts::default();
        let mut statement = reader.prepare_cached("SELECT purpose, count(*) FROM envelopes GROUP BY purpose")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stored: u8 = row.get(0)?;
            let purposes = [Purpose::Event, Purpose::Grant, Purpose::Capture, Purpose::Receipt];
            let purpose = purposes.into_iter().find(|purpose| *purpose as u8 == stored);
            counts.add(purpose.ok_or(StoreError::Damaged("purpose"))?, position(row.get(1)?)?);
        }
        let count = |sql: &str| -> Result<u64, StoreError> {
            position(reader.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        };
        // Positions are gap-free, so the sum of the last ones is the number of deliveries.
        counts.deliveries =
            count("SELECT coalesce(sum(last), 0) FROM (SELECT max(position) AS last FROM feeds GROUP BY unit)")?;
        counts.entries = count("SELECT coalesce(max(position), 0) FROM registry")?;
        counts.flags = count("SELECT count(*) FROM flags")?;
        counts.quarantined = count("SELECT count(*) FROM quarantine")?;
        counts.alarms = count("SELECT count(*) FROM alarms")?;
        Ok(counts)
    }
}

/// Positions fit: `SQLite` counts rows in 63 bits. A client's own larger number means "after the end".
pub(super) fn number(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

pub(super) fn position(stored: i64) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(|_| StoreError::Damaged("position"))
}

fn digest(stored: &[u8]) -> Result<Digest, StoreError> {
    Digest::from_slice(stored).map_err(|_| StoreError::Damaged("digest"))
}

pub(super) fn unit(stored: &[u8]) -> Result<UnitId, StoreError> {
    UnitId::from_slice(stored).map_err(|_| StoreError::Damaged("unit"))
}
