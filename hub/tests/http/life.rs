use std::time::{Duration, Instant};

use himaya_hub::testing::{World, new_space, pull, push};
use himaya_hub::{Hub, HubConfig, HubError, backup, restore};
use himaya_wire::{Outcome, Request, Scope};

use super::Running;

#[tokio::test]
async fn a_stop_answers_who_waits_and_lets_nobody_in_after() {
    let running = Running::start(1).await;
    let body = running.world.request(0, 0, &Request { wait_s: 60, ..pull(0) });
    let (url, client) = (running.url("/v1/sync"), running.client.clone());
    let waiting = tokio::spawn(async move {
        client.post(url).header("content-type", himaya_wire::CONTENT_TYPE).body(body).send().await.unwrap()
    });
    // Readiness, not time: the metrics say when the device waits.
    while !running.get("/metrics").await.1.contains("himaya_hub_waiting_devices 1") {
        assert!(!waiting.is_finished());
    }
    let (start, url) = (Instant::now(), running.url("/v1/health"));
    running.hub.stop().await;
    assert_eq!(waiting.await.unwrap().status(), 200);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(super::client().get(url).send().await.is_err());
}

#[tokio::test]
async fn a_restart_keeps_everything_and_its_history() {
    let running = Running::start(2).await;
    let (space, key) = new_space();
    let grant = running.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let first = running.ask(0, &push(std::slice::from_ref(&grant))).await.answer();
    let Running { world, hub, client, folder } = running;
    let other = Hub::start(HubConfig::on_loopback(folder.path().into())).await;
    assert!(matches!(other, Err(HubError::Running)));
    hub.stop().await;
    let hub = Hub::start(HubConfig::on_loopback(folder.path().into())).await.unwrap();
    let running = Running { world, hub, client, folder };
    let again = running.ask(0, &push(&[grant])).await.answer();
    assert_eq!(again.push[0].outcome, Outcome::Had);
    assert_eq!(again.incarnation, first.incarnation);
    assert_eq!(running.ask(1, &pull(0)).await.answer().items.len(), 1);
}

#[tokio::test]
async fn a_restored_backup_has_another_history_and_takes_what_it_lost() {
    let running = Running::start(2).await;
    let (space, key) = new_space();
    let grant = running.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    let event = running.world.event(0, space, &key, b"after the backup");
    let first = running.ask(0, &push(std::slice::from_ref(&grant))).await.answer();
    let file = running.folder.path().join("saved");
    backup(running.folder.path(), &file).unwrap();
    assert!(matches!(backup(running.folder.path(), &file), Err(HubError::InTheWay)));
    running.ask(0, &push(std::slice::from_ref(&event))).await.answer();
    assert!(matches!(restore(&file, running.folder.path()), Err(HubError::InTheWay)));

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("again");
    restore(&file, &dir).unwrap();
    let Running { world, hub, client, folder: _kept } = running;
    hub.stop().await;
    let hub = Hub::start(HubConfig::on_loopback(dir)).await.unwrap();
    let running = Running { world, hub, client, folder };
    let old = Some(first.incarnation);
    let answer = running.ask(0, &Request { incarnation: old, ..push(&[event, grant]) }).await.answer();
    assert_ne!(answer.incarnation, first.incarnation);
    assert_eq!([answer.push[0].outcome, answer.push[1].outcome], [Outcome::Stored, Outcome::Had]);
    assert!(answer.items.is_empty());
    assert_eq!(running.ask(1, &pull(0)).await.answer().items.len(), 2);
}

#[tokio::test]
async fn a_hub_is_set_up_once_for_one_authority_and_never_plain_on_the_network() {
    let (world, folder) = (World::new(0), tempfile::tempdir().unwrap());
    let dir = folder.path().join("hub");
    let config = HubConfig::on_loopback(dir.clone());
    assert!(matches!(Hub::start(config.clone()).await, Err(HubError::Store(_))));
    assert!(matches!(Hub::init(&dir, b"noise"), Err(HubError::Authority(_))));
    let pinned = folder.path().join("authority");
    std::fs::write(&pinned, &world.authority.bytes).unwrap();
    let pinning = HubConfig { authority: Some(pinned.clone()), ..config.clone() };
    Hub::start(pinning.clone()).await.unwrap().stop().await;
    assert!(matches!(Hub::init(&dir, &world.authority.bytes), Err(HubError::Store(_))));
    std::fs::write(&pinned, &World::new(0).authority.bytes).unwrap();
    assert!(matches!(Hub::start(pinning).await, Err(HubError::OtherAuthority)));
    let open = HubConfig { listen: ([0, 0, 0, 0], 0).into(), ..config };
    assert!(matches!(Hub::start(open).await, Err(HubError::Plain)));
}

#[tokio::test]
async fn health_and_metrics_tell_counts_and_no_name() {
    let running = Running::start(2).await;
    let (space, key) = new_space();
    let grant = running.world.grant(0, space, &key, Scope::Whole, &[0, 1]);
    running.ask(0, &push(&[grant, b"noise".to_vec()])).await.answer();
    let (status, body) = running.get("/v1/health").await;
    assert_eq!((status, body.contains("\"ok\"")), (200, true));
    let (status, page) = running.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "himaya_hub_requests_total{outcome=\"ok\"} 2",
        "himaya_hub_pushed_envelopes_total{outcome=\"stored\"} 1",
        "himaya_hub_pushed_envelopes_total{outcome=\"refused_malformed\"} 1",
        "himaya_hub_stored_envelopes{purpose=\"grant\"} 1",
        "himaya_hub_deliveries 2",
        "himaya_hub_request_seconds_count 1",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
    }
    let names = [running.world.units[0].unit.to_string(), space.to_string(), "127.0.0.1".into()];
    assert!(names.iter().all(|name| !page.contains(name)));
}
