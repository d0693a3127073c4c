//! What can go wrong in the vault, by what a person can do about it. Nothing here says whose vault it is.

use himaya_wire::WireError;

/// Why the phone's keystore did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// Not ready: before the first unlock since boot, or busy. A retry can help, and nothing may be concluded from it.
    #[error("the keystore is not ready")]
    Unavailable,
    /// What it was given was changed, or sealed elsewhere, or its key was destroyed.
    #[error("the keystore does not open this")]
    DoesNotOpen,
    /// Reading or writing its own files failed.
    #[error("keystore file: {0}")]
    Io(std::io::ErrorKind),
    /// A key operation failed.
    #[error("keystore: {0}")]
    Failed(&'static str),
}

/// Why a PIN is too easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPin {
    /// Fewer than six digits.
    Short,
    /// More than twelve digits.
    Long,
    /// Something else than digits.
    NotDigits,
    /// One pattern over and over: 111111, 121212, 123123.
    Repeated,
    /// A run up or down: 123456, 987654.
    Run,
    /// Among those people choose most.
    Common,
}

/// Why a passphrase is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPassphrase {
    /// Not five words.
    NotFive,
    /// A word that is not in the list, by its place from 1: a typing error.
    UnknownWord(u8),
    /// A word stands twice.
    Twice,
}

/// Why the vault did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Ask again: so many tries are left before this worker's keys on this device are destroyed.
    #[error("wrong PIN or passphrase")]
    WrongPin {
        /// Tries left.
        tries_left: u8,
    },
    /// Wait until this moment, milliseconds since the Unix epoch.
    #[error("too many wrong tries: wait")]
    Wait {
        /// When the next try is taken, milliseconds since the Unix epoch.
        until_millis: i64,
    },
    /// This worker's keys on this device were destroyed; others' are there. A head admits the worker anew.
    #[error("this worker's keys on this device were destroyed")]
    SlotWiped,
    /// The keys and readable data of this device were destroyed. Sealed records are still sent.
    #[error("the vault was wiped")]
    Wiped,
    /// A colleague on this device must unlock first.
    #[error("the vault is locked")]
    Locked,
    /// Choose another PIN.
    #[error("this PIN is too easy to guess")]
    WeakPin(WeakPin),
    /// Type the five words again.
    #[error("this is not a passphrase of five words")]
    BadPassphrase(BadPassphrase),
    /// This device has no hardware keystore: only a passphrase of five random words will do.
    #[error("this device needs a passphrase")]
    NeedsPassphrase,
    /// No such worker on this device, or one is there already.
    #[error("the worker is not on this device, or is there already")]
    Worker,
    /// There is no vault here, or there is one already.
    #[error("no vault here, or one already")]
    NoVault,
    /// A file of the vault was changed or damaged. It is kept as it is.
    #[error("{0} is damaged")]
    Corrupt(&'static str),
    /// Only a head may do this, or only with a key the head holds.
    #[error("not allowed: {0}")]
    NotAllowed(&'static str),
    /// The key that opens this is not here, or not yet.
    #[error("no key for {0} here")]
    NoKey(&'static str),
    /// Reading or writing a file failed.
    #[error("vault file: {0}")]
    Io(std::io::ErrorKind),
    /// The phone's keystore refused.
    #[error("{0}")]
    Keystore(KeystoreError),
    /// Bytes from outside are wrong, or a key operation failed.
    #[error("{0}")]
    Wire(WireError),
}

impl VaultError {
    /// Names the message shown to the person.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::WrongPin { .. } => "vault-wrong-pin",
            Self::Wait { .. } => "vault-wait",
            Self::SlotWiped => "vault-slot-wiped",
            Self::Wiped => "vault-wiped",
            Self::Locked => "vault-locked",
            Self::WeakPin(WeakPin::Short) => "vault-pin-short",
            Self::WeakPin(WeakPin::Long) => "vault-pin-long",
            Self::WeakPin(WeakPin::NotDigits) => "vault-pin-digits",
            Self::WeakPin(WeakPin::Repeated) => "vault-pin-repeated",
            Self::WeakPin(WeakPin::Run) => "vault-pin-run",
            Self::WeakPin(WeakPin::Common) => "vault-pin-common",
            Self::BadPassphrase(BadPassphrase::NotFive) => "vault-passphrase-five",
            Self::BadPassphrase(BadPassphrase::UnknownWord(_)) => "vault-passphrase-word",
            Self::BadPassphrase(BadPassphrase::Twice) => "vault-passphrase-twice",
            Self::NeedsPassphrase => "vault-needs-passphrase",
            Self::Worker => "vault-worker",
            Self::NoVault => "vault-none",
            Self::Corrupt(_) => "vault-corrupt",
            Self::NotAllowed(_) => "vault-not-allowed",
            Self::NoKey(_) => "vault-no-key",
            Self::Io(std::io::ErrorKind::StorageFull) => "vault-no-space",
            Self::Io(_) => "vault-io",
            Self::Keystore(_) => "vault-keystore",
            Self::Wire(_) => "vault-wire",
        }
    }

    /// Whether the same call may succeed later.
    pub const fn can_retry(&self) -> bool {
        matches!(
            self,
            Self::WrongPin { .. }
                | Self::Wait { .. }
                | Self::Locked
                | Self::NoKey(_)
                | Self::Io(_)
                | Self::Keystore(KeystoreError::Unavailable | KeystoreError::Io(_))
        )
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<std::io::Error> for KeystoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl From<KeystoreError> for VaultError {
    fn from(error: KeystoreError) -> Self {
        Self::Keystore(error)
    }
}

impl From<WireError> for VaultError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}
