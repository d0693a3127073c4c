//! A place to measure in: a hub in this process, a unit with two devices, everything in a temporary folder.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use himaya_core::app::{Device, DeviceOptions, NewDevice, Session, SyncOptions, SystemClock};
use himaya_core::sync::{HubAddress, HubClient};
use himaya_core::vault::{
    Authority, FileKeystore, NewProvince, Passphrase, Province, UnlockSecret, Validity, VaultPolicy,
};
use himaya_hub::{Hub, HubConfig, HubHandle};
use himaya_wire::{MemberId, Registries, UnitKind};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The hub and the keys above the units.
pub struct Place {
    dir: tempfile::TempDir,
    authority: Authority,
    province: Province,
    registries: Registries,
    runtime: tokio::runtime::Runtime,
    handle: Option<HubHandle>,
    /// Where the hub listens.
    pub hub: SocketAddr,
    devices: u32,
}

/// A worker on a device of their own.
pub struct Worker {
    /// The device.
    pub device: Device,
    member: MemberId,
    words: String,
}

/// What a new device's first sync, still locked, brought.
#[derive(Clone, Copy, Debug)]
pub struct Pulled {
    /// Bytes of answers.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
}

impl Worker {
    /// Unlocks.
    pub fn unlock(&self) -> Result<Session> {
        Ok(self.device.unlock(self.member, &self.words)?)
    }
}

impl Place {
    /// Starts a hub that limits nothing.
    pub fn new() -> Result<Self> {
        let dir = tempfile::TempDir::new()?;
        let at = now_millis();
        let authority = Authority::make(Validity::new(at, 1))?;
        let new = NewProvince::make()?;
        let certificate = authority.certify_province(&new, Validity::new(at, 1))?;
        let province = new.certified(certificate)?;
        let hub_dir = dir.path().join("hub");
        Hub::init(&hub_dir, &authority.certificate().bytes)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut config = HubConfig::on_loopback(hub_dir);
        config.limits.device_requests_per_minute = u32::MAX;
        config.limits.device_bytes_per_hour = u64::MAX / 2;
        config.limits.address_requests_per_minute = u32::MAX;
        config.limits.entries_requests_per_minute = u32::MAX;
        let handle = runtime.block_on(Hub::start(config))?;
        let registries = Registries::new(authority.verify_key().clone());
        let hub = handle.addr;
        let mut place = Self { dir, authority, province, registries, runtime, handle: Some(handle), hub, devices: 0 };
        let entry = place.province.found_entry(at)?;
        place.append(&[entry.bytes().to_vec()])?;
        Ok(place)
    }

    fn append(&mut self, entries: &[Vec<u8>]) -> Result<()> {
        for bytes in entries {
            self.registries.apply(bytes)?;
        }
        let address = HubAddress { url: format!("http://{}", self.hub), root_pem: None };
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let told = self.runtime.block_on(HubClient::new(&address)?.push_entries(&entries))?;
        if told.iter().all(|told| told.outcome.is_kept()) { Ok(()) } else { Err("the hub refused an entry".into()) }
    }

    fn device(&mut self) -> Result<Device> {
        self.devices += 1;
        let dir = self.dir.path().join(format!("device-{}", self.devices));
        let new = NewDevice {
            authority: self.authority.certificate().bytes.clone(),
            hub: HubAddress { url: format!("http://{}", self.hub), root_pem: None },
        };
        let keystore = Arc::new(FileKeystore::open(&dir.join("keystore"))?);
        let options = DeviceOptions { policy: VaultPolicy::dangerous_cheap() };
        Ok(Device::create(&dir, keystore, Arc::new(SystemClock), &new, &options)?)
    }

    /// A unit with its founding head, ready.
    pub fn unit(&mut self, kind: UnitKind) -> Result<Worker> {
        let device = self.device()?;
        let passphrase = Passphrase::generate()?;
        let words = passphrase.reveal().to_owned();
        let code = device.newcomer("head", &UnlockSecret::Passphrase(passphrase), None)?;
        let listed = self.registries.province(self.province.id()).ok_or("no province")?;
        let founded = self.province.found_unit(kind, &code, listed, Validity::unit(now_millis()))?;
        self.append(&[founded.list.bytes().to_vec(), founded.found.bytes().to_vec()])?;
        device.sync(SyncOptions::default())?;
        let worker = Worker { device, member: code.open()?.member, words };
        let session = worker.unlock()?;
        session.found_circles()?;
        session.sync(SyncOptions::default())?;
        Ok(worker)
    }

    /// A colleague of a head, on another device that has pulled everything, sealed.
    pub fn colleague(&mut self, head: &Session) -> Result<(Worker, Pulled)> {
        let device = self.device()?;
        let passphrase = Passphrase::generate()?;
        let words = passphrase.reveal().to_owned();
        let code = device.newcomer("colleague", &UnlockSecret::Passphrase(passphrase), None)?;
        head.admit(&code.to_text(), false)?;
        head.sync(SyncOptions::default())?;
        let started = Instant::now();
        let report = device.sync(SyncOptions::default())?;
        let pulled = Pulled { bytes: report.bytes_in, time: started.elapsed() };
        Ok((Worker { device, member: code.open()?.member, words }, pulled))
    }

    /// The folder of everything.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.runtime.block_on(handle.stop());
        }
    }
}

fn now_millis() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
