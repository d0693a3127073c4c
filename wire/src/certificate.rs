//! Certificates: CBOR Web Tokens (RFC 8392) in COSE_Sign1, authority → province → unit → member and device.
//!
//! Expiry bars the hub from serving; it never invalidates what was signed before.

use coset::cbor::value::Value;
use coset::cwt::{ClaimName, ClaimsSet, ClaimsSetBuilder, Timestamp};
use coset::{AsCborValue, CborSerializable, CoseKey, CoseKeyBuilder, KeyType, Label, iana};
use minicbor::{Decode, Encode};

use crate::cose::{Purpose, Signed, number, sign};
use crate::key::SealTo;
use crate::{DeviceId, MemberId, ProvinceId, Sign, UnitId, VerifyKey, WireError, limits};

/// Private claim: the subject's role as an array (RFC 8392 section 4 leaves integers below −65536 to us).
const CLAIM_ROLE: i64 = -65_538;
/// Private claim: the subject's HPKE public key.
const CLAIM_SEAL_TO: i64 = -65_539;

/// The name of an authority: its key's kid.
pub type AuthorityId = crate::Kid;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum UnitKind {
    /// Mobile social-service unit (SAS mobile).
    #[n(0)]
    Sas,
    /// Child-protection unit (UPE).
    #[n(1)]
    Upe,
    /// Support centre (CAPE).
    #[n(2)]
    Cape,
    /// Another stakeholder of the protocol.
    #[n(3)]
    Stakeholder,
}

impl UnitKind {
    /// Every kind, by number.
    pub const ALL: [Self; 4] = [Self::Sas, Self::Upe, Self::Cape, Self::Stakeholder];

    /// The code on the command line and in message keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sas => "sas",
            Self::Upe => "upe",
            Self::Cape => "cape",
            Self::Stakeholder => "stakeholder",
        }
    }
}

impl std::str::FromStr for UnitKind {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        Self::ALL.into_iter().find(|kind| kind.code() == text).ok_or(WireError::Malformed("unit kind"))
    }
}

/// Whom a certificate speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The ministry's own key.
    Authority,
    /// A province.
    Province(ProvinceId),
    /// A unit of a province.
    Unit {
        /// The unit.
        unit: UnitId,
        /// Its province.
        province: ProvinceId,
        /// What it is.
        kind: UnitKind,
    },
    /// A worker of a unit.
    Member {
        /// The worker.
        member: MemberId,
        /// The unit.
        unit: UnitId,
        /// Whether the worker heads the unit: admits, removes, approves, holds the circle *heads*.
        head: bool,
    },
    /// A device of a unit.
    Device {
        /// The device.
        device: DeviceId,
        /// The unit.
        unit: UnitId,
    },
}

impl Subject {
    /// Devices sign with P-256, everyone else with Ed25519: a key of one kind never speaks for the other.
    const fn fits(&self, key: &VerifyKey) -> bool {
        matches!((self, key), (Self::Device { .. }, VerifyKey::P256(_)))
            || (!matches!(self, Self::Device { .. }) && matches!(key, VerifyKey::Ed25519(_)))
    }
}

/// The content of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whom it speaks of.
    pub subject: Subject,
    /// The subject's key for signatures. For a unit: its founding head's.
    pub verify_key: VerifyKey,
    /// The subject's HPKE key: members and provinces.
    pub seal_to: Option<SealTo>,
    /// Seconds since the Unix epoch.
    pub issued_at_s: i64,
    /// Seconds since the Unix epoch.
    pub expires_at_s: i64,
}

/// A certificate whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// What it says.
    pub claims: Claims,
    /// Its bytes as they travel.
    pub bytes: Vec<u8>,
}

impl Claims {
    /// Signs the claims. `issuer_id` names the signer: a member, a province, or the authority's kid.
    pub fn sign(&self, issuer: &dyn Sign, issuer_id: &[u8]) -> Result<Certificate, WireError> {
        let payload = self.to_set()?.to_vec().map_err(|_| WireError::Malformed("claims"))?;
        let bytes = sign(Purpose::Certificate, issuer, issuer_id, Vec::new(), payload)?;
        Ok(Certificate { claims: self.clone(), bytes })
    }

    fn to_set(&self) -> Result<ClaimsSet, WireError> {
        if !self.subject.fits(&self.verify_key) {
            return Err(WireError::Mismatch("certificate and key"));
        }
        let role = match &self.subject {
            Subject::Authority => vec![Value::from(0)],
            Subject::Province(province) => vec![Value::from(1), bytes(province.as_bytes())],
            Subject::Unit { unit, province, kind } => {
                vec![Value::from(2), bytes(unit.as_bytes()), bytes(province.as_bytes()), Value::from(*kind as u64)]
            }
            Subject::Member { member, unit, head } => {
                vec![Value::from(3), bytes(member.as_bytes()), bytes(unit.as_bytes()), Value::from(u64::from(*head))]
            }
            Subject::Device { device, unit } => {
                vec![Value::from(4), bytes(device.as_bytes()), bytes(unit.as_bytes())]
            }
        };
        let key = cose_key(&self.verify_key).to_cbor_value().map_err(|_| WireError::Malformed("key"))?;
        let mut builder = ClaimsSetBuilder::new()
            .expiration_time(Timestamp::WholeSeconds(self.expires_at_s))
            .issued_at(Timestamp::WholeSeconds(self.issued_at_s))
            .claim(iana::CwtClaimName::Cnf, Value::Map(vec![(Value::from(1), key)]))
            .private_claim(CLAIM_ROLE, Value::Array(role));
        if let Some(seal_to) = &self.seal_to {
            builder = builder.private_claim(CLAIM_SEAL_TO, bytes(seal_to.as_bytes()));
        }
        Ok(builder.build())
    }

    fn from_set(set: &ClaimsSet) -> Result<Self, WireError> {
        const BAD: WireError = WireError::Malformed("claims");
        let claim = |name: ClaimName| set.rest.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let role = claim(ClaimName::PrivateUse(CLAIM_ROLE)).and_then(Value::as_array).ok_or(BAD)?;
        let id = |index: usize| -> Result<[u8; 16], WireError> {
            role.get(index).and_then(Value::as_bytes).and_then(|id| id.as_slice().try_into().ok()).ok_or(BAD)
        };
        let subject = match number(role.first())? {
            0 => Subject::Authority,
            1 => Subject::Province(ProvinceId::from_bytes(id(1)?)),
            2 => Subject::Unit {
                unit: UnitId::from_bytes(id(1)?),
                province: ProvinceId::from_bytes(id(2)?),
                kind: usize::try_from(number(role.get(3))?)
                    .ok()
                    .and_then(|kind| UnitKind::ALL.get(kind).copied())
                    .ok_or(BAD)?,
            },
            3 => Subject::Member {
                member: MemberId::from_bytes(id(1)?),
                unit: UnitId::from_bytes(id(2)?),
                head: number(role.get(3))? == 1,
            },
            4 => Subject::Device { device: DeviceId::from_bytes(id(1)?), unit: UnitId::from_bytes(id(2)?) },
            _ => return Err(BAD),
        };
        let cnf = claim(ClaimName::Assigned(iana::CwtClaimName::Cnf)).and_then(Value::as_map).ok_or(BAD)?;
        let [(_, key)] = cnf.as_slice() else { return Err(BAD) };
        let seal_to = match claim(ClaimName::PrivateUse(CLAIM_SEAL_TO)) {
            None => None,
            Some(value) => {
                Some(SealTo::from_bytes(value.as_bytes().and_then(|key| key.as_slice().try_into().ok()).ok_or(BAD)?))
            }
        };
        let (Some(Timestamp::WholeSeconds(expires_at_s)), Some(Timestamp::WholeSeconds(issued_at_s))) =
            (&set.expiration_time, &set.issued_at)
        else {
            return Err(BAD);
        };
        let verify_key = verify_key(&CoseKey::from_cbor_value(key.clone()).map_err(|_| BAD)?)?;
        if !subject.fits(&verify_key) {
            return Err(WireError::Mismatch("certificate and key"));
        }
        Ok(Self { subject, verify_key, seal_to, issued_at_s: *issued_at_s, expires_at_s: *expires_at_s })
    }
}

impl Certificate {
    /// Reads a certificate and checks it under the issuer's key.
    pub fn open(bytes: &[u8], issuer: &VerifyKey) -> Result<Self, WireError> {
        if bytes.len() > limits::CERTIFICATE_BYTES {
            return Err(WireError::TooLarge("certificate"));
        }
        let signed = Signed::parse_as(bytes, Purpose::Certificate)?;
        signed.verify(issuer, "certificate")?;
        let set = ClaimsSet::from_slice(signed.payload()).map_err(|_| WireError::Malformed("claims"))?;
        Ok(Self { claims: Claims::from_set(&set)?, bytes: bytes.to_vec() })
    }

    /// Reads what a certificate claims, unchecked: enough to refuse one, never to believe it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Claims, WireError> {
        if bytes.len() > limits::CERTIFICATE_BYTES {
            return Err(WireError::TooLarge("certificate"));
        }
        let signed = Signed::parse_as(bytes, Purpose::Certificate)?;
        let set = ClaimsSet::from_slice(signed.payload()).map_err(|_| WireError::Malformed("claims"))?;
        Claims::from_set(&set)
    }

    /// Reads the authority's own certificate, signed by the key inside it. The caller pins it by hand.
    pub fn open_authority(bytes: &[u8]) -> Result<Self, WireError> {
        let claims = Self::read(bytes)?;
        if claims.subject != Subject::Authority {
            return Err(WireError::Mismatch("certificate and role"));
        }
        Self::open(bytes, &claims.verify_key)
    }

    /// Whether the certificate is in force at a time, seconds since the Unix epoch.
    pub const fn in_force(&self, now_s: i64) -> bool {
        self.claims.issued_at_s <= now_s && now_s < self.claims.expires_at_s
    }
}

/// The name of the authority that holds `key`.
pub fn authority_id(key: &VerifyKey) -> AuthorityId {
    crate::Kid::derive("himaya/1 authority key", key.as_bytes())
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

fn cose_key(key: &VerifyKey) -> CoseKey {
    match key {
        VerifyKey::Ed25519(key) => CoseKeyBuilder::new_okp_key()
            .param(iana::OkpKeyParameter::Crv as i64, Value::from(iana::EllipticCurve::Ed25519 as u64))
            .param(iana::OkpKeyParameter::X as i64, bytes(key))
            .build(),
        VerifyKey::P256(key) => {
            CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, key[1..33].to_vec(), key[33..].to_vec()).build()
        }
    }
}

fn verify_key(key: &CoseKey) -> Result<VerifyKey, WireError> {
    const BAD: WireError = WireError::Malformed("key");
    let param = |label: i64| key.params.iter().find(|(name, _)| *name == Label::Int(label)).map(|(_, value)| value);
    let coordinate = |label: i64| -> Result<[u8; 32], WireError> {
        param(label).and_then(Value::as_bytes).and_then(|bytes| bytes.as_slice().try_into().ok()).ok_or(BAD)
    };
    let curve = number(param(iana::OkpKeyParameter::Crv as i64))?;
    if key.kty == KeyType::Assigned(iana::KeyType::OKP) && curve == iana::EllipticCurve::Ed25519 as u64 {
        return Ok(VerifyKey::Ed25519(coordinate(iana::OkpKeyParameter::X as i64)?));
    }
    if key.kty == KeyType::Assigned(iana::KeyType::EC2) && curve == iana::EllipticCurve::P_256 as u64 {
        let mut point = [4_u8; 65];
        point[1..33].copy_from_slice(&coordinate(iana::Ec2KeyParameter::X as i64)?);
        point[33..].copy_from_slice(&coordinate(iana::Ec2KeyParameter::Y as i64)?);
        return Ok(VerifyKey::P256(point));
    }
    Err(BAD)
}
