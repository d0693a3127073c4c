//! Both stores keep the same promises.

use himaya_hub::storage::{HubStore, MemoryStore, SqliteStore, StoreError, StoreOptions, store_suite};

struct Kept {
    store: SqliteStore,
    _folder: tempfile::TempDir,
}

impl HubStore for Kept {
    fn write(&self, work: himaya_hub::storage::Work<'_>) -> Result<(), StoreError> {
        self.store.write(work)
    }
    fn feed(&self, query: &himaya_hub::storage::FeedQuery) -> Result<himaya_hub::storage::FeedPage, StoreError> {
        self.store.feed(query)
    }
    fn registry(
        &self,
        after: u64,
        limit: u32,
        max_bytes: usize,
    ) -> Result<himaya_hub::storage::RegistryPage, StoreError> {
        self.store.registry(after, limit, max_bytes)
    }
    fn incarnation(&self) -> Result<himaya_wire::Incarnation, StoreError> {
        self.store.incarnation()
    }
    fn counts(&self) -> Result<himaya_hub::storage::Counts, StoreError> {
        self.store.counts()
    }
}

#[test]
fn the_memory_store_passes_the_suite() {
    store_suite(&MemoryStore::default);
}

#[test]
fn the_sqlite_store_passes_the_suite() {
    store_suite(&|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.sqlite");
        SqliteStore::create(&path, b"authority").unwrap();
        Kept { store: SqliteStore::open(&path, StoreOptions::default()).unwrap(), _folder: folder }
    });
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite");
    SqliteStore::create(&path, b"authority").unwrap();
    assert!(matches!(SqliteStore::create(&path, b"authority"), Err(StoreError::Place(_))));
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteStore::open(&path, StoreOptions::default()), Err(StoreError::Newer(99))));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite");
    std::fs::write(&path, vec![7; 8192]).unwrap();
    assert!(SqliteStore::open(&path, StoreOptions::default()).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), vec![7; 8192]);
    assert!(matches!(
        SqliteStore::open(&folder.path().join("none"), StoreOptions::default()),
        Err(StoreError::Place(_))
    ));
}

#[test]
fn the_recorded_schema_is_the_one_the_migrations_make() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.sqlite");
    SqliteStore::create(&path, b"authority").unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut statement = connection.prepare("SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| {
        Ok(format!("{} {} on {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    });
    let schema: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    insta::assert_snapshot!(schema.join("\n"));
}
