//! One function a decoder of bytes from outside. Each target in `fuzz_targets` calls one.
//!
//! `cargo xtask fuzz --seconds 5` builds and runs them all on stable; `cargo fuzz run envelope` works too.
use std::sync::OnceLock;

use himaya_wire::*;

/// The recorder's way to make a secret: `wire/tests/world.rs`.
fn secret(word: &str) -> Secret {
    Secret::from_bytes(*Digest::of(word.as_bytes()).as_bytes())
}

pub fn envelope(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::parse(bytes) {
        assert_eq!(envelope.bytes(), bytes);
        let key = SigningKey::derive(&secret("member seed")).map(|key| key.verify_key());
        let _ = key.map(|key| envelope.verify(&key));
    }
}

pub fn event(bytes: &[u8]) {
    static KEY: OnceLock<SpaceKey> = OnceLock::new();
    let key = KEY.get_or_init(|| SpaceKey::from_secret(secret("space key")));
    let _ = Envelope::parse(bytes).and_then(|envelope| open_event(&envelope, key));
}

pub fn grant(bytes: &[u8]) {
    let Ok(envelope) = Envelope::parse(bytes) else { return };
    let Ok(body) = read_grant(&envelope) else { return };
    for recipient in &body.recipients {
        let _ = open_grant(&envelope, &body, recipient, &secret("circle all"));
    }
}

pub fn capture(bytes: &[u8]) {
    let _ = Envelope::parse(bytes).and_then(|envelope| open_capture(&envelope, &secret("circle all")));
}

pub fn receipt(bytes: &[u8]) {
    let _ = Envelope::parse(bytes).and_then(|envelope| read_receipt(&envelope));
}

pub fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes) {
        assert_eq!(entry.bytes(), bytes);
    }
}

/// Applies the input to the registries that the corpus makes, so that it may be the next entry of any.
pub fn registry(bytes: &[u8]) {
    static BASE: OnceLock<Option<Registries>> = OnceLock::new();
    let base = BASE.get_or_init(|| {
        let authority = SigningKey::derive(&secret("authority seed")).ok()?;
        let mut registries = Registries::new(authority.verify_key());
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/registry");
        let seeds: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().filter_map(|file| std::fs::read(file.path()).ok()).collect();
        // In the order of their numbers: what comes early is offered again.
        for _ in 0..seeds.len() {
            for seed in &seeds {
                let _ = registries.apply(seed);
            }
        }
        Some(registries)
    });
    if let Some(base) = base {
        let _ = base.clone().apply(bytes);
    }
}

pub fn certificate(bytes: &[u8]) {
    let _ = Certificate::open_authority(bytes);
}

pub fn newcomer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = NewcomerCode::from_text(text) {
        let _ = (code.open(), code.fingerprint(), code.to_text());
    }
}

pub fn request(bytes: &[u8]) {
    let _ = SignedRequest::parse(bytes);
}

pub fn answer(bytes: &[u8]) {
    if let Ok(answer) = Answer::parse(bytes) {
        let again = answer.to_bytes().and_then(|bytes| Answer::parse(&bytes));
        assert_eq!(again, Ok(answer));
    }
}

pub fn trouble(bytes: &[u8]) {
    if let Ok(trouble) = TroubleBody::parse(bytes) {
        let again = trouble.to_bytes().and_then(|bytes| TroubleBody::parse(&bytes));
        assert_eq!(again, Ok(trouble));
    }
}

pub fn bundle(bytes: &[u8]) {
    if let Ok(bundle) = Bundle::parse(bytes) {
        let again = bundle.to_bytes().and_then(|bytes| Bundle::parse(&bytes));
        assert_eq!(again, Ok(bundle));
    }
}

pub fn unpad(bytes: &[u8]) {
    if let Ok(content) = himaya_wire::unpad(bytes) {
        assert!(content.len() <= limits::BODY_BYTES);
    }
}
