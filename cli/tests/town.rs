//! A province set up through the binary alone: an authority, a hub, three units with their guide. Everybody is invented.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, copy, himaya, run};

/// A device with the passphrase of its only worker.
#[derive(Clone)]
pub struct Unit {
    pub dir: PathBuf,
    pub pass: PathBuf,
    pub id: String,
}

impl Unit {
    /// Runs a field command with the passphrase.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// A field command with the passphrase.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = himaya(["--json", "field"]);
        // Before the arguments, among which `--` may stand.
        command.arg("--dir").arg(&self.dir).arg("--passphrase-file").arg(&self.pass).args(arguments);
        command
    }

    /// Runs a field command that must go well.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(arguments).json()
    }

    /// The same device in a folder of its own.
    pub fn copied(&self, to: &Path) -> Self {
        copy(&self.dir, to);
        Self { dir: to.to_path_buf(), ..self.clone() }
    }
}

/// A hub's process; killed when dropped, stopped kindly by [`HubProcess::stop`].
pub struct HubProcess {
    child: Child,
    out: BufReader<ChildStdout>,
    pub url: String,
}

impl HubProcess {
    pub fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut command = himaya(["--json", "hub", "run", "--dir"]);
        command.arg(dir).args(["--listen"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the hub starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line of readiness");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        Self { child, out, url: ready["listening"].as_str().expect("an address").to_owned() }
    }

    /// Tells it to stop, and gives its exit code.
    pub fn stop(mut self) -> i32 {
        let told = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        let mut rest = String::new();
        self.out.read_line(&mut rest).expect("the end");
        assert_eq!(rest, "");
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The province, with its hub stopped. Tests copy what they change.
pub struct Town {
    pub folder: TempDir,
    pub sas: Unit,
    pub upe: Unit,
    pub cape: Unit,
}

impl Town {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Sets a device up and founds its unit.
pub fn found(folder: &Path, url: &str, more: &[&str], kind: &str) -> Unit {
    let (dir, pass) = (folder.join(kind), folder.join(format!("{kind}.pass")));
    let mut enrol = himaya(["--json", "field", "enrol", "--hub", url, "--label"]);
    enrol.arg(format!("crew of {kind}")).args(more).arg("--dir").arg(&dir);
    enrol.arg("--authority").arg(folder.join("authority.cert"));
    let made = Ran::of(&mut enrol).json();
    std::fs::write(&pass, made["passphrase"].as_str().expect("a passphrase")).expect("written");
    let code = made["code"].as_str().expect("a code");
    let mut unit = himaya(["--json", "authority", "unit", "found", "--province", "01.511", "--kind", kind, "--name"]);
    unit.arg(format!("invented {kind}")).arg(code).arg("--dir").arg(folder.join("authority"));
    unit.arg("--passphrase-file").arg(folder.join("authority.pass")).args(["--hub", url]);
    if let Some(root) = more.iter().position(|word| *word == "--hub-root") {
        unit.args(&more[root..root + 2]);
    }
    let founded = Ran::of(&mut unit).json();
    assert_eq!(founded["fingerprint"], made["fingerprint"]);
    let unit = Unit { dir, pass, id: founded["unit"]["id"].as_str().expect("an id").to_owned() };
    unit.json(&["sync", "--locked"]);
    unit.json(&["circles"]);
    unit.json(&["sync"]);
    unit
}

/// An authority with one province, and a hub's folder.
pub fn prepare(folder: &Path) {
    let authority = folder.join("authority");
    let made = run(["--json", "authority", "init", "--dir", text(&authority)]).json();
    let pass = folder.join("authority.pass");
    std::fs::write(&pass, made["passphrase"].as_str().expect("a passphrase")).expect("written");
    let with = ["--dir", text(&authority), "--passphrase-file", text(&pass)];
    run([&["--json", "authority", "province", "add", "01.511"][..], &with].concat()).json();
    let certificate = folder.join("authority.cert");
    run([&["authority", "export-certificate", text(&certificate)][..], &with].concat()).done();
    run(["hub", "init", "--authority", text(&certificate), "--dir", text(&folder.join("hub"))]).done();
}

/// The guide's file: one house that takes referrals, one with a telephone only.
pub fn guide_csv(upe: &str) -> String {
    format!(
        "kind,name_ar,name_fr,unit,needs,hours,phone,lat,lon,area\n\
         upe,وحدة مخترعة,Unité inventée,{upe},shelter_tonight listening,24/7,+212500000001,35.77,-5.80,01.511\n\
         association,جمعية مخترعة,Association inventée,,food,24/7,+212500000002,35.70,-5.90,01.511\n"
    )
}

/// The one town that tests share and copy from.
pub fn town() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        prepare(folder.path());
        let hub = HubProcess::start(&folder.path().join("hub"), &["127.0.0.1:0"]);
        let with = ["--dir", text(&folder.path().join("authority")), "--hub", &hub.url].map(str::to_owned);
        run(["authority", "publish"].map(str::to_owned).iter().chain(&with)).done();
        let cape = found(folder.path(), &hub.url, &[], "cape");
        let upe = found(folder.path(), &hub.url, &[], "upe");
        let sas = found(folder.path(), &hub.url, &[], "sas");
        let csv = folder.path().join("guide.csv");
        std::fs::write(&csv, guide_csv(&upe.id)).expect("written");
        cape.json(&["sync"]);
        cape.json(&["guide", "open"]);
        assert_eq!(cape.json(&["guide", "import", text(&csv)])["services"], 2);
        cape.json(&["sync"]);
        for unit in [&upe, &sas] {
            unit.json(&["sync"]);
            assert_eq!(unit.json(&["guide", "list"]).as_array().map(Vec::len), Some(2));
        }
        sas.json(&["spot", "--concern", "begging", "--name", "Earlier Name"]);
        sas.json(&["sync"]);
        assert_eq!(hub.stop(), 0);
        Town { folder, sas, upe, cape }
    })
}
