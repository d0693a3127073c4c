//! COSE_Sign1 (RFC 9052) as all our signed things use it: one protected header array of our own, no unprotected
//! header, one canonical encoding.

use coset::cbor::value::Value;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, Label, RegisteredLabelWithPrivate};

use crate::{Sign, VerifyKey, WireError};

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
        .try_create_signature(&[], |message| signer.sign(message))?
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
        let inner = CoseSign1::from_slice(bytes).map_err(|_| BAD)?;
        if !inner.unprotected.is_empty() || inner.payload.is_none() {
            return Err(BAD);
        }
        let header = &inner.protected.header;
        let fields = match header.rest.as_slice() {
            [(Label::Int(HEADER), Value::Array(fields))] => fields.clone(),
            _ => return Err(BAD),
        };
        let mut canonical = inner.clone();
        canonical.protected.original_data = None;
        if canonical.to_vec().map_err(|_| BAD)? != bytes {
            return Err(BAD);
        }
        let mut fields = fields.into_iter();
        let version = number(fields.next().as_ref())?;
        if version > VERSION {
            return Err(WireError::Version(version));
        }
        let purpose = Purpose::from_number(number(fields.next().as_ref())?)?;
        Ok(Self { inner, purpose, fields: fields.collect() })
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
        self.inner.verify_signature(&[], |signature, message| key.verify(message, signature, what))
    }

    /// The field at `index`, which must hold bytes.
    pub fn bytes(&self, index: usize) -> Result<&[u8], WireError> {
        self.fields.get(index).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(WireError::Malformed("header"))
    }
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

/// Encodes one CBOR item. Writing to memory cannot fail but for a hand-written encoder's own error.
pub fn encode<T: minicbor::Encode<()>>(value: &T, what: &'static str) -> Result<Vec<u8>, WireError> {
    minicbor::to_vec(value).map_err(|_| WireError::Malformed(what))
}
