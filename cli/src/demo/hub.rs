//! A real hub process on loopback: this same program, started as `himaya hub run`.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::output::Failure;

/// The hub's folder, and its process while it runs.
pub struct HubProcess {
    dir: PathBuf,
    address: Option<String>,
    child: Option<Child>,
}

impl HubProcess {
    /// Sets up the hub's folder.
    pub fn init(dir: &Path, authority: &Path) -> Result<Self, Failure> {
        let done = program()?.arg("hub").arg("--dir").arg(dir).arg("init").arg("--authority").arg(authority).output();
        let done = done.map_err(|error| Failure::io("hub process", &error))?;
        if !done.status.success() {
            return Err(Failure::failed("demo-hub", "the hub could not be set up"));
        }
        Ok(Self { dir: dir.to_path_buf(), address: None, child: None })
    }

    /// Starts the process, on the same port as before where it ran before, and waits for its line of readiness.
    pub fn start(&mut self) -> Result<String, Failure> {
        let failed = |error: std::io::Error| Failure::io("hub process", &error);
        let listen = self.address.as_deref().unwrap_or("127.0.0.1:0").to_owned();
        let log = OpenOptions::new().create(true).append(true).open(self.dir.join("hub.log")).map_err(failed)?;
        let mut command = program()?;
        command.arg("hub").arg("--dir").arg(&self.dir).args(["run", "--with-parent", "--listen", &listen]);
        // The most it would ever log, so that the search afterwards covers that too.
        command.env("RUST_LOG", "debug").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(log));
        let mut child = command.spawn().map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        self.child = Some(child);
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let url = url.ok_or_else(|| Failure::failed("demo-hub", "the hub did not start; see hub.log in its folder"))?;
        self.address = url.strip_prefix("http://").map(str::to_owned);
        Ok(url)
    }

    /// Where it listens, or listened last.
    pub fn address(&self) -> &str {
        self.address.as_deref().unwrap_or_default()
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Stops the process by closing its standard input, and waits until it is gone.
    pub fn stop(&mut self) -> Result<(), Failure> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        drop(child.stdin.take());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            match child.try_wait() {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                Err(error) => return Err(Failure::io("hub process", &error)),
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        Ok(())
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        // Nothing is lost by an error here: its standard input is closed with us.
        let _ = self.stop();
    }
}

fn program() -> Result<Command, Failure> {
    let path = std::env::current_exe().map_err(|error| Failure::io("this program's own file", &error))?;
    let mut command = Command::new(path);
    command.env_remove("HIMAYA_DIR").env_remove("HIMAYA_PASSPHRASE").stdin(Stdio::null());
    Ok(command)
}
