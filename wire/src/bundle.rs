//! Bundle files: the same sealed envelopes and registry entries, carried by hand.
//!
//! Form: 8 bytes `himaya\0\1`, then one CBOR map. A bundle adds no trust: each part is checked as if a hub gave it.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::cose::{decode, encode};
use crate::{WireError, limits};

const MAGIC: &[u8; 8] = b"himaya\x00\x01";

/// What a bundle carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bundle {
    /// Registry entries, in the order of their numbers.
    #[cbor(n(0), decode_with = "crate::cose::bounded::<{ limits::BUNDLE_PARTS }, _>")]
    pub entries: Vec<ByteVec>,
    /// Sealed envelopes, in the order they were made.
    #[cbor(n(1), decode_with = "crate::cose::bounded::<{ limits::BUNDLE_PARTS }, _>")]
    pub envelopes: Vec<ByteVec>,
}

impl Bundle {
    /// Encodes the file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(encode(self, "bundle")?);
        if bytes.len() > limits::BUNDLE_BYTES { Err(WireError::TooLarge("bundle")) } else { Ok(bytes) }
    }

    /// Reads a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > limits::BUNDLE_BYTES {
            return Err(WireError::TooLarge("bundle"));
        }
        decode(bytes.strip_prefix(MAGIC).ok_or(WireError::Malformed("bundle"))?, "bundle")
    }
}
