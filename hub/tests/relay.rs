//! The relay's rules: each refusal, and who receives what.

mod askers;
mod noise;
mod routing;

use std::sync::Arc;

use himaya_hub::relay::{Handled, Relay};
use himaya_hub::storage::MemoryStore;
use himaya_hub::testing::{NOW_MILLIS, World, pull, push};
use himaya_wire::{Answer, Digest, ItemBody, Outcome, Request};

/// A relay over memory that knows everybody in a world.
struct Bench {
    world: World,
    relay: Relay,
}

impl Bench {
    fn new(units: usize) -> Self {
        let bench = Self::empty(units);
        bench.tell_entries();
        bench
    }

    fn empty(units: usize) -> Self {
        let world = World::new(units);
        let key = world.authority.claims.verify_key.clone();
        let relay = Relay::new(Arc::new(MemoryStore::default()), key).unwrap();
        Self { world, relay }
    }

    fn tell_entries(&self) {
        let entries: Vec<&[u8]> = self.world.entries.iter().map(Vec::as_slice).collect();
        let (told, _) = self.relay.take_entries(&entries, NOW_MILLIS).unwrap();
        assert!(told.iter().all(|told| told.outcome.is_kept()), "{told:?}");
    }

    fn ask_by(&self, unit: usize, device: usize, request: &Request) -> Handled {
        self.relay.handle(&self.world.request(unit, device, request), NOW_MILLIS).unwrap()
    }

    fn ask(&self, unit: usize, request: &Request) -> Answer {
        self.ask_by(unit, 0, request).answer
    }

    fn push(&self, unit: usize, envelopes: &[&Vec<u8>]) -> Vec<Outcome> {
        let envelopes: Vec<Vec<u8>> = envelopes.iter().copied().cloned().collect();
        let told = self.ask(unit, &push(&envelopes)).push;
        let digests: Vec<Digest> = envelopes.iter().map(|bytes| Digest::of(bytes)).collect();
        assert_eq!(told.iter().map(|told| told.digest).collect::<Vec<_>>(), digests);
        told.into_iter().map(|told| told.outcome).collect()
    }

    /// The whole feed of a unit, as digests; checks that positions are gap-free.
    fn feed(&self, unit: usize) -> Vec<Digest> {
        let items = self.ask(unit, &Request { all: true, ..pull(0) }).items;
        let positions: Vec<u64> = items.iter().map(|item| item.position).collect();
        assert_eq!(positions, (1..=items.len() as u64).collect::<Vec<_>>());
        items.iter().map(|item| digest(&item.what)).collect()
    }
}

fn digest(what: &ItemBody) -> Digest {
    match what {
        ItemBody::Envelope(bytes) => Digest::of(bytes),
        ItemBody::Own(digest) => *digest,
    }
}

fn digests(envelopes: &[&Vec<u8>]) -> Vec<Digest> {
    envelopes.iter().map(|bytes| Digest::of(bytes)).collect()
}
