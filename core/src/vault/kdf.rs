//! From a PIN or a passphrase to a key: Argon2id (RFC 9106), its cost recorded beside what it protects.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use himaya_wire::{Secret, WireError, aead_open, aead_seal, make_nonce};
use minicbor::{Decode, Encode};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, Zeroizing};

use super::error::VaultError;

const SALT_BYTES: usize = 16;

/// What one guess costs. Recorded in each sealed file, so that it can be raised later without breaking old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KdfParams {
    /// Memory, KiB.
    #[n(0)]
    pub memory_kib: u32,
    /// Passes over the memory.
    #[n(1)]
    pub passes: u32,
    /// Lanes.
    #[n(2)]
    pub lanes: u32,
}

impl KdfParams {
    /// 64 MiB, 3 passes, 1 lane: the memory and passes of RFC 9106's second recommendation, in one lane because that
    /// is what this program computes at a time; a poor phone takes about half a second and can spare the memory.
    ///
    /// At 10 guesses a second a machine, five random words (2^64.6) are out of reach by any number of machines.
    /// A six-digit PIN is not: a day. For a PIN the hardware keystore, the growing waits and the ten tries are what
    /// defends; this cost only slows whoever has broken the keystore.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// **For tests and the demo only**: protects nothing, takes well under a millisecond.
    pub const TEST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// A file from outside must not make us fill the memory or compute for hours.
    fn check(self) -> Result<Self, VaultError> {
        let fits = (8..=1024 * 1024).contains(&self.memory_kib)
            && (1..=16).contains(&self.passes)
            && (1..=16).contains(&self.lanes);
        if fits { Ok(self) } else { Err(VaultError::Corrupt("key derivation cost")) }
    }

    fn derive(self, secret: &[u8], salt: &[u8]) -> Result<Secret, VaultError> {
        const FAILED: VaultError = VaultError::Wire(WireError::Key("key derivation"));
        let params = self.check()?;
        let params = Params::new(params.memory_kib, params.passes, params.lanes, Some(32)).map_err(|_| FAILED)?;
        // Our own memory, because the crate does not zero its own.
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| VaultError::Io(std::io::ErrorKind::OutOfMemory))?;
        memory.resize(params.block_count(), Block::default());
        let mut key = Zeroizing::new([0_u8; 32]);
        let derived = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            secret,
            salt,
            key.as_mut_slice(),
            memory.as_mut_slice(),
        );
        memory.iter_mut().for_each(Zeroize::zeroize);
        derived.map_err(|_| FAILED)?;
        Ok(Secret::from_bytes(*key))
    }
}

impl Default for KdfParams {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Bytes under AES-256-GCM with a key out of Argon2id. Cost, salt and purpose are bound.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PassphraseBox {
    #[n(0)]
    params: KdfParams,
    #[cbor(n(1), with = "minicbor::bytes")]
    salt: [u8; SALT_BYTES],
    #[cbor(n(2), with = "minicbor::bytes")]
    nonce: [u8; 12],
    #[cbor(n(3), with = "minicbor::bytes")]
    ciphertext: Vec<u8>,
}

#[derive(Encode)]
struct Bound<'a> {
    #[n(0)]
    label: &'a str,
    #[cbor(n(1), with = "minicbor::bytes")]
    id: &'a [u8],
    #[n(2)]
    params: KdfParams,
    #[cbor(n(3), with = "minicbor::bytes")]
    salt: &'a [u8],
}

impl PassphraseBox {
    /// Seals `plain` under a normalised PIN or passphrase; `label` and `id` say what it is and whose.
    pub fn seal(params: KdfParams, secret: &str, label: &str, id: &[u8], plain: &[u8]) -> Result<Self, VaultError> {
        let mut salt = [0_u8; SALT_BYTES];
        SystemRandom::new().fill(&mut salt).map_err(|_| WireError::Key("random generator"))?;
        let key = params.derive(secret.as_bytes(), &salt)?;
        let nonce = make_nonce()?;
        let bound = himaya_wire::encode(&Bound { label, id, params, salt: &salt }, "bound data")?;
        let ciphertext = aead_seal(&key, nonce, &bound, plain)?;
        Ok(Self { params, salt, nonce, ciphertext })
    }

    /// The inverse of [`PassphraseBox::seal`]. `None`: the secret is wrong.
    pub fn open(&self, secret: &str, label: &str, id: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let key = self.params.derive(secret.as_bytes(), &self.salt)?;
        let bound = himaya_wire::encode(&Bound { label, id, params: self.params, salt: &self.salt }, "bound data")?;
        Ok(aead_open(&key, self.nonce, &bound, &self.ciphertext, "keys").ok())
    }
}

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};

    use super::{KdfParams, PassphraseBox};
    use crate::vault::VaultError;

    /// RFC 9106 section 5.3.
    #[test]
    fn argon2id_gives_the_published_vector() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[0x04; 12]).unwrap())
            .build()
            .unwrap();
        let mut tag = [0_u8; 32];
        Argon2::new_with_secret(&[0x03; 8], Algorithm::Argon2id, Version::V0x13, params)
            .unwrap()
            .hash_password_into(&[0x01; 32], &[0x02; 16], &mut tag)
            .unwrap();
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e,
            0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
        ];
        assert_eq!(tag, expected);
    }

    #[test]
    fn our_derivation_is_the_crates_own_with_our_memory() {
        let params = argon2::Params::new(8, 1, 1, Some(32)).unwrap();
        let mut expected = [0_u8; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(b"secret", &[7; 16], &mut expected)
            .unwrap();
        assert_eq!(KdfParams::TEST.derive(b"secret", &[7; 16]).unwrap().expose(), &expected);
    }

    #[test]
    fn a_box_opens_with_its_secret_purpose_and_owner_only() {
        let sealed = PassphraseBox::seal(KdfParams::TEST, "abacus", "a", b"1", b"keys").unwrap();
        assert_eq!(sealed.open("abacus", "a", b"1").unwrap().unwrap().as_slice(), b"keys");
        assert!(sealed.open("abacuses", "a", b"1").unwrap().is_none());
        assert!(sealed.open("abacus", "b", b"1").unwrap().is_none());
        assert!(sealed.open("abacus", "a", b"2").unwrap().is_none());
    }

    #[test]
    fn a_cost_beyond_measure_is_refused_before_it_is_paid() {
        let mut sealed = PassphraseBox::seal(KdfParams::TEST, "abacus", "a", b"1", b"keys").unwrap();
        sealed.params.memory_kib = u32::MAX;
        assert_eq!(sealed.open("abacus", "a", b"1").unwrap_err(), VaultError::Corrupt("key derivation cost"));
    }
}
