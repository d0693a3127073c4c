//! The vault of a device, locked: its workers' slots, unlocking one, and what too many wrong tries do.
//!
//! On the disk, in one folder:
//!
//! | file | holds | in the clear |
//! | --- | --- | --- |
//! | `vault.cbor` | the device's id | the id, random |
//! | `slots/<member>.slot` | a worker's keys and crew name | the member's id, random |
//! | `slots/<member>.tries` | wrong tries and waits | nothing |
//! | `wipe.cbor` | that a wipe was begun, or is done | why, and paths until it is done |
//!
//! What this cannot do: whoever can write the app's files may put back an older `tries` file, or a slot destroyed
//! earlier, as long as the keystore's key lives. Guessing then costs one Argon2id each, on that device only. A kill
//! between the tenth try's record and its judgement destroys the slot even where the try was right.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use himaya_wire::{DeviceId, MemberId, Secret, decode, encode};
use minicbor::{Decode, Encode};

use super::disk;
use super::enrol::NewMember;
use super::error::VaultError;
use super::keystore::Keystore;
use super::slot::{Slot, SlotKeys};
use super::tries::Tries;
use super::unlock_secret::{UnlockSecret, VaultPolicy, normalise};
use super::unlocked::Unlocked;
use super::wipe::{self, SLOTS, WipePlan, WipeReason};

const VAULT_FILE: &str = "vault.cbor";
const LOCK_FILE: &str = "lock";
const VERSION: u64 = 1;
const LABEL_BYTES: usize = 128;

#[derive(Encode, Decode)]
#[cbor(map)]
struct VaultFile {
    #[n(0)]
    version: u64,
    #[n(1)]
    device: DeviceId,
}

/// How a vault is opened.
#[derive(Clone, Debug, Default)]
pub struct VaultOptions {
    /// What it accepts from workers.
    pub policy: VaultPolicy,
    /// What a wipe destroys and spares beside the vault's own files.
    pub wipe: WipePlan,
}

/// A worker as the lock screen shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The worker's id.
    pub member: MemberId,
    /// The crew name, sealed by the keystore: readable while locked on this device, not from a copied disk.
    pub label: Option<String>,
    /// Whether the slot's file is damaged. It is kept; a head can admit the worker anew.
    pub damaged: bool,
}

/// A device's vault. It holds no keys: those are in [`Unlocked`].
pub struct Vault {
    dir: PathBuf,
    keystore: Arc<dyn Keystore>,
    options: VaultOptions,
    device: DeviceId,
}

impl Vault {
    /// Makes an empty vault. A device that was wiped keeps its id, under which its outbox is still delivered.
    pub fn create(dir: &Path, keystore: Arc<dyn Keystore>, options: VaultOptions) -> Result<Self, VaultError> {
        disk::make_dir(dir)?;
        let wiped = wipe::resume(dir, keystore.as_ref(), &options.wipe)?.is_some();
        let known = Self::load_device(dir)?;
        if known.is_some() && !wiped {
            return Err(VaultError::NoVault);
        }
        disk::make_dir(&dir.join(SLOTS))?;
        let device = known.unwrap_or_else(DeviceId::make_random);
        if known.is_none() {
            save_device(dir, device)?;
        }
        wipe::forget(dir)?;
        Ok(Self { dir: dir.to_path_buf(), keystore, options, device })
    }

    /// Opens a vault, locked. A wipe that was begun is completed first; a wiped vault is `Wiped`.
    pub fn open(dir: &Path, keystore: Arc<dyn Keystore>, options: VaultOptions) -> Result<Self, VaultError> {
        if wipe::resume(dir, keystore.as_ref(), &options.wipe)?.is_some() {
            return Err(VaultError::Wiped);
        }
        let device = Self::load_device(dir)?.ok_or(VaultError::NoVault)?;
        Ok(Self { dir: dir.to_path_buf(), keystore, options, device })
    }

    /// The device's id, also of a wiped vault: the outbox is sent under it. `None` where no vault was made.
    pub fn load_device(dir: &Path) -> Result<Option<DeviceId>, VaultError> {
        const DAMAGED: VaultError = VaultError::Corrupt("vault file");
        let Some(bytes) = disk::read(&dir.join(VAULT_FILE))? else { return Ok(None) };
        let file: VaultFile = decode(&bytes, "vault file").map_err(|_| DAMAGED)?;
        if file.version == VERSION { Ok(Some(file.device)) } else { Err(DAMAGED) }
    }

    /// The device's id.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Takes a new id, for a device that was removed from its registry and comes back. Empty the outbox first.
    pub fn renew_device(&mut self) -> Result<DeviceId, VaultError> {
        let device = DeviceId::make_random();
        save_device(&self.dir, device)?;
        self.device = device;
        Ok(device)
    }

    /// The keystore.
    pub fn keystore(&self) -> &dyn Keystore {
        self.keystore.as_ref()
    }

    /// Whether a worker here may choose a PIN.
    pub fn takes_pin(&self) -> bool {
        self.options.policy.pin && self.keystore.has_hardware()
    }

    /// The workers of this device, damaged slots too.
    pub fn workers(&self) -> Result<Vec<Worker>, VaultError> {
        let members = self.members()?;
        let worker = |member| match self.slot(member) {
            Ok(slot) => Ok(Worker { member, label: slot.label, damaged: false }),
            Err(VaultError::Corrupt(_)) => Ok(Worker { member, label: None, damaged: true }),
            Err(error) => Err(error),
        };
        members.into_iter().map(worker).collect()
    }

    /// Gives a worker a slot. The first makes the database key; for each other, a colleague who is unlocked shares it.
    pub fn add_worker(
        &self,
        worker: &NewMember,
        label: Option<&str>,
        secret: &UnlockSecret,
        colleague: Option<&Unlocked>,
        now_millis: i64,
    ) -> Result<(), VaultError> {
        self.check_secret(secret)?;
        if label.is_some_and(|label| label.len() > LABEL_BYTES) {
            return Err(VaultError::Wire(himaya_wire::WireError::TooLarge("crew name")));
        }
        let _guard = self.guard()?;
        let member = worker.member();
        if self.path(member, "slot").exists() {
            return Err(VaultError::Worker);
        }
        let database = match colleague {
            Some(colleague) => colleague.database_key().clone(),
            None if self.members()?.is_empty() => Secret::make_random()?,
            None => return Err(VaultError::Locked),
        };
        let keys = worker.to_slot_keys(database);
        self.write_slot(member, label, &keys, secret, now_millis)
    }

    /// Unlocks one worker. The try is counted on the disk before it is judged; ten wrong ones destroy the slot, and
    /// the last slot's end is the vault's.
    pub fn unlock(&self, member: MemberId, typed: &str, now_millis: i64) -> Result<Unlocked, VaultError> {
        let _guard = self.guard()?;
        self.unlock_guarded(member, typed, now_millis)
    }

    /// Until when a worker must wait, if at all.
    pub fn waits_until(&self, member: MemberId, now_millis: i64) -> Result<Option<i64>, VaultError> {
        let _guard = self.guard()?;
        if !self.path(member, "slot").exists() {
            return Err(VaultError::Worker);
        }
        let mut tries = self.tries(member, now_millis)?;
        let before = tries;
        let until = tries.wait(now_millis);
        if tries != before {
            self.save_tries(member, &tries)?;
        }
        Ok(until)
    }

    /// Changes a worker's PIN or passphrase. The present one counts as a try.
    pub fn change_secret(
        &self,
        member: MemberId,
        typed: &str,
        new: &UnlockSecret,
        now_millis: i64,
    ) -> Result<(), VaultError> {
        self.check_secret(new)?;
        let _guard = self.guard()?;
        let unlocked = self.unlock_guarded(member, typed, now_millis)?;
        let label = self.slot(member)?.label;
        self.write_slot(member, label.as_deref(), unlocked.keys(), new, now_millis)
    }

    /// Destroys a worker's slot: a removal signed in the registry, or the worker's own wish. Where it was the last,
    /// the vault is wiped and `Wiped` is the answer.
    pub fn remove_worker(&self, member: MemberId) -> Result<(), VaultError> {
        let _guard = self.guard()?;
        if !self.path(member, "slot").exists() {
            return Err(VaultError::Worker);
        }
        self.destroy_slot(member, WipeReason::Removed)
    }

    /// Destroys everything that can be read here. Drop what is unlocked and close the databases first.
    pub fn wipe(&self, reason: WipeReason) -> Result<(), VaultError> {
        let _guard = self.guard()?;
        wipe::wipe(&self.dir, self.keystore(), &self.options.wipe, reason)
    }

    fn unlock_guarded(&self, member: MemberId, typed: &str, now_millis: i64) -> Result<Unlocked, VaultError> {
        // A damaged slot is found before a try is counted.
        let slot = self.slot(member)?;
        let mut tries = self.tries(member, now_millis)?;
        if tries.left() == 0 {
            self.destroy_slot(member, WipeReason::Tries)?;
            return Err(VaultError::SlotWiped);
        }
        let before = tries;
        if let Some(until_millis) = tries.wait(now_millis) {
            if tries != before {
                self.save_tries(member, &tries)?;
            }
            return Err(VaultError::Wait { until_millis });
        }
        tries.begin(now_millis);
        self.save_tries(member, &tries)?;
        fail::fail_point!("vault.unlock.after_count");
        let opened = slot.open_keys(&normalise(typed));
        fail::fail_point!("vault.unlock.after_judged");
        match opened {
            Ok(Some(keys)) => {
                // If this cannot be written (a full disk), one try too many stays counted until the next right one.
                let _ = self.save_tries(member, &Tries::none(member, now_millis));
                Unlocked::new(member, keys)
            }
            Ok(None) if tries.left() == 0 => {
                self.destroy_slot(member, WipeReason::Tries)?;
                Err(VaultError::SlotWiped)
            }
            Ok(None) => Err(VaultError::WrongPin { tries_left: tries.left() }),
            Err(error) => {
                // The keys could not be tried at all (out of memory): the try does not count.
                self.save_tries(member, &before)?;
                Err(error)
            }
        }
    }

    fn check_secret(&self, secret: &UnlockSecret) -> Result<(), VaultError> {
        match secret {
            UnlockSecret::Pin(_) if !self.takes_pin() => Err(VaultError::NeedsPassphrase),
            _ => Ok(()),
        }
    }

    /// Tries first: a slot without them would count as suspect.
    fn write_slot(
        &self,
        member: MemberId,
        label: Option<&str>,
        keys: &SlotKeys,
        secret: &UnlockSecret,
        now_millis: i64,
    ) -> Result<(), VaultError> {
        let slot = Slot::make(member, label, keys, secret.text(), self.options.policy.kdf)?;
        let bytes = slot.seal(self.keystore())?;
        self.save_tries(member, &Tries::none(member, now_millis))?;
        fail::fail_point!("vault.slot.before_write");
        disk::replace(&self.path(member, "slot"), &bytes)?;
        fail::fail_point!("vault.slot.after_write");
        Ok(())
    }

    fn destroy_slot(&self, member: MemberId, reason: WipeReason) -> Result<(), VaultError> {
        let others = self.members()?.into_iter().any(|other| other != member);
        if !others {
            wipe::wipe(&self.dir, self.keystore(), &self.options.wipe, reason)?;
            return Err(VaultError::Wiped);
        }
        fail::fail_point!("vault.slot.before_destroy");
        disk::destroy(&self.path(member, "slot"))?;
        fail::fail_point!("vault.slot.after_destroy");
        Ok(disk::destroy(&self.path(member, "tries"))?)
    }

    fn slot(&self, member: MemberId) -> Result<Slot, VaultError> {
        let bytes = match disk::read(&self.path(member, "slot")) {
            Ok(bytes) => bytes.ok_or(VaultError::Worker)?,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => return Err(VaultError::Corrupt("slot")),
            Err(error) => return Err(error.into()),
        };
        Slot::open(member, &bytes, self.keystore())
    }

    fn tries(&self, member: MemberId, now_millis: i64) -> Result<Tries, VaultError> {
        let known = match disk::read(&self.path(member, "tries")) {
            Ok(Some(bytes)) => Tries::open(member, &bytes, self.keystore())?,
            Ok(None) => None,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(tries) = known {
            return Ok(tries);
        }
        // Written at once, or each look would start the wait anew.
        let suspect = Tries::suspect(member, now_millis);
        self.save_tries(member, &suspect)?;
        Ok(suspect)
    }

    fn save_tries(&self, member: MemberId, tries: &Tries) -> Result<(), VaultError> {
        let bytes = tries.seal(self.keystore())?;
        fail::fail_point!("vault.tries.before_write");
        disk::replace(&self.path(member, "tries"), &bytes)?;
        fail::fail_point!("vault.tries.after_write");
        Ok(())
    }

    /// The members with a slot, by the names of their files.
    fn members(&self) -> Result<Vec<MemberId>, VaultError> {
        let entries = match fs::read_dir(self.dir.join(SLOTS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut members = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let member: Option<MemberId> =
                name.to_str().and_then(|name| name.strip_suffix(".slot")).and_then(|id| id.parse().ok());
            members.extend(member);
        }
        members.sort_unstable();
        Ok(members)
    }

    fn path(&self, member: MemberId, kind: &str) -> PathBuf {
        self.dir.join(SLOTS).join(format!("{member}.{kind}"))
    }

    /// One change at a time, among threads and processes. Also notices a vault that was wiped under us.
    fn guard(&self) -> Result<File, VaultError> {
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(self.dir.join(LOCK_FILE))?;
        file.lock()?;
        if wipe::resume(&self.dir, self.keystore(), &self.options.wipe)?.is_some() {
            return Err(VaultError::Wiped);
        }
        Ok(file)
    }
}

fn save_device(dir: &Path, device: DeviceId) -> Result<(), VaultError> {
    Ok(disk::replace(&dir.join(VAULT_FILE), &encode(&VaultFile { version: VERSION, device }, "vault file")?)?)
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("device", &self.device).finish_non_exhaustive()
    }
}
