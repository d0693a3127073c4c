//! The main job through the binary: spotted with no network, referred, answered; bundles; a hub restored; TLS.

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{copy, run};
use crate::town::{HubProcess, Unit, found, prepare, text, town};

const AT: &str = "35.76727,-5.79975";

/// A town's folders for this test, with its hub at a new address.
struct Night {
    folder: TempDir,
    sas: Unit,
    upe: Unit,
}

impl Night {
    fn new() -> Self {
        let town = town();
        let folder = TempDir::new().expect("a folder");
        copy(&town.path("hub"), &folder.path().join("hub"));
        let sas = town.sas.copied(&folder.path().join("sas"));
        let upe = town.upe.copied(&folder.path().join("upe"));
        Self { folder, sas, upe }
    }

    fn hub(&self, folder: &str) -> HubProcess {
        let hub = HubProcess::start(&self.folder.path().join(folder), &["127.0.0.1:0"]);
        for unit in [&self.sas, &self.upe] {
            unit.json(&["hub", &hub.url]);
        }
        hub
    }

    fn spot(&self, name: &str) -> String {
        let arguments = ["spot", "--sex", "boy", "--age", "12~2", "--concern", "begging", "--name", name, "--at", AT];
        text_of(&self.sas.json(&arguments), "number")
    }

    fn refer(&self, number: &str) -> Value {
        self.sas.json(&["refer", number, "--to", &self.upe.id, "--need", "shelter_tonight"])
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("{key}: {value}")).to_owned()
}

#[test]
fn a_child_spotted_with_no_network_is_referred_and_the_answer_comes_back() {
    let night = Night::new();
    let (sas, upe) = (&night.sas, &night.upe);
    sas.json(&["round", "start", "--vehicle", "invented 1"]);
    assert_eq!(sas.json(&["contact", "--count", "3"])["contacts"], 3);
    let number = night.spot("Invented Name");
    assert!(sas.json(&["spot", "--concern", "begging", "--write-only"])["capture"].is_string());

    let near = sas.json(&["nearest", "--at", AT, "--need", "shelter_tonight", "--sex", "boy", "--age", "12"]);
    assert_eq!(text_of(&near["chosen"][0], "unit"), upe.id);
    assert!(!near["chosen"][0]["reasons"].as_array().expect("reasons").is_empty());

    night.refer(&number);
    let ran = sas.run(&["sync"]);
    assert_eq!((ran.code, ran.error().as_str()), (3, "error-offline"));
    assert!(sas.json(&["status"])["unsent"].as_u64().expect("a count") >= 4);
    assert_eq!(sas.json(&["inbox", "--sent"])[0]["whereabouts"], "on_this_phone");

    let hub = night.hub("hub");
    assert!(sas.json(&["sync", "--locked"])["sent"].as_u64().expect("a count") >= 4);
    upe.json(&["sync", "--locked"]);
    upe.json(&["sync"]);
    let inbox = upe.json(&["inbox"]);
    assert_eq!(inbox[0]["title"], "Invented Name");
    upe.json(&["answer", "accept", &text_of(&inbox[0], "referral")]);
    let file = upe.json(&["open", &number]);
    assert_eq!(file["kind"], "case");
    upe.json(&["sync"]);
    sas.json(&["sync"]);
    let sent = sas.json(&["inbox", "--sent"]);
    assert_eq!((&sent[0]["step"], &sent[0]["whereabouts"]), (&"accepted".into(), &"seen".into()));
    assert_eq!(sas.json(&["status"])["unsent"], 0);

    let captures = sas.json(&["claim"]);
    sas.json(&["claim", &text_of(&captures[0], "capture")]);
    sas.json(&["call", "Association", "--answer", "full", "--file", &number]);
    sas.json(&["handover", &number, "--to-whom", "invented person", "--receipt", "1234"]);
    sas.json(&["round", "end"]);
    assert_eq!(sas.json(&["rebuild"])["identical"], true);
    assert_eq!(hub.stop(), 0);
}

#[test]
fn sealed_records_are_carried_by_hand_while_the_hub_is_down() {
    let night = Night::new();
    let (sas, upe) = (&night.sas, &night.upe);
    let number = night.spot("Carried Name");
    night.refer(&number);
    let bundle = night.folder.path().join("carried.bundle");
    let count = sas.json(&["bundle", "export", text(&bundle)])["envelopes"].as_u64().expect("a count");
    assert!(count >= 2);
    assert_eq!(upe.json(&["bundle", "import", text(&bundle)])["envelopes"], count);
    assert_eq!(upe.json(&["bundle", "import", text(&bundle)])["envelopes"], 0, "again is harmless");
    assert_eq!(upe.json(&["inbox"])[0]["title"], "Carried Name");

    let ours = upe.json(&["inbox"]);
    upe.json(&["answer", "decline", &text_of(&ours[0], "referral"), "--reason", "full"]);
    let back = night.folder.path().join("back.bundle");
    upe.json(&["bundle", "export", text(&back)]);
    sas.json(&["bundle", "import", text(&back)]);
    assert_eq!(sas.json(&["inbox", "--sent"])[0]["step"], "declined");
}

#[test]
fn what_a_restored_hub_had_not_seen_is_offered_again() {
    let night = Night::new();
    let (hub, dir) = (night.hub("hub"), night.folder.path().join("hub"));
    let backup = night.folder.path().join("hub.backup");
    run(["hub", "backup", text(&backup), "--dir", text(&dir)]).done();
    let number = night.spot("Late Name");
    night.refer(&number);
    night.sas.json(&["sync"]);
    assert_eq!(hub.stop(), 0);

    let restored = night.folder.path().join("restored");
    run(["hub", "restore", text(&backup), "--dir", text(&restored)]).done();
    let hub = night.hub("restored");
    assert_eq!(night.sas.json(&["sync"])["restarted"], true);
    night.upe.json(&["sync"]);
    assert_eq!(night.upe.json(&["inbox"])[0]["title"], "Late Name");
    assert_eq!(hub.stop(), 0);
}

#[test]
fn a_hub_with_its_own_root_is_reached_by_tls_and_by_nobody_who_trusts_another() {
    let folder = TempDir::new().expect("a folder");
    prepare(folder.path());
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        text_owned(&path)
    };
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let root = write("hub.pem", made.cert.pem());
    let key = write("hub.key", made.signing_key.serialize_pem());
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let other = write("other.pem", other.cert.pem());
    let hub = HubProcess::start(&folder.path().join("hub"), &["127.0.0.1:0", "--tls-cert", &root, "--tls-key", &key]);
    assert!(hub.url.starts_with("https://"), "{}", hub.url);

    assert_eq!(run(["hub", "status", &hub.url, "--root", &root]).code, 0);
    assert_eq!(run(["hub", "status", &hub.url, "--root", &other]).code, 3);
    assert_eq!(run(["hub", "status", &hub.url]).code, 3);
    let publish = ["authority", "publish", "--hub", &hub.url, "--hub-root", &root, "--dir"];
    run(publish.into_iter().chain([text(&folder.path().join("authority"))])).done();
    let unit = found(folder.path(), &hub.url, &["--hub-root", &root], "sas");
    unit.json(&["hub", &hub.url, "--root", &other]);
    assert_eq!(unit.run(&["sync", "--locked"]).code, 3);
    assert_eq!(hub.stop(), 0);
}

fn text_owned(path: &std::path::Path) -> String {
    text(path).to_owned()
}
