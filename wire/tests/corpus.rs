//! The fuzz targets' decoders over their corpus and every recorded vector, as an ordinary test: no fuzzer needed.
use std::path::PathBuf;

use himaya_wire::*;

use crate::vectors::all_bytes;
use crate::world::secret;

/// What each fuzz target does with its bytes: see `wire/fuzz`.
pub fn every_decoder(bytes: &[u8]) {
    let key = SpaceKey::from_secret(secret("space key"));
    if let Ok(envelope) = Envelope::parse(bytes) {
        let _ = open_event(&envelope, &key);
        let _ = read_receipt(&envelope);
        let _ = open_capture(&envelope, &secret("circle all"));
        if let Ok(body) = read_grant(&envelope) {
            for recipient in &body.recipients {
                let _ = open_grant(&envelope, &body, recipient, &secret("circle all"));
            }
        }
    }
    let _ = Entry::parse(bytes);
    let _ = Certificate::open_authority(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(code) = NewcomerCode::from_text(text)
    {
        let _ = (code.open(), code.fingerprint());
    }
    let _ = SignedRequest::parse(bytes);
    let _ = Answer::parse(bytes);
    let _ = TroubleBody::parse(bytes);
    let _ = Bundle::parse(bytes);
    let _ = unpad(bytes);
    let mut registries = crate::vectors::recorded_registries_once();
    let _ = registries.apply(bytes);
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

#[test]
fn the_corpus_and_every_vector_decode_without_panic() {
    let mut count = 0;
    for target in std::fs::read_dir(folder()).unwrap() {
        for seed in std::fs::read_dir(target.unwrap().path()).unwrap() {
            every_decoder(&std::fs::read(seed.unwrap().path()).unwrap());
            count += 1;
        }
    }
    for (_, bytes) in all_bytes() {
        every_decoder(&bytes);
        count += 1;
    }
    assert!(count > 60, "{count} inputs");
}

#[test]
#[ignore = "writes seeds; run by `cargo xtask vectors --record`"]
fn record_corpus() {
    let put = |target: &str, bytes: &[u8]| {
        let folder = folder().join(target);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(&Digest::of(bytes).to_string()[..16]), bytes).unwrap();
    };
    for (format, bytes) in all_bytes() {
        match format.as_str() {
            "entry" => put("registry", &bytes),
            "newcomer" => put("newcomer", data_encoding::BASE32_NOPAD.encode(&bytes).as_bytes()),
            "event" | "grant" | "capture" | "receipt" => {
                put("envelope", &bytes);
                put(&format, &bytes);
            }
            other => put(other, &bytes),
        }
    }
    for content in [&b"k4!"[..], &[0; 300], crate::vectors::load("capture")[0]["fields"]["body"].to_string().as_bytes()]
    {
        put("unpad", &pad(content).unwrap());
    }
}
