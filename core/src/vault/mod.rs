//! Keys: unlocking, device, member, circle, space; sealing and opening. No network; only the vault's own small files.
//!
//! A [`Vault`] is locked and holds no key; unlocking gives an [`Unlocked`], and dropping that locks again. Primitives
//! are those of `himaya-wire`, and Argon2id (RFC 9106) by the crate `argon2`, which no published audit covers.
mod authority;
mod disk;
mod enrol;
mod error;
mod fail_points;
mod idle;
mod kdf;
mod keystore;
mod locked;
mod slot;
mod tries;
mod unlock_secret;
mod unlocked;
mod wipe;

#[cfg(test)]
#[cfg(feature = "testing")]
mod crash_tests;
#[cfg(test)]
mod enrol_tests;
#[cfg(test)]
mod tests;

pub(crate) use self::disk::replace as replace_file;
pub use self::{
    authority::{Authority, FoundedUnit, NewProvince, Province},
    enrol::{Admission, NewMember, Validity, admit, found_circles, newcomer_code, remove, resign},
    error::{BadPassphrase, KeystoreError, VaultError, WeakPin},
    fail_points::FAIL_POINTS,
    idle::IdleLock,
    kdf::KdfParams,
    keystore::{FileKeystore, Keystore},
    locked::{Vault, VaultOptions, Worker},
    tries::MOST_TRIES,
    unlock_secret::{Passphrase, Pin, UnlockSecret, VaultPolicy},
    unlocked::{NewSealedEvent, NewSealedGrant, SpaceKeys, Unlocked},
    wipe::{WipePlan, WipeReason, wipe},
};
