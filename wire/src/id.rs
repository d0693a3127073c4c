//! Identifiers, digests and codes: newtypes, so that one is never passed for another.
//!
//! All identifiers are 16 random bytes (UUID version 4, RFC 9562 section 5.4) and travel as CBOR byte strings.

use std::fmt;
use std::str::FromStr;

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::WireError;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Wraps bytes that are already known to be of this meaning.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Reads exactly `LEN` bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, WireError> {
                bytes.try_into().map(Self).map_err(|_| WireError::Malformed("identifier length"))
            }

            /// The bytes as they travel.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = WireError;

            /// Reads hexadecimal, dashes ignored.
            fn from_str(text: &str) -> Result<Self, WireError> {
                let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(&digits)
                    .map_err(|_| WireError::Malformed("identifier"))?;
                Self::from_slice(&bytes)
            }
        }

        impl serde::Serialize for $name {
            /// As hexadecimal text: for people and scripts, never for the network.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
                ByteArray::<$len>::decode(d, ctx).map(|bytes| Self(*bytes))
            }
        }
    };
}

macro_rules! random_id {
    ($($name:ident),*) => {
        $(impl $name {
            /// A new random identifier.
            pub fn make_random() -> Self {
                Self(*uuid::Uuid::new_v4().as_bytes())
            }
        })*
    };
}

bytes_id!(
    /// A province (or prefecture) as the authority enrolled it.
    ProvinceId, 16
);
bytes_id!(
    /// A unit: SAS mobile, UPE, CAPE or another stakeholder.
    UnitId, 16
);
bytes_id!(
    /// A worker, member of one unit.
    MemberId, 16
);
bytes_id!(
    /// A phone or computer enrolled in one unit.
    DeviceId, 16
);
bytes_id!(
    /// A space: the unit of sharing, with keys of its own.
    SpaceId, 16
);
bytes_id!(
    /// An envelope, and the event in it: one and the same identifier.
    EventId, 16
);
bytes_id!(
    /// One start of a hub's history. A restore makes a new one.
    Incarnation, 16
);
bytes_id!(
    /// A key's name: the first 16 bytes of SHA-256 over a label and the key.
    Kid, 16
);
bytes_id!(
    /// SHA-256 of a whole sealed envelope or registry entry.
    Digest, 32
);

random_id!(ProvinceId, UnitId, MemberId, DeviceId, SpaceId, EventId, Incarnation);

impl Digest {
    /// SHA-256 (FIPS 180-4) of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0_u8; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Self(digest)
    }
}

impl Kid {
    /// The name of `key` for the purpose that `label` tells.
    pub fn derive(label: &str, key: &[u8]) -> Self {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(label.as_bytes());
        context.update(key);
        let mut kid = [0_u8; 16];
        kid.copy_from_slice(&context.finish().as_ref()[..16]);
        Self(kid)
    }
}
