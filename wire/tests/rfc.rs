//! Published vectors through our own functions: RFC 9180 and RFC 8032. (RFC 9106 is tested with the vault.)
use himaya_wire::{Secret, Sign, SigningKey, VerifyKey, Wrapped, hpke_open, seal_to_of};
use serde_json::Value;

use crate::vectors::unhex;

fn load(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/rfc/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn hpke_opens_the_vector_of_rfc_9180_for_our_suite() {
    let vector = load("9180");
    let secret = Secret::from_slice(&unhex(&vector["skRm"])).unwrap();
    assert_eq!(seal_to_of(&secret).unwrap().as_bytes().as_slice(), unhex(&vector["pkRm"]));
    let info = String::from_utf8(unhex(&vector["info"])).unwrap();
    let mut wrapped = Wrapped { enc: unhex(&vector["enc"]).try_into().unwrap(), ciphertext: unhex(&vector["ct"]) };
    let plain = hpke_open(&secret, &info, &unhex(&vector["aad"]), &wrapped, "vector").unwrap();
    assert_eq!(plain.as_slice(), unhex(&vector["pt"]));
    assert!(hpke_open(&secret, &info, b"other", &wrapped, "vector").is_err());
    assert!(hpke_open(&secret, "other", &unhex(&vector["aad"]), &wrapped, "vector").is_err());
    // A point of small order gives a shared secret of zeros: refused (RFC 9180 section 7.1.4).
    wrapped.enc = [0; 32];
    assert!(hpke_open(&secret, &info, &unhex(&vector["aad"]), &wrapped, "vector").is_err());
}

#[test]
fn ed25519_gives_the_signatures_of_rfc_8032() {
    for vector in load("8032")["tests"].as_array().unwrap() {
        let key = SigningKey::derive(&Secret::from_slice(&unhex(&vector["seed"])).unwrap()).unwrap();
        let public = VerifyKey::Ed25519(unhex(&vector["public"]).try_into().unwrap());
        assert_eq!(key.verify_key(), public);
        let (message, signature) = (unhex(&vector["message"]), unhex(&vector["signature"]));
        assert_eq!(key.sign(&message).unwrap(), signature);
        public.verify(&message, &signature, "vector").unwrap();
        assert!(public.verify(b"other", &signature, "vector").is_err());
    }
}
