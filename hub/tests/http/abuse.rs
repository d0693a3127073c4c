use std::time::Duration;

use himaya_hub::HubLimits;
use himaya_hub::testing::{World, pull, push};
use himaya_wire::{Trouble, limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Running;

#[tokio::test]
async fn garbage_strangers_and_wrong_ways_get_typed_refusals() {
    let running = Running::start(1).await;
    for body in [Vec::new(), b"noise".to_vec(), vec![0xff; 4096]] {
        for path in ["/v1/sync", "/v1/entries"] {
            let reply = running.post(path, body.clone()).await;
            assert_eq!((reply.status, reply.trouble().trouble), (400, Trouble::Malformed));
        }
    }
    let stranger = World::new(1).request(0, 0, &pull(0));
    let reply = running.post("/v1/sync", stranger).await;
    assert_eq!((reply.status, reply.trouble().trouble), (401, Trouble::UnknownDevice));
    let reply = running.post("/v1/sync", vec![0; limits::REQUEST_BYTES + 1]).await;
    assert_eq!((reply.status, reply.trouble().trouble), (413, Trouble::TooLarge));
    assert_eq!(running.get("/v1/sync").await.0, 405);
    assert_eq!(running.get("/nothing").await.0, 404);
    let plain = running.client.post(running.url("/v1/sync")).body("text").send().await.unwrap();
    assert_eq!(plain.status(), 415);
    running.ask(0, &pull(0)).await.answer();
}

#[tokio::test]
async fn a_device_that_asks_too_often_or_pushes_too_much_is_told_when_to_come_back() {
    let few = HubLimits { device_requests_per_minute: 2, ..HubLimits::default() };
    let running = Running::start_with(2, few).await;
    running.ask(0, &pull(0)).await.answer();
    running.ask(0, &pull(0)).await.answer();
    let reply = running.ask(0, &pull(0)).await;
    assert_eq!((reply.status, reply.trouble().trouble), (429, Trouble::TooMany));
    assert!(reply.trouble().retry_after_s.is_some_and(|seconds| (1..=30).contains(&seconds)));
    running.ask(1, &pull(0)).await.answer();

    let small = HubLimits { device_bytes_per_hour: 100_000, ..HubLimits::default() };
    let running = Running::start_with(1, small).await;
    let large = push(&[vec![0; 60_000]]);
    running.ask(0, &large).await.answer();
    assert_eq!(running.ask(0, &large).await.status, 429);
    running.ask(0, &pull(0)).await.answer();
}

#[tokio::test]
async fn one_address_and_unsigned_entries_are_bounded_too() {
    let few = HubLimits { entries_requests_per_minute: 1, address_requests_per_minute: 3, ..HubLimits::default() };
    let running = Running::start_with(1, few).await;
    assert_eq!(running.post("/v1/entries", vec![0x80]).await.status, 429);
    running.ask(0, &pull(0)).await.answer();
    assert_eq!(running.ask(0, &pull(0)).await.status, 429);
}

#[tokio::test]
async fn slow_clients_are_let_go_and_do_not_hold_the_others() {
    let quick = HubLimits {
        head_timeout: Duration::from_millis(200),
        body_idle_timeout: Duration::from_millis(200),
        connections: 3,
        ..HubLimits::default()
    };
    let running = Running::start_with(1, quick).await;
    let mut head = TcpStream::connect(running.hub.addr).await.unwrap();
    head.write_all(b"POST /v1/sync HTTP/1.1\r\nhost: h").await.unwrap();
    let mut body = TcpStream::connect(running.hub.addr).await.unwrap();
    let start = b"POST /v1/sync HTTP/1.1\r\nhost: h\r\ncontent-type: application/cbor\r\ncontent-length: 9\r\n\r\nab";
    body.write_all(start).await.unwrap();
    running.ask(0, &pull(0)).await.answer();
    let (mut of_head, mut of_body) = (Vec::new(), Vec::new());
    let _ = head.read_to_end(&mut of_head).await;
    body.read_to_end(&mut of_body).await.unwrap();
    assert!(String::from_utf8_lossy(&of_body).starts_with("HTTP/1.1 408"));
    assert!(!String::from_utf8_lossy(&of_head).contains("200"));
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let running = Running::start_with(1, HubLimits { connections: 2, ..HubLimits::default() }).await;
    let mut kept = TcpStream::connect(running.hub.addr).await.unwrap();
    kept.write_all(b"GET /v1/health HTTP/1.1\r\nhost: h\r\n\r\n").await.unwrap();
    let mut one = [0];
    kept.read_exact(&mut one).await.unwrap();
    // The test's own client holds the other place.
    let mut beyond = TcpStream::connect(running.hub.addr).await.unwrap();
    let _ = beyond.write_all(b"GET /v1/health HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert!(matches!(beyond.read(&mut one).await, Ok(0) | Err(_)));
    running.ask(0, &pull(0)).await.answer();
}
