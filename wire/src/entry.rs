//! Registry entries: numbered, linked by hash, signed by a head of the unit or by the province.

use coset::cbor::value::Value;
use minicbor::{Decode, Encode};

use crate::cose::{Purpose, Signed, decode, encode, number, sign};
use crate::grant::Circle;
use crate::key::{SealTo, Wrapped, hpke_open, hpke_seal};
use crate::{DeviceId, Digest, Kid, MemberId, ProvinceId, Secret, Sign, UnitId, WireError, limits};

const WRAP_INFO: &str = "himaya/1 circle key";

/// Whose registry: a province's or a unit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A province: its units.
    Province(ProvinceId),
    /// A unit: its members, devices and circles.
    Unit(UnitId),
}

impl Owner {
    /// The 16 bytes of the owner's id.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Province(id) => id.as_bytes(),
            Self::Unit(id) => id.as_bytes(),
        }
    }
}

/// A circle's private key, wrapped to one member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CircleWrap {
    /// The circle.
    #[n(0)]
    pub circle: Circle,
    /// The circle key's name.
    #[n(1)]
    pub key: Kid,
    /// The member.
    #[n(2)]
    pub member: MemberId,
    /// The wrapped private key.
    #[n(3)]
    pub wrapped: Wrapped,
}

impl CircleWrap {
    /// Wraps a circle's private key to a member.
    pub fn seal(
        unit: UnitId,
        circle: Circle,
        secret: &Secret,
        member: MemberId,
        to: &SealTo,
    ) -> Result<Self, WireError> {
        let key = crate::key::seal_to_of(secret)?.kid();
        let aad = Self::aad(unit, circle, &key, member)?;
        // EXPOSE: hpke encrypts the key and keeps no copy.
        let wrapped = hpke_seal(to, WRAP_INFO, &aad, secret.expose())?;
        Ok(Self { circle, key, member, wrapped })
    }

    /// Opens the wrap with the member's private key, and checks that it is the key it names.
    pub fn open(&self, unit: UnitId, member_secret: &Secret) -> Result<Secret, WireError> {
        let aad = Self::aad(unit, self.circle, &self.key, self.member)?;
        let secret = Secret::from_slice(&hpke_open(member_secret, WRAP_INFO, &aad, &self.wrapped, "circle key")?)?;
        if crate::key::seal_to_of(&secret)?.kid() == self.key {
            Ok(secret)
        } else {
            Err(WireError::Mismatch("circle key and name"))
        }
    }

    fn aad(unit: UnitId, circle: Circle, key: &Kid, member: MemberId) -> Result<Vec<u8>, WireError> {
        encode(&(unit, circle, key, member), "circle key")
    }
}

/// Who is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Removed {
    /// A member.
    #[n(0)]
    Member(#[n(0)] MemberId),
    /// A device.
    #[n(1)]
    Device(#[n(0)] DeviceId),
}

/// What an entry does. Kinds are only added: an unknown one takes its number and has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryAct {
    /// Number 0 of a province's registry: the certificate by the authority.
    FoundProvince {
        /// The province's certificate.
        certificate: Vec<u8>,
    },
    /// Lists a unit in its province's registry.
    ListUnit {
        /// The unit's certificate.
        certificate: Vec<u8>,
    },
    /// Number 0 of a unit's registry, by the province.
    FoundUnit(FoundUnit),
    /// Admits a member: a certificate by the head, and the circle keys wrapped by the head's explicit act.
    AdmitMember {
        /// The member's certificate.
        certificate: Vec<u8>,
        /// Circle keys for the member.
        wraps: Vec<CircleWrap>,
    },
    /// Admits a device.
    AdmitDevice {
        /// The device's certificate.
        certificate: Vec<u8>,
    },
    /// Gives a circle its first or next key.
    SetCircle {
        /// The circle.
        circle: Circle,
        /// The new public key.
        seal_to: SealTo,
        /// The private key for each member of the circle.
        wraps: Vec<CircleWrap>,
    },
    /// Removes a member or a device.
    Remove(Removed),
    /// The head's weekly word that the registry ends here.
    Resign,
    /// Something a newer program wrote.
    Unknown {
        /// The kind's number.
        kind: u64,
        /// Its content, kept.
        data: Vec<u8>,
    },
}

/// The founding of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FoundUnit {
    /// The unit's certificate, by the province.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub unit: Vec<u8>,
    /// The founding head's certificate, by the province.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Vec<u8>,
    /// The founding head's device, by the province.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub device: Vec<u8>,
}

#[derive(Encode, Decode)]
struct CertificateOnly {
    #[cbor(n(0), with = "minicbor::bytes")]
    certificate: Vec<u8>,
}

#[derive(Encode, Decode)]
struct Admission {
    #[cbor(n(0), with = "minicbor::bytes")]
    certificate: Vec<u8>,
    #[n(1)]
    wraps: Vec<CircleWrap>,
}

#[derive(Encode, Decode)]
struct CircleSet {
    #[n(0)]
    circle: Circle,
    #[n(1)]
    seal_to: SealTo,
    #[n(2)]
    wraps: Vec<CircleWrap>,
}

#[derive(Encode, Decode)]
struct EntryBody {
    #[n(0)]
    at_millis: i64,
    #[n(1)]
    kind: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    data: Vec<u8>,
}

impl EntryAct {
    fn to_body(&self, at_millis: i64) -> Result<EntryBody, WireError> {
        let only = |certificate: &Vec<u8>| encode(&CertificateOnly { certificate: certificate.clone() }, "entry");
        let (kind, data) = match self {
            Self::FoundProvince { certificate } => (1, only(certificate)?),
            Self::ListUnit { certificate } => (2, only(certificate)?),
            Self::FoundUnit(found) => (3, encode(found, "entry")?),
            Self::AdmitMember { certificate, wraps } => {
                (4, encode(&Admission { certificate: certificate.clone(), wraps: wraps.clone() }, "entry")?)
            }
            Self::AdmitDevice { certificate } => (5, only(certificate)?),
            Self::SetCircle { circle, seal_to, wraps } => {
                (6, encode(&CircleSet { circle: *circle, seal_to: *seal_to, wraps: wraps.clone() }, "entry")?)
            }
            Self::Remove(removed) => (7, encode(removed, "entry")?),
            Self::Resign => (8, Vec::new()),
            Self::Unknown { kind, data } => (*kind, data.clone()),
        };
        Ok(EntryBody { at_millis, kind, data })
    }

    fn from_body(body: EntryBody) -> Result<Self, WireError> {
        let data = body.data.as_slice();
        let only = || decode::<CertificateOnly>(data, "entry").map(|only| only.certificate);
        Ok(match body.kind {
            1 => Self::FoundProvince { certificate: only()? },
            2 => Self::ListUnit { certificate: only()? },
            3 => Self::FoundUnit(decode(data, "entry")?),
            4 => {
                let Admission { certificate, wraps } = decode(data, "entry")?;
                Self::AdmitMember { certificate, wraps }
            }
            5 => Self::AdmitDevice { certificate: only()? },
            6 => {
                let CircleSet { circle, seal_to, wraps } = decode(data, "entry")?;
                Self::SetCircle { circle, seal_to, wraps }
            }
            7 => Self::Remove(decode(data, "entry")?),
            8 => Self::Resign,
            kind => Self::Unknown { kind, data: body.data },
        })
    }
}

/// A registry entry whose form was checked. Whether it counts is for [`crate::Registries`] to say.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose registry.
    pub owner: Owner,
    /// Its number, from 0.
    pub number: u64,
    /// SHA-256 of the entry before; zeros for number 0.
    pub previous: Digest,
    /// Who signed: a head's member id, or the province's id.
    pub signer: [u8; 16],
    /// When, by the signer's clock, milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// What it does.
    pub act: EntryAct,
    /// SHA-256 of the entry.
    pub digest: Digest,
    signed: Signed,
    bytes: Vec<u8>,
}

/// Where a new entry goes.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry {
    /// Whose registry.
    pub owner: Owner,
    /// Its number.
    pub number: u64,
    /// The entry before.
    pub previous: Digest,
    /// The signer's id.
    pub signer: [u8; 16],
    /// Now, milliseconds since the Unix epoch.
    pub at_millis: i64,
}

impl Entry {
    /// Signs a new entry.
    pub fn sign(new: &NewEntry, act: &EntryAct, signer: &dyn Sign) -> Result<Self, WireError> {
        let kind = match new.owner {
            Owner::Province(_) => 0_u64,
            Owner::Unit(_) => 1,
        };
        let fields = vec![
            Value::from(kind),
            Value::Bytes(new.owner.as_bytes().to_vec()),
            Value::from(new.number),
            Value::Bytes(new.previous.as_bytes().to_vec()),
        ];
        let payload = encode(&act.to_body(new.at_millis)?, "entry")?;
        Self::parse(&sign(Purpose::Entry, signer, &new.signer, fields, payload)?)
    }

    /// Reads an entry. Its signature is not checked yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > limits::ENTRY_BYTES {
            return Err(WireError::TooLarge("entry"));
        }
        let signed = Signed::parse_as(bytes, Purpose::Entry)?;
        if signed.fields.len() != 4 {
            return Err(WireError::Malformed("entry"));
        }
        let owner = match number(signed.fields.first())? {
            0 => Owner::Province(ProvinceId::from_slice(signed.bytes(1)?)?),
            1 => Owner::Unit(UnitId::from_slice(signed.bytes(1)?)?),
            _ => return Err(WireError::Malformed("entry")),
        };
        let body: EntryBody = decode(signed.payload(), "entry")?;
        Ok(Self {
            owner,
            number: number(signed.fields.get(2))?,
            previous: Digest::from_slice(signed.bytes(3)?)?,
            signer: signed.key_id().try_into().map_err(|_| WireError::Malformed("entry"))?,
            at_millis: body.at_millis,
            act: EntryAct::from_body(body)?,
            digest: Digest::of(bytes),
            signed,
            bytes: bytes.to_vec(),
        })
    }

    /// Checks the signature.
    pub fn verify(&self, key: &crate::VerifyKey) -> Result<(), WireError> {
        self.signed.verify(key, "registry entry")
    }

    /// The bytes as they travel.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
