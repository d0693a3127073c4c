//! Destroying keys and readable data, never the sealed outbox nor the device key. Once begun it is completed, at the
//! next start if need be.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use himaya_wire::{decode, encode};
use minicbor::{Decode, Encode};

use super::disk;
use super::error::VaultError;
use super::keystore::Keystore;

const MARKER: &str = "wipe.cbor";
/// Folder of the slots, in the vault's folder.
pub const SLOTS: &str = "slots";
/// `SQLite` keeps these beside a database; they go, or stay, with it.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Why the vault was wiped; kept, to tell the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum WipeReason {
    /// The unit's registry removed the device or its last worker.
    #[n(0)]
    Removed,
    /// Too many wrong tries by everyone.
    #[n(1)]
    Tries,
    /// "Lock and forget".
    #[n(2)]
    Forget,
    /// The duress PIN. In the format only.
    #[n(3)]
    Duress,
}

/// The files a wipe destroys and those it spares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WipePlan {
    /// Readable data: files, databases with what `SQLite` keeps beside them, folders.
    pub destroy: Vec<PathBuf>,
    /// What must outlive a wipe, the sealed outbox first. Spared even inside a folder that is destroyed.
    pub keep: Vec<PathBuf>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Marker {
    #[n(0)]
    version: u64,
    #[n(1)]
    reason: WipeReason,
    #[n(2)]
    done: bool,
    #[n(3)]
    destroy: Vec<String>,
    #[n(4)]
    keep: Vec<String>,
}

/// Destroys the slots, the keystore's sealing key and `plan.destroy`. After a kill in the middle, the next
/// [`super::Vault::open`] completes it. What fails is tried again then, too; the rest is destroyed all the same.
pub fn wipe(dir: &Path, keystore: &dyn Keystore, plan: &WipePlan, reason: WipeReason) -> Result<(), VaultError> {
    fail::fail_point!("vault.wipe.before_marker");
    let mut marker = Marker {
        version: 1,
        reason,
        done: false,
        destroy: plan.destroy.iter().filter_map(|path| text_of(path)).collect(),
        keep: plan.keep.iter().filter_map(|path| text_of(path)).collect(),
    };
    disk::replace(&dir.join(MARKER), &encode(&marker, "wipe marker")?)?;
    complete(dir, keystore, plan, &mut marker)
}

/// Completes a wipe that was begun. Says why the vault was wiped, or `None` where it was not.
pub(super) fn resume(dir: &Path, keystore: &dyn Keystore, plan: &WipePlan) -> Result<Option<WipeReason>, VaultError> {
    let Some(bytes) = disk::read(&dir.join(MARKER))? else { return Ok(None) };
    // A marker that cannot be read is a wipe all the same: only a wipe writes one. The caller's plan then holds alone.
    let mut marker = decode(&bytes, "wipe marker").unwrap_or(Marker {
        version: 1,
        reason: WipeReason::Forget,
        done: false,
        destroy: Vec::new(),
        keep: Vec::new(),
    });
    if !marker.done {
        complete(dir, keystore, plan, &mut marker)?;
    }
    Ok(Some(marker.reason))
}

/// Forgets a completed wipe, so that a new vault can be made.
pub(super) fn forget(dir: &Path) -> Result<(), VaultError> {
    Ok(disk::destroy(&dir.join(MARKER))?)
}

fn complete(dir: &Path, keystore: &dyn Keystore, plan: &WipePlan, marker: &mut Marker) -> Result<(), VaultError> {
    // Both plans: an app may have moved since (iOS gives a new container path at an update), or have learnt to keep more.
    let paths = |ours: &[PathBuf], theirs: &[String]| -> Vec<PathBuf> {
        ours.iter().cloned().chain(theirs.iter().map(PathBuf::from)).collect()
    };
    let keep = Keep(paths(&plan.keep, &marker.keep).iter().filter_map(|path| real(path)).collect());
    let mut first_error: Option<VaultError> = None;
    let mut note = |result: Result<(), VaultError>| {
        if let Err(error) = result {
            first_error.get_or_insert(error);
        }
    };
    fail::fail_point!("vault.wipe.before_keystore");
    // First, and enough: without this key no slot opens, and without a slot no database.
    note(keystore.destroy().map_err(VaultError::from));
    fail::fail_point!("vault.wipe.before_slots");
    // Keys are never spared, whatever a plan says.
    note(destroy_tree(&dir.join(SLOTS), &Keep(Vec::new())).map_err(VaultError::from));
    for path in paths(&plan.destroy, &marker.destroy) {
        fail::fail_point!("vault.wipe.before_file");
        for companion in COMPANIONS {
            let mut name = path.as_os_str().to_owned();
            name.push(companion);
            note(destroy_tree(Path::new(&name), &keep).map_err(VaultError::from));
        }
    }
    if let Some(error) = first_error {
        return Err(error);
    }
    fail::fail_point!("vault.wipe.before_done");
    marker.done = true;
    marker.destroy.clear();
    marker.keep.clear();
    Ok(disk::replace(&dir.join(MARKER), &encode(marker, "wipe marker")?)?)
}

struct Keep(Vec<PathBuf>);

impl Keep {
    fn spares(&self, path: &Path) -> bool {
        let Some(path) = real(path) else { return false };
        self.0.iter().any(|kept| {
            path.starts_with(kept)
                || COMPANIONS.iter().any(|companion| {
                    let mut name = kept.as_os_str().to_owned();
                    name.push(companion);
                    path.as_os_str() == name
                })
        })
    }
}

/// Destroys a file, or what is in a folder, but for what is spared. Nothing there is no error. A symbolic link is
/// removed, never followed.
fn destroy_tree(path: &Path, keep: &Keep) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if keep.spares(path) {
        return Ok(());
    }
    if !metadata.is_dir() {
        return disk::destroy(path);
    }
    let mut result = Ok(());
    for entry in fs::read_dir(path)? {
        // One file that resists does not save the others.
        result = result.and(destroy_tree(&entry?.path(), keep));
    }
    result?;
    match fs::remove_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => Err(error),
        // Not empty: it holds what is spared.
        _ => disk::sync_parent(path),
    }
}

/// One form of a path for comparing: its folder resolved, its own name as it is.
fn real(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(name)) => Some(parent.join(name)),
        _ => Some(path),
    }
}

fn text_of(path: &Path) -> Option<String> {
    std::path::absolute(path).ok()?.to_str().map(str::to_owned)
}
