//! The vault as a whole: workers, wrong tries, damage, wipes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use himaya_wire::{MemberId, Sign};
use proptest::prelude::*;
use tempfile::TempDir;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::slot::Slot;
use super::{
    FileKeystore, Keystore, KeystoreError, MOST_TRIES, NewMember, Passphrase, UnlockSecret, Unlocked, Vault,
    VaultError, VaultOptions, VaultPolicy, WipePlan, WipeReason,
};

pub const PIN: &str = "480917";
pub const OTHER_PIN: &str = "730284";
pub const WRONG: &str = "999000";
pub const NOW: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600_000;

/// A keystore that says it is hardware, and may be not ready.
pub struct Phone {
    files: FileKeystore,
    pub ready: AtomicBool,
}

impl Phone {
    pub fn open(dir: &Path) -> Arc<Self> {
        Arc::new(Self { files: FileKeystore::open(dir).unwrap(), ready: AtomicBool::new(true) })
    }

    fn check(&self) -> Result<(), KeystoreError> {
        if self.ready.load(Ordering::SeqCst) { Ok(()) } else { Err(KeystoreError::Unavailable) }
    }
}

impl Keystore for Phone {
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        self.check()?;
        self.files.seal(label, secret)
    }
    fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.check()?;
        self.files.open(label, sealed)
    }
    fn device_key(&self) -> Result<Box<dyn Sign + Send + Sync>, KeystoreError> {
        self.files.device_key()
    }
    fn has_hardware(&self) -> bool {
        true
    }
    fn destroy(&self) -> Result<(), KeystoreError> {
        self.check()?;
        self.files.destroy()
    }
}

/// A device's folder: vault, keystore, a readable database, a folder of attachments and the sealed outbox.
pub struct Device {
    pub root: PathBuf,
    pub phone: Arc<Phone>,
    _temp: Option<TempDir>,
}

impl Device {
    pub fn make() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().to_path_buf();
        for (file, content) in [
            ("records.db", "readable"),
            ("records.db-wal", "readable"),
            ("data/attachment", "readable"),
            ("data/outbox.db", "sealed"),
            ("data/outbox.db-wal", "sealed"),
        ] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), content).unwrap();
        }
        Self { phone: Phone::open(&root.join("keystore")), root, _temp: Some(temp) }
    }

    #[cfg(feature = "testing")]
    pub fn at(root: &Path) -> Self {
        Self { phone: Phone::open(&root.join("keystore")), root: root.to_path_buf(), _temp: None }
    }

    pub fn vault_dir(&self) -> PathBuf {
        self.root.join("vault")
    }

    pub fn options(&self) -> VaultOptions {
        let wipe = WipePlan {
            destroy: vec![self.root.join("records.db"), self.root.join("data")],
            keep: vec![self.root.join("data/outbox.db")],
        };
        VaultOptions { policy: VaultPolicy::dangerous_cheap(), wipe }
    }

    pub fn create(&self) -> Vault {
        Vault::create(&self.vault_dir(), self.phone.clone(), self.options()).unwrap()
    }

    pub fn open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.vault_dir(), self.phone.clone(), self.options())
    }

    pub fn slot(&self, member: MemberId, kind: &str) -> PathBuf {
        self.vault_dir().join("slots").join(format!("{member}.{kind}"))
    }

    pub fn assert_wiped(&self) {
        assert!(!self.root.join("keystore/sealing.key").exists());
        assert!(!self.vault_dir().join("slots").exists());
        for gone in ["records.db", "records.db-wal", "data/attachment"] {
            assert!(!self.root.join(gone).exists(), "{gone} is still there");
        }
        self.assert_outbox_delivers();
    }

    pub fn assert_outbox_delivers(&self) {
        assert_eq!(fs::read_to_string(self.root.join("data/outbox.db")).unwrap(), "sealed");
        assert_eq!(fs::read_to_string(self.root.join("data/outbox.db-wal")).unwrap(), "sealed");
        assert!(Vault::load_device(&self.vault_dir()).unwrap().is_some());
    }
}

pub fn pin(text: &str) -> UnlockSecret {
    UnlockSecret::parse(text).unwrap()
}

/// A device with one worker, or two.
pub fn crew(workers: usize) -> (Device, Vault, Vec<MemberId>) {
    let device = Device::make();
    let vault = device.create();
    let first = NewMember::make().unwrap();
    vault.add_worker(&first, Some("Bahija"), &pin(PIN), None, NOW).unwrap();
    let mut members = vec![first.member()];
    if workers == 2 {
        let colleague = vault.unlock(first.member(), PIN, NOW).unwrap();
        let second = NewMember::make().unwrap();
        vault.add_worker(&second, Some("Mourad"), &pin(OTHER_PIN), Some(&colleague), NOW).unwrap();
        members.push(second.member());
    }
    (device, vault, members)
}

/// Tries wrong PINs, waiting as asked, until so many were counted.
pub fn try_wrong(vault: &Vault, member: MemberId, times: u8, now: &mut i64) {
    for _ in 0..times {
        loop {
            match vault.unlock(member, WRONG, *now) {
                Err(VaultError::Wait { until_millis }) => *now = until_millis,
                Err(VaultError::WrongPin { .. }) => break,
                other => panic!("{other:?}"),
            }
        }
    }
}

fn clear<T>(result: Result<T, VaultError>) -> VaultError {
    result.err().expect("an error")
}

#[test]
fn a_worker_unlocks_with_the_pin_and_gets_the_same_keys_each_time() {
    let (device, vault, members) = crew(1);
    let first = vault.unlock(members[0], PIN, NOW).unwrap();
    drop(vault);
    let again = device.open().unwrap().unlock(members[0], "٤٨٠٩١٧", NOW).unwrap();
    assert_eq!(first.database_key().expose(), again.database_key().expose());
    assert_eq!(first.verify_key(), again.verify_key());
    assert_eq!(first.seal_to().unwrap(), again.seal_to().unwrap());
    let signature = again.sign(b"word").unwrap();
    first.verify_key().verify(b"word", &signature, "word").unwrap();
}

#[test]
fn two_workers_share_the_database_key_and_nothing_else() {
    let (_device, vault, members) = crew(2);
    let first = vault.unlock(members[0], PIN, NOW).unwrap();
    let second = vault.unlock(members[1], OTHER_PIN, NOW).unwrap();
    assert_eq!(first.database_key().expose(), second.database_key().expose());
    assert_ne!(first.verify_key(), second.verify_key());
    assert_eq!(clear(vault.unlock(members[0], OTHER_PIN, NOW)), VaultError::WrongPin { tries_left: 9 });
}

#[test]
fn a_second_worker_needs_a_colleague_who_is_unlocked() {
    let (_device, vault, _) = crew(1);
    let second = NewMember::make().unwrap();
    assert_eq!(clear(vault.add_worker(&second, None, &pin(OTHER_PIN), None, NOW)), VaultError::Locked);
    assert_eq!(vault.workers().unwrap().len(), 1);
}

#[test]
fn a_worker_is_not_added_over_a_slot_that_is_there() {
    let (_device, vault, members) = crew(1);
    let open = vault.unlock(members[0], PIN, NOW).unwrap();
    let second = NewMember::make().unwrap();
    vault.add_worker(&second, None, &pin(OTHER_PIN), Some(&open), NOW).unwrap();
    assert_eq!(clear(vault.add_worker(&second, None, &pin(PIN), Some(&open), NOW)), VaultError::Worker);
    vault.unlock(second.member(), OTHER_PIN, NOW).unwrap();
}

#[test]
fn without_hardware_a_pin_is_refused_and_five_words_are_taken() {
    let temp = tempfile::tempdir().unwrap();
    let keystore = Arc::new(FileKeystore::open(&temp.path().join("keystore")).unwrap());
    let options = VaultOptions { policy: VaultPolicy::dangerous_cheap(), wipe: WipePlan::default() };
    let vault = Vault::create(&temp.path().join("vault"), keystore, options).unwrap();
    let worker = NewMember::make().unwrap();
    assert!(!vault.takes_pin());
    assert_eq!(clear(vault.add_worker(&worker, None, &pin(PIN), None, NOW)), VaultError::NeedsPassphrase);
    let words = Passphrase::generate().unwrap();
    let typed = words.reveal().to_uppercase().replace(' ', "  ");
    vault.add_worker(&worker, None, &UnlockSecret::Passphrase(words), None, NOW).unwrap();
    vault.unlock(worker.member(), &typed, NOW).unwrap();
}

#[test]
fn the_lock_screen_shows_crew_names_that_a_copied_disk_does_not() {
    let (device, vault, members) = crew(2);
    let mut labels: Vec<_> = vault.workers().unwrap().into_iter().map(|worker| worker.label.unwrap()).collect();
    labels.sort();
    assert_eq!(labels, ["Bahija", "Mourad"]);
    for member in members {
        let bytes = fs::read(device.slot(member, "slot")).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"Bahija" || part == b"Mourad"));
    }
}

#[test]
fn wrong_pins_cost_growing_waits_and_then_the_slot_but_not_the_colleagues() {
    let (device, vault, members) = crew(2);
    let mut now = NOW;
    for left in [9, 8, 7] {
        assert_eq!(clear(vault.unlock(members[0], WRONG, now)), VaultError::WrongPin { tries_left: left });
    }
    let until_millis = now + 30_000;
    assert_eq!(clear(vault.unlock(members[0], PIN, now)), VaultError::Wait { until_millis });
    assert_eq!(vault.waits_until(members[0], now).unwrap(), Some(until_millis));
    try_wrong(&vault, members[0], MOST_TRIES - 4, &mut now);
    let until = vault.waits_until(members[0], now).unwrap().unwrap();
    assert!(until > NOW + 12 * HOUR);
    assert_eq!(clear(vault.unlock(members[0], WRONG, until)), VaultError::SlotWiped);
    assert_eq!(clear(vault.unlock(members[0], PIN, until)), VaultError::Worker);
    assert!(!device.slot(members[0], "slot").exists());
    vault.unlock(members[1], OTHER_PIN, until).unwrap();
    assert!(device.root.join("records.db").exists());
}

#[test]
fn the_last_slots_end_wipes_the_vault_and_spares_the_outbox() {
    let (device, vault, members) = crew(1);
    let key = device.phone.device_key().unwrap().verify_key();
    let mut now = NOW;
    try_wrong(&vault, members[0], MOST_TRIES - 1, &mut now);
    let until = vault.waits_until(members[0], now).unwrap().unwrap();
    assert_eq!(clear(vault.unlock(members[0], WRONG, until)), VaultError::Wiped);
    device.assert_wiped();
    assert_eq!(device.phone.device_key().unwrap().verify_key(), key);
    assert_eq!(clear(device.open()), VaultError::Wiped);
    assert_eq!(clear(vault.unlock(members[0], PIN, until)), VaultError::Wiped);
}

#[test]
fn a_right_pin_forgives_the_wrong_ones() {
    let (_device, vault, members) = crew(1);
    let mut now = NOW;
    try_wrong(&vault, members[0], 5, &mut now);
    vault.unlock(members[0], PIN, now + HOUR).unwrap();
    assert_eq!(clear(vault.unlock(members[0], WRONG, now + HOUR)), VaultError::WrongPin { tries_left: 9 });
}

#[test]
fn a_clock_set_back_starts_the_wait_anew() {
    let (_device, vault, members) = crew(1);
    let mut now = NOW;
    try_wrong(&vault, members[0], 5, &mut now);
    let wait = vault.waits_until(members[0], now).unwrap().unwrap() - now;
    let back = now - 48 * HOUR;
    assert_eq!(clear(vault.unlock(members[0], PIN, back)), VaultError::Wait { until_millis: back + wait });
    vault.unlock(members[0], PIN, back + wait).unwrap();
}

#[test]
fn deleting_or_damaging_the_count_of_tries_leaves_one_try_after_the_longest_wait() {
    let (device, vault, members) = crew(2);
    for damage in [true, false] {
        let path = device.slot(members[0], "tries");
        if damage {
            fs::write(&path, b"nonsense").unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let until_millis = NOW + 8 * HOUR;
        assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::Wait { until_millis });
        vault.unlock(members[0], PIN, until_millis).unwrap();
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_slot_is_damage_that_costs_no_try_and_destroys_nothing() {
    let (device, vault, members) = crew(1);
    let path = device.slot(members[0], "slot");
    let right = fs::read(&path).unwrap();
    let tries = fs::read(device.slot(members[0], "tries")).unwrap();
    for place in 0..right.len() * 8 {
        let mut wrong = right.clone();
        wrong[place / 8] ^= 1 << (place % 8);
        fs::write(&path, &wrong).unwrap();
        assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::Corrupt("slot"), "bit {place}");
        assert_eq!(fs::read(&path).unwrap(), wrong);
    }
    for length in 0..right.len() {
        fs::write(&path, &right[..length]).unwrap();
        assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::Corrupt("slot"));
    }
    fs::write(&path, vec![0; 1 << 20]).unwrap();
    assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::Corrupt("slot"));
    assert!(vault.workers().unwrap()[0].damaged);
    assert_eq!(fs::read(device.slot(members[0], "tries")).unwrap(), tries);
    fs::write(&path, &right).unwrap();
    vault.unlock(members[0], PIN, NOW).unwrap();
}

#[test]
fn a_keystore_that_is_not_ready_is_no_reason_to_conclude_anything() {
    let (device, vault, members) = crew(1);
    device.phone.ready.store(false, Ordering::SeqCst);
    let unavailable = VaultError::Keystore(KeystoreError::Unavailable);
    assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), unavailable);
    assert_eq!(clear(vault.workers()), unavailable);
    assert!(unavailable.can_retry());
    device.phone.ready.store(true, Ordering::SeqCst);
    assert_eq!(clear(vault.unlock(members[0], WRONG, NOW)), VaultError::WrongPin { tries_left: 9 });
}

#[test]
fn a_slot_carried_to_another_device_does_not_open() {
    let (device, _vault, members) = crew(1);
    let (other, thief, _) = crew(1);
    fs::copy(device.slot(members[0], "slot"), other.slot(members[0], "slot")).unwrap();
    assert_eq!(clear(thief.unlock(members[0], PIN, NOW)), VaultError::Corrupt("slot"));
}

#[test]
fn a_slot_put_under_a_colleagues_name_does_not_open() {
    let (device, vault, members) = crew(2);
    fs::copy(device.slot(members[0], "slot"), device.slot(members[1], "slot")).unwrap();
    assert_eq!(clear(vault.unlock(members[1], PIN, NOW)), VaultError::Corrupt("slot"));
}

#[test]
fn a_removed_worker_has_no_slot_and_the_last_removed_wipes() {
    let (device, vault, members) = crew(2);
    vault.remove_worker(members[0]).unwrap();
    assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::Worker);
    vault.unlock(members[1], OTHER_PIN, NOW).unwrap();
    assert_eq!(clear(vault.remove_worker(members[1])), VaultError::Wiped);
    device.assert_wiped();
}

#[test]
fn a_changed_pin_opens_the_same_keys_and_the_old_one_nothing() {
    let (_device, vault, members) = crew(1);
    let before = vault.unlock(members[0], PIN, NOW).unwrap();
    assert_eq!(
        clear(vault.change_secret(members[0], WRONG, &pin(OTHER_PIN), NOW)),
        VaultError::WrongPin { tries_left: 9 }
    );
    vault.change_secret(members[0], PIN, &pin(OTHER_PIN), NOW).unwrap();
    assert_eq!(clear(vault.unlock(members[0], PIN, NOW)), VaultError::WrongPin { tries_left: 9 });
    let after = vault.unlock(members[0], OTHER_PIN, NOW).unwrap();
    assert_eq!(before.verify_key(), after.verify_key());
    assert_eq!(vault.workers().unwrap()[0].label.as_deref(), Some("Bahija"));
}

#[test]
fn a_wiped_device_keeps_its_id_and_starts_anew_empty() {
    let (device, vault, members) = crew(1);
    let id = vault.device();
    vault.wipe(WipeReason::Forget).unwrap();
    device.assert_wiped();
    let again = device.create();
    assert_eq!(again.device(), id);
    assert!(again.workers().unwrap().is_empty());
    assert_eq!(clear(again.unlock(members[0], PIN, NOW)), VaultError::Worker);
    let worker = NewMember::make().unwrap();
    again.add_worker(&worker, None, &pin(PIN), None, NOW).unwrap();
    device.open().unwrap().unlock(worker.member(), PIN, NOW).unwrap();
}

#[test]
fn a_vault_is_not_made_over_another_nor_opened_where_there_is_none() {
    let (device, _vault, members) = crew(1);
    let error = clear(Vault::create(&device.vault_dir(), device.phone.clone(), device.options()));
    assert_eq!(error, VaultError::NoVault);
    device.open().unwrap().unlock(members[0], PIN, NOW).unwrap();
    let empty = Device::make();
    assert_eq!(clear(empty.open()), VaultError::NoVault);
}

#[test]
fn a_wipe_that_the_keystore_delays_is_completed_at_the_next_start() {
    let (device, vault, _) = crew(1);
    device.phone.ready.store(false, Ordering::SeqCst);
    assert_eq!(clear(vault.wipe(WipeReason::Removed)), VaultError::Keystore(KeystoreError::Unavailable));
    assert!(!device.root.join("records.db").exists(), "what can be destroyed is, at once");
    assert_eq!(clear(device.open()), VaultError::Keystore(KeystoreError::Unavailable));
    device.phone.ready.store(true, Ordering::SeqCst);
    assert_eq!(clear(device.open()), VaultError::Wiped);
    device.assert_wiped();
}

#[test]
fn a_damaged_wipe_marker_is_a_wipe_all_the_same() {
    let (device, vault, _) = crew(1);
    drop(vault);
    fs::write(device.vault_dir().join("wipe.cbor"), b"\xff").unwrap();
    assert_eq!(clear(device.open()), VaultError::Wiped);
    device.assert_wiped();
}

#[cfg(unix)]
#[test]
fn a_wipe_removes_a_link_and_not_what_it_points_to() {
    let (device, vault, _) = crew(1);
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("other"), "not ours").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), device.root.join("data/link")).unwrap();
    vault.wipe(WipeReason::Forget).unwrap();
    device.assert_wiped();
    assert!(elsewhere.path().join("other").exists());
}

#[cfg(unix)]
#[test]
fn only_their_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (device, _vault, members) = crew(1);
    device.phone.device_key().unwrap();
    let keystore = device.root.join("keystore");
    for path in [
        keystore.join("sealing.key"),
        keystore.join("device.p8"),
        device.slot(members[0], "slot"),
        device.slot(members[0], "tries"),
    ] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(keystore).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_is_unlocked_is_zeroed_on_drop_and_hidden_in_debug() {
    fn zeroed<T: ZeroizeOnDrop>() {}
    zeroed::<Unlocked>();
    zeroed::<himaya_wire::Secret>();
    let (_device, vault, members) = crew(1);
    let unlocked = vault.unlock(members[0], PIN, NOW).unwrap();
    assert_eq!(format!("{unlocked:?}"), "Unlocked(…)");
    unlocked.lock();
}

#[test]
fn the_device_key_is_made_once_and_outlives_the_sealing_key() {
    let temp = tempfile::tempdir().unwrap();
    let keystore = FileKeystore::open(temp.path()).unwrap();
    let key = keystore.device_key().unwrap().verify_key();
    let sealed = keystore.seal("a", b"secret").unwrap();
    assert_eq!(keystore.open("a", &sealed).unwrap().as_slice(), b"secret");
    assert_eq!(keystore.open("b", &sealed).unwrap_err(), KeystoreError::DoesNotOpen);
    keystore.destroy().unwrap();
    assert_eq!(keystore.open("a", &sealed).unwrap_err(), KeystoreError::DoesNotOpen);
    assert_eq!(FileKeystore::open(temp.path()).unwrap().device_key().unwrap().verify_key(), key);
}

#[test]
fn every_failure_names_its_message() {
    for error in [VaultError::Wiped, VaultError::Locked, VaultError::Io(std::io::ErrorKind::StorageFull)] {
        assert!(error.key().starts_with("vault-"));
    }
    assert_eq!(VaultError::Io(std::io::ErrorKind::StorageFull).key(), "vault-no-space");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_are_never_a_slot(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let temp = tempfile::tempdir().unwrap();
        let keystore = FileKeystore::open(temp.path()).unwrap();
        let opened = Slot::open(MemberId::from_bytes([1; 16]), &bytes, &keystore);
        prop_assert_eq!(opened.err(), Some(VaultError::Corrupt("slot")));
    }

    #[test]
    fn random_bytes_that_the_keystore_sealed_are_never_a_slot(record in prop::collection::vec(any::<u8>(), 0..300)) {
        #[derive(minicbor::Encode)]
        #[cbor(map)]
        struct File<'a> {
            #[n(0)] version: u64,
            #[n(1)] member: MemberId,
            #[cbor(n(2), with = "minicbor::bytes")] sealed: &'a [u8],
        }
        let temp = tempfile::tempdir().unwrap();
        let keystore = FileKeystore::open(temp.path()).unwrap();
        let member = MemberId::from_bytes([1; 16]);
        let sealed = keystore.seal(&format!("himaya/1 slot {member}"), &record).unwrap();
        let bytes = himaya_wire::encode(&File { version: 1, member, sealed: &sealed }, "slot").unwrap();
        prop_assert_eq!(Slot::open(member, &bytes, &keystore).err(), Some(VaultError::Corrupt("slot")));
    }
}
