//! Another implementation (Python: cbor2, cryptography, pyhpke) opens what we recorded, and we open what it makes.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use himaya_wire::*;
use serde_json::Value;

use crate::vectors::{load, recorded_registries, unhex};

/// The interpreter that `cargo xtask setup` prepared, or the one that `HIMAYA_PYTHON` names.
fn python() -> PathBuf {
    let prepared = || {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
        target.join("venv/bin/python")
    };
    let path = std::env::var_os("HIMAYA_PYTHON").map_or_else(prepared, PathBuf::from);
    assert!(path.exists(), "no Python with the packages of tests/foreign/requirements.txt; run: cargo xtask setup");
    path
}

fn run(script: &str) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/foreign/wire");
    Command::new(python()).arg("-B").arg(folder.join(script)).output().unwrap()
}

#[test]
fn another_implementation_opens_every_recorded_vector() {
    let output = run("check.py");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert!(text.lines().last().is_some_and(|line| line.ends_with(" passed, 0 failed")));
}

#[test]
fn we_open_what_another_implementation_makes() {
    let output = run("make.py");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = load("keys");
    let secret = |unit: &str| Secret::from_slice(&unhex(&keys[unit]["circle_all"])).unwrap();
    let space_key = SpaceKey::from_secret(Secret::from_slice(&unhex(&keys["space"]["key"])).unwrap());
    let mut registries = recorded_registries();
    let open = |name: &str| {
        let envelope = Envelope::parse(&unhex(&made[name])).unwrap();
        envelope.verify(registries.author_key(&envelope.header).unwrap()).unwrap();
        envelope
    };
    assert_eq!(open_event(&open("event"), &space_key).unwrap().as_slice(), b"made elsewhere");
    assert_eq!(open_event(&open("event_deflated"), &space_key).unwrap().as_slice(), b"again ".repeat(40));
    let grant = open("grant");
    let body = read_grant(&grant).unwrap();
    assert_eq!((body.position, body.scope), (6, Scope::FromHere));
    for (recipient, unit) in body.recipients.iter().zip(["sas", "upe"]) {
        assert_eq!(open_grant(&grant, &body, recipient, &secret(unit)).unwrap().kid(), space_key.kid());
    }
    assert_eq!(open_capture(&open("capture"), &secret("sas")).unwrap().as_slice(), b"captured elsewhere");
    assert_eq!(read_receipt(&open("receipt")).unwrap().of, grant.digest);
    let request = SignedRequest::parse(&unhex(&made["request"])).unwrap();
    let device = DeviceId::from_bytes(request.signer);
    let unit = registries.unit_of_device(device).unwrap();
    request.verify(&unit.devices[&device].certificate.claims.verify_key).unwrap();
    assert_eq!((request.request.nonce, request.request.incarnation, request.request.all), (42, None, true));
    let unit = unit.unit;
    let text = data_encoding::BASE32_NOPAD.encode(&unhex(&made["newcomer"]));
    let newcomer = NewcomerCode::from_text(&text).unwrap().open().unwrap();
    assert_eq!(Bundle::parse(&unhex(&made["bundle"])).unwrap().envelopes.len(), 1);
    let (entry, applied) = registries.apply(&unhex(&made["entry"])).unwrap();
    assert!(applied == Applied::New && matches!(entry.act, EntryAct::AdmitMember { .. }));
    let wraps = registries.unit(unit).unwrap().wraps_for(newcomer.member);
    let member = Secret::from_slice(&unhex(&keys["newcomer"]["hpke_secret"])).unwrap();
    assert_eq!(wraps[0].open(unit, &member).unwrap().expose(), secret("sas").expose());
}
