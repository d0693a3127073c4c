//! An invented province over a real hub on loopback, with real devices in folders of their own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use himaya_core::app::{Clock, Device, DeviceOptions, NewDevice, NewSpotting, Session, SyncOptions};
use himaya_core::record::{Place, Point, Sex};
use himaya_core::sync::HubAddress;
use himaya_core::vault::{
    Authority, FileKeystore, NewProvince, Passphrase, Province, UnlockSecret, Validity, VaultPolicy,
};
use himaya_hub::{Hub, HubConfig, HubHandle};
use himaya_wire::{MemberId, Registries, UnitId, UnitKind};
use tempfile::TempDir;

/// 24 November 2026, 02:00 in Casablanca (UTC+1): a night in the middle of the week.
pub const NIGHT_MILLIS: i64 = 1_795_482_000_000;

/// A clock that tests move.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that starts at a moment.
    pub const fn at(millis: i64) -> Self {
        Self(AtomicI64::new(millis))
    }

    /// Sets the clock, forward or back.
    pub fn set_millis(&self, millis: i64) {
        self.0.store(millis, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    /// Each look costs a millisecond, so that nothing happens at one instant.
    fn now_millis(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// A hub that runs until it is stopped or dropped.
pub struct RunningHub {
    handle: Option<HubHandle>,
    runtime: tokio::runtime::Runtime,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl RunningHub {
    /// Starts a hub on a folder, on a given port or a free one.
    pub fn start(dir: &Path, port: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut config = HubConfig::on_loopback(dir.to_path_buf());
        config.listen.set_port(port);
        config.limits.device_requests_per_minute = 1_000_000;
        config.limits.address_requests_per_minute = 1_000_000;
        config.limits.entries_requests_per_minute = 1_000_000;
        let handle = runtime.block_on(Hub::start(config)).unwrap();
        let addr = handle.addr;
        Self { handle: Some(handle), runtime, addr }
    }

    /// Stops gracefully.
    pub fn stop(mut self) {
        if let Some(handle) = self.handle.take() {
            self.runtime.block_on(handle.stop());
        }
    }
}

/// A worker of the town, with what it takes to unlock.
#[derive(Clone)]
pub struct Worker {
    /// The device.
    pub device: Device,
    /// The worker.
    pub member: MemberId,
    /// The passphrase.
    pub passphrase: String,
}

impl Worker {
    /// Unlocks.
    pub fn unlock(&self) -> Session {
        self.device.unlock(self.member, &self.passphrase).unwrap()
    }
}

/// The town.
pub struct Town {
    /// Everything lies below this folder.
    pub dir: TempDir,
    /// Everybody's clock.
    pub clock: Arc<TestClock>,
    /// The ministry.
    pub authority: Authority,
    /// The province.
    pub province: Province,
    /// The hub; none while it is down.
    pub hub: Option<RunningHub>,
    /// The port that the hub comes back on.
    pub port: u16,
    registries: Registries,
    devices: u32,
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}

impl Town {
    /// A ministry, a province and a running hub.
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NIGHT_MILLIS)));
        let at = NIGHT_MILLIS - 1_000_000;
        let authority = Authority::make(Validity::new(at, 20)).unwrap();
        let new = NewProvince::make().unwrap();
        let certificate = authority.certify_province(&new, Validity::new(at, 10)).unwrap();
        let province = new.certified(certificate).unwrap();
        let hub_dir = dir.path().join("hub");
        Hub::init(&hub_dir, &authority.certificate().bytes).unwrap();
        let hub = RunningHub::start(&hub_dir, 0);
        let port = hub.addr.port();
        let registries = Registries::new(authority.verify_key().clone());
        let mut town = Self { dir, clock, authority, province, hub: Some(hub), port, registries, devices: 0 };
        let found = town.province.found_entry(NIGHT_MILLIS).unwrap();
        town.append(&[found.bytes().to_vec()]);
        town
    }

    /// What the clock shows.
    pub fn clock_now(&self) -> i64 {
        self.clock.now_millis()
    }

    /// The hub's folder.
    pub fn hub_dir(&self) -> PathBuf {
        self.dir.path().join("hub")
    }

    /// Where the hub is.
    pub fn address(&self) -> HubAddress {
        HubAddress { url: format!("http://127.0.0.1:{}", self.port), root_pem: None }
    }

    /// Stops the hub.
    pub fn hub_down(&mut self) {
        if let Some(hub) = self.hub.take() {
            hub.stop();
        }
    }

    /// Starts the hub again on the same port.
    pub fn hub_up(&mut self) {
        if self.hub.is_none() {
            self.hub = Some(RunningHub::start(&self.hub_dir(), self.port));
        }
    }

    fn append(&mut self, entries: &[Vec<u8>]) {
        for bytes in entries {
            self.registries.apply(bytes).unwrap();
        }
        let list: Vec<minicbor::bytes::ByteVec> = entries.iter().cloned().map(Into::into).collect();
        let body = minicbor::to_vec(&list).unwrap();
        let url = format!("http://127.0.0.1:{}/v1/entries", self.port);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let status = runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.post(url).header("content-type", "application/cbor").body(body);
            request.send().await.unwrap().status()
        });
        assert!(status.is_success(), "{status}");
    }

    /// A new device in a folder of its own.
    pub fn device(&mut self) -> Device {
        self.devices += 1;
        let dir = self.dir.path().join(format!("device-{}", self.devices));
        let new = NewDevice { authority: self.authority.certificate().bytes.clone(), hub: self.address() };
        Device::create(&dir, keystore(&dir), self.clock.clone(), &new, &options()).unwrap()
    }

    /// Opens a device's folder again, as after a restart of its process.
    pub fn reopen(&self, worker: &Worker) -> Worker {
        let dir = worker.device.dir().to_path_buf();
        let device = Device::open(&dir, keystore(&dir), self.clock.clone(), &options()).unwrap();
        Worker { device, member: worker.member, passphrase: worker.passphrase.clone() }
    }

    /// A unit with a founding head, its circles made, everything synced.
    pub fn unit(&mut self, kind: UnitKind) -> (UnitId, Worker) {
        let device = self.device();
        let passphrase = Passphrase::generate().unwrap();
        let words = passphrase.reveal().to_owned();
        let code = device.newcomer("head", &UnlockSecret::Passphrase(passphrase), None).unwrap();
        let province = self.registries.province(self.province.id()).unwrap();
        let founded = self.province.found_unit(kind, &code, province, Validity::unit(NIGHT_MILLIS - 500_000)).unwrap();
        self.append(&[founded.list.bytes().to_vec(), founded.found.bytes().to_vec()]);
        device.sync(SyncOptions::default()).unwrap();
        let member = code.open().unwrap().member;
        let worker = Worker { device, member, passphrase: words };
        let session = worker.unlock();
        session.found_circles().unwrap();
        session.sync(SyncOptions::default()).unwrap();
        (founded.unit, worker)
    }

    /// A member of a unit on a device of their own, admitted by the head, everything synced.
    pub fn member(&mut self, head: &Worker) -> Worker {
        let device = self.device();
        let passphrase = Passphrase::generate().unwrap();
        let words = passphrase.reveal().to_owned();
        let code = device.newcomer("member", &UnlockSecret::Passphrase(passphrase), None).unwrap();
        let session = head.unlock();
        session.sync(SyncOptions::default()).unwrap();
        session.admit(&code.to_text(), false).unwrap();
        session.sync(SyncOptions::default()).unwrap();
        device.sync(SyncOptions::default()).unwrap();
        Worker { device, member: code.open().unwrap().member, passphrase: words }
    }
}

/// The file-backed keystore of a device's folder.
pub fn keystore(dir: &Path) -> Arc<FileKeystore> {
    Arc::new(FileKeystore::open(&dir.join("keystore")).unwrap())
}

/// A vault that costs nothing to unlock.
pub fn options() -> DeviceOptions {
    DeviceOptions { policy: VaultPolicy::dangerous_cheap() }
}

/// An invented child.
pub fn spotting(name: &str) -> NewSpotting {
    NewSpotting {
        sex: Sex::Girl,
        age: Some("12~2".parse().unwrap()),
        name: Some(name.into()),
        nickname: None,
        description: None,
        concerns: vec!["street_situation".parse().unwrap()],
        place: Place { point: Some(Point::new(31.63, -8.0).unwrap()), ..Place::default() },
        note: Some("sleeps near the bus station".into()),
        danger: false,
        risk: None,
    }
}

/// Syncs, which must succeed.
pub fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}
