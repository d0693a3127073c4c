//! Backup into one file while the hub runs, and restore into a new folder under a new history.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use himaya_wire::Incarnation;
use rusqlite::OpenFlags;

use crate::HubError;
use crate::storage::{SqliteStore, StoreError, StoreOptions, open_file};

pub(crate) const DATABASE: &str = "hub.sqlite";
const UNFINISHED: &str = "hub.sqlite.unfinished";

/// Copies a hub, running or not, into one new file, as it is at one moment. Registries, envelopes, feeds and the pinned
/// authority are in it; nothing in it can be opened with what is in it.
pub fn backup(dir: &Path, to: &Path) -> Result<(), HubError> {
    let from = dir.join(DATABASE);
    if !from.exists() {
        return Err(StoreError::Place("there is no hub in this folder").into());
    }
    if to.exists() {
        return Err(HubError::InTheWay);
    }
    // A file that appears under its name is whole.
    let unfinished = with_suffix(to, ".unfinished");
    remove_if_there(&unfinished)?;
    private_file(&unfinished)?;
    let connection = open_file(&from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let target = unfinished.to_str().ok_or(HubError::InTheWay)?;
    connection.execute("VACUUM INTO ?1", [target]).map_err(StoreError::from)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, to)?;
    sync_folder_of(to)
}

/// Sets up a new folder from a backup. The history gets a new name, so that every device pulls from zero and offers
/// what the backup had not seen.
pub fn restore(from: &Path, dir: &Path) -> Result<(), HubError> {
    let unfinished = dir.join(UNFINISHED);
    if dir.exists() {
        // What a restore that was killed left behind is not in the way of the next one.
        remove_unfinished(&unfinished)?;
        if fs::read_dir(dir)?.next().is_some() {
            return Err(HubError::InTheWay);
        }
    }
    let mut backup = File::open(from)?;
    private_folder(dir)?;
    private_file(&unfinished)?;
    if let Err(error) = restore_into(&mut backup, &unfinished) {
        remove_unfinished(&unfinished)?;
        return Err(error);
    }
    let database = dir.join(DATABASE);
    fs::rename(&unfinished, &database)?;
    sync_folder_of(&database)
}

fn restore_into(backup: &mut File, unfinished: &Path) -> Result<(), HubError> {
    std::io::copy(backup, &mut File::create(unfinished)?)?;
    rename_history(unfinished)?;
    // Opening checks the schema, brings an older one up to date, and reads the history's name.
    drop(SqliteStore::open(unfinished, StoreOptions::default())?);
    Ok(File::open(unfinished)?.sync_all()?)
}

fn remove_unfinished(unfinished: &Path) -> Result<(), HubError> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|suffix| remove_if_there(&with_suffix(unfinished, suffix)))
}

fn rename_history(path: &Path) -> Result<(), StoreError> {
    let connection = open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let sound: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if sound != "ok" {
        return Err(StoreError::Damaged("backup"));
    }
    let incarnation = Incarnation::make_random();
    let update = "UPDATE meta SET value = ?1 WHERE name = 'incarnation'";
    match connection.execute(update, [incarnation.as_bytes().as_slice()])? {
        1 => Ok(()),
        _ => Err(StoreError::Damaged("meta")),
    }
}

/// Makes a new hub's folder and database. A crash on the way leaves nothing that looks like a hub.
pub(crate) fn found(dir: &Path, authority: &[u8]) -> Result<(), HubError> {
    let database = dir.join(DATABASE);
    if database.exists() {
        return Err(StoreError::Place("a hub is in this folder already").into());
    }
    private_folder(dir)?;
    let unfinished = dir.join(UNFINISHED);
    remove_if_there(&unfinished)?;
    SqliteStore::create(&unfinished, authority)?;
    restrict(&unfinished, 0o600)?;
    fs::rename(&unfinished, &database)?;
    sync_folder_of(&database)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> Result<(), HubError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn private_folder(dir: &Path) -> Result<(), HubError> {
    fs::create_dir_all(dir)?;
    restrict(dir, 0o700)
}

/// An empty file that only the owner reads: who talks with whom is nobody else's business.
fn private_file(path: &Path) -> Result<(), HubError> {
    File::create_new(path)?;
    restrict(path, 0o600)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), HubError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<(), HubError> {
    Ok(())
}

fn sync_folder_of(path: &Path) -> Result<(), HubError> {
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
