use std::time::{Duration, Instant};

use himaya_hub::testing::{new_space, pull, push};
use himaya_wire::{EntryAct, Outcome, Owner, Request, Scope};

use super::Running;

#[tokio::test]
async fn what_one_unit_pushes_another_pulls() {
    let running = Running::start(2).await;
    let (space, key) = new_space();
    let grant = running.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let event = running.world.event(0, space, &key, b"seen");
    let answer = running.ask(0, &push(&[grant, event])).await.answer();
    assert!(answer.push.iter().all(|told| told.outcome == Outcome::Stored));
    let answer = running.ask(1, &pull(0)).await.answer();
    assert_eq!(answer.items.len(), 2);
    let answer = running.ask(1, &Request { entries_after: 0, ..pull(2) }).await.answer();
    assert_eq!((answer.items.len(), answer.registry.len()), (0, running.world.entries.len()));
    running.hub.stop().await;
}

#[tokio::test]
async fn nothing_new_costs_a_few_hundred_bytes() {
    let running = Running::start(1).await;
    let request = running.world.request(0, 0, &pull(0));
    let reply = running.ask(0, &pull(0)).await;
    assert!(request.len() + reply.body.len() < 300, "{} + {}", request.len(), reply.body.len());
}

#[tokio::test]
async fn a_waiting_device_wakes_for_its_unit_and_for_the_registries() {
    let mut running = Running::start(2).await;
    let (space, key) = new_space();
    let grant = running.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let seen = running.world.entries.len() as u64;
    let waiting = Request { wait_s: 50, entries_after: seen, ..pull(0) };
    let start = Instant::now();
    let pushing = push(&[grant]);
    let (woken, _) = tokio::join!(running.ask(1, &waiting), running.ask(0, &pushing));
    assert_eq!(woken.answer().items.len(), 1);

    let before = running.world.request(1, 0, &Request { wait_s: 50, entries_after: seen, ..pull(1) });
    running.world.act(Owner::Unit(running.world.units[0].unit), Some(0), &EntryAct::Resign);
    let (woken, _) = tokio::join!(running.post("/v1/sync", before), running.entries());
    assert_eq!(woken.answer().registry.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(40));
}

#[tokio::test]
async fn a_wait_ends_with_an_empty_answer() {
    let running = Running::start(1).await;
    let answer = running.ask(0, &Request { wait_s: 1, ..pull(0) }).await.answer();
    assert!(answer.items.is_empty() && answer.registry.is_empty());
}
