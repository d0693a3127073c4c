//! A bad network between a device and the hub: cut at every place, answers lost, doubled, late, garbled, stalled.

use std::time::Duration;

use himaya_core::app::SyncOptions;
use himaya_core::sync::HubAddress;
use himaya_hub::{Hub, HubConfig, TlsFiles};
use himaya_tests::{Fault, Proxy, Same, Worker, assert_same, gap_free, spotting, sync};

/// Bytes between two cuts, beside those at the border of each piece.
const STEP: usize = 64;

fn point(worker: &Worker, port: u16, root_pem: Option<&str>) {
    let scheme = if root_pem.is_some() { "https" } else { "http" };
    let host = if root_pem.is_some() { "localhost" } else { "127.0.0.1" };
    let url = format!("{scheme}://{host}:{port}");
    worker.device.set_hub(HubAddress { url, root_pem: root_pem.map(str::to_owned) }).unwrap();
}

/// Every border of a piece, and every so many bytes between.
fn places(sizes: &[usize]) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let mut places: Vec<usize> = (0..total).step_by(STEP).collect();
    let mut border = 0;
    for size in sizes {
        border += size;
        places.extend([border - 1, border].into_iter().filter(|place| *place < total));
    }
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn a_connection_cut_anywhere_doubled_late_or_stalled_loses_and_doubles_nothing() {
    let (frozen, _) = super::town();
    let mut town = frozen.thaw();
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    let base = street.spot(&spotting("Base")).unwrap().space;
    sync(&street);
    sync(&beside);
    let proxy = Proxy::start(town.port);
    let mut number = 0;
    let mut work = || {
        number += 1;
        street.spot(&spotting(&format!("Child{number:03}"))).unwrap();
        beside.edit(base, "note", None, &format!("note {number}")).unwrap();
        sync(&beside);
    };
    // One whole exchange, to learn its size.
    work();
    proxy.set(Fault::None);
    point(&head, proxy.port, None);
    sync(&street);
    let (up, down) = proxy.sizes();
    let mut faults: Vec<Fault> = places(&up).into_iter().map(Fault::CutUp).collect();
    faults.extend(places(&down).into_iter().map(Fault::CutDown));
    faults.extend(places(&up).into_iter().map(|place| Fault::GarbleUp(place + 7)));
    faults.extend([Fault::Double, Fault::Late, Fault::Late]);
    faults.extend([0, 50, 300].map(|after| Fault::Stall(after, Duration::from_millis(200))));
    let (mut failed, mut late) = (0, false);
    for fault in &faults {
        late |= *fault == Fault::Late;
        work();
        proxy.set(*fault);
        point(&head, proxy.port, None);
        for _ in 0..if *fault == Fault::Late { 4 } else { 1 } {
            failed += usize::from(street.sync(SyncOptions::default()).is_err());
        }
        let context = format!("{fault:?}");
        proxy.set(Fault::None);
        point(&head, proxy.port, None);
        sync(&street);
        let status = street.status().unwrap();
        assert_eq!((status.unsent, status.parked, status.held), (0, 0, 0), "{context}");
        // The answer to another request looks like a hub that breaks its rules: nothing is lost, and it is told. TLS
        // keeps anybody on the way from doing it.
        assert!(status.alarms == 0 || late, "{context}");
        sync(&beside);
        let (here, there) = (street.show(base).unwrap().fields, beside.show(base).unwrap().fields);
        assert_eq!(here, there, "{context}");
    }
    println!("{failed} of {} exchanges failed", faults.len());
    assert!(failed > faults.len() / 2, "{failed} of {}", faults.len());
    assert_same(&[&street, &beside], Same::Everything, "after all faults");
    assert_eq!(street.search("child", 1_000).unwrap().len(), number, "each child once");
    town.hub_down();
    gap_free(&town.hub_dir());
}

#[test]
fn a_garbled_byte_under_tls_changes_nothing() {
    let (frozen, _) = super::town();
    let mut town = frozen.thaw();
    town.hub_down();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (town.dir.path().join("tls.pem"), town.dir.path().join("tls.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut config = HubConfig::on_loopback(town.hub_dir());
    config.tls = Some(TlsFiles { certificate, key });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hub = runtime.block_on(Hub::start(config)).unwrap();
    let root = made.cert.pem();
    let proxy = Proxy::start(hub.addr.port());
    let (head, member) = (town.worker(0), town.worker(1));
    let (street, beside) = (head.unlock(), member.unlock());
    for worker in [&head, &member] {
        point(worker, proxy.port, Some(&root));
    }
    street.spot(&spotting("Base")).unwrap();
    proxy.set(Fault::None);
    sync(&street);
    let (up, down) = proxy.sizes();
    let (up, down): (usize, usize) = (up.iter().sum(), down.iter().sum());
    let mut faults: Vec<Fault> = (0..up).step_by(131).map(Fault::GarbleUp).collect();
    faults.extend((0..down).step_by(97).map(Fault::GarbleDown));
    for (number, fault) in faults.iter().enumerate() {
        street.spot(&spotting(&format!("Child{number:03}"))).unwrap();
        proxy.set(*fault);
        point(&head, proxy.port, Some(&root));
        let refused = street.sync(SyncOptions::default());
        proxy.set(Fault::None);
        point(&head, proxy.port, Some(&root));
        sync(&street);
        let status = street.status().unwrap();
        assert_eq!((status.unsent, status.held, status.alarms), (0, 0, 0), "{fault:?}: {refused:?}");
    }
    sync(&beside);
    sync(&street);
    assert_same(&[&street, &beside], Same::Everything, "after all garbling");
    assert_eq!(beside.search("child", 1_000).unwrap().len(), faults.len());
    runtime.block_on(hub.stop());
    gap_free(&town.hub_dir());
}
