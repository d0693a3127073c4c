use coset::cbor::value::Value;
use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, iana};

use super::{HEADER, Purpose, Signed, decode, low, sign};
use crate::{Secret, Sign, SigningKey, SoftwareDeviceKey, VerifyKey, WireError, limits};

fn signer() -> SigningKey {
    SigningKey::derive(&Secret::from_bytes([7; 32])).unwrap()
}

fn signed_with(array: Vec<Value>, change: impl FnOnce(HeaderBuilder) -> HeaderBuilder) -> Vec<u8> {
    let header = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).key_id(vec![1; 16]);
    CoseSign1Builder::new()
        .protected(change(header).value(HEADER, Value::Array(array)).build())
        .payload(vec![1, 2, 3])
        .create_signature(&[], |message| signer().sign(message).unwrap())
        .build()
        .to_vec()
        .unwrap()
}

fn request(version: u64) -> Vec<Value> {
    vec![Value::from(version), Value::from(Purpose::Request as u64)]
}

#[test]
fn a_message_of_version_zero_is_malformed_and_of_version_two_is_newer() {
    assert!(Signed::parse(&signed_with(request(1), |header| header)).is_ok());
    assert!(matches!(Signed::parse(&signed_with(request(0), |header| header)), Err(WireError::Malformed(_))));
    assert_eq!(Signed::parse(&signed_with(request(2), |header| header)).unwrap_err(), WireError::Version(2));
}

#[test]
fn a_header_with_anything_beside_ours_is_refused() {
    let critical = signed_with(request(1), |header| header.add_critical(iana::HeaderParameter::Iv).iv(vec![0; 12]));
    assert!(Signed::parse(&critical).is_err());
    let typed = signed_with(request(1), |header| header.content_type("text/plain".to_owned()));
    assert!(Signed::parse(&typed).is_err());
    let mut more = request(1);
    more.push(Value::from(9));
    assert!(Signed::parse(&signed_with(more, |header| header)).is_err());
}

#[test]
fn a_second_encoding_of_the_same_message_is_refused() {
    let bytes = sign(Purpose::Request, &signer(), &[1; 16], Vec::new(), vec![1, 2, 3]).unwrap();
    assert!(Signed::parse(&bytes).is_ok());
    // Each is the same content by RFC 8949: a longer head of the array, an indefinite array, a tag 18, a longer head
    // of the payload, something after the end.
    let body = &bytes[1..];
    let payload = bytes.windows(4).position(|part| part == [0x43, 1, 2, 3]).unwrap();
    let longer = [&bytes[..payload], &[0x58, 3], &bytes[payload + 1..]].concat();
    let indefinite = [&bytes[..payload], &[0x5f, 0x43, 1, 2, 3, 0xff], &bytes[payload + 4..]].concat();
    for other in [
        [&[0x98, 0x04], body].concat(),
        [&[0x9f], body, &[0xff]].concat(),
        [&[0xd2], bytes.as_slice()].concat(),
        longer,
        indefinite,
        [bytes.as_slice(), &[0]].concat(),
    ] {
        assert!(Signed::parse(&other).is_err());
    }
    let mut with_unprotected = CoseSign1::from_slice(&bytes).unwrap();
    with_unprotected.unprotected = HeaderBuilder::new().key_id(vec![2]).build();
    assert!(Signed::parse(&with_unprotected.to_vec().unwrap()).is_err());
}

#[test]
fn a_signature_for_one_purpose_serves_no_other() {
    let all = [
        Purpose::Event,
        Purpose::Grant,
        Purpose::Capture,
        Purpose::Receipt,
        Purpose::Certificate,
        Purpose::Entry,
        Purpose::Request,
        Purpose::Newcomer,
    ];
    for purpose in all {
        let fields = vec![Value::from(0); purpose.fields()];
        let bytes = sign(purpose, &signer(), &[1; 16], fields, vec![1]).unwrap();
        for other in all {
            assert_eq!(Signed::parse_as(&bytes, other).is_ok(), purpose == other);
        }
        for other in all.into_iter().filter(|other| other.fields() == purpose.fields() && *other != purpose) {
            let mut message = CoseSign1::from_slice(&bytes).unwrap();
            message.protected.original_data = None;
            if let Some((_, Value::Array(array))) = message.protected.header.rest.first_mut() {
                array[1] = Value::from(other as u64);
            }
            let turned = Signed::parse_as(&message.to_vec().unwrap(), other).unwrap();
            assert!(turned.verify(&signer().verify_key(), "turned").is_err());
        }
    }
}

#[test]
fn the_other_signature_of_an_ecdsa_pair_is_refused() {
    let key = SoftwareDeviceKey::from_pkcs8(&SoftwareDeviceKey::make_pkcs8().unwrap()).unwrap();
    let public = key.verify_key();
    for payload in 0..32_u8 {
        let bytes = sign(Purpose::Request, &key, &[1; 16], Vec::new(), vec![payload]).unwrap();
        Signed::parse(&bytes).unwrap().verify(&public, "request").unwrap();
        let mut message = CoseSign1::from_slice(&bytes).unwrap();
        let s = low::other(&message.signature[32..]);
        message.signature[32..].copy_from_slice(&s);
        // The pair's other half is a right signature as FIPS 186-5 has it …
        message.verify_signature(&[], |signature, text| public.verify(text, signature, "request")).unwrap();
        // … and is refused here.
        let other = Signed::parse(&message.to_vec().unwrap()).unwrap();
        assert_eq!(other.verify(&public, "request"), Err(WireError::Signature("request")));
    }
}

#[test]
fn a_key_of_another_algorithm_does_not_verify() {
    let bytes = sign(Purpose::Request, &signer(), &[1; 16], Vec::new(), vec![1]).unwrap();
    let signed = Signed::parse(&bytes).unwrap();
    assert!(signed.verify(&VerifyKey::P256([4; 65]), "request").is_err());
    assert!(signed.verify(&VerifyKey::Ed25519([1; 32]), "request").is_err());
}

#[test]
fn what_claims_to_be_huge_or_deep_is_refused_before_room_is_made() {
    // An array of 2^63 items, a byte string of 2^63 bytes, 100,000 arrays in one another.
    for bytes in [
        vec![0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x84, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x81; 100_000],
        [vec![0x84, 0x40, 0xa0, 0x40], vec![0x81; 100_000]].concat(),
    ] {
        assert!(Signed::parse(&bytes).is_err());
        assert!(decode::<crate::GrantBody>(&bytes, "grant").is_err());
        assert!(decode::<crate::Request>(&bytes, "request").is_err());
        assert!(crate::Answer::parse(&bytes).is_err());
        assert!(crate::pad::unpad(&bytes).is_err());
    }
    // One byte over the header's limit, and a header that is one deep nest.
    let long = sign(Purpose::Request, &signer(), &vec![1; limits::HEADER_BYTES], Vec::new(), vec![1]).unwrap();
    assert!(Signed::parse(&long).is_err());
    let nest = [vec![0x84, 0x58, 0xff], vec![0x81; 255], vec![0xa0, 0x40, 0x58, 64], vec![0; 64]].concat();
    assert!(Signed::parse(&nest).is_err());
}

#[test]
fn a_request_with_too_many_parts_is_refused_before_they_are_read() {
    // Field 3 (push) claims a million empty byte strings.
    let bytes = [vec![0xa1, 0x03, 0x9a, 0x00, 0x0f, 0x42, 0x40], vec![0x40; 1_000_000]].concat();
    assert!(decode::<crate::Request>(&bytes, "request").is_err());
    let bytes =
        [b"himaya\x00\x01".to_vec(), vec![0xa2, 0, 0x80, 1, 0x9a, 0x00, 0x0f, 0x42, 0x40], vec![0x40; 1_000_000]];
    assert!(crate::Bundle::parse(&bytes.concat()).is_err());
}
