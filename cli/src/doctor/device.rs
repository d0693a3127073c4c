//! A device: whether it opens, what waits, whether its hub answers, whether its databases are whole.

use std::path::Path;
use std::sync::Arc;

use himaya_core::app::Device;
use himaya_core::store::{Carrier, Store, StoreError};
use himaya_core::sync::HubClient;
use himaya_core::vault::{FileKeystore, Vault, VaultOptions};
use himaya_wire::Secret;
use rusqlite::Connection;

use super::finding::Finding;
use crate::args::Global;
use crate::field::open_device;
use crate::passphrase;

/// A clock apart from the hub's by more than this is told, milliseconds.
const APART_MILLIS: i64 = 2 * 60 * 1000;

/// Looks at a device.
pub fn look(global: &Global, dir: &Path, offline: bool) -> Vec<Finding> {
    let mut findings = private(dir);
    let device = match open_device(dir) {
        Ok(device) => device,
        Err(failure) => {
            let advice = "Keep the folder as it is. A head can enrol another device; what the hub has is there.";
            findings.push(Finding::bad("device", format!("the device does not open: {failure}"), advice));
            return findings;
        }
    };
    findings.extend(workers(&device));
    findings.extend(waiting(&device));
    findings.push(carrier(dir));
    findings.push(records(global, dir, &device));
    if !offline {
        findings.extend(hub(&device));
    }
    findings
}

#[cfg(unix)]
fn private(dir: &Path) -> Vec<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let open = ["keystore", "vault"]
        .iter()
        .any(|name| std::fs::metadata(dir.join(name)).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0));
    if open {
        let advice = "chmod 700 the folders keystore and vault.";
        vec![Finding::bad("private", "other users of this machine can read the device's keys", advice)]
    } else {
        vec![Finding::good("private", "only this user can read the device's keys")]
    }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Vec<Finding> {
    Vec::new()
}

fn workers(device: &Device) -> Vec<Finding> {
    let workers = match device.workers() {
        Ok(workers) => workers,
        Err(error) => {
            let advice = "After a wipe only the sealed outbox is left: himaya field sync --locked";
            return vec![Finding::look("workers", format!("no workers: {error}"), advice)];
        }
    };
    let admitted = workers.iter().filter(|worker| worker.admitted).count();
    if workers.is_empty() {
        return vec![Finding::look("workers", "no worker is on this device", "himaya field enrol")];
    }
    if admitted < workers.len() {
        let what = format!("{} of {} workers are admitted", admitted, workers.len());
        let advice = "Show the code to the head, then: himaya field sync --locked";
        return vec![Finding::look("workers", what, advice)];
    }
    vec![Finding::good("workers", format!("{admitted} workers, all admitted"))]
}

fn waiting(device: &Device) -> Vec<Finding> {
    let Ok(status) = device.status_locked() else {
        let advice = "Keep the folder as it is, and run this again.";
        return vec![Finding::bad("outbox", "what waits to be sent cannot be read", advice)];
    };
    let mut findings = vec![match status.unsent {
        0 => Finding::good("outbox", "everything was sent"),
        unsent => Finding::look("outbox", format!("{unsent} sealed records wait to be sent"), "himaya field sync"),
    }];
    if status.parked > 0 {
        let what = format!("the hub refused {} records; they are kept", status.parked);
        let advice = "Ask the head whether this device or its worker was removed; then sync again.";
        findings.push(Finding::bad("parked", what, advice));
    }
    if status.inbox > 0 {
        let what = format!("{} records arrived and wait for an unlock", status.inbox);
        findings.push(Finding::look("inbox", what, "himaya field list"));
    }
    findings
}

/// The database's own check, and that of every page's seal.
fn whole(connection: &Connection) -> Result<bool, StoreError> {
    let quick: String = connection.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    let mut seals = connection.prepare("PRAGMA cipher_integrity_check")?;
    let broken = seals.query_map([], |row| row.get::<_, String>(0))?.count();
    Ok(quick == "ok" && broken == 0)
}

fn carrier(dir: &Path) -> Finding {
    let key = std::fs::read(dir.join("carrier.key")).ok().and_then(|bytes| Secret::from_slice(&bytes).ok());
    let checked = key.and_then(|key| Carrier::open(&dir.join("carrier.db"), &key).ok()).map(|file| file.read(whole));
    match checked {
        Some(Ok(true)) => Finding::good("carrier", "the sealed outbox and inbox are whole"),
        _ => Finding::bad(
            "carrier",
            "the sealed outbox and inbox are damaged",
            "Keep the folder as it is. Sync from another device of the unit; show this one to support.",
        ),
    }
}

fn records(global: &Global, dir: &Path, device: &Device) -> Finding {
    const KEEP: &str = "Keep the folder as it is; what the hub has comes back on another device.";
    let skipped = Finding::look(
        "records",
        "the records were not checked: they open only with a passphrase",
        "Set HIMAYA_PASSPHRASE or give --passphrase-file to check them too.",
    );
    let Ok(Some(typed)) = passphrase::given(global) else { return skipped };
    let Some(worker) = device.workers().unwrap_or_default().first().map(|worker| worker.member) else { return skipped };
    let Ok(keystore) = FileKeystore::open(&dir.join("keystore")) else { return skipped };
    let now_millis = chrono::Utc::now().timestamp_millis();
    let unlocked = Vault::open(&dir.join("vault"), Arc::new(keystore), VaultOptions::default())
        .and_then(|vault| vault.unlock(worker, &typed, now_millis));
    match unlocked {
        Err(error) => {
            Finding::bad("records", format!("the records do not open: {error}"), "Look at the passphrase first.")
        }
        Ok(unlocked) => {
            let checked =
                Store::open(&dir.join("records.db"), unlocked.database_key()).and_then(|store| store.read(whole));
            match checked {
                Ok(true) => Finding::good("records", "the records are whole"),
                _ => Finding::bad("records", "the database of records is damaged", KEEP),
            }
        }
    }
}

fn hub(device: &Device) -> Vec<Finding> {
    let address = device.hub();
    let pinned = address.root_pem.is_some() || address.url.starts_with("http://");
    let mut findings = Vec::new();
    if !pinned {
        let advice = "himaya field hub URL --root FILE trusts only the authority's own root.";
        findings.push(Finding::look(
            "hub-root",
            "the hub's certificate may be by any authority this system trusts",
            advice,
        ));
    }
    let asked = HubClient::new(&address).ok().and_then(|hub| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        Some(runtime.block_on(hub.health()))
    });
    match asked {
        Some(Ok(clock)) => {
            findings.push(Finding::good("hub", "the hub answers"));
            let apart = clock.map_or(0, |clock| (chrono::Utc::now().timestamp_millis() - clock).abs());
            if apart > APART_MILLIS {
                let what = format!("this clock and the hub's are {} minutes apart", apart / 60_000);
                let advice = "Set the clock. Nothing is refused for it, but what is shown as \"when\" is wrong.";
                findings.push(Finding::look("clock-apart", what, advice));
            }
        }
        _ => findings.push(Finding::look(
            "hub",
            "the hub does not answer",
            "Look at the network and the address (himaya field hub URL). Everything is kept here meanwhile.",
        )),
    }
    findings
}
