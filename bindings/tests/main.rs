//! The facade as the foreign side meets it: from Python, and with a keystore of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use himaya::{DeviceKeystore, Himaya, HimayaError, KeystoreFault};
use himaya_core::app::{Device, NewDevice, NewSpotting, SyncOptions};
use himaya_core::record::{Place, Sex};
use himaya_core::vault::{FileKeystore, Keystore, UnlockSecret};
use himaya_tests::{Town, options};
use himaya_wire::UnitKind;

/// The library that this test was built with: beside it.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let name = format!("{}himaya{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = test.parent().unwrap().join(name);
    assert!(library.exists(), "no library at {}", library.display());
    library
}

/// Generates the Python module in a folder, with the library beside it.
fn generate(out: &Path) {
    let library = library();
    uniffi::generate(uniffi::GenerateOptions {
        languages: vec![uniffi::TargetLanguage::Python],
        source: library.to_str().unwrap().into(),
        out_dir: out.to_str().unwrap().into(),
        metadata_no_deps: true,
        ..uniffi::GenerateOptions::default()
    })
    .unwrap();
    std::fs::copy(&library, out.join(library.file_name().unwrap())).unwrap();
}

#[test]
fn python_makes_a_spotting_and_reads_it_back() {
    let mut town = Town::new();
    let (upe, _) = town.unit(UnitKind::Upe);
    let (_, sas) = town.unit(UnitKind::Sas);
    let street = sas.unlock();
    street.sync(SyncOptions::default()).unwrap();
    drop(street);
    let dir = sas.device.dir().to_path_buf();
    let (member, passphrase) = (sas.member, sas.passphrase.clone());
    drop(sas);

    let modules = tempfile::tempdir().unwrap();
    generate(modules.path());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/foreign/python_bindings/spot.py");
    let output = Command::new(himaya_tests::python())
        .arg("-B")
        .arg(script)
        .arg(&dir)
        .args([member.to_string(), upe.to_string()])
        .env("PYTHONPATH", modules.path())
        .env("HIMAYA_PASSPHRASE", passphrase)
        .stdin(Stdio::null())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.lines().last().is_some_and(|line| line.ends_with("passed, 0 failed")), "{said}");
}

/// A keystore as a phone would give it, over files.
struct Phone(FileKeystore);

impl DeviceKeystore for Phone {
    fn seal(&self, label: String, secret: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
        self.0.seal(&label, &secret).map_err(|_| KeystoreFault::Failed)
    }

    fn open(&self, label: String, sealed: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
        self.0.open(&label, &sealed).map(|secret| secret.to_vec()).map_err(|_| KeystoreFault::DoesNotOpen)
    }

    fn device_public_key(&self) -> Result<Vec<u8>, KeystoreFault> {
        let key = self.0.device_key().map_err(|_| KeystoreFault::Failed)?;
        Ok(key.verify_key().as_bytes().to_vec())
    }

    fn device_sign(&self, message: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
        let key = self.0.device_key().map_err(|_| KeystoreFault::Failed)?;
        key.sign(&message).map_err(|_| KeystoreFault::Failed)
    }

    fn has_hardware(&self) -> bool {
        true
    }

    fn destroy(&self) -> Result<(), KeystoreFault> {
        self.0.destroy().map_err(|_| KeystoreFault::Failed)
    }
}

#[test]
fn a_phone_with_a_keystore_of_its_own_takes_a_pin_syncs_and_refuses_a_wrong_one() {
    let mut town = Town::new();
    let (_, head) = town.unit(UnitKind::Sas);
    let dir = town.dir.path().join("phone");
    let phone = || Arc::new(Phone(FileKeystore::open(&town.dir.path().join("phone-keys")).unwrap()));
    let authority = town.authority.certificate().bytes.clone();
    let device =
        Himaya::create_with_keystore(dir.to_str().unwrap().into(), phone(), authority, town.address()).unwrap();
    let code = device.newcomer("Invented Worker".into(), "271946".into(), None).unwrap();
    let session = head.unlock();
    session.admit(&code, false).unwrap();
    session.sync(SyncOptions::default()).unwrap();
    device.sync_blocking(0).unwrap();
    assert_eq!(device.unit(), head.device.unit());
    let worker = device.workers().unwrap().remove(0);
    assert!(worker.admitted);

    let wrong = device.unlock(worker.member, "271947".into()).err();
    assert!(matches!(wrong, Some(HimayaError::Locked { tries_left: Some(_), .. })), "{wrong:?}");
    let crew = device.unlock(worker.member, "271946".into()).unwrap();
    crew.start_round(himaya_core::app::NewRound::default()).unwrap();
    crew.lock();
    assert!(matches!(crew.open_round(), Err(HimayaError::Locked { .. })));
    device.capture(spotting()).unwrap();
    assert_eq!(device.status().unwrap().inbox, 1);
    drop((crew, device));

    let again = Himaya::open_with_keystore(dir.to_str().unwrap().into(), phone()).unwrap();
    let crew = again.unlock(worker.member, "271946".into()).unwrap();
    crew.sync_blocking(0).unwrap();
    let capture = crew.captures().unwrap().remove(0);
    assert_eq!(crew.claim(capture.capture).unwrap().title, "Invented Child");
}

#[test]
fn a_keystore_that_breaks_its_word_is_an_error_and_not_a_crash() {
    struct Broken;
    impl DeviceKeystore for Broken {
        fn seal(&self, _: String, _: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
            Ok(Vec::new())
        }
        fn open(&self, _: String, _: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
            Err(KeystoreFault::Unavailable)
        }
        fn device_public_key(&self) -> Result<Vec<u8>, KeystoreFault> {
            Ok(vec![4; 12])
        }
        fn device_sign(&self, _: Vec<u8>) -> Result<Vec<u8>, KeystoreFault> {
            Ok(vec![0; 70])
        }
        fn has_hardware(&self) -> bool {
            true
        }
        fn destroy(&self) -> Result<(), KeystoreFault> {
            Ok(())
        }
    }
    let town = Town::new();
    let dir = town.dir.path().join("phone").to_str().unwrap().to_owned();
    let authority = town.authority.certificate().bytes.clone();
    let made = Himaya::create_with_keystore(dir, Arc::new(Broken), authority, town.address());
    let failed = made.and_then(|device| device.newcomer("Invented Worker".into(), "271946".into(), None));
    assert!(matches!(failed, Err(HimayaError::Broken { .. })), "{failed:?}");
}

fn spotting() -> NewSpotting {
    NewSpotting {
        sex: Sex::Boy,
        age: None,
        name: Some("Invented Child".into()),
        nickname: None,
        description: None,
        concerns: vec!["street_situation".parse().unwrap()],
        place: Place::default(),
        note: None,
        danger: false,
        risk: None,
    }
}

#[test]
fn a_device_made_by_the_core_is_opened_by_the_facade_and_a_missing_one_is_said_to_be_missing() {
    let town = Town::new();
    let dir = town.dir.path().join("a-device");
    let new = NewDevice { authority: town.authority.certificate().bytes.clone(), hub: town.address() };
    let made = Device::create(&dir, himaya_tests::keystore(&dir), town.clock.clone(), &new, &options()).unwrap();
    let secret = UnlockSecret::Passphrase(himaya_core::vault::Passphrase::generate().unwrap());
    made.newcomer("Invented Worker", &secret, None).unwrap();
    let id = made.id();
    drop(made);
    let opened = Himaya::open(dir.to_str().unwrap().into()).unwrap();
    assert_eq!(opened.id(), id);
    assert!(!opened.workers().unwrap()[0].admitted);
    let missing = town.dir.path().join("nothing");
    assert!(matches!(Himaya::open(missing.to_str().unwrap().into()), Err(HimayaError::NotFound { .. })));
    assert!(!missing.exists());
}
