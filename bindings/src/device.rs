//! A device, locked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use himaya_core::app::{
    Device, DeviceOptions, LockedStatus, NewDevice, NewSpotting, SyncOptions, SyncReport, SystemClock, WorkerView,
};
use himaya_core::sync::HubAddress;
use himaya_core::vault::{FileKeystore, Keystore, Passphrase, UnlockSecret, VaultError};
use himaya_wire::{DeviceId, EventId, MemberId, UnitId};

use crate::keystore::Foreign;
use crate::{Crew, DeviceKeystore, HimayaError};

/// One enrolled phone or computer. What works while it is locked is here; `unlock` gives the rest.
#[derive(uniffi::Object)]
pub struct Himaya(Device);

fn file_keystore(dir: &Path) -> Result<Arc<dyn Keystore>, HimayaError> {
    Ok(Arc::new(FileKeystore::open(&dir.join("keystore")).map_err(VaultError::from)?))
}

fn create(
    dir: &Path,
    keystore: Arc<dyn Keystore>,
    authority: Vec<u8>,
    hub: HubAddress,
) -> Result<Arc<Himaya>, HimayaError> {
    let new = NewDevice { authority, hub };
    let device = Device::create(dir, keystore, Arc::new(SystemClock), &new, &DeviceOptions::default())?;
    Ok(Arc::new(Himaya(device)))
}

fn open(dir: &Path, keystore: Arc<dyn Keystore>) -> Result<Arc<Himaya>, HimayaError> {
    Ok(Arc::new(Himaya(Device::open(dir, keystore, Arc::new(SystemClock), &DeviceOptions::default())?)))
}

/// Five random words, to show once to the worker who will remember them.
#[uniffi::export]
pub fn make_passphrase() -> Result<String, HimayaError> {
    Ok(Passphrase::generate()?.reveal().to_owned())
}

#[uniffi::export]
impl Himaya {
    /// Sets up a device in an empty folder, with the keys in files: where there is no hardware keystore.
    #[uniffi::constructor]
    pub fn create(dir: String, authority: Vec<u8>, hub: HubAddress) -> Result<Arc<Self>, HimayaError> {
        let dir = PathBuf::from(dir);
        create(&dir, file_keystore(&dir)?, authority, hub)
    }

    /// Opens a device whose keys are in files, locked.
    #[uniffi::constructor]
    pub fn open(dir: String) -> Result<Arc<Self>, HimayaError> {
        let dir = PathBuf::from(dir);
        // A keystore is a folder: one must not appear where there is no device.
        if !dir.is_dir() {
            return Err(HimayaError::NotFound { what: "device".into() });
        }
        open(&dir, file_keystore(&dir)?)
    }

    /// Sets up a device in an empty folder, with the keys in the phone's keystore.
    #[uniffi::constructor]
    pub fn create_with_keystore(
        dir: String,
        keystore: Arc<dyn DeviceKeystore>,
        authority: Vec<u8>,
        hub: HubAddress,
    ) -> Result<Arc<Self>, HimayaError> {
        create(Path::new(&dir), Arc::new(Foreign(keystore)), authority, hub)
    }

    /// Opens a device whose keys are in the phone's keystore, locked.
    #[uniffi::constructor]
    pub fn open_with_keystore(dir: String, keystore: Arc<dyn DeviceKeystore>) -> Result<Arc<Self>, HimayaError> {
        open(Path::new(&dir), Arc::new(Foreign(keystore)))
    }

    /// The device's id.
    pub fn id(&self) -> DeviceId {
        self.0.id()
    }

    /// The unit that the device belongs to, once its registry has arrived.
    pub fn unit(&self) -> Option<UnitId> {
        self.0.unit()
    }

    /// The workers of this device.
    pub fn workers(&self) -> Result<Vec<WorkerView>, HimayaError> {
        Ok(self.0.workers()?)
    }

    /// Makes a worker's keys and gives the code to show to the head, as text. Where colleagues are here already, one of
    /// them must be unlocked.
    pub fn newcomer(&self, label: String, secret: String, colleague: Option<Arc<Crew>>) -> Result<String, HimayaError> {
        let secret = UnlockSecret::parse(&secret)?;
        let colleague = colleague.map(|crew| crew.session()).transpose()?;
        Ok(self.0.newcomer(&label, &secret, colleague.as_deref())?.to_text())
    }

    /// Unlocks a worker.
    pub fn unlock(&self, member: MemberId, typed: String) -> Result<Arc<Crew>, HimayaError> {
        Ok(Crew::new(self.0.unlock(member, &typed)?))
    }

    /// Changes a worker's PIN or passphrase.
    pub fn change_secret(&self, member: MemberId, typed: String, new: String) -> Result<(), HimayaError> {
        Ok(self.0.change_secret(member, &typed, &UnlockSecret::parse(&new)?)?)
    }

    /// Records a spotting without unlocking, in an open round.
    pub fn capture(&self, new: NewSpotting) -> Result<EventId, HimayaError> {
        Ok(self.0.capture(&new)?)
    }

    /// What a locked device can say of itself.
    pub fn status(&self) -> Result<LockedStatus, HimayaError> {
        Ok(self.0.status_locked()?)
    }

    /// Writes what this device has not sent into a file, to be carried by hand. Gives how many envelopes.
    pub fn export_bundle(&self, path: String) -> Result<u64, HimayaError> {
        Ok(self.0.export_bundle(Path::new(&path))? as u64)
    }

    /// Takes such a file in. Gives how many envelopes were new here.
    pub fn import_bundle(&self, path: String) -> Result<u64, HimayaError> {
        Ok(self.0.import_bundle(Path::new(&path))? as u64)
    }

    /// Points the device to another address of its hub.
    pub fn set_hub(&self, hub: HubAddress) -> Result<(), HimayaError> {
        Ok(self.0.set_hub(hub)?)
    }

    /// Destroys all that can be read here. What is sealed and unsent is kept, and still sent. Lock every crew first.
    pub fn wipe(&self) -> Result<(), HimayaError> {
        Ok(self.0.wipe()?)
    }

    /// Pushes and pulls, sealed, with the device locked. Waits up to `wait_s` seconds for news. Blocks.
    pub fn sync_blocking(&self, wait_s: u32) -> Result<SyncReport, HimayaError> {
        Ok(self.0.sync(SyncOptions { wait_s })?)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Himaya {
    /// Pushes and pulls, sealed, with the device locked. A caller that stops waiting does not stop it.
    pub async fn sync(&self, wait_s: u32) -> Result<SyncReport, HimayaError> {
        let device = self.0.clone();
        let done = tokio::task::spawn_blocking(move || device.sync(SyncOptions { wait_s })).await;
        Ok(done.map_err(|_| HimayaError::broken("sync-task"))??)
    }
}
