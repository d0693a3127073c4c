//! Recorded vectors: what was written once must open for ever. An old vector is never regenerated.
//!
//! `cargo xtask vectors --record` runs the ignored test here; it refuses to write over anything.
use std::path::PathBuf;

use himaya_wire::*;
use serde_json::{Value, json};

use crate::world::{NOW_MS, Person, Phone, World, id16, secret};

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/wire/v1")
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    data_encoding::HEXLOWER.encode(bytes.as_ref())
}

pub fn unhex(value: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

pub fn load(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Every recorded byte string with the name of its format.
pub fn all_bytes() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for name in NAMES.iter().filter(|name| **name != "keys") {
        for vector in load(name).as_array().unwrap() {
            all.push((vector["format"].as_str().unwrap().to_owned(), unhex(&vector["bytes"])));
        }
    }
    all
}

const NAMES: [&str; 12] = [
    "keys",
    "certificates",
    "newcomer",
    "registries",
    "events",
    "events_dictionary",
    "grant",
    "capture",
    "receipt",
    "request",
    "answers",
    "bundle",
];

const PLAIN: &[u8] = b"k4!";
const LONG: &str = "A worker wrote this sentence. A worker wrote this sentence. A worker wrote this sentence again.";

pub fn answer(world: &World) -> Answer {
    let told = |n: u8, outcome| Told { digest: Digest::of(&[n]), outcome };
    Answer {
        incarnation: Incarnation::from_bytes(id16("hub")),
        at_millis: NOW_MS,
        push: vec![
            told(0, Outcome::Stored),
            told(1, Outcome::Had),
            told(2, Outcome::Flagged),
            told(3, Outcome::Quarantined),
            told(4, Outcome::Refused(Refusal::NoGrant)),
        ],
        entries: vec![told(5, Outcome::Stored)],
        items: vec![
            Item { position: 18, stored_at_millis: NOW_MS, what: ItemBody::Envelope(world.event(PLAIN).into()) },
            Item { position: 19, stored_at_millis: NOW_MS, what: ItemBody::Own(Digest::of(&[6])) },
        ],
        registry: vec![RegistryItem { position: 11, entry: world.entries[0].bytes().to_vec().into() }],
        more: true,
    }
}

fn claims_json(claims: &Claims) -> Value {
    let subject = match &claims.subject {
        Subject::Authority => json!([0]),
        Subject::Province(province) => json!([1, province.to_string()]),
        Subject::Unit { unit, province, kind } => json!([2, unit.to_string(), province.to_string(), *kind as u8]),
        Subject::Member { member, unit, head } => json!([3, member.to_string(), unit.to_string(), u8::from(*head)]),
        Subject::Device { device, unit } => json!([4, device.to_string(), unit.to_string()]),
    };
    json!({
        "role": subject,
        "verify_key": hex(claims.verify_key.as_bytes()),
        "seal_to": claims.seal_to.map(|key| hex(key.as_bytes())),
        "issued_at_s": claims.issued_at_s,
        "expires_at_s": claims.expires_at_s,
    })
}

fn header_json(header: &Header) -> Value {
    json!({
        "purpose": header.purpose as u8,
        "id": header.id.to_string(),
        "space": header.space.to_string(),
        "unit": header.unit.to_string(),
        "kid": header.kid.to_string(),
        "author": hex(header.author),
    })
}

fn entry_json(entry: &Entry) -> Value {
    let (owner_kind, owner) = match entry.owner {
        Owner::Province(id) => (0, id.to_string()),
        Owner::Unit(id) => (1, id.to_string()),
    };
    json!({
        "owner_kind": owner_kind,
        "owner": owner,
        "number": entry.number,
        "previous": entry.previous.to_string(),
        "signer": hex(entry.signer),
        "at_millis": entry.at_millis,
        "digest": entry.digest.to_string(),
    })
}

fn request_json(request: &Request) -> Value {
    json!({
        "at_millis": request.at_millis,
        "nonce": request.nonce,
        "incarnation": request.incarnation.map(|id| id.to_string()),
        "push": request.push.iter().map(|bytes| hex(&**bytes)).collect::<Vec<_>>(),
        "entries": request.entries.iter().map(|bytes| hex(&**bytes)).collect::<Vec<_>>(),
        "after": request.after,
        "entries_after": request.entries_after,
        "limit": request.limit,
        "wait_s": request.wait_s,
        "all": request.all,
    })
}

fn vector(format: &str, bytes: &[u8], fields: &Value) -> Value {
    json!({ "format": format, "bytes": hex(bytes), "fields": fields })
}

fn keys(world: &World) -> Value {
    let person = |person: &Person| {
        json!({
            "id": person.id.to_string(),
            "seed": hex(person.seed.expose()),
            "verify_key": hex(person.key.verify_key().as_bytes()),
            "hpke_secret": hex(person.hpke.expose()),
        })
    };
    let phone = |phone: &Phone| {
        json!({
            "id": phone.id.to_string(),
            "pkcs8": hex(&phone.pkcs8),
            "verify_key": hex(phone.key.verify_key().as_bytes()),
        })
    };
    json!({
        "authority": { "seed": hex(secret("authority seed").expose()),
                       "verify_key": hex(world.authority.verify_key().as_bytes()) },
        "province": { "id": world.province.to_string(), "seed": hex(secret("province seed").expose()),
                      "verify_key": hex(world.province_key.verify_key().as_bytes()) },
        "sas": { "id": world.sas.to_string(), "circle_all": hex(world.circle_all.expose()),
                 "circle_heads": hex(world.circle_heads.expose()) },
        "upe": { "id": world.upe.to_string(), "circle_all": hex(world.upe_all.expose()) },
        "head": person(&world.head),
        "member": person(&world.member),
        "upe_head": person(&world.upe_head),
        "newcomer": person(&Person::new("newcomer")),
        "phone": phone(&world.phone),
        "member_phone": phone(&world.member_phone),
        "upe_phone": phone(&world.upe_phone),
        "space": { "id": world.space().to_string(), "key": hex(world.space_key().secret().expose()),
                   "kid": world.space_key().kid().to_string() },
    })
}

fn record(world: &World) -> Vec<(&'static str, Value)> {
    let unit = world.unit_certificate(world.sas, UnitKind::Sas, &world.head);
    let by_head = |claims: Claims| claims.sign(&world.head.key, world.head.id.as_bytes()).unwrap();
    let certificates = [
        ("authority", world.authority_certificate()),
        ("authority", world.province_certificate()),
        ("province", unit),
        ("head", by_head(world.member.claims(world.sas, false))),
        ("head", by_head(world.member_phone.claims(world.sas))),
    ];
    let certificates = certificates.map(|(issuer, certificate)| {
        let mut fields = claims_json(&certificate.claims);
        fields["issuer"] = json!(issuer);
        vector("certificate", &certificate.bytes, &fields)
    });
    let newcomer = world.newcomer();
    let code = newcomer.sign(&Person::new("newcomer").key).unwrap();
    let newcomer = vector(
        "newcomer",
        code.as_bytes(),
        &json!({
            "text": code.to_text(), "fingerprint": code.fingerprint(),
            "member": newcomer.member.to_string(), "verify_key": hex(newcomer.verify_key.as_bytes()),
            "seal_to": hex(newcomer.seal_to.as_bytes()), "device": newcomer.device.to_string(),
            "device_key": hex(newcomer.device_key.as_bytes()),
        }),
    );
    let mut last = World { registries: world.registries.clone(), entries: Vec::new(), ..World::new() };
    let removal = world.sign_as(
        Owner::Unit(world.sas),
        &EntryAct::Remove(Removed::Device(world.phone.id)),
        world.head.id.as_bytes(),
        &world.head.key,
    );
    last.take(removal).unwrap();
    let resign = last.sign_as(Owner::Unit(world.sas), &EntryAct::Resign, world.head.id.as_bytes(), &world.head.key);
    last.take(resign).unwrap();
    let registries = world.entries.iter().chain(&last.entries);
    let registries: Vec<_> = registries.map(|entry| vector("entry", entry.bytes(), &entry_json(entry))).collect();
    let event = |id: &str, codec: u8, body: &[u8]| {
        let bytes = seal_event(&world.event_header(id), &world.space_key(), &world.member.key, body).unwrap();
        let mut fields = header_json(&Envelope::parse(&bytes).unwrap().header);
        fields["body"] = json!(hex(body));
        fields["codec"] = json!(codec);
        vector("event", &bytes, &fields)
    };
    let events = [event("event plain", 0, PLAIN), event("event deflated", 1, LONG.as_bytes())];
    let dictionary = [event("event over the dictionary", 2, LONG.as_bytes())];
    let envelope = |format: &str, bytes: &[u8], more: &[(&str, Value)]| {
        let mut fields = header_json(&Envelope::parse(bytes).unwrap().header);
        for (name, value) in more {
            fields[*name] = value.clone();
        }
        vector(format, bytes, &fields)
    };
    let grant = world.grant(true);
    let digest = Digest::of(&grant);
    let capture = world.capture(LONG.as_bytes());
    let receipt = world.receipt(digest);
    let request = world.request(vec![grant.clone()]);
    let signed = request.sign(&world.member_phone.key, world.member_phone.id.as_bytes()).unwrap();
    let mut request = request_json(&request);
    request["signer"] = json!(world.member_phone.id.to_string());
    let trouble = TroubleBody { trouble: Trouble::TooMany, retry_after_s: Some(30) };
    let bundle = Bundle {
        entries: world.entries.iter().map(|entry| entry.bytes().to_vec().into()).collect(),
        envelopes: vec![grant.clone().into(), capture.clone().into()],
    };
    let answers = [
        vector(
            "answer",
            &answer(world).to_bytes().unwrap(),
            &json!({
                "incarnation": hex(id16("hub")), "at_millis": NOW_MS, "outcomes": [0, 1, 2, 3, 4], "positions": [18, 19],
                "registry_positions": [11], "more": true,
            }),
        ),
        vector("trouble", &trouble.to_bytes().unwrap(), &json!({ "trouble": 4, "retry_after_s": 30 })),
    ];
    vec![
        ("keys", keys(world)),
        ("certificates", json!(certificates)),
        ("newcomer", json!([newcomer])),
        ("registries", json!(registries)),
        ("events", json!(events)),
        ("events_dictionary", json!(dictionary)),
        (
            "grant",
            json!([envelope(
                "grant",
                &grant,
                &[
                    ("position", json!(5)),
                    ("scope", json!(0)),
                    ("recipients", json!([[world.sas.to_string(), 0, "sas"], [world.upe.to_string(), 0, "upe"]])),
                ]
            )]),
        ),
        ("capture", json!([envelope("capture", &capture, &[("body", json!(hex(LONG)))])])),
        (
            "receipt",
            json!([envelope(
                "receipt",
                &receipt,
                &[("of", json!(digest.to_string())), ("at", json!(Stamp::at_millis(NOW_MS).to_bits())),]
            )]),
        ),
        ("request", json!([vector("request", &signed, &request)])),
        ("answers", json!(answers)),
        (
            "bundle",
            json!([vector(
                "bundle",
                &bundle.to_bytes().unwrap(),
                &json!({
                    "entries": bundle.entries.len(), "envelopes": bundle.envelopes.len(),
                })
            )]),
        ),
    ]
}

#[test]
#[ignore = "writes vectors; run by `cargo xtask vectors --record`"]
fn record_vectors() {
    let world = World::new();
    std::fs::create_dir_all(folder()).unwrap();
    for (name, value) in record(&world) {
        let path = folder().join(format!("{name}.json"));
        // An old vector is never regenerated: only what is not there yet is made.
        let Ok(mut file) = std::fs::OpenOptions::new().write(true).create_new(true).open(&path) else { continue };
        let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    }
}

/// The registries that the recorded entries make.
pub fn recorded_registries() -> Registries {
    let authority = unhex(&load("keys")["authority"]["verify_key"]);
    let mut registries = Registries::new(VerifyKey::Ed25519(authority.try_into().unwrap()));
    for vector in load("registries").as_array().unwrap() {
        registries.apply(&unhex(&vector["bytes"])).unwrap();
    }
    registries
}

/// The same, read once.
pub fn recorded_registries_once() -> Registries {
    static REGISTRIES: std::sync::OnceLock<Registries> = std::sync::OnceLock::new();
    REGISTRIES.get_or_init(recorded_registries).clone()
}

fn key(path: [&str; 2]) -> Secret {
    Secret::from_slice(&unhex(&load("keys")[path[0]][path[1]])).unwrap()
}

fn verified(vector: &Value) -> Envelope {
    let envelope = Envelope::parse(&unhex(&vector["bytes"])).unwrap();
    envelope.verify(recorded_registries().author_key(&envelope.header).unwrap()).unwrap();
    for (name, value) in header_json(&envelope.header).as_object().unwrap() {
        assert_eq!(vector["fields"][name], *value, "{name}");
    }
    envelope
}

#[test]
fn recorded_certificates_and_the_code_open() {
    for vector in load("certificates").as_array().unwrap() {
        let issuer = vector["fields"]["issuer"].as_str().unwrap();
        let issuer = unhex(&load("keys")[issuer]["verify_key"]);
        let certificate =
            Certificate::open(&unhex(&vector["bytes"]), &VerifyKey::Ed25519(issuer.try_into().unwrap())).unwrap();
        for (name, value) in claims_json(&certificate.claims).as_object().unwrap() {
            assert_eq!(vector["fields"][name], *value, "{name}");
        }
        assert!(certificate.in_force(certificate.claims.issued_at_s));
        assert!(!certificate.in_force(certificate.claims.expires_at_s));
    }
    let vector = &load("newcomer")[0];
    let code = NewcomerCode::from_text(vector["fields"]["text"].as_str().unwrap()).unwrap();
    assert_eq!(code.as_bytes(), unhex(&vector["bytes"]));
    assert_eq!(code.fingerprint(), vector["fields"]["fingerprint"].as_str().unwrap());
    assert_eq!(code.open().unwrap().member.to_string(), vector["fields"]["member"].as_str().unwrap());
}

#[test]
fn recorded_registries_apply() {
    for vector in load("registries").as_array().unwrap() {
        assert_eq!(entry_json(&Entry::parse(&unhex(&vector["bytes"])).unwrap()), vector["fields"]);
    }
    let registries = recorded_registries();
    let sas = registries.units().find(|unit| unit.kind == UnitKind::Sas).unwrap();
    assert_eq!((sas.next, sas.members.len(), sas.devices.len(), sas.circles.len()), (7, 2, 2, 2));
    let member = MemberId::from_slice(&unhex(&load("keys")["member"]["id"])).unwrap();
    let wraps = sas.wraps_for(member);
    let opened = wraps[0].open(sas.unit, &key(["member", "hpke_secret"])).unwrap();
    assert_eq!(opened.expose(), key(["sas", "circle_all"]).expose());
}

#[test]
fn recorded_envelopes_open() {
    let space_key = SpaceKey::from_secret(key(["space", "key"]));
    let files = [load("events"), load("events_dictionary")];
    for vector in files.iter().flat_map(|file| file.as_array().unwrap()) {
        let body = open_event(&verified(vector), &space_key).unwrap();
        assert_eq!(hex(&*body), vector["fields"]["body"].as_str().unwrap());
    }
    let grant = verified(&load("grant")[0]);
    let body = read_grant(&grant).unwrap();
    assert_eq!((body.position, body.scope, body.recipients.len()), (5, Scope::Whole, 2));
    for (recipient, unit) in body.recipients.iter().zip(["sas", "upe"]) {
        let opened = open_grant(&grant, &body, recipient, &key([unit, "circle_all"])).unwrap();
        assert_eq!(opened.kid(), space_key.kid());
    }
    let capture = load("capture")[0].clone();
    let body = open_capture(&verified(&capture), &key(["sas", "circle_all"])).unwrap();
    assert_eq!(hex(&*body), capture["fields"]["body"].as_str().unwrap());
    let receipt = load("receipt")[0].clone();
    let read = read_receipt(&verified(&receipt)).unwrap();
    assert_eq!(read.of.to_string(), receipt["fields"]["of"].as_str().unwrap());
    assert_eq!(read.at.to_bits(), receipt["fields"]["at"].as_u64().unwrap());
}

#[test]
fn recorded_exchanges_and_the_bundle_open() {
    let vector = load("request")[0].clone();
    let request = SignedRequest::parse(&unhex(&vector["bytes"])).unwrap();
    let device = DeviceId::from_bytes(request.signer);
    let registries = recorded_registries();
    let unit = registries.unit_of_device(device).unwrap();
    request.verify(&unit.devices[&device].certificate.claims.verify_key).unwrap();
    for (name, value) in request_json(&request.request).as_object().unwrap() {
        assert_eq!(vector["fields"][name], *value, "{name}");
    }
    let vectors = load("answers");
    let answer = Answer::parse(&unhex(&vectors[0]["bytes"])).unwrap();
    let kept: Vec<_> = answer.push.iter().map(|told| told.outcome.is_kept()).collect();
    assert_eq!(kept, [true, true, true, true, false]);
    assert_eq!(answer.items.iter().map(|item| item.position).collect::<Vec<_>>(), [18, 19]);
    assert!(answer.more && matches!(answer.items[1].what, ItemBody::Own(_)));
    let trouble = TroubleBody::parse(&unhex(&vectors[1]["bytes"])).unwrap();
    assert_eq!(trouble, TroubleBody { trouble: Trouble::TooMany, retry_after_s: Some(30) });
    let bundle = load("bundle")[0].clone();
    let parsed = Bundle::parse(&unhex(&bundle["bytes"])).unwrap();
    assert_eq!(parsed.entries.len() as u64, bundle["fields"]["entries"].as_u64().unwrap());
    assert_eq!(parsed.to_bytes().unwrap(), unhex(&bundle["bytes"]));
}
