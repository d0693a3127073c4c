//! The one wrapper for secret bytes: hidden in `Debug`, zeroed on drop, never serialised.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::WireError;

/// 32 secret bytes: a space key, a private key, a database key.
///
/// In one place of the heap: moving a bare array leaves a copy on the stack that nobody zeroes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// Takes over bytes; the caller zeroes its own copy.
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let mut secret = Self::zeros();
        secret.0.copy_from_slice(&bytes);
        bytes.zeroize();
        secret
    }

    fn zeros() -> Self {
        Self(Box::new([0; 32]))
    }

    /// Reads exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() != 32 {
            return Err(WireError::Malformed("secret length"));
        }
        let mut secret = Self::zeros();
        secret.0.copy_from_slice(bytes);
        Ok(secret)
    }

    /// 32 bytes of the system's random generator.
    pub fn make_random() -> Result<Self, WireError> {
        let mut secret = Self::zeros();
        SystemRandom::new().fill(secret.0.as_mut_slice()).map_err(|_| WireError::Key("random generator"))?;
        Ok(secret)
    }

    /// The bytes. Each use carries an `EXPOSE:` comment that says who takes them and why it is safe.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
