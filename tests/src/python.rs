//! The Python of the foreign implementations.

use std::path::PathBuf;

/// The interpreter that holds the packages of `tests/foreign/requirements.txt`: `HIMAYA_PYTHON`, or the one that
/// `cargo xtask setup` makes.
///
/// # Panics
/// When there is none, saying how to get it: a foreign check that is skipped in silence is no check.
pub fn python() -> PathBuf {
    if let Some(path) = std::env::var_os("HIMAYA_PYTHON") {
        return path.into();
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/python");
    assert!(path.exists(), "no Python for the foreign checks; run: cargo xtask setup");
    path
}
