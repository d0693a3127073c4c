//! The newcomer's code: the public keys a worker shows to the head, in person, to be admitted.

use minicbor::{Decode, Encode};

use crate::cose::{Purpose, Signed, decode, encode, sign};
use crate::key::SealTo;
use crate::{DeviceId, Digest, MemberId, Sign, VerifyKey, WireError};

/// The keys of a worker and of the device the worker asks from. No name: names are sealed, never in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Newcomer {
    /// The worker's id, random.
    #[n(0)]
    pub member: MemberId,
    /// The worker's key for signatures.
    #[n(1)]
    pub verify_key: VerifyKey,
    /// The worker's HPKE key.
    #[n(2)]
    pub seal_to: SealTo,
    /// The device's id, random.
    #[n(3)]
    pub device: DeviceId,
    /// The device's transport key.
    #[n(4)]
    pub device_key: VerifyKey,
}

impl Newcomer {
    /// Signs the keys with the worker's own, which proves possession.
    pub fn sign(&self, signer: &dyn Sign) -> Result<NewcomerCode, WireError> {
        let bytes = sign(Purpose::Newcomer, signer, self.member.as_bytes(), Vec::new(), encode(self, "code")?)?;
        Ok(NewcomerCode(bytes))
    }
}

/// A newcomer's code: as bytes for a QR, as text to paste, as a short phrase to compare aloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewcomerCode(Vec<u8>);

impl NewcomerCode {
    /// Reads and checks a code from its text form (RFC 4648 base 32, case and blanks ignored).
    pub fn from_text(text: &str) -> Result<Self, WireError> {
        const BAD: WireError = WireError::Malformed("newcomer's code");
        if text.len() > 4096 {
            return Err(WireError::TooLarge("newcomer's code"));
        }
        let letters: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        data_encoding::BASE32_NOPAD.decode(letters.to_ascii_uppercase().as_bytes()).map(Self).map_err(|_| BAD)
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(&self.0)
    }

    /// The code's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Four groups of four letters and digits over SHA-256 of the code (80 bits), to compare aloud.
    pub fn fingerprint(&self) -> String {
        let text = data_encoding::BASE32_NOPAD.encode(&Digest::of(&self.0).as_bytes()[..10]);
        text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join(" ")
    }

    /// Opens the code and checks that its maker holds the private half.
    pub fn open(&self) -> Result<Newcomer, WireError> {
        let signed = Signed::parse_as(&self.0, Purpose::Newcomer)?;
        let newcomer: Newcomer = decode(signed.payload(), "newcomer's code")?;
        signed.verify(&newcomer.verify_key, "newcomer's code")?;
        let keys_fit = matches!(newcomer.verify_key, VerifyKey::Ed25519(_))
            && matches!(newcomer.device_key, VerifyKey::P256(_))
            && signed.key_id() == newcomer.member.as_bytes();
        if keys_fit { Ok(newcomer) } else { Err(WireError::Mismatch("newcomer's code and keys")) }
    }
}
