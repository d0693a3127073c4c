//! A device's folder: its files, its workers, what waits, its hub.

use std::path::Path;

use himaya_core::app::{Clock, Device, Session, SystemClock};
use himaya_core::sync::{HubClient, SyncError};

use super::{Findings, place};
use crate::args::Global;
use crate::field::{from_app, open_device, unlock};
use crate::passphrase;

const MINUTE_MILLIS: i64 = 60_000;
/// More than this and times in records mislead a reader; nothing is refused for it.
const SKEW_MINUTES: i64 = 5;
/// The head signs the registry every week; a day's grace for the next sync.
const REGISTRY_DAYS: i64 = 8;
const RECORDS: [&str; 2] = ["records.db", "records.db-wal"];
const CARRIER: [&str; 2] = ["carrier.db", "carrier.db-wal"];

/// Looks at the device; with a passphrase, into its records too.
pub fn look(global: &Global, dir: &Path, member: Option<&str>, found: &mut Findings) {
    if !files(dir, found) {
        return;
    }
    let device = match open_device(dir) {
        Ok(device) => device,
        Err(failure) => return found.failure("device", &failure),
    };
    found.good(
        "device",
        format!("device {}: opens; outbox and inbox {}", short(&device.id()), place::size(dir, &CARRIER)),
    );
    workers(&device, dir, found);
    waiting(&device, found);
    hub(&device, found);
    match passphrase::given(global) {
        Err(failure) => found.failure("passphrase", &failure),
        Ok(None) => found.look(
            "records-unread",
            "the records were not looked into: locked",
            "With --passphrase-file FILE they are checked page by page.",
        ),
        Ok(Some(_)) => match unlock(global, member, &device) {
            Ok(session) => records(&session, found),
            Err(failure) => found.failure("unlock", &failure),
        },
    }
}

/// The beginning of an id.
fn short(id: &impl ToString) -> String {
    id.to_string().chars().take(8).collect()
}

/// Every file that a device needs, before it is opened: opening would make some of them anew.
fn files(dir: &Path, found: &mut Findings) -> bool {
    const KEEP: &str =
        "Keep the folder as it is, and put the file back from a copy; or enrol this device anew in another folder.";
    let before = found.wrongs();
    let wiped = dir.join("vault/wipe.cbor").is_file();
    for (name, key, what) in [
        ("device.json", "device-file", "the device's own file is not here"),
        ("vault/vault.cbor", "vault", "the vault's file is not here"),
        ("keystore/device.p8", "device-key", "the key that signs this device's requests is not here"),
        ("keystore/sealing.key", "sealing-key", "the keystore's key is not here: no passphrase opens without it"),
    ] {
        let spared = wiped && key == "sealing-key";
        if !spared && !dir.join(name).is_file() {
            found.wrong(key, what, KEEP);
        }
    }
    if dir.join("carrier.db").is_file() && !dir.join("carrier.key").is_file() {
        found.wrong("carrier-key", "the key of the outbox is not here: what waits in it cannot be sent", KEEP);
    }
    found.wrongs() == before
}

fn workers(device: &Device, dir: &Path, found: &mut Findings) {
    let workers = match device.workers() {
        Ok(workers) => workers,
        Err(error) => return found.failure("workers", &from_app(error)),
    };
    if workers.is_empty() {
        found.look("workers", "no worker on this device yet", "himaya field enrol --label NAME");
    }
    let waiting = workers.iter().filter(|worker| !worker.admitted).count();
    if waiting > 0 {
        found.look(
            "workers-waiting",
            format!("workers: {waiting} of {} not admitted yet, as far as this device has heard", workers.len()),
            "Show the code to the head; then: himaya field sync --locked",
        );
    } else if !workers.is_empty() {
        found.good("workers", format!("workers: {}, all admitted", workers.len()));
    }
    for worker in workers.iter().filter(|worker| worker.label.is_none()) {
        let text = format!("the keys of worker {} are damaged", short(&worker.member));
        found.wrong(
            "worker-damaged",
            text,
            "A head admits the worker anew; the records are still here for colleagues.",
        );
    }
    if dir.join(RECORDS[0]).is_file() {
        found.good("records", format!("records here: {}", place::size(dir, &RECORDS)));
    } else if waiting < workers.len() {
        found.look("records", "no records here yet", "Unlock once: himaya field list");
    }
    registry(device, found);
}

fn registry(device: &Device, found: &mut Findings) {
    let Some(unit) = device.unit() else {
        return found.look(
            "unit",
            "this device has not heard yet of a unit that it belongs to",
            "himaya field sync --locked, once the head or the ministry has published it.",
        );
    };
    let signed = device.registries(|known| known.unit(unit).map(|unit| unit.signed_at_millis));
    let Some(signed) = signed else { return };
    let days = (SystemClock.now_millis() - signed) / (24 * 60 * MINUTE_MILLIS);
    if days > REGISTRY_DAYS {
        found.look(
            "registry-old",
            format!("the unit's registry was last signed {days} days ago: a removal could be missing here"),
            "Sync. If it stays, a head signs again: himaya field resign, then himaya field sync",
        );
    } else {
        found.good("registry", format!("unit {}: its registry was signed {} days ago", short(&unit), days.max(0)));
    }
}

fn waiting(device: &Device, found: &mut Findings) {
    let status = match device.status_locked() {
        Ok(status) => status,
        Err(error) => return found.failure("carrier", &from_app(error)),
    };
    match status.unsent {
        0 => found.good("unsent", "everything here is at the hub"),
        count => found.look(
            "unsent",
            format!("{count} sealed records wait to be sent"),
            "himaya field sync --locked, or himaya field bundle export FILE to carry them by hand.",
        ),
    }
    if status.parked > 0 {
        found.wrong(
            "parked",
            format!("{} sealed records were refused by the hub; they are kept", status.parked),
            "Ask the head whether this device or its worker was removed. Do not wipe it before.",
        );
    }
    if status.inbox > 0 {
        found.look(
            "inbox",
            format!("{} sealed records arrived and wait for an unlock", status.inbox),
            "himaya field inbox",
        );
    }
}

fn hub(device: &Device, found: &mut Findings) {
    match device.incarnation() {
        Ok(Some(incarnation)) => {
            found.good("history", format!("the hub's history as last told: {}", short(&incarnation)));
        }
        Ok(None) => found.look("history", "this device has never reached its hub", "himaya field sync --locked"),
        Err(error) => found.failure("history", &from_app(error)),
    }
    let client = match HubClient::new(&device.hub()) {
        Ok(client) => client,
        Err(error) => return found.failure("hub-address", &from_app(error.into())),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return found.failure("network", &crate::output::Failure::io("network", &error)),
    };
    let asked_millis = SystemClock.now_millis();
    match runtime.block_on(client.health()) {
        Ok(health) => {
            found.good("hub", "the hub answers and can read its store");
            skew(asked_millis, health.at_millis, found);
        }
        Err(SyncError::Later(_)) => found.look("hub-unwell", "the hub answers, and says that it is not well", "Whoever runs it looks at its log and disk. Everything is kept here meanwhile."),
        Err(_) => found.look(
            "hub-silent",
            "the hub cannot be reached from here now",
            "No harm: records are kept and sent later. If other pages open, look at the address and certificate: himaya field hub URL --root FILE",
        ),
    }
}

fn skew(ours_millis: i64, theirs_millis: Option<i64>, found: &mut Findings) {
    let Some(theirs_millis) = theirs_millis else { return };
    let minutes = (ours_millis - theirs_millis) / MINUTE_MILLIS;
    if minutes.abs() > SKEW_MINUTES {
        let way = if minutes > 0 { "ahead of" } else { "behind" };
        found.look(
            "clock",
            format!("this clock is {} minutes {way} the hub's", minutes.abs()),
            "Set it. Nothing is refused for it, but the times in records made meanwhile mislead.",
        );
    } else {
        found.good("clock", "this clock agrees with the hub's");
    }
}

fn records(session: &Session, found: &mut Findings) {
    match session.records_are_whole() {
        Ok(true) => found.good("records-whole", "every page of the records is as it was written"),
        Ok(false) => found.wrong(
            "records-damaged",
            "the records' file is damaged",
            "Keep a copy of the folder now, and stop using it: what was sent is at the hub.",
        ),
        Err(error) => found.failure("records", &from_app(error)),
    }
    let status = match session.status() {
        Ok(status) => status,
        Err(error) => return found.failure("status", &from_app(error)),
    };
    if status.alarms > 0 {
        found.wrong(
            "alarms",
            format!(
                "{} alarms: two registry entries at one number, an id used twice, or a hub that broke its rules",
                status.alarms
            ),
            "Tell the ministry's desk before anything else; records made before are safe.",
        );
    }
    if status.held > 0 {
        found.look(
            "held",
            format!("{} records cannot be opened or understood yet", status.held),
            "Sync; then a newer program, or a colleague's grant, opens them.",
        );
    }
    if status.captures > 0 {
        found.look("captures", format!("{} captures wait to be claimed", status.captures), "himaya field claim");
    }
    if status.conflicts > 0 {
        found.look(
            "conflicts",
            format!("{} questions have two answers", status.conflicts),
            "himaya field list shows them with ⚠; himaya field settle",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Findings, Sign};
    use super::{MINUTE_MILLIS, skew};

    #[test]
    fn a_clock_is_pointed_out_only_beyond_five_minutes() {
        for (minutes, sign) in [(0, Sign::Good), (5, Sign::Good), (-5, Sign::Good), (6, Sign::Look), (-600, Sign::Look)]
        {
            let mut found = Findings::default();
            skew(minutes * MINUTE_MILLIS, Some(0), &mut found);
            assert_eq!(found.findings[0].sign, sign, "{minutes}");
        }
    }
}
