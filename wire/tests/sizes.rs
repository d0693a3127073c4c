//! What crosses the network, in bytes: a change of these is a change of somebody's telephone bill.
use himaya_wire::{Digest, Request};

use crate::world::{NOW_MS, World, noise};

#[test]
fn sizes_are_as_recorded() {
    let world = World::new();
    let empty = Request { at_millis: NOW_MS, nonce: u64::MAX, limit: 500, wait_s: 30, ..Request::default() };
    let sizes = [
        ("event, body of 100 bytes that do not compress", world.event(&noise(100)).len()),
        ("event, body of 1 byte", world.event(b"a").len()),
        ("grant to 1 circle", world.grant(false).len()),
        ("grant to 2 circles", world.grant(true).len()),
        ("capture, body of 100 bytes that do not compress", world.capture(&noise(100)).len()),
        ("receipt", world.receipt(Digest::of(b"x")).len()),
        ("request with nothing new", empty.sign(&world.phone.key, world.phone.id.as_bytes()).unwrap().len()),
        (
            "member certificate",
            world.member.claims(world.sas, false).sign(&world.head.key, &[0; 16]).unwrap().bytes.len(),
        ),
        ("newcomer's code", world.newcomer().sign(&world.member.key).unwrap().as_bytes().len()),
    ];
    let table = sizes.map(|(what, bytes)| format!("{bytes:>5}  {what}")).join("\n");
    insta::assert_snapshot!(table);
}
