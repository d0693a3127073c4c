//! The one wrapper for secret bytes: hidden in `Debug`, zeroed on drop, never serialised.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::WireError;

/// 32 secret bytes: a space key, a private key, a database key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes over bytes; the caller zeroes its own copy.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, WireError> {
        bytes.try_into().map(Self).map_err(|_| WireError::Malformed("secret length"))
    }

    /// 32 bytes of the system's random generator.
    pub fn make_random() -> Result<Self, WireError> {
        let mut bytes = [0_u8; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| WireError::Key("random generator"))?;
        Ok(Self(bytes))
    }

    /// The bytes. Each use carries an `EXPOSE:` comment that says who takes them and why it is safe.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
