//! Killing the process at every write boundary: nothing confirmed is lost, no try is won, a wipe is completed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use himaya_wire::MemberId;

use super::tests::{Device, NOW, OTHER_PIN, PIN, WRONG, crew, pin, try_wrong};
use super::{FAIL_POINTS, MOST_TRIES, NewMember, VaultError, WipeReason};

const KILLED: i32 = 77;
const DAY: i64 = 86_400_000;
const NEW_PIN: &str = "560381";

const SCENARIOS: [&str; 8] = ["add", "right", "wrong", "tenth", "last", "change", "remove", "wipe"];

/// Run in a process of its own by the test below.
#[test]
#[ignore = "the child of every_kill_leaves_the_vault_whole"]
fn dies_at_a_fail_point() {
    let var = |name: &str| std::env::var(name).unwrap();
    let device = Device::at(Path::new(&var("HIMAYA_CRASH_DIR")));
    let members: Vec<MemberId> = var("HIMAYA_CRASH_MEMBERS").split(' ').map(|id| id.parse().unwrap()).collect();
    let vault = device.open().unwrap();
    let colleague = vault.unlock(members[0], PIN, NOW);
    fail::cfg_callback(var("HIMAYA_CRASH_POINT"), || std::process::exit(KILLED)).unwrap();
    let second = members.get(1).copied();
    match var("HIMAYA_CRASH_SCENARIO").as_str() {
        "add" => {
            let new = NewMember::make().unwrap();
            vault.add_worker(&new, None, &pin(NEW_PIN), Some(&colleague.unwrap()), NOW).unwrap();
        }
        "right" => drop(vault.unlock(second.unwrap(), OTHER_PIN, NOW).unwrap()),
        "wrong" => drop(vault.unlock(second.unwrap(), WRONG, NOW)),
        "tenth" => drop(vault.unlock(second.unwrap(), WRONG, NOW + 5 * DAY)),
        "last" => drop(vault.unlock(members[0], WRONG, NOW + 5 * DAY)),
        "change" => vault.change_secret(second.unwrap(), OTHER_PIN, &pin(NEW_PIN), NOW).unwrap(),
        "remove" => vault.remove_worker(second.unwrap()).unwrap(),
        _ => vault.wipe(WipeReason::Forget).unwrap(),
    }
}

#[test]
fn every_kill_leaves_the_vault_whole() {
    let mut reached = BTreeSet::new();
    for scenario in SCENARIOS {
        for point in FAIL_POINTS {
            let (device, vault, members) = crew(if scenario == "last" { 1 } else { 2 });
            let mut now = NOW;
            match scenario {
                "tenth" => try_wrong(&vault, members[1], MOST_TRIES - 1, &mut now),
                "last" => try_wrong(&vault, members[0], MOST_TRIES - 1, &mut now),
                _ => {}
            }
            drop(vault);
            let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "--test-threads=1", "vault::crash_tests::dies_at_a_fail_point"])
                .env("HIMAYA_CRASH_DIR", &device.root)
                .env("HIMAYA_CRASH_MEMBERS", ids.join(" "))
                .env("HIMAYA_CRASH_POINT", point)
                .env("HIMAYA_CRASH_SCENARIO", scenario)
                .output()
                .unwrap()
                .status;
            let killed = status.code() == Some(KILLED);
            assert!(killed || status.success(), "{scenario} at {point}: {status}");
            if killed {
                reached.insert(*point);
            }
            check(scenario, point, killed, &device, &members);
        }
    }
    let all: BTreeSet<_> = FAIL_POINTS.iter().copied().collect();
    assert_eq!(reached, all, "each point is reached by some scenario");
}

fn check(scenario: &str, point: &str, killed: bool, device: &Device, members: &[MemberId]) {
    let what = format!("{scenario} at {point}");
    let later = NOW + 10 * DAY;
    let vault = match device.open() {
        Err(VaultError::Wiped) => {
            assert!(matches!(scenario, "last" | "wipe"), "{what}");
            device.assert_wiped();
            return;
        }
        other => other.unwrap(),
    };
    assert!(device.root.join("records.db").exists(), "{what}");
    device.assert_outbox_delivers();
    if scenario == "last" {
        // Killed before the count, one try is left; killed after it, none is.
        match vault.unlock(members[0], PIN, later) {
            Ok(_) => assert!(matches!(point, "vault.disk.before_rename" | "vault.tries.before_write"), "{what}"),
            Err(error) => {
                assert_eq!(error, VaultError::Wiped, "{what}");
                device.assert_wiped();
            }
        }
        return;
    }
    assert!(killed || scenario != "wipe", "{what}");
    vault.unlock(members[0], PIN, later).unwrap();
    let second = |typed| vault.unlock(members[1], typed, later);
    match scenario {
        "add" => {
            second(OTHER_PIN).unwrap();
            let workers = vault.workers().unwrap();
            assert!(workers.iter().all(|worker| !worker.damaged), "{what}");
            let added = workers.iter().find(|worker| !members.contains(&worker.member));
            assert!(added.is_some() || killed, "{what}");
            if let Some(added) = added {
                vault.unlock(added.member, NEW_PIN, later).unwrap();
            }
        }
        "wrong" => match second(WRONG).unwrap_err() {
            VaultError::WrongPin { tries_left: 9 } => {
                assert!(matches!(point, "vault.disk.before_rename" | "vault.tries.before_write"), "{what}");
            }
            error => assert_eq!(error, VaultError::WrongPin { tries_left: 8 }, "{what}"),
        },
        "tenth" => match second(OTHER_PIN) {
            Ok(_) => assert!(matches!(point, "vault.disk.before_rename" | "vault.tries.before_write"), "{what}"),
            Err(error) => {
                assert!(matches!(error, VaultError::SlotWiped | VaultError::Worker), "{what}");
                assert_eq!(second(OTHER_PIN).unwrap_err(), VaultError::Worker, "{what}");
            }
        },
        "change" => {
            let changed = second(NEW_PIN).is_ok();
            assert!(changed || killed, "{what}");
            assert_eq!(second(OTHER_PIN).is_ok(), !changed, "{what}");
        }
        "remove" => match second(OTHER_PIN) {
            Ok(_) => assert!(killed, "{what}"),
            Err(error) => assert_eq!(error, VaultError::Worker, "{what}"),
        },
        _ => drop(second(OTHER_PIN).unwrap()),
    }
}
