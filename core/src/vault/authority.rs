//! Above the units: the ministry's authority certifies provinces, a province founds units. Both are files under a
//! passphrase, kept off the everyday desk.

use std::fmt;
use std::path::Path;

use himaya_wire::{
    Certificate, Digest, Entry, EntryAct, FoundUnit, NewcomerCode, Owner, ProvinceId, ProvinceRegistry, SealTo, Secret,
    Sign, SigningKey, Subject, UnitId, UnitKind, VerifyKey, WireError, authority_id, decode, encode, seal_to_of,
};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::disk;
use super::enrol::{Pen, Validity};
use super::error::VaultError;
use super::kdf::{KdfParams, PassphraseBox};
use super::unlock_secret::{Passphrase, normalise};

const VERSION: u64 = 1;
const NO_DIGEST: Digest = Digest::from_bytes([0; 32]);

/// Whose keys a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
enum Holder {
    #[n(0)]
    Authority,
    #[n(1)]
    Province,
}

impl Holder {
    const fn label(self) -> &'static str {
        match self {
            Self::Authority => "himaya/1 authority keys",
            Self::Province => "himaya/1 province keys",
        }
    }
}

/// The certificate stands in the clear: it is public. The digest of it is bound to the keys.
#[derive(Encode, Decode)]
#[cbor(map)]
struct KeyFile {
    #[n(0)]
    version: u64,
    #[n(1)]
    holder: Holder,
    #[cbor(n(2), with = "minicbor::bytes")]
    certificate: Vec<u8>,
    #[n(3)]
    keys: PassphraseBox,
}

/// Replaces `path` whole, under a passphrase of five random words.
fn save(
    path: &Path,
    holder: Holder,
    certificate: &Certificate,
    keys: &[&Secret],
    passphrase: &Passphrase,
    kdf: KdfParams,
) -> Result<(), VaultError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(keys.len() * 32));
    for key in keys {
        // EXPOSE: gathered in a buffer that is zeroed, to be sealed in the next line.
        plain.extend_from_slice(key.expose());
    }
    let bound = Digest::of(&certificate.bytes);
    let keys = PassphraseBox::seal(kdf, passphrase.reveal(), holder.label(), bound.as_bytes(), &plain)?;
    let file = KeyFile { version: VERSION, holder, certificate: certificate.bytes.clone(), keys };
    Ok(disk::replace(path, &encode(&file, "key file")?)?)
}

/// Reads certificate and keys. A wrong passphrase and a changed file cannot be told apart here: there is no keystore.
fn load(path: &Path, holder: Holder, typed: &str) -> Result<(Vec<u8>, Vec<Secret>), VaultError> {
    const DAMAGED: VaultError = VaultError::Corrupt("key file");
    let bytes = disk::read(path)?.ok_or(VaultError::Io(std::io::ErrorKind::NotFound))?;
    let file: KeyFile = decode(&bytes, "key file").map_err(|_| DAMAGED)?;
    if file.version != VERSION || file.holder != holder {
        return Err(DAMAGED);
    }
    let bound = Digest::of(&file.certificate);
    let plain = file
        .keys
        .open(&normalise(typed), holder.label(), bound.as_bytes())?
        .ok_or(VaultError::WrongPin { tries_left: u8::MAX })?;
    let keys = plain.chunks(32).map(Secret::from_slice).collect::<Result<_, WireError>>().map_err(|_| DAMAGED)?;
    Ok((file.certificate, keys))
}

/// The ministry's key, above every province.
pub struct Authority {
    seed: Secret,
    certificate: Certificate,
}

impl Authority {
    /// Makes the key and the certificate it signs for itself, which everyone pins.
    pub fn make(validity: Validity) -> Result<Self, VaultError> {
        let seed = Secret::make_random()?;
        let signer = SigningKey::derive(&seed)?;
        let key = signer.verify_key();
        let claims = validity.claims(Subject::Authority, key.clone(), None);
        let certificate = claims.sign(&signer, authority_id(&key).as_bytes())?;
        Ok(Self { seed, certificate })
    }

    /// Writes the keys under a passphrase.
    pub fn save(&self, path: &Path, passphrase: &Passphrase, kdf: KdfParams) -> Result<(), VaultError> {
        save(path, Holder::Authority, &self.certificate, &[&self.seed], passphrase, kdf)
    }

    /// Reads what [`Authority::save`] wrote.
    pub fn load(path: &Path, typed: &str) -> Result<Self, VaultError> {
        let (certificate, keys) = load(path, Holder::Authority, typed)?;
        let certificate = Certificate::open_authority(&certificate)?;
        let Ok([seed]) = <[Secret; 1]>::try_from(keys) else { return Err(VaultError::Corrupt("key file")) };
        if SigningKey::derive(&seed)?.verify_key() != certificate.claims.verify_key {
            return Err(VaultError::Corrupt("key file"));
        }
        Ok(Self { seed, certificate })
    }

    /// The certificate to pin.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The key to pin.
    pub const fn verify_key(&self) -> &VerifyKey {
        &self.certificate.claims.verify_key
    }

    /// Certifies a province's keys.
    pub fn certify_province(&self, province: &NewProvince, validity: Validity) -> Result<Certificate, VaultError> {
        let subject = Subject::Province(province.id);
        let claims = validity.claims(subject, province.verify_key()?, Some(province.seal_to()?));
        Ok(claims.sign(&SigningKey::derive(&self.seed)?, authority_id(self.verify_key()).as_bytes())?)
    }
}

/// A province's keys, not certified yet.
pub struct NewProvince {
    id: ProvinceId,
    seed: Secret,
    private: Secret,
}

impl NewProvince {
    /// Makes a province's id and keys.
    pub fn make() -> Result<Self, VaultError> {
        Ok(Self { id: ProvinceId::make_random(), seed: Secret::make_random()?, private: Secret::make_random()? })
    }

    /// The province's id.
    pub const fn id(&self) -> ProvinceId {
        self.id
    }

    /// The province's key for signatures.
    pub fn verify_key(&self) -> Result<VerifyKey, VaultError> {
        Ok(SigningKey::derive(&self.seed)?.verify_key())
    }

    /// The province's HPKE key.
    pub fn seal_to(&self) -> Result<SealTo, VaultError> {
        Ok(seal_to_of(&self.private)?)
    }

    /// Joins keys and certificate, which must agree.
    pub fn certified(self, certificate: Certificate) -> Result<Province, VaultError> {
        let claims = &certificate.claims;
        let fits = claims.subject == Subject::Province(self.id)
            && claims.verify_key == self.verify_key()?
            && claims.seal_to == Some(self.seal_to()?);
        if !fits {
            return Err(VaultError::Wire(WireError::Mismatch("province's keys and certificate")));
        }
        Ok(Province { id: self.id, seed: self.seed, private: self.private, certificate })
    }
}

/// A province's certified keys.
pub struct Province {
    id: ProvinceId,
    seed: Secret,
    private: Secret,
    certificate: Certificate,
}

/// What a province signs to found a unit: both are appended online.
#[derive(Clone, Debug)]
pub struct FoundedUnit {
    /// The new unit.
    pub unit: UnitId,
    /// Into the province's registry: the unit is listed.
    pub list: Entry,
    /// Number 0 of the unit's own registry.
    pub found: Entry,
}

impl Province {
    /// Writes the keys under a passphrase.
    pub fn save(&self, path: &Path, passphrase: &Passphrase, kdf: KdfParams) -> Result<(), VaultError> {
        save(path, Holder::Province, &self.certificate, &[&self.seed, &self.private], passphrase, kdf)
    }

    /// Reads what [`Province::save`] wrote; `authority` is the pinned key.
    pub fn load(path: &Path, typed: &str, authority: &VerifyKey) -> Result<Self, VaultError> {
        let (certificate, keys) = load(path, Holder::Province, typed)?;
        let certificate = Certificate::open(&certificate, authority)?;
        let Ok([seed, private]) = <[Secret; 2]>::try_from(keys) else { return Err(VaultError::Corrupt("key file")) };
        let Subject::Province(id) = certificate.claims.subject else { return Err(VaultError::Corrupt("key file")) };
        NewProvince { id, seed, private }.certified(certificate)
    }

    /// The province's id.
    pub const fn id(&self) -> ProvinceId {
        self.id
    }

    /// The certificate by the authority.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Number 0 of the province's registry.
    pub fn found_entry(&self, at_millis: i64) -> Result<Entry, VaultError> {
        let act = EntryAct::FoundProvince { certificate: self.certificate.bytes.clone() };
        self.entry(Owner::Province(self.id), (0, NO_DIGEST), &act, at_millis)
    }

    /// Founds a unit with its first head, whose code the province has from the head in person. `registry` is the
    /// province's own, as far as it goes.
    pub fn found_unit(
        &self,
        kind: UnitKind,
        head: &NewcomerCode,
        registry: &ProvinceRegistry,
        validity: Validity,
    ) -> Result<FoundedUnit, VaultError> {
        let newcomer = head.open()?;
        let unit = UnitId::make_random();
        let signer = SigningKey::derive(&self.seed)?;
        let certify = |subject, key: &VerifyKey, seal_to| -> Result<Vec<u8>, VaultError> {
            let claims = validity.claims(subject, key.clone(), seal_to);
            Ok(claims.sign(&signer, self.id.as_bytes())?.bytes)
        };
        let certificate = certify(Subject::Unit { unit, province: self.id, kind }, &newcomer.verify_key, None)?;
        let member = Subject::Member { member: newcomer.member, unit, head: true };
        let head = certify(member, &newcomer.verify_key, Some(newcomer.seal_to))?;
        let device = certify(Subject::Device { device: newcomer.device, unit }, &newcomer.device_key, None)?;
        let at_millis = validity.at_millis;
        let list = EntryAct::ListUnit { certificate: certificate.clone() };
        let list = self.entry(Owner::Province(self.id), (registry.next, registry.last), &list, at_millis)?;
        let found = EntryAct::FoundUnit(FoundUnit { unit: certificate, head, device });
        let found = self.entry(Owner::Unit(unit), (0, NO_DIGEST), &found, at_millis)?;
        Ok(FoundedUnit { unit, list, found })
    }

    /// The province's own entry in the registry of one of its units, which outranks the head's: to remove a head, say.
    pub fn unit_entry(
        &self,
        registry: &himaya_wire::UnitRegistry,
        act: &EntryAct,
        at_millis: i64,
    ) -> Result<Entry, VaultError> {
        self.entry(Owner::Unit(registry.unit), (registry.next, registry.last), act, at_millis)
    }

    fn entry(&self, owner: Owner, place: (u64, Digest), act: &EntryAct, at_millis: i64) -> Result<Entry, VaultError> {
        let signer = SigningKey::derive(&self.seed)?;
        let mut pen = Pen::new(owner, place, *self.id.as_bytes(), &signer, at_millis);
        pen.write(act)?;
        pen.finish().pop().ok_or(VaultError::Wire(WireError::Malformed("entry")))
    }
}

macro_rules! hidden {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}

hidden!(Authority, NewProvince, Province);
