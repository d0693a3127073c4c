//! The phone's keystore, implemented in Kotlin or Swift.

use std::sync::Arc;

use himaya_core::vault::{Keystore, KeystoreError};
use himaya_wire::{Sign, VerifyKey, WireError};
use zeroize::Zeroizing;

/// Why the phone's keystore did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeystoreFault {
    /// Not ready: before the first unlock since boot, or busy. A retry can help.
    #[error("the keystore is not ready")]
    Unavailable,
    /// What it was given was changed, or sealed elsewhere, or its key was destroyed. For good.
    #[error("the keystore does not open this")]
    DoesNotOpen,
    /// Anything else.
    #[error("a keystore operation failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeystoreFault {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<KeystoreFault> for KeystoreError {
    fn from(fault: KeystoreFault) -> Self {
        match fault {
            KeystoreFault::Unavailable => Self::Unavailable,
            KeystoreFault::DoesNotOpen => Self::DoesNotOpen,
            KeystoreFault::Failed => Self::Failed("foreign keystore"),
        }
    }
}

/// Android Keystore or `StrongBox`, Apple's Secure Enclave and Keychain. Both keys never leave it, and are usable while
/// the app is locked, after the first unlock since boot.
#[uniffi::export(with_foreign)]
pub trait DeviceKeystore: Send + Sync {
    /// Seals `secret` so that only this device opens it again, under the same `label`.
    fn seal(&self, label: String, secret: Vec<u8>) -> Result<Vec<u8>, KeystoreFault>;

    /// The inverse of `seal`. `DoesNotOpen` only where the bytes or the key are to blame for good.
    fn open(&self, label: String, sealed: Vec<u8>) -> Result<Vec<u8>, KeystoreFault>;

    /// The public half of the device's transport key: an uncompressed P-256 point, 65 bytes. Made at the first call.
    fn device_public_key(&self) -> Result<Vec<u8>, KeystoreFault>;

    /// ES256 by the device's transport key: 64 bytes, r before s (not DER).
    fn device_sign(&self, message: Vec<u8>) -> Result<Vec<u8>, KeystoreFault>;

    /// Whether the keys live in hardware that also slows guessing. Without it a PIN is refused.
    fn has_hardware(&self) -> bool;

    /// Destroys the sealing key. Never the device key: sealed records are still delivered after a wipe.
    fn destroy(&self) -> Result<(), KeystoreFault>;
}

/// What the vault sees of a foreign keystore.
pub(crate) struct Foreign(pub(crate) Arc<dyn DeviceKeystore>);

struct ForeignKey {
    keystore: Arc<dyn DeviceKeystore>,
    public: [u8; 65],
}

impl Keystore for Foreign {
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        Ok(self.0.seal(label.to_owned(), secret.to_vec())?)
    }

    fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        Ok(Zeroizing::new(self.0.open(label.to_owned(), sealed.to_vec())?))
    }

    fn device_key(&self) -> Result<Box<dyn Sign + Send + Sync>, KeystoreError> {
        let public = self.0.device_public_key()?;
        let public = public.try_into().map_err(|_| KeystoreError::Failed("device public key"))?;
        Ok(Box::new(ForeignKey { keystore: Arc::clone(&self.0), public }))
    }

    fn has_hardware(&self) -> bool {
        self.0.has_hardware()
    }

    fn destroy(&self) -> Result<(), KeystoreError> {
        Ok(self.0.destroy()?)
    }
}

impl Sign for ForeignKey {
    fn verify_key(&self) -> VerifyKey {
        VerifyKey::P256(self.public)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, WireError> {
        let signature = self.keystore.device_sign(message.to_vec()).map_err(|_| WireError::Key("device key"))?;
        if signature.len() == 64 { Ok(signature) } else { Err(WireError::Key("device signature")) }
    }
}
