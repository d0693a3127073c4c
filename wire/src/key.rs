//! Keys: who signs and who opens. Ed25519 and P-256 by `ring`, HPKE by `hpke`, AES-256-GCM by `ring`.

use coset::iana;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use minicbor::{Decode, Encode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::{Kid, Secret, WireError};

/// A public key that checks signatures.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum VerifyKey {
    /// Ed25519 (RFC 8032): members, provinces, the authority.
    #[n(0)]
    Ed25519(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]),
    /// ECDSA P-256 with SHA-256 (FIPS 186-5): devices, whose key lives in the phone's keystore. Uncompressed point.
    #[n(1)]
    P256(#[cbor(n(0), with = "minicbor::bytes")] [u8; 65]),
}

impl VerifyKey {
    /// Checks `signature` over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8], what: &'static str) -> Result<(), WireError> {
        match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::P256(key) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature),
        }
        .map_err(|_| WireError::Signature(what))
    }

    pub(crate) const fn algorithm(&self) -> iana::Algorithm {
        match self {
            Self::Ed25519(_) => iana::Algorithm::EdDSA,
            Self::P256(_) => iana::Algorithm::ES256,
        }
    }

    /// The key's bytes: 32 of Ed25519, or 65 of an uncompressed P-256 point.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(key) => key,
            Self::P256(key) => key,
        }
    }
}

/// Something that signs: a member key in the vault, or a device key behind the phone's keystore.
pub trait Sign {
    /// The public half.
    fn verify_key(&self) -> VerifyKey;
    /// A signature over `message`: 64 bytes for both algorithms.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, WireError>;
}

/// An Ed25519 signing key made from a 32-byte seed (RFC 8032 section 5.1.5).
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Derives the key pair.
    pub fn derive(seed: &Secret) -> Result<Self, WireError> {
        // EXPOSE: ring expands the seed into its own key pair and keeps no copy of it.
        Ed25519KeyPair::from_seed_unchecked(seed.expose()).map(Self).map_err(|_| WireError::Key("signing seed"))
    }
}

impl Sign for SigningKey {
    fn verify_key(&self) -> VerifyKey {
        let mut key = [0_u8; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        VerifyKey::Ed25519(key)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, WireError> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

/// A P-256 key pair in memory, PKCS#8: what a file-backed keystore holds where no hardware one exists.
pub struct SoftwareDeviceKey(ring::signature::EcdsaKeyPair);

impl SoftwareDeviceKey {
    /// A new key, as PKCS#8 version 1.
    pub fn make_pkcs8() -> Result<Zeroizing<Vec<u8>>, WireError> {
        ring::signature::EcdsaKeyPair::generate_pkcs8(
            &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &SystemRandom::new(),
        )
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| WireError::Key("device key"))
    }

    /// Reads a key that [`SoftwareDeviceKey::make_pkcs8`] made.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, WireError> {
        ring::signature::EcdsaKeyPair::from_pkcs8(
            &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            pkcs8,
            &SystemRandom::new(),
        )
        .map(Self)
        .map_err(|_| WireError::Key("device key"))
    }
}

impl Sign for SoftwareDeviceKey {
    fn verify_key(&self) -> VerifyKey {
        let mut key = [0_u8; 65];
        key.copy_from_slice(self.0.public_key().as_ref());
        VerifyKey::P256(key)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, WireError> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| WireError::Key("device signature"))
    }
}

/// An HPKE public key: X25519, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct SealTo(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl SealTo {
    /// Wraps a public key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name of this key.
    pub fn kid(&self) -> Kid {
        Kid::derive("himaya/1 hpke key", &self.0)
    }
}

/// What HPKE gives: the encapsulated key and the ciphertext with its tag.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Wrapped {
    /// Encapsulated key (RFC 9180 `enc`), 32 bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub enc: [u8; 32],
    /// Ciphertext and tag.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub ciphertext: Vec<u8>,
}

/// HPKE base mode, X25519, HKDF-SHA256, AES-256-GCM (RFC 9180, suite 0x0020 0x0001 0x0002), one message a key.
pub fn hpke_seal(to: &SealTo, info: &str, aad: &[u8], plaintext: &[u8]) -> Result<Wrapped, WireError> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(to.as_bytes())
        .map_err(|_| WireError::Malformed("public key"))?;
    let (enc, ciphertext) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info.as_bytes(),
        plaintext,
        aad,
    )
    .map_err(|_| WireError::Key("wrap"))?;
    let mut bytes = [0_u8; 32];
    bytes.copy_from_slice(&enc.to_bytes());
    Ok(Wrapped { enc: bytes, ciphertext })
}

/// The inverse of [`hpke_seal`].
pub fn hpke_open(
    secret: &Secret,
    info: &str,
    aad: &[u8],
    wrapped: &Wrapped,
    what: &'static str,
) -> Result<Zeroizing<Vec<u8>>, WireError> {
    // EXPOSE: hpke keeps its own copy of the scalar for the call and zeroes it.
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.expose())
        .map_err(|_| WireError::Malformed("private key"))?;
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&wrapped.enc)
        .map_err(|_| WireError::Malformed("encapsulated key"))?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &enc,
        info.as_bytes(),
        &wrapped.ciphertext,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| WireError::Open(what))
}

/// The public half of an X25519 private key.
pub fn seal_to_of(secret: &Secret) -> Result<SealTo, WireError> {
    // EXPOSE: hpke keeps its own copy of the scalar for the call and zeroes it.
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.expose())
        .map_err(|_| WireError::Malformed("private key"))?;
    let mut bytes = [0_u8; 32];
    bytes.copy_from_slice(&X25519HkdfSha256::sk_to_pk(&private).to_bytes());
    Ok(SealTo(bytes))
}

/// A space key: AES-256-GCM, fresh random nonce each time. At one random 96-bit nonce an event, 2^32 events stay
/// within the bound of NIST SP 800-38D section 8.3.
#[derive(Clone, Debug)]
pub struct SpaceKey(Secret);

impl SpaceKey {
    /// A new random key.
    pub fn make_random() -> Result<Self, WireError> {
        Secret::make_random().map(Self)
    }

    /// Reads a key that came out of a grant.
    pub const fn from_secret(secret: Secret) -> Self {
        Self(secret)
    }

    /// The key's name.
    pub fn kid(&self) -> Kid {
        // EXPOSE: only its SHA-256 leaves.
        Kid::derive("himaya/1 space key", self.0.expose())
    }

    /// The bytes, to wrap them or keep them in the vault.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }

    pub(crate) fn seal(&self, nonce: [u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, WireError> {
        aead_seal(&self.0, nonce, aad, plaintext)
    }

    pub(crate) fn open(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        ciphertext: &[u8],
        what: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, WireError> {
        aead_open(&self.0, nonce, aad, ciphertext, what)
    }
}

/// AES-256-GCM (NIST SP 800-38D) with the tag at the end. The caller never repeats a nonce under one key.
pub fn aead_seal(key: &Secret, nonce: [u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, WireError> {
    // Room for the tag from the start: a buffer that grows leaves a copy of the plain text behind.
    let mut buffer = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
    buffer.extend_from_slice(plaintext);
    aes(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut buffer)
        .map_err(|_| WireError::Key("seal"))?;
    Ok(buffer)
}

/// The inverse of [`aead_seal`].
pub fn aead_open(
    key: &Secret,
    nonce: [u8; 12],
    aad: &[u8],
    ciphertext: &[u8],
    what: &'static str,
) -> Result<Zeroizing<Vec<u8>>, WireError> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = aes(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut buffer)
        .map_err(|_| WireError::Open(what))?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// A nonce of 96 random bits.
pub fn make_nonce() -> Result<[u8; 12], WireError> {
    let mut nonce = [0_u8; 12];
    SystemRandom::new().fill(&mut nonce).map_err(|_| WireError::Key("random generator"))?;
    Ok(nonce)
}

fn aes(key: &Secret) -> Result<LessSafeKey, WireError> {
    // EXPOSE: ring wants raw bytes; it keeps its own key schedule and logs nothing.
    UnboundKey::new(&AES_256_GCM, key.expose()).map(LessSafeKey::new).map_err(|_| WireError::Key("space key"))
}
