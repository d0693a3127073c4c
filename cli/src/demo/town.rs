//! A ministry, a real prefecture with its neighbours, and invented units with their devices, enrolled over a real hub.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use himaya_core::app::Clock;
use himaya_core::app::{Device, DeviceOptions, NewDevice, Session, SyncOptions};
use himaya_core::directory::{Places, Province as PlaceProvince};
use himaya_core::sync::{HubAddress, HubClient};
use himaya_core::vault::{
    Authority, FileKeystore, KdfParams, NewProvince, Passphrase, Province, UnlockSecret, Validity, VaultPolicy,
};
use himaya_wire::{MemberId, Registries, UnitId, UnitKind};

use super::clock::DemoClock;
use super::hub::HubProcess;
use crate::authority::ledger::{AUTHORITY_KEY, Ledger, ProvinceRow, UnitRow};
use crate::field::from_app;
use crate::output::Failure;

/// The one passphrase of every invented worker. A real one is drawn by chance, and nobody else knows it.
pub const PASSPHRASE: &str = "abacus abdomen yo-yo zoom unruly";
/// Census code of the prefecture of the night: Marrakech.
pub const AREA: &str = "07.351";

/// A worker on a device.
pub struct Worker {
    /// The device.
    pub device: Device,
    /// The worker.
    pub member: MemberId,
    /// The device's folder, inside the demo's.
    pub folder: String,
}

/// A unit with its workers' devices.
pub struct Unit {
    /// The unit.
    pub id: UnitId,
    /// What it is.
    pub kind: UnitKind,
    /// Name in Arabic.
    pub name_ar: String,
    /// Name in French.
    pub name_fr: String,
    /// The head first.
    pub workers: Vec<Worker>,
}

/// The whole.
pub struct Town {
    /// The demo's folder.
    pub dir: PathBuf,
    /// The clock of every device.
    pub clock: Arc<DemoClock>,
    /// The hub's process.
    pub hub: HubProcess,
    /// The prefecture, by its real name.
    pub place: PlaceProvince,
    /// Its real neighbours, enrolled too.
    pub neighbours: Vec<PlaceProvince>,
    /// Units, the centre first.
    pub units: Vec<Unit>,
    url: String,
    province: Province,
    registries: Registries,
    ledger: Ledger,
    runtime: tokio::runtime::Runtime,
}

impl Worker {
    /// Unlocks, and opens what arrived while locked.
    pub fn unlock(&self) -> Result<Session, Failure> {
        let session = self.device.unlock(self.member, PASSPHRASE).map_err(from_app)?;
        session.ingest().map_err(from_app)?;
        Ok(session)
    }
}

fn vault(error: himaya_core::vault::VaultError) -> Failure {
    from_app(error.into())
}

/// Twenty years from some minutes before now, so that the demo's certificates serve for as long as the program does.
fn validity(clock: &DemoClock) -> Validity {
    Validity::new(clock.now_millis() - 3_600_000, 20)
}

/// The demo's cost of a guess: nothing. It protects nothing, and says so on the page.
pub fn options() -> DeviceOptions {
    DeviceOptions { policy: VaultPolicy::dangerous_cheap() }
}

impl Town {
    /// The ministry enrols the prefecture and its neighbours; the hub starts.
    pub fn found(dir: &Path) -> Result<Self, Failure> {
        let clock = Arc::new(DemoClock::new());
        let authority = Authority::make(validity(&clock)).map_err(vault)?;
        let desk = dir.join("authority");
        let mut ledger = Ledger::create(&desk, &authority.certificate().bytes)?;
        let passphrase = Passphrase::parse(PASSPHRASE).map_err(vault)?;
        authority.save(&desk.join(AUTHORITY_KEY), &passphrase, KdfParams::TEST).map_err(vault)?;

        let places =
            Places::load().map_err(|_| Failure::failed("places", "the shipped list of places cannot be read"))?;
        let missing = || Failure::failed("places", "the prefecture of the demo is not in the list of places");
        let code = AREA.parse().map_err(|_| missing())?;
        let place = places.province(&code).cloned().ok_or_else(missing)?;
        let neighbours: Vec<PlaceProvince> = places.neighbours(&code).into_iter().cloned().collect();
        let mut registries = Registries::new(authority.verify_key().clone());
        let mut main = None;
        for known in std::iter::once(&place).chain(&neighbours) {
            let new = NewProvince::make().map_err(vault)?;
            let certificate = authority.certify_province(&new, validity(&clock)).map_err(vault)?;
            let province = new.certified(certificate).map_err(vault)?;
            let row = ProvinceRow {
                id: province.id(),
                code: known.code.to_string(),
                name_ar: known.name_ar.clone(),
                name_fr: known.name_fr.clone(),
            };
            province.save(&ledger.province_key(&row), &passphrase, KdfParams::TEST).map_err(vault)?;
            let entry = province.found_entry(clock.now_millis()).map_err(vault)?;
            registries.apply(entry.bytes()).map_err(|_| Failure::failed("demo", "a province was not accepted"))?;
            ledger.entries.push(entry.bytes().to_vec());
            ledger.provinces.push(row);
            main.get_or_insert(province);
        }
        ledger.save()?;
        let province = main.ok_or_else(missing)?;
        let mut hub = HubProcess::init(&dir.join("hub"), &desk.join("authority.cert"))?;
        let url = hub.start()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::io("network", &error))?;
        let dir = dir.to_path_buf();
        let town =
            Self { dir, clock, hub, place, neighbours, units: Vec::new(), url, province, registries, ledger, runtime };
        town.publish(&town.ledger.entries)?;
        Ok(town)
    }

    fn publish(&self, entries: &[Vec<u8>]) -> Result<(), Failure> {
        let address = HubAddress { url: self.url.clone(), root_pem: None };
        let hub = HubClient::new(&address).map_err(|error| from_app(error.into()))?;
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let told = self.runtime.block_on(hub.push_entries(&entries)).map_err(|error| from_app(error.into()))?;
        if told.iter().all(|told| told.outcome.is_kept()) {
            Ok(())
        } else {
            Err(Failure::failed("demo-hub", "the hub refused a registry entry"))
        }
    }

    fn device(&self, folder: &str) -> Result<Device, Failure> {
        let dir = self.dir.join(folder);
        std::fs::create_dir_all(&dir).map_err(|error| Failure::io("device folder", &error))?;
        let keystore = FileKeystore::open(&dir.join("keystore")).map_err(|error| vault(error.into()))?;
        let new = NewDevice {
            authority: self.ledger.certificate()?,
            hub: HubAddress { url: self.url.clone(), root_pem: None },
        };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Device::create(&dir, Arc::new(keystore), clock, &new, &options()).map_err(from_app)
    }

    /// Founds a unit with its head's device, circles and all.
    pub fn unit(&mut self, kind: UnitKind, names: (&str, &str), folder: &str, head: &str) -> Result<(), Failure> {
        let device = self.device(folder)?;
        let secret = UnlockSecret::parse(PASSPHRASE).map_err(vault)?;
        let code = device.newcomer(head, &secret, None).map_err(from_app)?;
        let newcomer = code.open().map_err(|_| Failure::failed("error-code", "a code does not open"))?;
        let missing = || Failure::failed("demo", "the prefecture is not enrolled");
        let registry = self.registries.province(self.province.id()).ok_or_else(missing)?;
        let founded = self.province.found_unit(kind, &code, registry, validity(&self.clock)).map_err(vault)?;
        let entries = [founded.list.bytes().to_vec(), founded.found.bytes().to_vec()];
        for entry in &entries {
            self.registries.apply(entry).map_err(|_| Failure::failed("demo", "a unit was not accepted"))?;
        }
        self.publish(&entries)?;
        self.ledger.entries.extend(entries);
        let (name_ar, name_fr) = (names.0.to_owned(), names.1.to_owned());
        let row = UnitRow {
            id: founded.unit,
            province: self.province.id(),
            kind: kind.code().to_owned(),
            name: name_fr.clone(),
        };
        self.ledger.units.push(row);
        self.ledger.save()?;
        device.sync(SyncOptions::default()).map_err(from_app)?;
        let worker = Worker { device, member: newcomer.member, folder: folder.to_owned() };
        let session = worker.unlock()?;
        session.found_circles().map_err(from_app)?;
        session.sync(SyncOptions::default()).map_err(from_app)?;
        self.units.push(Unit { id: founded.unit, kind, name_ar, name_fr, workers: vec![worker] });
        Ok(())
    }

    /// A second worker of a unit, on a device of their own, admitted by the head.
    pub fn colleague(&mut self, unit: usize, folder: &str, label: &str) -> Result<(), Failure> {
        let device = self.device(folder)?;
        let secret = UnlockSecret::parse(PASSPHRASE).map_err(vault)?;
        let code = device.newcomer(label, &secret, None).map_err(from_app)?;
        let newcomer = code.open().map_err(|_| Failure::failed("error-code", "a code does not open"))?;
        let missing = || Failure::failed("demo", "no such unit");
        let unit = self.units.get_mut(unit).ok_or_else(missing)?;
        let head = unit.workers.first().ok_or_else(missing)?.unlock()?;
        head.admit(&code.to_text(), false).map_err(from_app)?;
        head.sync(SyncOptions::default()).map_err(from_app)?;
        device.sync(SyncOptions::default()).map_err(from_app)?;
        unit.workers.push(Worker { device, member: newcomer.member, folder: folder.to_owned() });
        Ok(())
    }

    /// Units of a kind.
    pub fn of(&self, kind: UnitKind) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |unit| unit.kind == kind)
    }

    /// A unit by its id.
    pub fn named(&self, id: UnitId) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// Every device with its worker.
    pub fn workers(&self) -> impl Iterator<Item = &Worker> {
        self.units.iter().flat_map(|unit| &unit.workers)
    }
}
