//! An invented province with two units, as the tests and the recorder of vectors need it. Secrets are digests of
//! words, so that they are the same each time; P-256 keys are made afresh or given.
#![allow(dead_code, reason = "each user of this file needs another part of it")]
#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc, reason = "test code")]

use himaya_wire::*;

pub const NOW_S: i64 = 1_790_000_000;
pub const NOW_MS: i64 = NOW_S * 1000;

pub fn secret(word: &str) -> Secret {
    Secret::from_bytes(*Digest::of(word.as_bytes()).as_bytes())
}

pub fn id16(word: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&Digest::of(word.as_bytes()).as_bytes()[..16]);
    id
}

pub struct Person {
    pub id: MemberId,
    pub seed: Secret,
    pub key: SigningKey,
    pub hpke: Secret,
}

impl Person {
    pub fn new(name: &str) -> Self {
        let seed = secret(&format!("{name} seed"));
        let key = SigningKey::derive(&seed).unwrap();
        Self { id: MemberId::from_bytes(id16(name)), seed, key, hpke: secret(&format!("{name} hpke")) }
    }

    pub fn seal_to(&self) -> SealTo {
        seal_to_of(&self.hpke).unwrap()
    }

    pub fn claims(&self, unit: UnitId, head: bool) -> Claims {
        claims(Subject::Member { member: self.id, unit, head }, self.key.verify_key(), Some(self.seal_to()))
    }
}

pub struct Phone {
    pub id: DeviceId,
    pub key: SoftwareDeviceKey,
    pub pkcs8: Vec<u8>,
}

impl Phone {
    pub fn new(name: &str) -> Self {
        Self::with(name, SoftwareDeviceKey::make_pkcs8().unwrap().to_vec())
    }

    pub fn with(name: &str, pkcs8: Vec<u8>) -> Self {
        let key = SoftwareDeviceKey::from_pkcs8(&pkcs8).unwrap();
        Self { id: DeviceId::from_bytes(id16(name)), key, pkcs8 }
    }

    pub fn claims(&self, unit: UnitId) -> Claims {
        claims(Subject::Device { device: self.id, unit }, self.key.verify_key(), None)
    }
}

pub fn claims(subject: Subject, verify_key: VerifyKey, seal_to: Option<SealTo>) -> Claims {
    Claims { subject, verify_key, seal_to, issued_at_s: NOW_S, expires_at_s: NOW_S + 31_536_000 }
}

pub struct World {
    pub authority: SigningKey,
    pub province: ProvinceId,
    pub province_key: SigningKey,
    pub sas: UnitId,
    pub upe: UnitId,
    pub head: Person,
    pub member: Person,
    pub upe_head: Person,
    pub phone: Phone,
    pub member_phone: Phone,
    pub upe_phone: Phone,
    pub circle_all: Secret,
    pub circle_heads: Secret,
    pub upe_all: Secret,
    pub registries: Registries,
    pub entries: Vec<Entry>,
}

impl World {
    pub fn new() -> Self {
        let authority = SigningKey::derive(&secret("authority seed")).unwrap();
        let mut world = Self {
            registries: Registries::new(authority.verify_key()),
            authority,
            province: ProvinceId::from_bytes(id16("province")),
            province_key: SigningKey::derive(&secret("province seed")).unwrap(),
            sas: UnitId::from_bytes(id16("sas")),
            upe: UnitId::from_bytes(id16("upe")),
            head: Person::new("head"),
            member: Person::new("member"),
            upe_head: Person::new("upe head"),
            phone: Phone::new("phone"),
            member_phone: Phone::new("member phone"),
            upe_phone: Phone::new("upe phone"),
            circle_all: secret("circle all"),
            circle_heads: secret("circle heads"),
            upe_all: secret("upe circle all"),
            entries: Vec::new(),
        };
        world.build();
        world
    }

    fn build(&mut self) {
        let province = Owner::Province(self.province);
        let (sas, upe) = (Owner::Unit(self.sas), Owner::Unit(self.upe));
        let certificate = self.province_certificate().bytes;
        self.by_province(province, &EntryAct::FoundProvince { certificate }).unwrap();
        for (unit, kind, head) in [(self.sas, UnitKind::Sas, "head"), (self.upe, UnitKind::Upe, "upe head")] {
            let certificate = self.unit_certificate(unit, kind, &Person::new(head)).bytes;
            self.by_province(province, &EntryAct::ListUnit { certificate }).unwrap();
        }
        let act = self.found(self.sas, UnitKind::Sas, &self.head, &self.phone);
        self.by_province(sas, &act).unwrap();
        let act = self.circle(Circle::All, &self.circle_all, self.sas, &[&self.head]);
        self.by_head(sas, &act).unwrap();
        let act = self.circle(Circle::Heads, &self.circle_heads, self.sas, &[&self.head]);
        self.by_head(sas, &act).unwrap();
        let act = self.admission(&self.member, false, &[(Circle::All, &self.circle_all)]);
        self.by_head(sas, &act).unwrap();
        let certificate = self.member_phone.claims(self.sas).sign(&self.head.key, self.head.id.as_bytes()).unwrap();
        self.by_head(sas, &EntryAct::AdmitDevice { certificate: certificate.bytes }).unwrap();
        let act = self.found(self.upe, UnitKind::Upe, &self.upe_head, &self.upe_phone);
        self.by_province(upe, &act).unwrap();
        let act = self.circle(Circle::All, &self.upe_all, self.upe, &[&self.upe_head]);
        let entry = self.sign_as(upe, &act, self.upe_head.id.as_bytes(), &self.upe_head.key);
        self.take(entry).unwrap();
    }

    pub fn authority_certificate(&self) -> Certificate {
        let key = self.authority.verify_key();
        claims(Subject::Authority, key.clone(), None).sign(&self.authority, authority_id(&key).as_bytes()).unwrap()
    }

    pub fn province_certificate(&self) -> Certificate {
        let seal_to = seal_to_of(&secret("province hpke")).unwrap();
        claims(Subject::Province(self.province), self.province_key.verify_key(), Some(seal_to))
            .sign(&self.authority, authority_id(&self.authority.verify_key()).as_bytes())
            .unwrap()
    }

    pub fn unit_certificate(&self, unit: UnitId, kind: UnitKind, head: &Person) -> Certificate {
        let subject = Subject::Unit { unit, province: self.province, kind };
        claims(subject, head.key.verify_key(), None).sign(&self.province_key, self.province.as_bytes()).unwrap()
    }

    pub fn found(&self, unit: UnitId, kind: UnitKind, head: &Person, phone: &Phone) -> EntryAct {
        let province = self.province.as_bytes();
        EntryAct::FoundUnit(FoundUnit {
            unit: self.unit_certificate(unit, kind, head).bytes,
            head: head.claims(unit, true).sign(&self.province_key, province).unwrap().bytes,
            device: phone.claims(unit).sign(&self.province_key, province).unwrap().bytes,
        })
    }

    pub fn circle(&self, circle: Circle, secret: &Secret, unit: UnitId, to: &[&Person]) -> EntryAct {
        let wraps = to.iter().map(|to| CircleWrap::seal(unit, circle, secret, to.id, &to.seal_to()).unwrap()).collect();
        EntryAct::SetCircle { circle, seal_to: seal_to_of(secret).unwrap(), wraps }
    }

    /// The admission of a worker to the SAS by its head.
    pub fn admission(&self, person: &Person, head: bool, circles: &[(Circle, &Secret)]) -> EntryAct {
        let wraps = circles
            .iter()
            .map(|(circle, secret)| CircleWrap::seal(self.sas, *circle, secret, person.id, &person.seal_to()).unwrap());
        let certificate = person.claims(self.sas, head).sign(&self.head.key, self.head.id.as_bytes()).unwrap().bytes;
        EntryAct::AdmitMember { certificate, wraps: wraps.collect() }
    }

    /// The next entry of a registry, signed by anyone.
    pub fn sign_as(&self, owner: Owner, act: &EntryAct, signer: &[u8; 16], key: &dyn Sign) -> Entry {
        let (number, previous) = self.end(owner);
        Entry::sign(&NewEntry { owner, number, previous, signer: *signer, at_millis: NOW_MS }, act, key).unwrap()
    }

    pub fn end(&self, owner: Owner) -> (u64, Digest) {
        let zeros = Digest::from_bytes([0; 32]);
        match owner {
            Owner::Province(id) => self.registries.province(id).map_or((0, zeros), |known| (known.next, known.last)),
            Owner::Unit(id) => self.registries.unit(id).map_or((0, zeros), |known| (known.next, known.last)),
        }
    }

    pub fn take(&mut self, entry: Entry) -> Result<(), RegistryError> {
        self.registries.apply(entry.bytes())?;
        self.entries.push(entry);
        Ok(())
    }

    pub fn by_province(&mut self, owner: Owner, act: &EntryAct) -> Result<(), RegistryError> {
        let entry = self.sign_as(owner, act, self.province.as_bytes(), &self.province_key);
        self.take(entry)
    }

    pub fn by_head(&mut self, owner: Owner, act: &EntryAct) -> Result<(), RegistryError> {
        let entry = self.sign_as(owner, act, self.head.id.as_bytes(), &self.head.key);
        self.take(entry)
    }

    pub fn newcomer(&self) -> Newcomer {
        let person = Person::new("newcomer");
        Newcomer {
            member: person.id,
            verify_key: person.key.verify_key(),
            seal_to: person.seal_to(),
            device: self.member_phone.id,
            device_key: self.member_phone.key.verify_key(),
        }
    }

    pub fn space(&self) -> SpaceId {
        SpaceId::from_bytes(id16("space"))
    }

    pub fn space_key(&self) -> SpaceKey {
        SpaceKey::from_secret(secret("space key"))
    }

    pub fn event_header(&self, id: &str) -> EventHeader {
        EventHeader { id: EventId::from_bytes(id16(id)), space: self.space(), unit: self.sas, author: self.member.id }
    }

    pub fn event(&self, body: &[u8]) -> Vec<u8> {
        seal_event(&self.event_header("event"), &self.space_key(), &self.member.key, body).unwrap()
    }

    pub fn grant(&self, both: bool) -> Vec<u8> {
        let to = [
            self.registries.unit(self.sas).unwrap().circle(Circle::All).unwrap(),
            self.registries.unit(self.upe).unwrap().circle(Circle::All).unwrap(),
        ];
        let grant = NewGrant {
            id: EventId::from_bytes(id16("grant")),
            space: self.space(),
            unit: self.sas,
            author: self.member.id,
            position: 5,
            scope: Scope::Whole,
            to: if both { &to } else { &to[..1] },
        };
        seal_grant(&grant, &self.space_key(), &self.member.key).unwrap()
    }

    pub fn capture(&self, body: &[u8]) -> Vec<u8> {
        let capture = NewCapture {
            id: EventId::from_bytes(id16("capture")),
            space: self.space(),
            unit: self.sas,
            device: self.member_phone.id,
            seal_to: seal_to_of(&self.circle_all).unwrap(),
        };
        seal_capture(&capture, &self.member_phone.key, body).unwrap()
    }

    pub fn receipt(&self, of: Digest) -> Vec<u8> {
        let receipt = Receipt { of, at: Stamp::at_millis(NOW_MS) };
        sign_receipt(&receipt, self.space(), self.upe, self.upe_phone.id, &self.upe_phone.key).unwrap()
    }

    pub fn request(&self, push: Vec<Vec<u8>>) -> Request {
        Request {
            at_millis: NOW_MS,
            nonce: 0x0123_4567_89ab_cdef,
            incarnation: Some(Incarnation::from_bytes(id16("hub"))),
            push: push.into_iter().map(Into::into).collect(),
            entries: Vec::new(),
            after: 17,
            entries_after: 10,
            limit: 500,
            wait_s: 30,
            all: false,
        }
    }
}

/// A hundred bytes that do not compress.
pub fn noise(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| Digest::of(&n.to_be_bytes()).as_bytes().to_vec()).take(length).collect()
}
