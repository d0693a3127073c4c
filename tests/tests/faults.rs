//! Faults: processes killed at every write boundary, a bad network, a full disk, old copies put back. Nothing that was
//! confirmed is lost, nothing comes twice, and all devices of a unit end up showing the same.
#![allow(clippy::unwrap_used)] // A test fails by panicking.

#[path = "faults/bad_network.rs"]
mod bad_network;
#[path = "faults/device_killed.rs"]
mod device_killed;
#[path = "faults/full_disk.rs"]
mod full_disk;
#[path = "faults/hub_killed.rs"]
mod hub_killed;
#[path = "faults/old_copies.rs"]
mod old_copies;

use himaya_core::app::{NewRound, SyncOptions};
use himaya_tests::{Frozen, Town};
use himaya_wire::{UnitId, UnitKind};

/// Two devices of a mobile unit (numbers 0 and 1) and one of a protection unit (number 2), everything synced.
fn town() -> (Frozen, UnitId) {
    let mut town = Town::new();
    let (upe_id, upe) = town.unit(UnitKind::Upe);
    let (_, head) = town.unit(UnitKind::Sas);
    let member = town.member(&head);
    for worker in [&head, &member, &upe] {
        worker.device.sync(SyncOptions::default()).unwrap();
    }
    head.unlock().start_round(&NewRound::default()).unwrap();
    head.device.sync(SyncOptions::default()).unwrap();
    (Frozen::freeze(town, vec![head, member, upe]), upe_id)
}
