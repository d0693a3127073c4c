//! Running other programs, and where things are.
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many checks passed and failed.
#[derive(Clone, Copy, Default)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    pub fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    pub fn as_result(self) -> Result<(), String> {
        if self.failed == 0 { Ok(()) } else { Err(format!("{} failed", self.failed)) }
    }
}

/// The workspace's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where builds go.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Cargo, in the workspace's folder, without standard input.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs and shows; fails when the program does.
pub fn check(command: &mut Command) -> Result<(), String> {
    let name =
        format!("{} {}", command.get_program().display(), command.get_args().next().unwrap_or_default().display());
    let status = command.status().map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}")) }
}

/// Runs, shows standard output line by line, and gives it with whether the program succeeded.
pub fn lines(command: &mut Command, mut seen: impl FnMut(&str)) -> Result<bool, String> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(|error| error.to_string())?;
            println!("{line}");
            seen(&line);
        }
    }
    child.wait().map(|status| status.success()).map_err(|error| error.to_string())
}

/// Makes target/venv and installs what the foreign implementations need. Quick when it is there already.
pub fn setup() -> Result<(), String> {
    let folder = target().join("venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        check(Command::new("python3").args(["-m", "venv"]).arg(&folder).stdin(Stdio::null()))?;
    }
    let wanted = root().join("tests/foreign/requirements.txt");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(wanted);
    check(pip.stdin(Stdio::null()))
}
