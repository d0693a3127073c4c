//! COSE_Sign1 (RFC 9052) as all our signed things use it: one protected header array of our own, no unprotected
//! header, one canonical encoding.

use coset::cbor::value::Value;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, Label, RegisteredLabelWithPrivate};
use minicbor::bytes::ByteVec;

use crate::{Sign, VerifyKey, WireError, limits};

/// Our header parameter, from the private-use range (RFC 9052 section 3.1): an array that opens with the format's
/// version and kind.
pub const HEADER: i64 = -65_537;

/// The newest format version this program writes and reads.
pub const VERSION: u64 = 1;

/// What is signed: an envelope of some kind, a certificate, a registry entry, a request. Stands second in the array,
/// so that a signature made for one purpose never serves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An event under a space key.
    Event = 1,
    /// A space key wrapped to circles.
    Grant = 2,
    /// A write-only capture.
    Capture = 3,
    /// A device's word that something arrived.
    Receipt = 4,
    /// A certificate.
    Certificate = 5,
    /// A registry entry.
    Entry = 6,
    /// A request to the hub.
    Request = 7,
    /// A newcomer's code.
    Newcomer = 8,
}

impl Purpose {
    pub(crate) fn from_number(number: u64) -> Result<Self, WireError> {
        Ok(match number {
            1 => Self::Event,
            2 => Self::Grant,
            3 => Self::Capture,
            4 => Self::Receipt,
            5 => Self::Certificate,
            6 => Self::Entry,
            7 => Self::Request,
            8 => Self::Newcomer,
            _ => return Err(WireError::Malformed("purpose")),
        })
    }

    /// How many fields follow version and purpose.
    const fn fields(self) -> usize {
        match self {
            Self::Event | Self::Grant | Self::Capture | Self::Receipt | Self::Entry => 4,
            Self::Certificate | Self::Request | Self::Newcomer => 0,
        }
    }
}

/// Signs `payload` for a purpose. `key_id` names the signer, `fields` are public and bound by the signature.
pub fn sign(
    purpose: Purpose,
    signer: &dyn Sign,
    key_id: &[u8],
    fields: Vec<Value>,
    payload: Vec<u8>,
) -> Result<Vec<u8>, WireError> {
    let mut array = vec![Value::from(VERSION), Value::from(purpose as u64)];
    array.extend(fields);
    let header = HeaderBuilder::new()
        .algorithm(signer.verify_key().algorithm())
        .key_id(key_id.to_vec())
        .value(HEADER, Value::Array(array))
        .build();
    CoseSign1Builder::new()
        .protected(header)
        .payload(payload)
        .try_create_signature(&[], |message| signer.sign(message).map(|s| low::normalise(&signer.verify_key(), s)))?
        .build()
        .to_vec()
        .map_err(|_| WireError::Malformed("signed message"))
}

/// A signed message whose form was checked and whose signature was not yet.
#[derive(Clone, Debug)]
pub struct Signed {
    inner: CoseSign1,
    /// What it is for.
    pub purpose: Purpose,
    /// Our header's fields after version and purpose.
    pub fields: Vec<Value>,
}

impl Signed {
    /// Reads the one canonical encoding of a COSE_Sign1. Any other encoding of the same content is refused, so that
    /// nobody on the way can make a second envelope with another digest out of a first.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        const BAD: WireError = WireError::Malformed("signed message");
        check_shape(bytes)?;
        let inner = CoseSign1::from_slice(bytes).map_err(|_| BAD)?;
        let header = &inner.protected.header;
        let fields = match header.rest.as_slice() {
            [(Label::Int(HEADER), Value::Array(fields))] => fields.clone(),
            _ => return Err(BAD),
        };
        // Anything else in the header (a `crit` above all, RFC 9052 section 3.1) would be skipped unread: refused.
        let plain = Header {
            alg: header.alg.clone(),
            key_id: header.key_id.clone(),
            rest: header.rest.clone(),
            ..Header::default()
        };
        let mut canonical = inner.clone();
        canonical.protected.original_data = None;
        if *header != plain || canonical.to_vec().map_err(|_| BAD)? != bytes {
            return Err(BAD);
        }
        let mut fields = fields.into_iter();
        match number(fields.next().as_ref())? {
            VERSION => {}
            0 => return Err(BAD),
            version => return Err(WireError::Version(version)),
        }
        let purpose = Purpose::from_number(number(fields.next().as_ref())?)?;
        let fields: Vec<Value> = fields.collect();
        if fields.len() != purpose.fields() {
            return Err(WireError::Malformed("header"));
        }
        Ok(Self { inner, purpose, fields })
    }

    /// Reads a message of one purpose only.
    pub fn parse_as(bytes: &[u8], purpose: Purpose) -> Result<Self, WireError> {
        let signed = Self::parse(bytes)?;
        if signed.purpose == purpose { Ok(signed) } else { Err(WireError::Malformed("purpose")) }
    }

    /// The signer's name.
    pub fn key_id(&self) -> &[u8] {
        &self.inner.protected.header.key_id
    }

    /// The signed payload.
    pub fn payload(&self) -> &[u8] {
        self.inner.payload.as_deref().unwrap_or_default()
    }

    /// Checks the signature, and that its algorithm is the key's.
    pub fn verify(&self, key: &VerifyKey, what: &'static str) -> Result<(), WireError> {
        let expected = RegisteredLabelWithPrivate::Assigned(key.algorithm());
        if self.inner.protected.header.alg.as_ref() != Some(&expected) {
            return Err(WireError::Signature(what));
        }
        self.inner.verify_signature(&[], |signature, message| {
            if low::is_low(key, signature) {
                key.verify(message, signature, what)
            } else {
                Err(WireError::Signature(what))
            }
        })
    }

    /// The field at `index`, which must hold bytes.
    pub fn bytes(&self, index: usize) -> Result<&[u8], WireError> {
        self.fields.get(index).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(WireError::Malformed("header"))
    }
}

/// Looks at the four parts before anything is built from them: a decoder of CBOR values makes 32 bytes of memory out of
/// one byte from outside, and this runs before any signature is checked.
fn check_shape(bytes: &[u8]) -> Result<(), WireError> {
    const BAD: WireError = WireError::Malformed("signed message");
    let mut decoder = minicbor::Decoder::new(bytes);
    let shape = decoder.array().map_err(|_| BAD)?;
    let header = decoder.bytes().map_err(|_| BAD)?;
    let unprotected = decoder.map().map_err(|_| BAD)?;
    decoder.bytes().map_err(|_| BAD)?;
    let signature = decoder.bytes().map_err(|_| BAD)?;
    let right = shape == Some(4)
        && header.len() <= limits::HEADER_BYTES
        && unprotected == Some(0)
        && signature.len() == 64
        && decoder.position() == bytes.len();
    if right { Ok(()) } else { Err(BAD) }
}

/// An unsigned number out of a CBOR value.
pub fn number(value: Option<&Value>) -> Result<u64, WireError> {
    value
        .and_then(Value::as_integer)
        .and_then(|integer| u64::try_from(integer).ok())
        .ok_or(WireError::Malformed("header"))
}

/// Decodes exactly one CBOR item that fills `bytes`.
pub fn decode<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8], what: &'static str) -> Result<T, WireError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|_| WireError::Malformed(what))?;
    if decoder.position() == bytes.len() { Ok(value) } else { Err(WireError::Malformed(what)) }
}

/// Decodes a list of byte strings of at most `MOST`, looking at its length before making room: 24 bytes of memory stand
/// for one byte from outside otherwise.
pub(crate) fn bounded<const MOST: usize, C>(
    d: &mut minicbor::Decoder<'_>,
    _: &mut C,
) -> Result<Vec<ByteVec>, minicbor::decode::Error> {
    let length = d.array()?.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| minicbor::decode::Error::message("list is over its limit"))?;
    (0..length).map(|_| d.bytes().map(|bytes| bytes.to_vec().into())).collect()
}

/// Encodes one CBOR item. Writing to memory cannot fail but for a hand-written encoder's own error.
pub fn encode<T: minicbor::Encode<()>>(value: &T, what: &'static str) -> Result<Vec<u8>, WireError> {
    minicbor::to_vec(value).map_err(|_| WireError::Malformed(what))
}

/// ECDSA signatures come in pairs, (r, s) and (r, n − s), and anyone can make one of the other (SEC 1 section 4.1.3).
/// Only the lower s counts here, so that nobody on the way makes a second envelope out of a first. Phones' keystores
/// give either: [`sign`] turns it.
mod low {
    use crate::VerifyKey;

    /// The order n of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3), big-endian.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// n − s. Not secret: signatures are public.
    pub fn other(s: &[u8]) -> [u8; 32] {
        let mut out = [0_u8; 32];
        let mut borrow = false;
        for ((out, order), s) in out.iter_mut().zip(ORDER).zip(s).rev() {
            let (difference, first) = order.overflowing_sub(*s);
            let (difference, second) = difference.overflowing_sub(u8::from(borrow));
            *out = difference;
            borrow = first || second;
        }
        out
    }

    pub fn is_low(key: &VerifyKey, signature: &[u8]) -> bool {
        match (key, signature.get(32..)) {
            (VerifyKey::P256(_), Some(s)) if s.len() == 32 => s <= other(s).as_slice(),
            (VerifyKey::P256(_), _) => false,
            (VerifyKey::Ed25519(_), _) => true,
        }
    }

    pub fn normalise(key: &VerifyKey, mut signature: Vec<u8>) -> Vec<u8> {
        if signature.len() == 64 && !is_low(key, &signature) {
            let turned = other(&signature[32..]);
            signature[32..].copy_from_slice(&turned);
        }
        signature
    }
}

#[cfg(test)]
mod tests;
