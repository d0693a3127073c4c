//! What the doctor finds.

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, changed, himaya, run, tree};
use crate::town::{HubProcess, Unit, text, town};

fn examine(unit: &Unit, unlocked: bool) -> (i32, Value) {
    let mut command = himaya(["--json", "doctor", "--dir"]);
    command.arg(&unit.dir);
    if unlocked {
        command.arg("--passphrase-file").arg(&unit.pass);
    }
    let ran = Ran::of(&mut command);
    (ran.code, serde_json::from_str(&ran.out).expect("JSON"))
}

fn sign<'a>(found: &'a Value, key: &str) -> &'a str {
    let findings = found["findings"].as_array().expect("findings");
    let finding = findings.iter().find(|finding| finding["key"] == key);
    finding.unwrap_or_else(|| panic!("{key}: {found:#}"))["sign"].as_str().expect("a sign")
}

#[test]
fn a_healthy_device_with_its_hub_gives_good_signs_and_is_not_changed() {
    let folder = TempDir::new().expect("a folder");
    let unit = town().sas.copied(&folder.path().join("sas"));
    crate::program::copy(&town().path("hub"), &folder.path().join("hub"));
    let hub = HubProcess::start(&folder.path().join("hub"), &["127.0.0.1:0"]);
    unit.json(&["hub", &hub.url]);
    let before = tree(&unit.dir);
    let (code, found) = examine(&unit, true);
    assert_eq!(code, 0, "{found:#}");
    for key in
        ["device", "workers", "records", "registry", "unsent", "history", "hub", "clock", "records-whole", "rights"]
    {
        assert_eq!(sign(&found, key), "good", "{key}");
    }
    assert_eq!(changed(&before, &tree(&unit.dir)), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_hub_that_cannot_be_reached_is_pointed_out_and_is_no_failure() {
    let (code, found) = examine(&town().upe, false);
    assert_eq!(code, 0, "{found:#}");
    assert_eq!(sign(&found, "hub-silent"), "look");
    assert_eq!(sign(&found, "records-unread"), "look");
}

#[test]
fn files_that_are_gone_need_a_person_and_are_not_made_anew() {
    for (file, key) in [
        ("device.json", "device-file"),
        ("carrier.key", "carrier-key"),
        ("keystore/sealing.key", "sealing-key"),
        ("keystore/device.p8", "device-key"),
        ("vault/vault.cbor", "vault"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let unit = town().sas.copied(&folder.path().join("sas"));
        std::fs::remove_file(unit.dir.join(file)).expect("it was there");
        let before = tree(&unit.dir);
        let (code, found) = examine(&unit, false);
        assert_eq!((code, sign(&found, key)), (1, "wrong"), "{file}");
        assert_eq!(changed(&before, &tree(&unit.dir)), Vec::<std::path::PathBuf>::new(), "{file}");
    }
}

#[test]
fn damaged_files_are_told_and_left_alone() {
    for (file, key) in [("device.json", "device"), ("vault/vault.cbor", "device"), ("carrier.db", "device")] {
        let folder = TempDir::new().expect("a folder");
        let unit = town().sas.copied(&folder.path().join("sas"));
        std::fs::write(unit.dir.join(file), vec![0x5a; 8192]).expect("written");
        let before = tree(&unit.dir);
        let (code, found) = examine(&unit, false);
        assert_eq!((code, sign(&found, key)), (1, "wrong"), "{file}");
        assert_eq!(changed(&before, &tree(&unit.dir)), Vec::<std::path::PathBuf>::new(), "{file}");
    }
    let folder = TempDir::new().expect("a folder");
    let unit = town().sas.copied(&folder.path().join("sas"));
    let mut records = std::fs::read(unit.dir.join("records.db")).expect("records");
    let last = records.len() - 2000;
    records[last] ^= 1;
    std::fs::write(unit.dir.join("records.db"), records).expect("written");
    let (code, found) = examine(&unit, true);
    assert_eq!((code, sign(&found, "records-damaged")), (1, "wrong"));
}

#[test]
fn the_folders_of_an_authority_and_a_hub_are_known() {
    let authority = run(["--json", "doctor", "--dir", text(&town().path("authority"))]).json();
    assert_eq!(sign(&authority, "authority-list"), "good");
    let hub = run(["--json", "doctor", "--dir", text(&town().path("hub"))]).json();
    assert_eq!(sign(&hub, "hub-folder"), "good");
    let empty = TempDir::new().expect("a folder");
    let ran = run(["--json", "doctor", "--dir", text(empty.path())]);
    assert_eq!((ran.code, ran.error().as_str()), (5, "folder"));
}
