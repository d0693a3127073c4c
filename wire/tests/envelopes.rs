//! Envelopes, grants, captures, receipts, requests: round trips and every tamper.
use himaya_wire::*;
use proptest::prelude::*;

use crate::world::{Person, World, noise, secret};

/// Every byte turned in two ways, every cut, one byte more: none may be taken, none may panic.
fn every_tamper(bytes: &[u8], taken: impl Fn(&[u8]) -> bool) {
    assert!(taken(bytes), "the untouched one is taken");
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80] {
            let mut other = bytes.to_vec();
            other[at] ^= mask;
            assert!(!taken(&other), "byte {at} turned by {mask:#x} was taken");
        }
        assert!(!taken(&bytes[..at]), "cut at {at} was taken");
    }
    assert!(!taken(&[bytes, &[0]].concat()));
}

fn verified(world: &World, bytes: &[u8]) -> Option<Envelope> {
    let envelope = Envelope::parse(bytes).ok()?;
    envelope.verify(world.registries.author_key(&envelope.header)?).ok()?;
    Some(envelope)
}

#[test]
fn a_tampered_event_is_refused() {
    let world = World::new();
    every_tamper(&world.event(b"body"), |bytes| {
        verified(&world, bytes).is_some_and(|envelope| open_event(&envelope, &world.space_key()).is_ok())
    });
}

#[test]
fn a_tampered_grant_is_refused() {
    let world = World::new();
    every_tamper(&world.grant(true), |bytes| {
        verified(&world, bytes).is_some_and(|envelope| {
            let body = read_grant(&envelope).unwrap();
            open_grant(&envelope, &body, &body.recipients[1], &world.upe_all).is_ok()
        })
    });
}

#[test]
fn a_tampered_capture_is_refused() {
    let world = World::new();
    every_tamper(&world.capture(b"body"), |bytes| {
        verified(&world, bytes).is_some_and(|envelope| open_capture(&envelope, &world.circle_all).is_ok())
    });
}

#[test]
fn a_tampered_receipt_is_refused() {
    let world = World::new();
    every_tamper(&world.receipt(Digest::of(b"grant")), |bytes| {
        verified(&world, bytes).is_some_and(|envelope| read_receipt(&envelope).is_ok())
    });
}

#[test]
fn a_tampered_entry_certificate_request_or_code_is_refused() {
    let world = World::new();
    let entry = world.entries.iter().find(|entry| matches!(entry.act, EntryAct::AdmitMember { .. })).unwrap();
    every_tamper(entry.bytes(), |bytes| {
        Entry::parse(bytes).is_ok_and(|entry| entry.verify(&world.head.key.verify_key()).is_ok())
    });
    every_tamper(&world.province_certificate().bytes, |bytes| {
        Certificate::open(bytes, &world.authority.verify_key()).is_ok()
    });
    every_tamper(&world.authority_certificate().bytes, |bytes| Certificate::open_authority(bytes).is_ok());
    let request = world.request(vec![vec![1, 2, 3]]).sign(&world.phone.key, world.phone.id.as_bytes()).unwrap();
    every_tamper(&request, |bytes| {
        SignedRequest::parse(bytes).is_ok_and(|request| request.verify(&world.phone.key.verify_key()).is_ok())
    });
    let newcomer = Person::new("newcomer");
    let code = world.newcomer().sign(&newcomer.key).unwrap();
    every_tamper(code.as_bytes(), |bytes| {
        let text = data_encoding::BASE32_NOPAD.encode(bytes);
        NewcomerCode::from_text(&text).is_ok_and(|code| code.open().is_ok())
    });
}

#[test]
fn a_tampered_answer_refusal_or_bundle_never_panics() {
    // These carry no signature: the transport guards the first two, and each part of the third is checked alone.
    let world = World::new();
    let bundle = Bundle { entries: vec![vec![1].into()], envelopes: vec![world.grant(false).into()] };
    let answer = crate::vectors::answer(&world).to_bytes().unwrap();
    for bytes in [bundle.to_bytes().unwrap(), answer] {
        for at in 0..bytes.len() {
            for mask in [1, 0x20, 0x80, 0xff] {
                let mut other = bytes.clone();
                other[at] ^= mask;
                let _ = (Answer::parse(&other), TroubleBody::parse(&other), Bundle::parse(&other));
            }
            assert!(Answer::parse(&bytes[..at]).is_err());
            assert!(Bundle::parse(&bytes[..at]).is_err());
        }
    }
}

#[test]
fn a_transport_key_signs_no_record() {
    // The phone's key works while the phone is locked: what it signs must never count as a worker's word.
    let world = World::new();
    let header =
        EventHeader { author: MemberId::from_bytes(*world.phone.id.as_bytes()), ..world.event_header("event") };
    let event = seal_event(&header, &world.space_key(), &world.phone.key, b"body").unwrap();
    let envelope = Envelope::parse(&event).unwrap();
    envelope.verify(&world.phone.key.verify_key()).unwrap();
    assert!(world.registries.author_key(&envelope.header).is_none());
    let capture = NewCapture {
        id: EventId::make_random(),
        space: world.space(),
        unit: world.sas,
        device: DeviceId::from_bytes(*world.member.id.as_bytes()),
        seal_to: seal_to_of(&world.circle_all).unwrap(),
    };
    let capture = Envelope::parse(&seal_capture(&capture, &world.member.key, b"body").unwrap()).unwrap();
    assert!(world.registries.author_key(&capture.header).is_none());
}

#[test]
fn a_wrong_key_opens_nothing() {
    let world = World::new();
    let event = Envelope::parse(&world.event(b"body")).unwrap();
    assert_eq!(open_event(&event, &SpaceKey::make_random().unwrap()).unwrap_err(), WireError::Open("event"));
    let grant = Envelope::parse(&world.grant(true)).unwrap();
    let body = read_grant(&grant).unwrap();
    assert!(open_grant(&grant, &body, &body.recipients[0], &world.upe_all).is_err());
    let capture = Envelope::parse(&world.capture(b"body")).unwrap();
    assert!(open_capture(&capture, &world.upe_all).is_err());
    // Each opener takes its own kind only.
    assert!(open_event(&grant, &world.space_key()).is_err());
    assert!(read_grant(&event).is_err() && read_receipt(&event).is_err());
    assert!(open_capture(&event, &world.circle_all).is_err());
    assert!(Envelope::parse(world.entries[0].bytes()).is_err());
    assert!(Entry::parse(event.bytes()).is_err());
    assert!(SignedRequest::parse(event.bytes()).is_err());
}

#[test]
fn a_wrap_moved_to_another_place_does_not_open() {
    let world = World::new();
    let grant = Envelope::parse(&world.grant(true)).unwrap();
    let body = read_grant(&grant).unwrap();
    let right = body.recipients[1].clone();
    assert!(open_grant(&grant, &body, &right, &world.upe_all).is_ok());
    let moved = [
        Recipient { unit: world.sas, ..right.clone() },
        Recipient { circle: Circle::Heads, ..right.clone() },
        Recipient { key: body.recipients[0].key, ..right.clone() },
        Recipient { wrapped: body.recipients[0].wrapped.clone(), ..right.clone() },
    ];
    for recipient in moved {
        assert!(open_grant(&grant, &body, &recipient, &world.upe_all).is_err());
    }
    let changed = [
        GrantBody { position: body.position + 1, ..body.clone() },
        GrantBody { scope: Scope::FromHere, ..body.clone() },
    ];
    for body in changed {
        assert!(open_grant(&grant, &body, &right, &world.upe_all).is_err());
    }
    // The same wraps under the header of another space, another granting unit, another kid.
    for change in [
        |grant: &mut Envelope| grant.header.space = SpaceId::from_bytes([9; 16]),
        |grant: &mut Envelope| grant.header.unit = UnitId::from_bytes([9; 16]),
        |grant: &mut Envelope| grant.header.kid = Kid::from_bytes([9; 16]),
    ] {
        let mut other = grant.clone();
        change(&mut other);
        assert!(open_grant(&other, &body, &right, &world.upe_all).is_err());
    }
}

#[test]
fn an_inner_header_under_another_outer_one_is_refused() {
    let world = World::new();
    let event = Envelope::parse(&world.event(b"body")).unwrap();
    for change in [
        |event: &mut Envelope| event.header.id = EventId::from_bytes([9; 16]),
        |event: &mut Envelope| event.header.space = SpaceId::from_bytes([9; 16]),
        |event: &mut Envelope| event.header.author = [9; 16],
    ] {
        let mut other = event.clone();
        change(&mut other);
        assert_eq!(open_event(&other, &world.space_key()).unwrap_err(), WireError::Mismatch("inner and outer header"));
    }
}

#[test]
fn a_circle_key_moved_to_another_member_unit_or_circle_does_not_open() {
    let world = World::new();
    let wrap = CircleWrap::seal(world.sas, Circle::All, &world.circle_all, world.member.id, &world.member.seal_to());
    let wrap = wrap.unwrap();
    assert_eq!(wrap.open(world.sas, &world.member.hpke).unwrap().expose(), world.circle_all.expose());
    assert!(wrap.open(world.upe, &world.member.hpke).is_err());
    assert!(wrap.open(world.sas, &world.head.hpke).is_err());
    let moved = [
        CircleWrap { circle: Circle::Heads, ..wrap.clone() },
        CircleWrap { member: world.head.id, ..wrap.clone() },
        CircleWrap { key: Kid::from_bytes([0; 16]), ..wrap.clone() },
    ];
    for wrap in moved {
        assert!(wrap.open(world.sas, &world.member.hpke).is_err());
    }
}

#[test]
fn what_is_over_its_limit_is_refused() {
    let world = World::new();
    assert_eq!(
        seal_event(&world.event_header("event"), &world.space_key(), &world.member.key, &noise(limits::ENVELOPE_BYTES)),
        Err(WireError::TooLarge("envelope"))
    );
    assert_eq!(Envelope::parse(&vec![0; limits::ENVELOPE_BYTES + 1]).unwrap_err(), WireError::TooLarge("envelope"));
    assert_eq!(Entry::parse(&vec![0; limits::ENTRY_BYTES + 1]).unwrap_err(), WireError::TooLarge("entry"));
    let long = vec![0; limits::CERTIFICATE_BYTES + 1];
    assert_eq!(Certificate::open_authority(&long).unwrap_err(), WireError::TooLarge("certificate"));
    assert_eq!(SignedRequest::parse(&vec![0; limits::REQUEST_BYTES + 1]).unwrap_err(), WireError::TooLarge("request"));
    let to = vec![world.registries.unit(world.sas).unwrap().circle(Circle::All).unwrap(); limits::GRANT_RECIPIENTS + 1];
    let grant = NewGrant {
        id: EventId::make_random(),
        space: world.space(),
        unit: world.sas,
        author: world.member.id,
        position: 0,
        scope: Scope::Whole,
        to: &to,
    };
    assert!(seal_grant(&grant, &world.space_key(), &world.member.key).is_err());
    assert!(seal_grant(&NewGrant { to: &[], ..grant }, &world.space_key(), &world.member.key).is_err());
}

#[test]
fn an_identifier_is_read_from_hexadecimal_and_nothing_else() {
    let id = EventId::from_bytes([0xab; 16]);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!("ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB".parse(), Ok(id));
    for bad in ["", "ab", "+babababababababababababababababa", &"é".repeat(16), &"ab".repeat(17)] {
        assert!(bad.parse::<EventId>().is_err(), "{bad}");
    }
}

#[test]
fn nothing_secret_shows_in_debug() {
    let shown = format!("{:?} {:?}", secret("x"), SpaceKey::from_secret(secret("x")));
    assert!(!shown.contains(&format!("{:?}", secret("x").expose()[0])) && shown.contains("Secret(…)"));
}

#[test]
fn a_code_reads_back_whatever_a_messenger_does_to_its_blanks() {
    let world = World::new();
    let code = world.newcomer().sign(&Person::new("newcomer").key).unwrap();
    let text: String = code.to_text().to_lowercase().chars().flat_map(|c| [c, ' ']).collect();
    assert_eq!(NewcomerCode::from_text(&text).unwrap().open().unwrap(), world.newcomer());
    assert_eq!(code.fingerprint().len(), 19);
    // A code whose signer is another than the worker in it.
    assert!(world.newcomer().sign(&world.head.key).unwrap().open().is_err());
    assert!(NewcomerCode::from_text(&"A".repeat(5000)).is_err());
    assert!(NewcomerCode::from_text("ß1!").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_body_comes_back(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let world = fixed();
        let event = Envelope::parse(&world.event(&body)).unwrap();
        prop_assert!(*open_event(&event, &world.space_key()).unwrap() == body);
        let capture = Envelope::parse(&world.capture(&body)).unwrap();
        prop_assert!(*open_capture(&capture, &world.circle_all).unwrap() == body);
    }

    #[test]
    fn any_request_and_answer_come_back(
        at_millis in any::<i64>(), nonce in any::<u64>(), after in any::<u64>(), limit in any::<u32>(),
        wait_s in any::<u32>(), all in any::<bool>(),
        push in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..5),
    ) {
        let world = fixed();
        let request = Request { at_millis, nonce, after, limit, wait_s, all, ..world.request(push.clone()) };
        let bytes = request.sign(&world.phone.key, world.phone.id.as_bytes()).unwrap();
        prop_assert_eq!(SignedRequest::parse(&bytes).unwrap().request, request);
        let bundle = Bundle { entries: Vec::new(), envelopes: push.into_iter().map(Into::into).collect() };
        prop_assert_eq!(Bundle::parse(&bundle.to_bytes().unwrap()).unwrap(), bundle);
    }

    #[test]
    fn bytes_from_anywhere_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        crate::corpus::every_decoder(&bytes);
    }
}

fn fixed() -> &'static World {
    static WORLD: std::sync::OnceLock<World> = std::sync::OnceLock::new();
    WORLD.get_or_init(World::new)
}
