//! Grants: a space key wrapped by HPKE to circles of units, in one envelope signed by a member of the granting unit.

use minicbor::{Decode, Encode};

use crate::cose::{Purpose, decode, encode};
use crate::envelope::{Envelope, Header};
use crate::key::{SealTo, SpaceKey, Wrapped, hpke_open, hpke_seal};
use crate::{EventId, Kid, MemberId, Secret, Sign, SpaceId, UnitId, WireError, limits};

const INFO: &str = "himaya/1 grant";

/// A circle of a unit: who inside it may hold a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Circle {
    /// Every member.
    #[n(0)]
    All,
    /// Bound to medical secrecy.
    #[n(1)]
    Medical,
    /// Psychologists.
    #[n(2)]
    Psychological,
    /// Judicial work.
    #[n(3)]
    Judicial,
    /// Heads.
    #[n(4)]
    Heads,
}

impl Circle {
    /// Every circle, by number.
    pub const ALL: [Self; 5] = [Self::All, Self::Medical, Self::Psychological, Self::Judicial, Self::Heads];
}

/// What a grant gives of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Scope {
    /// The whole file, past and future.
    #[n(0)]
    Whole,
    /// From here: events under this key only.
    #[n(1)]
    FromHere,
}

/// One circle a key is wrapped to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Recipient {
    /// The unit that receives.
    #[n(0)]
    pub unit: UnitId,
    /// Its circle.
    #[n(1)]
    pub circle: Circle,
    /// The circle key's name.
    #[n(2)]
    pub key: Kid,
    /// The wrapped space key.
    #[n(3)]
    pub wrapped: Wrapped,
}

/// The signed payload of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GrantBody {
    /// The granting unit's registry position that the author had seen.
    #[n(0)]
    pub position: u64,
    /// What is given.
    #[n(1)]
    pub scope: Scope,
    /// To whom.
    #[n(2)]
    pub recipients: Vec<Recipient>,
}

/// Bound into each wrap as `aad`, in deterministic CBOR (RFC 8949 section 4.2).
#[derive(Encode)]
struct Bound<'a> {
    #[n(0)]
    space: &'a SpaceId,
    #[n(1)]
    kid: &'a Kid,
    #[n(2)]
    granting: &'a UnitId,
    #[n(3)]
    unit: &'a UnitId,
    #[n(4)]
    circle: Circle,
    #[n(5)]
    key: &'a Kid,
    #[n(6)]
    position: u64,
    #[n(7)]
    scope: Scope,
}

/// A circle's public key, to grant to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantTo {
    /// The unit.
    pub unit: UnitId,
    /// The circle.
    pub circle: Circle,
    /// Its public key.
    pub seal_to: SealTo,
}

/// Who grants, in which space, seen from which registry position.
pub struct NewGrant<'a> {
    /// The grant's envelope id.
    pub id: EventId,
    /// The space.
    pub space: SpaceId,
    /// The granting unit.
    pub unit: UnitId,
    /// The granting member.
    pub author: MemberId,
    /// The granting unit's registry position.
    pub position: u64,
    /// What is given.
    pub scope: Scope,
    /// To whom.
    pub to: &'a [GrantTo],
}

/// Wraps `key` to each circle and signs the whole.
pub fn seal_grant(grant: &NewGrant<'_>, key: &SpaceKey, signer: &dyn Sign) -> Result<Vec<u8>, WireError> {
    if grant.to.is_empty() || grant.to.len() > limits::GRANT_RECIPIENTS {
        return Err(WireError::TooLarge("grant"));
    }
    let kid = key.kid();
    let recipients = grant.to.iter().map(|to| {
        let circle_key = to.seal_to.kid();
        let aad = encode(
            &Bound {
                space: &grant.space,
                kid: &kid,
                granting: &grant.unit,
                unit: &to.unit,
                circle: to.circle,
                key: &circle_key,
                position: grant.position,
                scope: grant.scope,
            },
            "grant",
        )?;
        // EXPOSE: hpke encrypts the key and keeps no copy.
        let wrapped = hpke_seal(&to.seal_to, INFO, &aad, key.secret().expose())?;
        Ok(Recipient { unit: to.unit, circle: to.circle, key: circle_key, wrapped })
    });
    let body = GrantBody {
        position: grant.position,
        scope: grant.scope,
        recipients: recipients.collect::<Result<_, WireError>>()?,
    };
    let header = Header {
        purpose: Purpose::Grant,
        id: grant.id,
        space: grant.space,
        unit: grant.unit,
        kid,
        author: *grant.author.as_bytes(),
    };
    header.sign(signer, encode(&body, "grant")?)
}

/// Reads whom a grant names. The hub routes by this; nothing is opened.
pub fn read_grant(envelope: &Envelope) -> Result<GrantBody, WireError> {
    if envelope.header.purpose != Purpose::Grant {
        return Err(WireError::Malformed("grant"));
    }
    let body: GrantBody = decode(envelope.signed.payload(), "grant")?;
    if body.recipients.is_empty() || body.recipients.len() > limits::GRANT_RECIPIENTS {
        return Err(WireError::TooLarge("grant"));
    }
    Ok(body)
}

/// Opens one recipient's wrap with the circle's private key, and checks that the key is the one the grant names.
pub fn open_grant(
    envelope: &Envelope,
    body: &GrantBody,
    recipient: &Recipient,
    secret: &Secret,
) -> Result<SpaceKey, WireError> {
    let header = &envelope.header;
    let aad = encode(
        &Bound {
            space: &header.space,
            kid: &header.kid,
            granting: &header.unit,
            unit: &recipient.unit,
            circle: recipient.circle,
            key: &recipient.key,
            position: body.position,
            scope: body.scope,
        },
        "grant",
    )?;
    let plain = hpke_open(secret, INFO, &aad, &recipient.wrapped, "grant")?;
    let key = SpaceKey::from_secret(Secret::from_slice(&plain)?);
    if key.kid() == header.kid { Ok(key) } else { Err(WireError::Mismatch("grant and key")) }
}
