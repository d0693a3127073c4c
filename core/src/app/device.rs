//! The one handle: an enrolled phone or computer, in a folder of its own.
//!
//! Everything here works while the vault is locked. [`Device::unlock`] gives a [`Session`], where records are read
//! and written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use himaya_wire::{
    Bundle, Certificate, Circle, DeviceId, EventId, Incarnation, Item, ItemBody, MemberId, NewCapture, NewcomerCode,
    Registries, Request, Sign, SpaceId, Stamp, Trouble, UnitId, limits, seal_capture,
};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::error::AppError;
use super::session::Session;
use super::spottings::spotting_acts;
use super::views::{NewSpotting, SyncReport};
use crate::record::{EventBody, SpaceKind, View};
use crate::store::carrier::{self, Carrier};
use crate::store::{Store, StoreError};
use crate::sync::{Ask, HubAddress, HubClient, Me, Progress, SyncError, absorb, plan, queue_all_entries, raise_alarms};
use crate::vault::{
    Keystore, NewMember, UnlockSecret, Unlocked, Vault, VaultError, VaultOptions, VaultPolicy, WipePlan, WipeReason,
};

const DEVICE_FILE: &str = "device.json";
const RECORDS: &str = "records.db";
const CARRIER: &str = "carrier.db";
const CARRIER_KEY: &str = "carrier.key";
/// Carrier state: the unit that a worker of this device was admitted to.
const STATE_UNIT: &str = "unit";
/// Most requests of one call of [`Device::sync`]: half a million items.
const MOST_EXCHANGES: u32 = 256;
/// A hub may be restored while a device talks to it, not at each of its answers.
const MOST_HISTORIES: u32 = 3;
/// Carrier state: the open round, in which the lock screen takes captures.
pub(super) const STATE_ROUND: &str = "round";

/// What a device file says. Nothing personal, nothing secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct DeviceFile {
    version: u32,
    /// The authority's certificate, hexadecimal: pinned at enrolment.
    authority: String,
    hub: HubAddress,
}

/// A device to set up.
pub struct NewDevice {
    /// The authority's certificate, carried by hand from the ministry.
    pub authority: Vec<u8>,
    /// Where the hub is.
    pub hub: HubAddress,
}

/// How a sync is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncOptions {
    /// How long to wait for news when there is nothing to do, seconds.
    pub wait_s: u32,
}

/// A worker of this device, as the lock screen shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerView {
    /// The worker.
    pub member: MemberId,
    /// The crew name.
    pub label: Option<String>,
    /// Whether a head has admitted the worker.
    pub admitted: bool,
}

/// What is on the device, as far as a locked one can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LockedStatus {
    /// Sealed envelopes not yet at the hub.
    pub unsent: u64,
    /// Sealed envelopes the hub refused for good; kept.
    pub parked: u64,
    /// Sealed envelopes that arrived and wait for an unlock.
    pub inbox: u64,
    /// Whether a round is open, so that the lock screen takes captures.
    pub round_open: bool,
}

/// One enrolled phone or computer. Cheap to clone; all clones are the same device.
#[derive(Clone)]
pub struct Device(pub(super) Arc<Inner>);

pub(super) struct Inner {
    dir: PathBuf,
    pub(super) device: DeviceId,
    /// None after a wipe: only the outbox is left to deliver.
    vault: Option<Vault>,
    pub(super) keystore: Arc<dyn Keystore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) carrier: Carrier,
    pub(super) registries: RwLock<Registries>,
    file: Mutex<DeviceFile>,
    runtime: tokio::runtime::Runtime,
    /// One exchange at a time: two would ask for the same page.
    exchange: Mutex<Option<HubClient>>,
}

/// Costs and rules of the vault, chosen when a device is opened.
#[derive(Clone, Debug, Default)]
pub struct DeviceOptions {
    /// What the vault accepts from workers.
    pub policy: VaultPolicy,
}

impl Device {
    /// Sets up a device in an empty folder. Nothing is sent.
    pub fn create(
        dir: &Path,
        keystore: Arc<dyn Keystore>,
        clock: Arc<dyn Clock>,
        new: &NewDevice,
        options: &DeviceOptions,
    ) -> Result<Self, AppError> {
        let authority = Certificate::open_authority(&new.authority)
            .map_err(|_| AppError::refused("authority", "error-authority"))?;
        HubClient::new(&new.hub)?;
        std::fs::create_dir_all(dir).map_err(io)?;
        if dir.join(DEVICE_FILE).exists() {
            return Err(AppError::refused("dir", "error-device-exists"));
        }
        match Vault::create(&dir.join("vault"), Arc::clone(&keystore), vault_options(dir, options)) {
            // A set-up that was killed in the middle goes on.
            Ok(_) | Err(VaultError::NoVault) => {}
            Err(error) => return Err(error.into()),
        }
        let file = DeviceFile {
            version: 1,
            authority: data_encoding::HEXLOWER.encode(&authority.bytes),
            hub: new.hub.clone(),
        };
        save_file(dir, &file)?;
        Self::open(dir, keystore, clock, options)
    }

    /// Opens a device, locked.
    pub fn open(
        dir: &Path,
        keystore: Arc<dyn Keystore>,
        clock: Arc<dyn Clock>,
        options: &DeviceOptions,
    ) -> Result<Self, AppError> {
        let file = load_file(dir)?;
        let vault_dir = dir.join("vault");
        let device = Vault::load_device(&vault_dir)?.ok_or(AppError::NotFound("device"))?;
        let vault = match Vault::open(&vault_dir, Arc::clone(&keystore), vault_options(dir, options)) {
            Ok(vault) => Some(vault),
            Err(VaultError::Wiped) => None,
            Err(error) => return Err(error.into()),
        };
        let carrier = Carrier::open(&dir.join(CARRIER), &carrier_key(dir)?)?;
        let authority = data_encoding::HEXLOWER
            .decode(file.authority.as_bytes())
            .ok()
            .and_then(|bytes| Certificate::open_authority(&bytes).ok())
            .ok_or(AppError::broken("device-file"))?;
        let mut registries = Registries::new(authority.claims.verify_key);
        for bytes in carrier.read(carrier::all_entries)? {
            // What did not count when it came does not count now, and is not here.
            let _ = registries.apply(&bytes);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("himaya-sync")
            .enable_all()
            .build()
            .map_err(|_| AppError::broken("runtime"))?;
        Ok(Self(Arc::new(Inner {
            dir: dir.to_path_buf(),
            device,
            vault,
            keystore,
            clock,
            carrier,
            registries: RwLock::new(registries),
            file: Mutex::new(file),
            runtime,
            exchange: Mutex::new(None),
        })))
    }

    /// The device's id.
    pub fn id(&self) -> DeviceId {
        self.0.device
    }

    /// The device's folder.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// The unit that the device belongs to, once its registry has arrived. After a worker's first unlock it is pinned:
    /// no registry that lists the device's id later can draw its captures to another unit.
    pub fn unit(&self) -> Option<UnitId> {
        let pinned = self.0.carrier.read(|read| carrier::state(read, STATE_UNIT)).ok().flatten();
        pinned
            .and_then(|bytes| UnitId::from_slice(&bytes).ok())
            .or_else(|| self.registries(|registries| registries.unit_of_device(self.0.device).map(|unit| unit.unit)))
    }

    pub(super) fn pin_unit(&self, unit: UnitId) -> Result<(), AppError> {
        let pinned = self.0.carrier.read(|read| carrier::state(read, STATE_UNIT))?;
        if pinned.as_deref() == Some(unit.as_bytes().as_slice()) {
            return Ok(());
        }
        Ok(self.0.carrier.write(|tx| carrier::put_state(tx, STATE_UNIT, unit.as_bytes()))?)
    }

    /// Reads the registries as this device knows them.
    pub fn registries<T>(&self, read: impl FnOnce(&Registries) -> T) -> T {
        read(&self.0.registries.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The workers of this device.
    pub fn workers(&self) -> Result<Vec<WorkerView>, AppError> {
        let workers = self.vault()?.workers()?;
        let unit = self.unit();
        Ok(self.registries(|registries| {
            let unit = unit.and_then(|unit| registries.unit(unit));
            workers
                .into_iter()
                .map(|worker| WorkerView {
                    member: worker.member,
                    label: worker.label,
                    admitted: unit.is_some_and(|unit| unit.active_member(worker.member).is_some()),
                })
                .collect()
        }))
    }

    /// Makes a worker's keys on this device and gives the code to show to the head. Where colleagues are here
    /// already, one of them must be unlocked: the workers of a device share its database.
    pub fn newcomer(
        &self,
        label: &str,
        secret: &UnlockSecret,
        colleague: Option<&Session>,
    ) -> Result<NewcomerCode, AppError> {
        let vault = self.vault()?;
        let worker = NewMember::make()?;
        let unlocked = colleague.map(Session::unlocked);
        vault.add_worker(&worker, Some(label), secret, unlocked.as_deref(), self.0.clock.now_millis())?;
        Ok(worker.code(self.0.device, self.0.keystore.as_ref())?)
    }

    /// Unlocks a worker and opens the records.
    pub fn unlock(&self, member: MemberId, typed: &str) -> Result<Session, AppError> {
        let unlocked = self.vault()?.unlock(member, typed, self.0.clock.now_millis())?;
        let store = self.open_store(&unlocked)?;
        Session::open(self.clone(), unlocked, store)
    }

    fn open_store(&self, unlocked: &Unlocked) -> Result<Store, AppError> {
        Ok(Store::open(&self.0.dir.join(RECORDS), unlocked.database_key())?)
    }

    /// Changes a worker's PIN or passphrase.
    pub fn change_secret(&self, member: MemberId, typed: &str, new: &UnlockSecret) -> Result<(), AppError> {
        Ok(self.vault()?.change_secret(member, typed, new, self.0.clock.now_millis())?)
    }

    /// Destroys all that can be read here. What is sealed and unsent is kept, and still sent. Drop every session first.
    pub fn wipe(&self) -> Result<(), AppError> {
        self.0.carrier.write(|tx| {
            carrier::remove_state(tx, STATE_ROUND)?;
            carrier::remove_state(tx, STATE_UNIT)
        })?;
        Ok(self.vault()?.wipe(WipeReason::Forget)?)
    }

    /// Records a spotting without unlocking, in an open round. It cannot be read here again until a crew member
    /// unlocks and claims it.
    pub fn capture(&self, new: &NewSpotting) -> Result<EventId, AppError> {
        if self.0.carrier.read(|read| carrier::state(read, STATE_ROUND))?.is_none() {
            return Err(AppError::refused("round", "error-no-open-round"));
        }
        let acts = spotting_acts(&View::default(), new, Stamp::at_millis(self.0.clock.now_millis()))?;
        let unit = self.unit().ok_or(AppError::NotFound("unit"))?;
        let (seal_to, position) = self.registries(|registries| {
            let unit = registries.unit(unit).ok_or(AppError::NotFound("unit"))?;
            let circle = unit.circle(Circle::All).ok_or(AppError::refused("unit", "error-no-circle"))?;
            Ok::<_, AppError>((circle.seal_to, unit.next.saturating_sub(1)))
        })?;
        let body = EventBody {
            kind: SpaceKind::Spotting,
            stamp: Stamp::at_millis(self.0.clock.now_millis()),
            position,
            parents: Vec::new(),
            acts,
        };
        let capture = NewCapture {
            id: EventId::make_random(),
            space: SpaceId::make_random(),
            unit,
            device: self.0.device,
            seal_to,
        };
        let body = himaya_wire::encode(&body, "capture")?;
        let envelope = seal_capture(&capture, self.0.device_key()?.as_ref(), &body)?;
        let now_millis = self.0.clock.now_millis();
        self.0.carrier.write(|tx| {
            carrier::enqueue(tx, &[&envelope], now_millis)?;
            // The inbox too, so that a crew member can claim it with no network.
            let here = carrier::cursor(tx)?;
            let what = ItemBody::Envelope(envelope.clone().into());
            carrier::put_page(tx, &[Item { position: 0, stored_at_millis: 0, what }], &here)
        })?;
        Ok(capture.id)
    }

    /// Pushes the outbox and pulls the inbox, both sealed, until nothing more is waiting. Works locked. An abandoned
    /// call leaves nothing half done: every answer is taken in whole.
    pub fn sync(&self, options: SyncOptions) -> Result<SyncReport, AppError> {
        let mut report = SyncReport::default();
        let mut wait_s = options.wait_s;
        let mut histories = 0;
        // A dishonest hub has more for ever: what is left is for the next call.
        for _ in 0..MOST_EXCHANGES {
            let progress = self.exchange_once(wait_s, &mut report)?;
            if !progress.more {
                break;
            }
            histories += u32::from(progress.restarted);
            if histories > MOST_HISTORIES {
                self.0.carrier.write_with(|tx| raise_alarms(tx, 1))?;
                return Err(SyncError::Dishonest("another history at each answer").into());
            }
            wait_s = 0;
        }
        Ok(report)
    }

    fn exchange_once(&self, wait_s: u32, report: &mut SyncReport) -> Result<Progress, AppError> {
        let mut client = lock(&self.0.exchange);
        let ask = Ask {
            wait_s: wait_s.min(limits::WAIT_SECONDS),
            limit: limits::PAGE_ITEMS,
            nonce: make_nonce(),
            now_millis: self.0.clock.now_millis(),
        };
        let request = plan(&self.0.carrier, &ask)?;
        let device_key = self.0.device_key()?;
        let bytes = request.sign(device_key.as_ref(), self.0.device.as_bytes())?;
        let hub = match client.as_ref() {
            Some(hub) => hub.clone(),
            None => client.insert(HubClient::new(&lock(&self.0.file).hub)?).clone(),
        };
        report.requests += 1;
        report.bytes_out += bytes.len() as u64;
        let result = self.exchange_with(&hub, &request, bytes, device_key.as_ref(), report);
        if let Err(SyncError::Dishonest(_)) = result {
            self.0.carrier.write_with(|tx| raise_alarms(tx, 1))?;
        }
        Ok(result?)
    }

    fn exchange_with(
        &self,
        hub: &HubClient,
        request: &Request,
        bytes: Vec<u8>,
        device_key: &(dyn Sign + Send + Sync),
        report: &mut SyncReport,
    ) -> Result<Progress, SyncError> {
        let wait = Duration::from_secs(u64::from(request.wait_s));
        let (answer, bytes_in) = match self.0.runtime.block_on(hub.exchange(bytes, wait)) {
            Err(SyncError::NotServed(Trouble::UnknownDevice)) if self.introduce()? => {
                return Ok(Progress { more: true, ..Progress::default() });
            }
            exchanged => exchanged?,
        };
        report.bytes_in += bytes_in;
        let me = Me { unit: self.unit(), device: self.0.device };
        let progress = {
            let mut registries = self.0.registries.write().unwrap_or_else(PoisonError::into_inner);
            absorb(&self.0.carrier, &mut registries, me, device_key, request, &answer, self.0.clock.now_millis())?
        };
        report.sent += progress.sent;
        report.refused += progress.refused;
        report.received += progress.received;
        report.restarted |= progress.restarted;
        Ok(progress)
    }

    /// A hub restored from a backup older than this device does not know it. The entries that admitted it are in line
    /// then, and the next request brings them. Says whether that is worth a try.
    fn introduce(&self) -> Result<bool, SyncError> {
        let Some(unit) = self.unit() else { return Ok(false) };
        self.0.carrier.write_with(|tx| queue_all_entries(tx, Some(unit)))
    }

    /// What a locked device can say of itself.
    pub fn status_locked(&self) -> Result<LockedStatus, AppError> {
        Ok(self.0.carrier.read(|read| {
            let counts = carrier::outbox_counts(read)?;
            Ok(LockedStatus {
                unsent: counts.waiting,
                parked: counts.parked,
                inbox: carrier::inbox_count(read)?,
                round_open: carrier::state(read, STATE_ROUND)?.is_some(),
            })
        })?)
    }

    /// Points the device to another address of its hub.
    pub fn set_hub(&self, hub: HubAddress) -> Result<(), AppError> {
        HubClient::new(&hub)?;
        let mut client = lock(&self.0.exchange);
        let mut file = lock(&self.0.file);
        let changed = DeviceFile { hub, ..file.clone() };
        save_file(&self.0.dir, &changed)?;
        *file = changed;
        *client = None;
        Ok(())
    }

    /// The hub's incarnation as last told.
    pub fn incarnation(&self) -> Result<Option<Incarnation>, AppError> {
        Ok(self.0.carrier.read(carrier::cursor)?.incarnation)
    }

    /// Where the hub is.
    pub fn hub(&self) -> HubAddress {
        lock(&self.0.file).hub.clone()
    }

    /// Writes what this device has not sent into a bundle file, to be carried by hand. The outbox keeps it too: it is
    /// cleared only by the hub's word. Gives how many envelopes.
    pub fn export_bundle(&self, path: &Path) -> Result<usize, AppError> {
        let mut bundle = Bundle::default();
        for bytes in self.0.carrier.read(carrier::all_entries)? {
            bundle.entries.push(bytes.into());
        }
        for row in self.0.carrier.read(carrier::outbox_rows)? {
            bundle.envelopes.push(row.envelope.into());
        }
        let count = bundle.envelopes.len();
        write_whole(path, &bundle.to_bytes()?)?;
        Ok(count)
    }

    /// Takes a bundle in: its envelopes go to the sealed inbox, to be opened at the next unlock, and to the outbox, so
    /// that this device carries them on. Gives how many envelopes were new here.
    pub fn import_bundle(&self, path: &Path) -> Result<usize, AppError> {
        let length = std::fs::metadata(path).map_err(io)?.len();
        if length > limits::BUNDLE_BYTES as u64 {
            return Err(AppError::refused("bundle", "error-too-large"));
        }
        let bundle = Bundle::parse(&std::fs::read(path).map_err(io)?)
            .map_err(|_| AppError::refused("bundle", "error-not-a-bundle"))?;
        let now_millis = self.0.clock.now_millis();
        let mut items = Vec::with_capacity(bundle.envelopes.len());
        for bytes in &bundle.envelopes {
            himaya_wire::Envelope::parse(bytes).map_err(|_| AppError::refused("bundle", "error-not-a-bundle"))?;
            items.push(Item { position: 0, stored_at_millis: 0, what: ItemBody::Envelope(bytes.clone()) });
        }
        let mut registries = self.0.registries.write().unwrap_or_else(PoisonError::into_inner);
        let counted: Vec<_> = bundle.entries.iter().filter(|bytes| registries.apply(bytes).is_ok()).collect();
        Ok(self.0.carrier.write(|tx| {
            for bytes in &counted {
                carrier::put_entry(tx, bytes)?;
                carrier::queue_entry(tx, bytes)?;
            }
            let here = carrier::cursor(tx)?;
            let before = carrier::inbox_count(tx)?;
            carrier::put_page(tx, &items, &here)?;
            let after = carrier::inbox_count(tx)?;
            let envelopes: Vec<&[u8]> = bundle.envelopes.iter().map(|bytes| bytes.as_slice()).collect();
            carrier::enqueue(tx, &envelopes, now_millis)?;
            Ok::<_, StoreError>(usize::try_from(after - before).unwrap_or(usize::MAX))
        })?)
    }

    fn vault(&self) -> Result<&Vault, AppError> {
        self.0.vault.as_ref().ok_or(AppError::Vault(VaultError::Wiped))
    }
}

impl Inner {
    pub(super) fn device_key(&self) -> Result<Box<dyn himaya_wire::Sign + Send + Sync>, AppError> {
        self.keystore.device_key().map_err(|error| AppError::Vault(VaultError::Keystore(error)))
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("id", &self.0.device).finish_non_exhaustive()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[allow(clippy::needless_pass_by_value)] // The form that `map_err` wants.
pub(super) fn io(error: std::io::Error) -> AppError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => AppError::NoSpace,
        std::io::ErrorKind::NotFound => AppError::NotFound("file"),
        _ => AppError::broken("file"),
    }
}

fn make_nonce() -> u64 {
    let random = EventId::make_random();
    random.as_bytes().iter().take(8).fold(0, |nonce, byte| (nonce << 8) | u64::from(*byte))
}

fn vault_options(dir: &Path, options: &DeviceOptions) -> VaultOptions {
    let destroy = ["", "-wal", "-shm"].iter().map(|suffix| dir.join(format!("{RECORDS}{suffix}"))).collect();
    let keep = ["", "-wal", "-shm"]
        .iter()
        .map(|suffix| dir.join(format!("{CARRIER}{suffix}")))
        .chain([dir.join(CARRIER_KEY), dir.join(DEVICE_FILE)])
        .collect();
    VaultOptions { policy: options.policy, wipe: WipePlan { destroy, keep } }
}

/// The carrier's key lies beside it, and must outlive a wipe: what the carrier holds is sealed already. It keeps the
/// counts and the partners from a casual look, not from a thief; see the threat model.
fn carrier_key(dir: &Path) -> Result<himaya_wire::Secret, AppError> {
    let path = dir.join(CARRIER_KEY);
    match std::fs::read(&path) {
        Ok(bytes) => himaya_wire::Secret::from_slice(&bytes).map_err(|_| AppError::broken("carrier-key")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = himaya_wire::Secret::make_random()?;
            // EXPOSE: the file is this key's only home.
            write_whole(&path, key.expose())?;
            Ok(key)
        }
        Err(error) => Err(io(error)),
    }
}

fn load_file(dir: &Path) -> Result<DeviceFile, AppError> {
    let bytes = match std::fs::read(dir.join(DEVICE_FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(AppError::NotFound("device")),
        Err(error) => return Err(io(error)),
    };
    let file: DeviceFile = serde_json::from_slice(&bytes).map_err(|_| AppError::broken("device-file"))?;
    if file.version == 1 { Ok(file) } else { Err(AppError::broken("device-version")) }
}

fn save_file(dir: &Path, file: &DeviceFile) -> Result<(), AppError> {
    let bytes = serde_json::to_vec_pretty(file).map_err(|_| AppError::broken("device-file"))?;
    write_whole(&dir.join(DEVICE_FILE), &bytes)
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    crate::vault::replace_file(path, bytes).map_err(io)
}
