//! The vault's own small files: replaced whole or not at all, and gone when they are said to be gone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Largest file of the vault, bytes. A slot is under one kilobyte; a wipe's list of paths a few.
const MAX_BYTES: u64 = 64 * 1024;

/// Makes a folder only its owner enters.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Replaces `path` by `bytes`: temporary file, flush to the disk, rename, flush of the folder. After a kill at any
/// instant the old content or the new is there, whole.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fail::fail_point!("vault.disk.before_rename");
    fs::rename(&temporary, path)?;
    sync_parent(path)
}

/// Reads a whole small file, `None` where there is none.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

/// Overwrites a file with zeros, then removes it. Flash storage may keep the old blocks: what the file held must have
/// been sealed under a key that is destroyed too. A file that is not there is no error.
pub fn destroy(path: &Path) -> io::Result<()> {
    for path in [temporary(path), path.to_path_buf()] {
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
            Ok(metadata) if metadata.is_file() => overwrite(&path, metadata.len()),
            Ok(_) => {}
        }
        fs::remove_file(&path)?;
    }
    sync_parent(path)
}

/// Best effort: a file that cannot be written can still be removed.
fn overwrite(path: &Path, length: u64) {
    // A database is not worth minutes of writing: its key is gone already.
    const MOST: u64 = 1024 * 1024;
    let Ok(mut file) = OpenOptions::new().write(true).open(path) else { return };
    let mut zeros = io::repeat(0).take(length.min(MOST));
    if io::copy(&mut zeros, &mut file).is_ok() {
        // A failed flush changes nothing: the file is removed next.
        let _ = file.sync_all();
    }
}

/// Flushes the folder that holds `path`, so that a rename or removal in it outlives a power cut.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        // A bare file name lies in the folder one stands in.
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn a_bare_file_name_has_a_folder_too() {
        assert!(super::sync_parent(Path::new("nothing-here")).is_ok());
    }
}
