//! A folder to work in, and the binary run in it with a known passphrase.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

/// Five words of the list: invented for tests.
pub const PASSPHRASE: &str = "abacus abdomen yo-yo zoom unruly";

pub struct Lab {
    dir: tempfile::TempDir,
    hub: Option<Child>,
    url: String,
}

impl Lab {
    pub fn new() -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        std::fs::write(dir.path().join("words"), format!("{PASSPHRASE}\n")).unwrap();
        Self { dir, hub: None, url: "http://127.0.0.1:9".to_owned() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("himaya"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
            .env_remove("HIMAYA_DIR")
            .env("HIMAYA_PASSPHRASE", PASSPHRASE)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "200");
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs with `--json`, must succeed, gives what was printed.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A field command on a device of this lab, with `--json`.
    pub fn field(&self, device: &str, args: &[&str]) -> Value {
        let dir = self.text(device);
        self.json(&[&["field", "--dir", &dir], args].concat())
    }

    /// Runs with `--json`, must fail with this code; gives the error. Nothing may be on standard output.
    pub fn refused(&self, code: i32, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{args:?}");
        let error: Value = serde_json::from_str(&stderr).unwrap_or_else(|_| panic!("{args:?}: {stderr}"));
        assert_eq!(error["error"]["exit"], code);
        assert!(error["error"]["key"].as_str().is_some_and(|key| !key.is_empty()));
        for trace in ["panicked", "RUST_BACKTRACE", "Error {", "Err("] {
            assert!(!stderr.contains(trace), "{stderr}");
        }
        error["error"].clone()
    }

    /// An authority with one prefecture, its certificate, and a hub set up and running.
    pub fn with_hub() -> Self {
        let mut lab = Self::new();
        let (desk, certificate, hub) = (lab.text("desk"), lab.text("certificate"), lab.text("hub"));
        lab.json(&["authority", "--dir", &desk, "init"]);
        lab.json(&["authority", "--dir", &desk, "province", "add", "Marrakech"]);
        lab.json(&["authority", "--dir", &desk, "export-certificate", &certificate]);
        lab.json(&["hub", "--dir", &hub, "init", "--authority", &certificate]);
        lab.hub_up();
        lab
    }

    pub fn hub_up(&mut self) {
        let hub = self.text("hub");
        let listen = self.url.strip_prefix("http://").filter(|_| self.url != "http://127.0.0.1:9");
        let listen = listen.unwrap_or("127.0.0.1:0").to_owned();
        let mut command = self.command(&["hub", "--dir", &hub, "run", "--with-parent", "--listen", &listen]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.trim().strip_prefix("listening on ").expect("the hub's line of readiness").clone_into(&mut self.url);
        self.hub = Some(child);
    }

    pub fn hub_down(&mut self) {
        if let Some(mut child) = self.hub.take() {
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }

    /// A unit with its head's device, ready to work. Gives the unit's id.
    pub fn unit(&self, kind: &str, device: &str) -> String {
        let (desk, certificate, words) = (self.text("desk"), self.text("certificate"), self.text("words"));
        let url = self.url.clone();
        let enrol =
            ["enrol", "--authority", &certificate, "--hub", &url, "--label", "head", "--new-passphrase-file", &words];
        let code = self.field(device, &enrol)["code"].as_str().unwrap().to_owned();
        let found = ["unit", "found", "--province", "07.351", "--kind", kind, "--name", device, "--hub", &url, &code];
        let unit = self.json(&[&["authority", "--dir", &desk][..], &found[..]].concat())["unit"]["id"].clone();
        self.field(device, &["sync", "--locked"]);
        self.field(device, &["circles"]);
        self.field(device, &["sync"]);
        unit.as_str().unwrap().to_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.hub_down();
    }
}

/// Every file under a folder with its bytes: what must not change.
pub fn snapshot(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir) else { return files };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            files.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}
