//! Envelopes: what the hub keeps. The public header says what routing needs; the rest is sealed.
//!
//! - An **event** is COSE_Sign1 by a member over COSE_Encrypt0 under the space key. Id, space, kid and author stand in
//!   the inner protected header and again in the outer one, and must agree.
//! - A **grant**, a **capture** and a **receipt** are COSE_Sign1 too; see their own files.

use coset::cbor::value::Value;
use coset::{CborSerializable, CoseEncrypt0, CoseEncrypt0Builder, HeaderBuilder, Label, iana};
use zeroize::Zeroizing;

use crate::cose::{HEADER, Purpose, Signed, sign};
use crate::key::{SpaceKey, make_nonce};
use crate::pad::{pad, unpad};
use crate::{Digest, EventId, Kid, MemberId, Sign, SpaceId, UnitId, VerifyKey, WireError, limits};

/// The public header of every envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What kind of envelope.
    pub purpose: Purpose,
    /// The envelope's id.
    pub id: EventId,
    /// The space it belongs to.
    pub space: SpaceId,
    /// The unit of its author.
    pub unit: UnitId,
    /// The key it needs: a space key for events and grants, a circle's key for captures, none (zeros) for receipts.
    pub kid: Kid,
    /// Who signed: a member for events and grants, a device for captures and receipts.
    pub author: [u8; 16],
}

/// An envelope whose form was checked. Its signature is checked by [`Envelope::verify`].
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The public header.
    pub header: Header,
    /// SHA-256 of the bytes: what receipts name and the outbox is cleared by.
    pub digest: Digest,
    pub(crate) signed: Signed,
    bytes: Vec<u8>,
}

impl Envelope {
    /// Reads any envelope. Nothing is decrypted.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > limits::ENVELOPE_BYTES {
            return Err(WireError::TooLarge("envelope"));
        }
        let signed = Signed::parse(bytes)?;
        if !matches!(signed.purpose, Purpose::Event | Purpose::Grant | Purpose::Capture | Purpose::Receipt)
            || signed.fields.len() != 4
        {
            return Err(WireError::Malformed("envelope"));
        }
        let header = Header {
            purpose: signed.purpose,
            id: EventId::from_slice(signed.bytes(0)?)?,
            space: SpaceId::from_slice(signed.bytes(1)?)?,
            unit: UnitId::from_slice(signed.bytes(2)?)?,
            kid: Kid::from_slice(signed.bytes(3)?)?,
            author: signed.key_id().try_into().map_err(|_| WireError::Malformed("author"))?,
        };
        Ok(Self { header, digest: Digest::of(bytes), signed, bytes: bytes.to_vec() })
    }

    /// Checks the author's signature.
    pub fn verify(&self, key: &VerifyKey) -> Result<(), WireError> {
        self.signed.verify(key, "envelope")
    }

    /// The bytes as they travel.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as they travel, taken.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Header {
    pub(crate) fn sign(&self, signer: &dyn Sign, payload: Vec<u8>) -> Result<Vec<u8>, WireError> {
        let fields = vec![
            Value::Bytes(self.id.as_bytes().to_vec()),
            Value::Bytes(self.space.as_bytes().to_vec()),
            Value::Bytes(self.unit.as_bytes().to_vec()),
            Value::Bytes(self.kid.as_bytes().to_vec()),
        ];
        let bytes = sign(self.purpose, signer, &self.author, fields, payload)?;
        if bytes.len() > limits::ENVELOPE_BYTES { Err(WireError::TooLarge("envelope")) } else { Ok(bytes) }
    }

    fn inner_header(&self) -> coset::Header {
        HeaderBuilder::new().algorithm(iana::Algorithm::A256GCM).value(HEADER, self.inner()).build()
    }

    fn inner(&self) -> Value {
        Value::Array(vec![
            Value::Bytes(self.id.as_bytes().to_vec()),
            Value::Bytes(self.space.as_bytes().to_vec()),
            Value::Bytes(self.kid.as_bytes().to_vec()),
            Value::Bytes(self.author.to_vec()),
        ])
    }
}

/// Who writes an event, where.
pub struct EventHeader {
    /// The event's id.
    pub id: EventId,
    /// The space.
    pub space: SpaceId,
    /// The author's unit.
    pub unit: UnitId,
    /// The author.
    pub author: MemberId,
}

/// Seals an event's body: compress, pad, encrypt under the space key, sign by the member.
pub fn seal_event(event: &EventHeader, key: &SpaceKey, signer: &dyn Sign, body: &[u8]) -> Result<Vec<u8>, WireError> {
    let header = Header {
        purpose: Purpose::Event,
        id: event.id,
        space: event.space,
        unit: event.unit,
        kid: key.kid(),
        author: *event.author.as_bytes(),
    };
    let inner = header.inner_header();
    let nonce = make_nonce()?;
    let sealed = CoseEncrypt0Builder::new()
        .protected(inner)
        .unprotected(HeaderBuilder::new().iv(nonce.to_vec()).build())
        .try_create_ciphertext(&pad(body)?, &[], |plain, aad| key.seal(nonce, aad, plain))?
        .build()
        .to_vec()
        .map_err(|_| WireError::Malformed("envelope"))?;
    header.sign(signer, sealed)
}

/// Opens an event's body with the space key. The caller has checked the signature with [`Envelope::verify`].
pub fn open_event(envelope: &Envelope, key: &SpaceKey) -> Result<Zeroizing<Vec<u8>>, WireError> {
    const BAD: WireError = WireError::Malformed("event");
    if envelope.header.purpose != Purpose::Event {
        return Err(BAD);
    }
    if envelope.header.kid != key.kid() {
        return Err(WireError::Open("event"));
    }
    let sealed = CoseEncrypt0::from_slice(envelope.signed.payload()).map_err(|_| BAD)?;
    match sealed.protected.header.rest.as_slice() {
        [(Label::Int(HEADER), value)] if *value == envelope.header.inner() => {}
        _ => return Err(WireError::Mismatch("inner and outer header")),
    }
    let nonce: [u8; 12] = sealed.unprotected.iv.as_slice().try_into().map_err(|_| BAD)?;
    let bare = HeaderBuilder::new().iv(nonce.to_vec()).build();
    if sealed.protected.header != envelope.header.inner_header() || sealed.unprotected != bare {
        return Err(BAD);
    }
    let padded = sealed.decrypt_ciphertext(
        &[],
        || BAD,
        |ciphertext, aad| key.open(nonce, aad, ciphertext, "event").map(|plain| plain.to_vec()),
    )?;
    unpad(&Zeroizing::new(padded))
}
