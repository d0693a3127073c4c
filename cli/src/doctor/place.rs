//! The disk under a folder, and who else may read it.

use std::fs;
use std::path::Path;

use super::Findings;

const MIB: u64 = 1 << 20;
/// Room for weeks of records.
const ROOM_MIB: u64 = 500;
/// Below this, saving may fail today.
const LEAST_MIB: u64 = 50;

/// Looks at free space and rights.
pub fn look(dir: &Path, found: &mut Findings) {
    space(dir, found);
    rights(dir, found);
}

/// The size of some files of a folder together, in words.
pub fn size(dir: &Path, files: &[&str]) -> String {
    let length = |name: &&str| fs::metadata(dir.join(name)).map_or(0, |meta| meta.len());
    let bytes: u64 = files.iter().map(length).sum();
    if bytes < MIB { format!("{} KiB", bytes.div_ceil(1024)) } else { format!("{} MiB", bytes / MIB) }
}

#[cfg(unix)]
fn space(dir: &Path, found: &mut Findings) {
    let Ok(disk) = rustix::fs::statvfs(dir) else {
        return found.look("disk", "the free space of the disk cannot be read", "Look at it with: df -h");
    };
    let free_mib = disk.f_bavail.saturating_mul(disk.f_frsize) / MIB;
    if free_mib < LEAST_MIB {
        found.wrong(
            "disk",
            format!("{free_mib} MiB free on the disk"),
            "Make room today: saving fails on a full disk. What was confirmed is safe.",
        );
    } else if free_mib < ROOM_MIB {
        found.look("disk", format!("{free_mib} MiB free on the disk"), "Make room within days.");
    } else {
        found.good("disk", format!("{free_mib} MiB free on the disk"));
    }
}

#[cfg(not(unix))]
fn space(_: &Path, _: &mut Findings) {}

#[cfg(unix)]
fn rights(dir: &Path, found: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;
    let others = |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    let secret = ["carrier.key", "keystore/sealing.key", "keystore/device.p8", "authority.key"];
    // A folder that others may not enter protects what is in it.
    let open = others(dir) && secret.iter().any(|name| others(&dir.join(name)));
    if open {
        found.look("rights", "other users of this machine may read key files here", "chmod -R go= FOLDER");
    } else {
        found.good("rights", "the key files are closed to other users of this machine");
    }
}

#[cfg(not(unix))]
fn rights(_: &Path, _: &mut Findings) {}
