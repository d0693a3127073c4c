//! The positive control of every search: the same device, opened with its own key, does hold what was planted.

use std::path::Path;

use himaya_core::vault::{Vault, VaultOptions};
use rusqlite::Connection;

use crate::{Worker, keystore};

/// The key of a device's records, by its vault.
pub fn database_key(worker: &Worker, now_millis: i64) -> [u8; 32] {
    let dir = worker.device.dir();
    let vault = Vault::open(&dir.join("vault"), keystore(dir), VaultOptions::default()).unwrap();
    *vault.unlock(worker.member, &worker.passphrase, now_millis).unwrap().database_key().expose()
}

/// Writes a device's records in the clear to `to`.
pub fn decrypt(worker: &Worker, now_millis: i64, to: &Path) {
    let key = data_encoding::HEXLOWER.encode(&database_key(worker, now_millis));
    let connection = Connection::open(worker.device.dir().join("records.db")).unwrap();
    let to = to.display();
    let sql = format!(
        "PRAGMA key = \"x'{key}'\"; ATTACH '{to}' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH plain;"
    );
    connection.execute_batch(&sql).unwrap();
}
