//! The hub's requests and answers. One request, signed by the device itself, pushes and pulls.

use coset::cbor::value::Value;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::cose::{Purpose, Signed, decode, encode, sign};
use crate::{Digest, Incarnation, Sign, VerifyKey, WireError, limits};

/// What a device asks. All positions are exclusive: "after".
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Request {
    /// The device's clock, milliseconds since the Unix epoch. Never a reason to refuse.
    #[n(0)]
    pub at_millis: i64,
    /// Random, so that two requests never look alike.
    #[n(1)]
    pub nonce: u64,
    /// The hub history that `after` counts in; none on the first request.
    #[n(2)]
    pub incarnation: Option<Incarnation>,
    /// Sealed envelopes.
    #[cbor(n(3), decode_with = "crate::cose::bounded::<{ limits::PUSH_ENVELOPES }, _>")]
    pub push: Vec<ByteVec>,
    /// Registry entries.
    #[cbor(n(4), decode_with = "crate::cose::bounded::<{ limits::PUSH_ENTRIES }, _>")]
    pub entries: Vec<ByteVec>,
    /// Last position of the unit's feed that the device has.
    #[n(5)]
    pub after: u64,
    /// Last position of the registries' feed that the device has.
    #[n(6)]
    pub entries_after: u64,
    /// Most items wanted, envelopes and entries each.
    #[n(7)]
    pub limit: u32,
    /// How long the hub may hold the answer while there is nothing new, seconds.
    #[n(8)]
    pub wait_s: u32,
    /// Whether envelopes that this device pushed itself are wanted too: after losing them, or to check a hub.
    #[n(9)]
    pub all: bool,
}

/// What came of one pushed envelope or entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Outcome {
    /// Stored, after fsync.
    #[n(0)]
    Stored,
    /// Had it already.
    #[n(1)]
    Had,
    /// Kept, and flagged: another envelope has the same id.
    #[n(2)]
    Flagged,
    /// Kept in the unit's quarantine: the device was removed.
    #[n(3)]
    Quarantined,
    /// Not kept.
    #[n(4)]
    Refused(#[n(0)] Refusal),
}

impl Outcome {
    /// Whether the hub holds it now, so that the outbox may be cleared.
    pub const fn is_kept(self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// Why an envelope or entry was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    /// Not in the format.
    #[n(0)]
    Malformed,
    /// Its author is in no registry here yet.
    #[n(1)]
    UnknownAuthor,
    /// Its signature does not verify.
    #[n(2)]
    Signature,
    /// No grant gives its author's unit this space.
    #[n(3)]
    NoGrant,
    /// Too large.
    #[n(4)]
    TooLarge,
    /// The hub has no room.
    #[n(5)]
    NoSpace,
    /// The registry entry leaves a gap, or its registry is not known yet.
    #[n(6)]
    Gap,
    /// The registry entry's number is taken by another.
    #[n(7)]
    Forked,
    /// Its signer may not do this.
    #[n(8)]
    NotAllowed,
    /// A newer version than this hub's.
    #[n(9)]
    Version,
    /// The space was erased.
    #[n(10)]
    Erased,
}

impl Refusal {
    /// Whether offering the same bytes again later can help.
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::UnknownAuthor | Self::NoGrant | Self::NoSpace | Self::Gap | Self::Version)
    }
}

/// What came of one pushed thing, by digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Told {
    /// SHA-256 of what was pushed.
    #[n(0)]
    pub digest: Digest,
    /// What came of it.
    #[n(1)]
    pub outcome: Outcome,
}

/// One item of a unit's feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Its position, gap-free from 1.
    #[n(0)]
    pub position: u64,
    /// When the hub stored it, milliseconds since the Unix epoch.
    #[n(1)]
    pub stored_at_millis: i64,
    /// The envelope, or its digest when this device pushed it itself.
    #[n(2)]
    pub what: ItemBody,
}

/// An envelope, or the name of one the device has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ItemBody {
    /// The envelope's bytes.
    #[n(0)]
    Envelope(#[n(0)] ByteVec),
    /// The digest of an envelope this device pushed.
    #[n(1)]
    Own(#[n(0)] Digest),
}

/// What the hub answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// The hub's history.
    #[n(0)]
    pub incarnation: Incarnation,
    /// The hub's clock, milliseconds since the Unix epoch.
    #[n(1)]
    pub at_millis: i64,
    /// What came of each pushed envelope.
    #[n(2)]
    pub push: Vec<Told>,
    /// What came of each pushed entry.
    #[n(3)]
    pub entries: Vec<Told>,
    /// New items of the unit's feed, in order.
    #[n(4)]
    pub items: Vec<Item>,
    /// New registry entries, in order, with their positions.
    #[n(5)]
    pub registry: Vec<RegistryItem>,
    /// Whether more is waiting.
    #[n(6)]
    pub more: bool,
}

/// One item of the registries' feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RegistryItem {
    /// Its position, gap-free from 1.
    #[n(0)]
    pub position: u64,
    /// The entry's bytes.
    #[n(1)]
    pub entry: ByteVec,
}

/// Why the hub refused a whole request. Sent with a 4xx or 5xx status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Trouble {
    /// The request is not in the format.
    #[n(0)]
    Malformed,
    /// The device is in no registry here.
    #[n(1)]
    UnknownDevice,
    /// The request's signature does not verify.
    #[n(2)]
    Signature,
    /// Too large.
    #[n(3)]
    TooLarge,
    /// Too many requests or bytes from this device; try later.
    #[n(4)]
    TooMany,
    /// The hub cannot store now; try later.
    #[n(5)]
    NoSpace,
    /// The hub failed; try later.
    #[n(6)]
    Broken,
    /// A newer version than this hub's.
    #[n(7)]
    Version,
    /// The device's certificate has expired: the head renews it.
    #[n(8)]
    Expired,
}

/// The body of a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TroubleBody {
    /// Why.
    #[n(0)]
    pub trouble: Trouble,
    /// When to try again, seconds from now.
    #[n(1)]
    pub retry_after_s: Option<u32>,
}

/// The content type of requests, answers and refusals.
pub const CONTENT_TYPE: &str = "application/cbor";

impl Request {
    /// Signs the request. `signer_id` is a device's id, or a province's for its own desk.
    pub fn sign(&self, signer: &dyn Sign, signer_id: &[u8; 16]) -> Result<Vec<u8>, WireError> {
        let bytes = sign(Purpose::Request, signer, signer_id, Vec::<Value>::new(), encode(self, "request")?)?;
        if bytes.len() > limits::REQUEST_BYTES { Err(WireError::TooLarge("request")) } else { Ok(bytes) }
    }
}

/// A request whose form was checked and whose signature was not yet.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// Who signed.
    pub signer: [u8; 16],
    /// What is asked.
    pub request: Request,
    signed: Signed,
}

impl SignedRequest {
    /// Reads a request and holds it to the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > limits::REQUEST_BYTES {
            return Err(WireError::TooLarge("request"));
        }
        let signed = Signed::parse_as(bytes, Purpose::Request)?;
        let request: Request = decode(signed.payload(), "request")?;
        if request.push.len() > limits::PUSH_ENVELOPES || request.entries.len() > limits::PUSH_ENTRIES {
            return Err(WireError::TooLarge("request"));
        }
        let signer = signed.key_id().try_into().map_err(|_| WireError::Malformed("signer"))?;
        Ok(Self { signer, request, signed })
    }

    /// Checks the signature.
    pub fn verify(&self, key: &VerifyKey) -> Result<(), WireError> {
        self.signed.verify(key, "request")
    }
}

impl Answer {
    /// Encodes the answer.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        encode(self, "answer")
    }

    /// Reads an answer and holds it to the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > 2 * limits::REQUEST_BYTES {
            return Err(WireError::TooLarge("answer"));
        }
        decode(bytes, "answer")
    }
}

impl TroubleBody {
    /// Encodes the refusal.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        encode(self, "refusal")
    }

    /// Reads a refusal.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes, "refusal")
    }
}
