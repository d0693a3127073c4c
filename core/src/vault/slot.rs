//! A slot: one worker's keys on this device, under the worker's PIN or passphrase, inside the device's keystore.
//!
//! In the clear stand only the format's version and the worker's random id. Cost, salt, flags and the crew name are
//! inside the keystore's seal: a changed byte is seen before a try is counted, and a copied disk names nobody.

use himaya_wire::{MemberId, Secret, decode, encode};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::error::{KeystoreError, VaultError};
use super::kdf::{KdfParams, PassphraseBox};
use super::keystore::Keystore;

const VERSION: u64 = 1;
const SLOT_LABEL: &str = "himaya/1 slot";
const KEYS_LABEL: &str = "himaya/1 slot keys";
const KEY_BYTES: usize = 32;
const DAMAGED: VaultError = VaultError::Corrupt("slot");

/// The keys that a slot holds.
pub struct SlotKeys {
    /// Seed of the worker's signing key.
    pub seed: Secret,
    /// The worker's HPKE private key.
    pub private: Secret,
    /// The key of the database that the device's workers share.
    pub database: Secret,
}

/// What is on the disk.
#[derive(Encode, Decode)]
#[cbor(map)]
struct SlotFile {
    #[n(0)]
    version: u64,
    #[n(1)]
    member: MemberId,
    #[cbor(n(2), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

/// What the keystore seals.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
pub struct Slot {
    #[n(0)]
    member: MemberId,
    /// The crew name that the lock screen shows.
    #[n(1)]
    pub label: Option<String>,
    /// Zero. Room for a slot that opens an empty app (the duress PIN): nothing outside the seal tells it apart.
    #[n(2)]
    flags: u64,
    #[n(3)]
    keys: PassphraseBox,
}

impl Slot {
    /// Wraps a worker's keys under a normalised PIN or passphrase.
    pub fn make(
        member: MemberId,
        label: Option<&str>,
        keys: &SlotKeys,
        secret: &str,
        kdf: KdfParams,
    ) -> Result<Self, VaultError> {
        let mut plain = Zeroizing::new([0_u8; 3 * KEY_BYTES]);
        for (place, key) in plain.chunks_exact_mut(KEY_BYTES).zip([&keys.seed, &keys.private, &keys.database]) {
            // EXPOSE: gathered in a buffer that is zeroed, to be sealed in the next line.
            place.copy_from_slice(key.expose());
        }
        let keys = PassphraseBox::seal(kdf, secret, KEYS_LABEL, member.as_bytes(), plain.as_slice())?;
        Ok(Self { member, label: label.map(str::to_owned), flags: 0, keys })
    }

    /// The file's bytes.
    pub fn seal(&self, keystore: &dyn Keystore) -> Result<Vec<u8>, VaultError> {
        let sealed = keystore.seal(&label_of(self.member), &encode(self, "slot")?)?;
        Ok(encode(&SlotFile { version: VERSION, member: self.member, sealed }, "slot")?)
    }

    /// Reads a file that should be `member`'s slot. Any change to it is `Corrupt`.
    pub fn open(member: MemberId, bytes: &[u8], keystore: &dyn Keystore) -> Result<Self, VaultError> {
        let file: SlotFile = decode(bytes, "slot").map_err(|_| DAMAGED)?;
        // The one encoding only: what a lenient reader would pass over is damage too.
        let canonical = encode(&file, "slot").is_ok_and(|again| again == bytes);
        if !canonical || file.version != VERSION || file.member != member {
            return Err(DAMAGED);
        }
        let record = keystore.open(&label_of(member), &file.sealed).map_err(|error| match error {
            KeystoreError::DoesNotOpen => DAMAGED,
            other => VaultError::Keystore(other),
        })?;
        let slot: Self = decode(&record, "slot").map_err(|_| DAMAGED)?;
        if slot.member == member { Ok(slot) } else { Err(DAMAGED) }
    }

    /// Opens the keys. `None`: the PIN or passphrase is wrong.
    pub fn open_keys(&self, secret: &str) -> Result<Option<SlotKeys>, VaultError> {
        let Some(plain) = self.keys.open(secret, KEYS_LABEL, self.member.as_bytes())? else { return Ok(None) };
        let mut keys = plain.chunks_exact(KEY_BYTES).map(Secret::from_slice);
        let (Some(seed), Some(private), Some(database), None) = (keys.next(), keys.next(), keys.next(), keys.next())
        else {
            return Err(DAMAGED);
        };
        Ok(Some(SlotKeys { seed: seed?, private: private?, database: database? }))
    }
}

fn label_of(member: MemberId) -> String {
    format!("{SLOT_LABEL} {member}")
}
