//! What the phone's own keystore does for the vault, and the stand-in by files where there is none.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use himaya_wire::{Secret, Sign, SoftwareDeviceKey, aead_open, aead_seal, make_nonce};
use zeroize::Zeroizing;

use super::disk;
use super::error::KeystoreError;

/// The phone's keystore: Android Keystore or `StrongBox`, Apple's Secure Enclave and Keychain.
///
/// It holds two keys that never leave it: one that seals secrets to this device, and the device's transport key.
/// Both are usable while the app is locked, after the first unlock since boot.
pub trait Keystore: Send + Sync {
    /// Seals `secret` so that only this device opens it again. `label` must be bound: what was sealed under one label
    /// does not open under another. It is not a name of a key.
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, KeystoreError>;

    /// The inverse of [`Keystore::seal`]. `DoesNotOpen` only where the bytes or the key are to blame for good;
    /// anything passing is `Unavailable`.
    fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError>;

    /// The device's transport key (P-256), made at the first call. Signs requests, captures and receipts; reads nothing.
    fn device_key(&self) -> Result<Box<dyn Sign + Send + Sync>, KeystoreError>;

    /// Whether the keys live in hardware that also slows guessing. Without it a PIN is refused.
    fn has_hardware(&self) -> bool;

    /// Destroys the sealing key, so that everything sealed is lost; a later `seal` makes a new one. **Never** destroys
    /// the device key: sealed records are still delivered after a wipe.
    fn destroy(&self) -> Result<(), KeystoreError>;
}

const SEALING_FILE: &str = "sealing.key";
const DEVICE_FILE: &str = "device.p8";
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// The stand-in where no hardware keystore exists: computers, tests, the demo.
///
/// Two files that only their owner reads: a random AES-256 key and the device key (PKCS#8). Whoever copies the folder
/// has both, so this adds nothing against a thief of the disk; that is why [`Keystore::has_hardware`] is false and the
/// vault asks for five random words.
#[derive(Debug)]
pub struct FileKeystore {
    dir: PathBuf,
    /// Two threads must not both make the first key.
    making: Mutex<()>,
}

impl FileKeystore {
    /// Opens the folder, and makes it where there is none.
    pub fn open(dir: &Path) -> Result<Self, KeystoreError> {
        disk::make_dir(dir)?;
        Ok(Self { dir: dir.to_path_buf(), making: Mutex::new(()) })
    }

    fn sealing_key(&self) -> Result<Option<Secret>, KeystoreError> {
        let bytes = disk::read(&self.dir.join(SEALING_FILE))?.map(Zeroizing::new);
        bytes.map(|bytes| Secret::from_slice(&bytes).map_err(|_| KeystoreError::DoesNotOpen)).transpose()
    }
}

impl Keystore for FileKeystore {
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if let Some(key) = self.sealing_key()? {
            key
        } else {
            let key = Secret::make_random().map_err(|_| KeystoreError::Failed("random generator"))?;
            // EXPOSE: this file is the stand-in's whole keystore, and says so.
            disk::replace(&self.dir.join(SEALING_FILE), key.expose())?;
            key
        };
        drop(making);
        let nonce = make_nonce().map_err(|_| KeystoreError::Failed("random generator"))?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&nonce);
        sealed.extend(
            aead_seal(&key, nonce, label.as_bytes(), secret).map_err(|_| KeystoreError::Failed("sealing key"))?,
        );
        Ok(sealed)
    }

    fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let key = self.sealing_key()?.ok_or(KeystoreError::DoesNotOpen)?;
        let (Some(&VERSION), Some(rest)) = (sealed.first(), sealed.get(1..)) else {
            return Err(KeystoreError::DoesNotOpen);
        };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(KeystoreError::DoesNotOpen)?;
        aead_open(&key, *nonce, label.as_bytes(), ciphertext, "sealed secret").map_err(|_| KeystoreError::DoesNotOpen)
    }

    fn device_key(&self) -> Result<Box<dyn Sign + Send + Sync>, KeystoreError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.dir.join(DEVICE_FILE);
        let pkcs8 = if let Some(bytes) = disk::read(&path)? {
            Zeroizing::new(bytes)
        } else {
            let pkcs8 = SoftwareDeviceKey::make_pkcs8().map_err(|_| KeystoreError::Failed("device key"))?;
            disk::replace(&path, &pkcs8)?;
            pkcs8
        };
        let key = SoftwareDeviceKey::from_pkcs8(&pkcs8).map_err(|_| KeystoreError::Failed("device key"))?;
        Ok(Box::new(key))
    }

    fn has_hardware(&self) -> bool {
        false
    }

    fn destroy(&self) -> Result<(), KeystoreError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        disk::destroy(&self.dir.join(SEALING_FILE)).map_err(KeystoreError::from)
    }
}
