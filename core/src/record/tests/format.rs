//! The form of what is sealed, and what bytes from outside can do: nothing.

use std::fmt::Write;

use himaya_wire::{Digest, EventId, MemberId, SpaceId, Stamp, UnitId};
use proptest::prelude::*;

use super::super::*;
use super::world::history;

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn event() -> Event {
    let new = build::NewSpotting {
        at: Some(Stamp::at_millis(1_772_000_000_000)),
        sex: Some(Sex::Girl),
        age: Some("12~2".parse().unwrap()),
        nickname: Some("nickname, invented".into()),
        concerns: vec!["street_situation".parse().unwrap(), "begging".parse().unwrap()],
        place: Some(Place {
            point: Some(Point::new(33.5, -7.6).unwrap()),
            accuracy_m: Some(20),
            fix_age_s: None,
            landmark: Some("by the bus station".into()),
            area: None,
        }),
        danger: Some(false),
        risk: Some(Risk::Medium),
        ..Default::default()
    };
    let mut acts = build::spotting(&View::default(), &new);
    acts.push(Act::Add { list: Code::literal(fields::REFERRALS), element: EventId::from_bytes([7; 16]) });
    acts.push(Act::Unknown { kind: 99, data: vec![0xff, 0x00] });
    Event {
        id: EventId::from_bytes([1; 16]),
        digest: Digest::of(b"sealed"),
        space: SpaceId::from_bytes([2; 16]),
        unit: UnitId::from_bytes([3; 16]),
        author: MemberId::from_bytes([4; 16]),
        body: EventBody {
            kind: SpaceKind::Spotting,
            stamp: Stamp::at_millis(1_772_000_000_500),
            position: 3,
            parents: vec![Digest::of(b"before")],
            acts,
        },
    }
}

#[test]
fn the_form_of_an_event_stays() {
    insta::assert_snapshot!(hex(&minicbor::to_vec(event().body).unwrap()));
}

#[test]
fn the_form_of_a_view_stays() {
    let view = Fold::of([(event(), Verdict::Allowed)]).view();
    insta::assert_debug_snapshot!(view);
    insta::assert_snapshot!("the_bytes_of_a_view_stay", hex(&minicbor::to_vec(&view).unwrap()));
    assert_eq!(minicbor::decode::<View>(&minicbor::to_vec(&view).unwrap()).unwrap(), view);
}

#[test]
fn a_known_kind_with_content_of_a_newer_program_is_kept_byte_for_byte() {
    // A value of kind 4000 inside a Set.
    let field = minicbor::to_vec(Field::of_space(fields::NAME)).unwrap();
    let mut content = vec![0x83];
    content.extend(&field);
    content.extend([0x80, 0x82, 0x19, 0x0f, 0xa0, 0x81, 0x01]);
    let act = Act::Unknown { kind: 0, data: content };
    let bytes = minicbor::to_vec(&act).unwrap();
    assert_eq!(minicbor::decode::<Act>(&bytes).unwrap(), act);
    assert_eq!(minicbor::to_vec(minicbor::decode::<Act>(&bytes).unwrap()).unwrap(), bytes);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(events in history()) {
        for (event, _) in events {
            let bytes = minicbor::to_vec(&event.body).unwrap();
            let body: EventBody = minicbor::decode(&bytes).unwrap();
            prop_assert_eq!(minicbor::to_vec(&body).unwrap(), bytes);
            prop_assert_eq!(body, event.body);
        }
    }

    #[test]
    fn unknown_kinds_are_kept_byte_for_byte(kind in 5_u32.., data in prop::collection::vec(any::<u8>(), 0..64)) {
        let act = Act::Unknown { kind, data };
        let bytes = minicbor::to_vec(&act).unwrap();
        prop_assert_eq!(&minicbor::decode::<Act>(&bytes).unwrap(), &act);
        prop_assert_eq!(minicbor::to_vec(minicbor::decode::<Act>(&bytes).unwrap()).unwrap(), bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = minicbor::decode::<EventBody>(&bytes);
        let _ = minicbor::decode::<View>(&bytes);
    }

    #[test]
    fn a_damaged_event_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = minicbor::to_vec(event().body).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = minicbor::decode::<EventBody>(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        let _ = minicbor::decode::<EventBody>(&bytes);
    }
}
