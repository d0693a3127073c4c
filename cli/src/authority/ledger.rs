//! The authority's folder: what is enrolled, and every registry entry made here, in order. Keys lie beside it, each
//! under the passphrase.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use himaya_wire::{Certificate, ProvinceId, Registries, UnitId};
use serde::{Deserialize, Serialize};

use crate::output::Failure;

/// The authority's own key file.
pub const AUTHORITY_KEY: &str = "authority.key";
const CERTIFICATE: &str = "authority.cert";
const LEDGER: &str = "ledger.json";

/// A province enrolled here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProvinceRow {
    /// Its id.
    pub id: ProvinceId,
    /// Census code.
    pub code: String,
    /// Name in Arabic.
    pub name_ar: String,
    /// Name in French.
    pub name_fr: String,
}

/// A unit founded here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitRow {
    /// Its id.
    pub id: UnitId,
    /// Its province.
    pub province: ProvinceId,
    /// Its kind's code.
    pub kind: String,
    /// Its name, for this list only.
    pub name: String,
}

#[derive(Default, Serialize, Deserialize)]
struct LedgerFile {
    version: u32,
    provinces: Vec<ProvinceRow>,
    units: Vec<UnitRow>,
    entries: Vec<Vec<u8>>,
}

/// What the folder holds.
pub struct Ledger {
    dir: PathBuf,
    /// Provinces.
    pub provinces: Vec<ProvinceRow>,
    /// Units.
    pub units: Vec<UnitRow>,
    /// Registry entries, in the order they were made.
    pub entries: Vec<Vec<u8>>,
}

impl Ledger {
    /// Makes the folder's files. Refused where there is an authority already.
    pub fn create(dir: &Path, certificate: &[u8]) -> Result<Self, Failure> {
        if dir.join(LEDGER).exists() || dir.join(AUTHORITY_KEY).exists() {
            return Err(Failure::failed("authority-exists", "there is an authority in this folder already"));
        }
        fs::create_dir_all(dir).map_err(|error| Failure::io("authority's folder", &error))?;
        fs::write(dir.join(CERTIFICATE), certificate).map_err(|error| Failure::io("certificate file", &error))?;
        let ledger = Self { dir: dir.to_path_buf(), provinces: Vec::new(), units: Vec::new(), entries: Vec::new() };
        ledger.save()?;
        Ok(ledger)
    }

    /// Reads the folder.
    pub fn load(dir: &Path) -> Result<Self, Failure> {
        let missing = || {
            Failure::missing("authority", "there is no authority in this folder")
                .advice("Make one with `himaya authority init`, or look at --dir.")
        };
        if !dir.join(LEDGER).is_file() {
            return Err(missing());
        }
        let bytes = fs::read(dir.join(LEDGER)).map_err(|error| Failure::io("authority's list", &error))?;
        let file: LedgerFile = serde_json::from_slice(&bytes)
            .map_err(|_| Failure::failed("ledger", "the authority's list is damaged; nothing was changed"))?;
        if file.version != 1 {
            return Err(Failure::failed("ledger-version", "the authority's list is from a newer program"));
        }
        let LedgerFile { provinces, units, entries, .. } = file;
        Ok(Self { dir: dir.to_path_buf(), provinces, units, entries })
    }

    /// Writes the list: whole, or not at all.
    pub fn save(&self) -> Result<(), Failure> {
        let file = LedgerFile {
            version: 1,
            provinces: self.provinces.clone(),
            units: self.units.clone(),
            entries: self.entries.clone(),
        };
        let failed = |error: &std::io::Error| Failure::io("authority's list", error);
        let bytes = serde_json::to_vec(&file).map_err(|_| Failure::failed("ledger", "the list cannot be written"))?;
        let temporary = self.dir.join("ledger.json.tmp");
        let mut writing = fs::File::create(&temporary).map_err(|error| failed(&error))?;
        writing.write_all(&bytes).and_then(|()| writing.sync_all()).map_err(|error| failed(&error))?;
        fs::rename(&temporary, self.dir.join(LEDGER)).map_err(|error| failed(&error))
    }

    /// The certificate to pin.
    pub fn certificate(&self) -> Result<Vec<u8>, Failure> {
        fs::read(self.dir.join(CERTIFICATE)).map_err(|error| Failure::io("certificate file", &error))
    }

    /// Where a province's keys are.
    pub fn province_key(&self, province: &ProvinceRow) -> PathBuf {
        self.dir.join(format!("province-{}.key", province.code))
    }

    /// The registries as the entries made here add up.
    pub fn registries(&self) -> Result<Registries, Failure> {
        let damaged = || Failure::failed("ledger", "the authority's list is damaged; nothing was changed");
        let certificate = Certificate::open_authority(&self.certificate()?).map_err(|_| damaged())?;
        let mut registries = Registries::new(certificate.claims.verify_key);
        for entry in &self.entries {
            registries.apply(entry).map_err(|_| damaged())?;
        }
        Ok(registries)
    }
}

/// Now, milliseconds since the Unix epoch.
pub fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
