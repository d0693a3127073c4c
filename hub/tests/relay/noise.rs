use himaya_hub::testing::{NOW_MILLIS, new_space, push};
use himaya_wire::{Request, Scope, SoftwareDeviceKey};
use proptest::prelude::*;

use super::Bench;

/// One bench for all cases: making keys is slow, and nothing refused may change it.
fn with_bench(run: impl Fn(&Bench, &[u8]) -> Result<(), TestCaseError>, strategy: impl Strategy<Value = Noise>) {
    let bench = Bench::new(2);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let event = bench.world.event(0, space, &key, b"body");
    let request = bench.world.request(0, 0, &push(&[grant, event]));
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    proptest::test_runner::TestRunner::new(config).run(&strategy, |noise| run(&bench, &noise.over(&request))).unwrap();
}

#[derive(Clone, Debug)]
struct Noise {
    at: Vec<(prop::sample::Index, u8)>,
    cut: Option<prop::sample::Index>,
}

impl Noise {
    fn over(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for (at, value) in &self.at {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        if let Some(cut) = self.cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    }
}

fn noise() -> impl Strategy<Value = Noise> {
    (prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), any::<Option<prop::sample::Index>>())
        .prop_map(|(at, cut)| Noise { at, cut })
}

#[test]
fn a_changed_request_never_panics_and_changes_nothing() {
    with_bench(
        |bench, bytes| {
            let before = bench.relay.store().counts().unwrap();
            if bench.relay.handle(bytes, NOW_MILLIS).is_err() {
                prop_assert_eq!(bench.relay.store().counts().unwrap(), before);
            }
            Ok(())
        },
        noise(),
    );
}

#[test]
fn noise_inside_a_well_signed_request_never_panics() {
    let bench = Bench::new(1);
    let (space, key) = new_space();
    let grant = bench.world.grant(0, space, &key, Scope::Whole, &[0]);
    let entry = bench.world.entries.last().unwrap().clone();
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (noise(), noise(), any::<u64>(), any::<u64>(), any::<u32>());
    proptest::test_runner::TestRunner::new(config)
        .run(&strategy, |(envelope, registry, after, entries_after, limit)| {
            let entries = vec![registry.over(&entry).into()];
            let request =
                Request { entries, after, entries_after, limit, ..push(&[envelope.over(&grant), Vec::new()]) };
            let answer = bench.ask(0, &request);
            prop_assert_eq!((answer.push.len(), answer.entries.len()), (2, 1));
            Ok(())
        })
        .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        thread_local!(static BENCH: Bench = Bench::empty(0));
        BENCH.with(|bench| assert!(bench.relay.handle(&bytes, NOW_MILLIS).is_err()));
    }
}

#[test]
fn a_device_key_that_is_no_key_is_refused() {
    assert!(SoftwareDeviceKey::from_pkcs8(b"noise").is_err());
}
