//! What every field command starts from: the device in its folder, a worker unlocked, things found by short numbers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use himaya_core::app::{AppError, Device, DeviceOptions, ReferralView, Session, SystemClock, WorkerView};
use himaya_core::vault::FileKeystore;
use himaya_wire::{EventId, UnitId};

use super::problem::from_app;
use crate::args::Global;
use crate::output::{Failure, Out};
use crate::passphrase;

/// The device's folder, the way out, the worker named.
pub struct Context<'a> {
    pub global: &'a Global,
    pub out: &'a Out,
    member: Option<&'a str>,
}

impl<'a> Context<'a> {
    pub const fn new(global: &'a Global, out: &'a Out, member: Option<&'a str>) -> Self {
        Self { global, out, member }
    }

    /// The device's folder as it was given.
    pub fn dir(&self) -> Result<PathBuf, Failure> {
        self.global.dir.clone().ok_or_else(|| {
            Failure::usage("dir-missing", "which device?").advice("Give --dir FOLDER, or set HIMAYA_DIR.")
        })
    }

    /// The device, locked.
    pub fn device(&self) -> Result<Device, Failure> {
        open_device(&self.dir()?)
    }

    /// A worker unlocked, by the passphrase given or asked for.
    pub fn session(&self) -> Result<Session, Failure> {
        let device = self.device()?;
        self.unlock(&device)
    }

    /// Unlocks the worker on an open device.
    pub fn unlock(&self, device: &Device) -> Result<Session, Failure> {
        let session = unlock(self.global, self.member, device)?;
        // What arrived while locked, or was carried here by hand, is read without asking a hub first. On a full disk
        // it stays sealed, and what is here already can still be read.
        match session.ingest() {
            Ok(_) | Err(AppError::NoSpace) => Ok(session),
            Err(error) => Err(from_app(error)),
        }
    }
}

/// Unlocks a worker, by the passphrase given or asked for.
pub fn unlock(global: &Global, member: Option<&str>, device: &Device) -> Result<Session, Failure> {
    let worker = worker(member, device)?;
    let typed = passphrase::ask(global, worker.label.as_deref().unwrap_or("worker"))?;
    device.unlock(worker.member, &typed).map_err(from_app)
}

/// The worker named by --as, or the only one.
fn worker(member: Option<&str>, device: &Device) -> Result<WorkerView, Failure> {
    let workers = device.workers().map_err(from_app)?;
    let named = |worker: &&WorkerView| match member {
        None => true,
        Some(name) => {
            worker.label.as_deref() == Some(name)
                || (name.len() >= 4 && worker.member.to_string().starts_with(&name.to_ascii_lowercase()))
        }
    };
    let mut fitting = workers.iter().filter(named);
    match (fitting.next(), fitting.next()) {
        (Some(worker), None) => Ok(worker.clone()),
        (None, _) => Err(Failure::missing("worker", "no such worker on this device").advice(names(&workers))),
        (Some(_), Some(_)) => {
            Err(Failure::usage("worker-which", "this device has several workers").advice(names(&workers)))
        }
    }
}

/// Opens a device that must be there already; nothing is made.
pub fn open_device(dir: &Path) -> Result<Device, Failure> {
    if !dir.join("device.json").is_file() {
        return Err(Failure::missing("device", "there is no device in this folder")
            .advice("Set one up with `himaya field enrol`, or look at --dir."));
    }
    let keystore = FileKeystore::open(&dir.join("keystore"))
        .map_err(|_| Failure::failed("keystore", "the keystore files of this device cannot be read"))?;
    Device::open(dir, Arc::new(keystore), Arc::new(SystemClock), &DeviceOptions::default()).map_err(from_app)
}

fn names(workers: &[WorkerView]) -> String {
    let names: Vec<String> = workers
        .iter()
        .map(|worker| worker.label.clone().unwrap_or_else(|| worker.member.to_string().chars().take(8).collect()))
        .collect();
    format!("Give --as with one of: {}", names.join(", "))
}

/// A referral of this device by the beginning of its id, or by the number of its file where that has only one.
pub fn find_referral(session: &Session, text: &str, incoming: bool) -> Result<ReferralView, Failure> {
    let referrals = if incoming { session.inbox() } else { session.sent() }.map_err(from_app)?;
    let typed = text.to_ascii_lowercase();
    let by_id = referrals.iter().filter(|one| typed.len() >= 4 && one.referral.to_string().starts_with(&typed));
    let mut found: Vec<&ReferralView> = by_id.collect();
    if found.is_empty() {
        let space = session.find(text).map_err(from_app)?;
        found = referrals.iter().filter(|one| one.space == space).collect();
    }
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Failure::missing("referral", "no such referral here").advice("See `himaya field inbox`.")),
        _ => Err(Failure::missing("referral-which", "more than one referral fits").advice("Give more of its id.")),
    }
}

/// A unit by the beginning of its id, or by the beginning of its name in the guide.
pub fn find_unit(session: &Session, text: &str) -> Result<UnitId, Failure> {
    if let Ok(unit) = text.parse() {
        return Ok(unit);
    }
    let typed = text.to_lowercase();
    let mut units: Vec<UnitId> = session.device().registries(|known| known.units().map(|unit| unit.unit).collect());
    units.retain(|unit| typed.len() >= 4 && unit.to_string().starts_with(&typed));
    if units.is_empty() {
        let guide = session.guide().map_err(from_app)?;
        let services = guide.services().iter().filter(|service| {
            let profile = &service.profile;
            profile.name_fr.as_str().to_lowercase().starts_with(&typed) || profile.name_ar.as_str().starts_with(text)
        });
        units = services.filter_map(|service| service.profile.unit).collect();
        units.sort_unstable();
        units.dedup();
    }
    match units.as_slice() {
        [unit] => Ok(*unit),
        [] => Err(Failure::missing("unit", "no such unit is known here")
            .advice("See `himaya field nearest` and `himaya field guide list`; sync first if the unit is new.")),
        _ => Err(Failure::missing("unit-which", "more than one unit fits").advice("Give more of its id or name.")),
    }
}

/// A service of the guide by the beginning of its id or name.
pub fn find_service(session: &Session, text: &str) -> Result<EventId, Failure> {
    let typed = text.to_lowercase();
    let guide = session.guide().map_err(from_app)?;
    let by_id = guide.services().iter().filter(|one| typed.len() >= 4 && one.id.to_string().starts_with(&typed));
    let mut found: Vec<_> = by_id.collect();
    if found.is_empty() {
        let named = guide.services().iter().filter(|one| {
            one.profile.name_fr.as_str().to_lowercase().starts_with(&typed)
                || one.profile.name_ar.as_str().starts_with(text)
        });
        found = named.collect();
    }
    match found.as_slice() {
        [service] => Ok(EventId::from_bytes(*service.id.as_bytes())),
        [] => Err(Failure::missing("service", "no such service in the guide").advice("See `himaya field guide list`.")),
        _ => {
            Err(Failure::missing("service-which", "more than one service fits").advice("Give more of its id or name."))
        }
    }
}
