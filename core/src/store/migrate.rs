//! Numbered migrations. A file is never edited once merged; `user_version` says how far a database is.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// The migrations of one kind of database, in order: the first makes version 1.
pub(super) struct Schema {
    pub migrations: &'static [&'static str],
}

/// The worker's data.
pub(super) const STORE: Schema = Schema { migrations: &[include_str!("migrations/store_0001.sql")] };
/// What works while the phone is locked.
pub(super) const CARRIER: Schema = Schema { migrations: &[include_str!("migrations/carrier_0001.sql")] };

/// Brings a database to the newest version, all in one transaction.
pub(super) fn upgrade(connection: &mut Connection, schema: &Schema) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(version).map_err(|_| StoreError::Newer(version))?;
    let Some(waiting) = schema.migrations.get(done..) else { return Err(StoreError::Newer(version)) };
    if waiting.is_empty() {
        return Ok(());
    }
    for migration in waiting {
        tx.execute_batch(migration)?;
    }
    tx.execute_batch(&format!("PRAGMA user_version = {}", schema.migrations.len()))?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &[(&Schema, &[&str])] = &[
        (&STORE, &[include_str!("migrations/recorded/store_0001.sql")]),
        (&CARRIER, &[include_str!("migrations/recorded/carrier_0001.sql")]),
    ];

    /// The schema as statements that make it again. What `SQLite` and FTS5 make by themselves is left out.
    fn dump(connection: &Connection) -> String {
        let mut statement = connection
            .prepare(
                "SELECT sql || ';' FROM sqlite_master
                 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'search!_%' ESCAPE '!'
                 ORDER BY type = 'trigger', type = 'index', name",
            )
            .unwrap();
        let lines: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        lines.join("\n") + "\n"
    }

    fn made(migrations: &'static [&'static str]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection, &Schema { migrations }).unwrap();
        connection
    }

    #[test]
    fn no_merged_migration_was_edited() {
        for (schema, recorded) in RECORDED {
            assert_eq!(schema.migrations.len(), recorded.len(), "record the schema of each new migration");
            for (number, recorded) in recorded.iter().enumerate() {
                let now = dump(&made(&schema.migrations[..=number]));
                assert_eq!(now, **recorded, "migration {}: record is\n{now}", number + 1);
            }
        }
    }

    #[test]
    fn every_recorded_old_schema_upgrades_to_a_fresh_one() {
        for (schema, recorded) in RECORDED {
            let fresh = dump(&made(schema.migrations));
            for (number, recorded) in recorded.iter().enumerate() {
                let mut old = Connection::open_in_memory().unwrap();
                old.execute_batch(recorded).unwrap();
                old.execute_batch(&format!("PRAGMA user_version = {}", number + 1)).unwrap();
                upgrade(&mut old, schema).unwrap();
                assert_eq!(dump(&old), fresh);
            }
        }
    }

    #[test]
    fn a_newer_schema_is_refused_and_kept() {
        let mut newer = made(STORE.migrations);
        newer.execute_batch("PRAGMA user_version = 99").unwrap();
        assert_eq!(upgrade(&mut newer, &STORE), Err(StoreError::Newer(99)));
        assert_eq!(newer.query_row("PRAGMA user_version", [], |row| row.get(0)), Ok(99));
    }
}
