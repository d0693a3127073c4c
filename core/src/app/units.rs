//! The unit: its circles founded, newcomers admitted, members and devices removed, the registry re-signed.
//!
//! Entries wait in the carrier until the hub has numbered them; until then nothing has changed for anybody.

use himaya_wire::{Circle, Entry, NewcomerCode, Removed};

use super::error::AppError;
use super::session::Session;
use crate::store::carrier;
use crate::vault::{self, Admission, Validity};

impl Session {
    /// Gives the unit's circles their first keys. For the founding head, once; later calls change nothing.
    pub fn found_circles(&self) -> Result<usize, AppError> {
        let entries = {
            let registries = self.registries();
            let registry = registries.unit(self.unit()).ok_or(AppError::NotFound("unit"))?;
            vault::found_circles(registry, &mut self.unlocked(), self.now_millis())?
        };
        self.queue(&entries)
    }

    /// Admits a newcomer whose code was taken in person. Gives the fingerprint that both read aloud.
    pub fn admit(&self, code: &str, head: bool) -> Result<String, AppError> {
        let code = NewcomerCode::from_text(code).map_err(|_| AppError::refused("code", "error-code"))?;
        code.open().map_err(|_| AppError::refused("code", "error-code"))?;
        let admission = Admission { head, circles: vec![Circle::All], validity: Validity::unit(self.now_millis()) };
        let entries = {
            let registries = self.registries();
            let registry = registries.unit(self.unit()).ok_or(AppError::NotFound("unit"))?;
            vault::admit(&code, registry, &self.unlocked(), &admission)?
        };
        self.queue(&entries)?;
        Ok(code.fingerprint())
    }

    /// Removes a member or a device. Circles that a removed member held get new keys.
    pub fn remove(&self, who: Removed) -> Result<usize, AppError> {
        let entries = {
            let registries = self.registries();
            let registry = registries.unit(self.unit()).ok_or(AppError::NotFound("unit"))?;
            vault::remove(who, registry, &mut self.unlocked(), self.now_millis())?
        };
        self.queue(&entries)
    }

    /// The head's weekly word that the registry ends here.
    pub fn resign(&self) -> Result<usize, AppError> {
        let entries = {
            let registries = self.registries();
            let registry = registries.unit(self.unit()).ok_or(AppError::NotFound("unit"))?;
            vault::resign(registry, &self.unlocked(), self.now_millis())?
        };
        self.queue(&entries)
    }

    fn queue(&self, entries: &[Entry]) -> Result<usize, AppError> {
        self.device.0.carrier.write(|tx| {
            for entry in entries {
                carrier::queue_entry(tx, entry.bytes())?;
            }
            Ok(())
        })?;
        Ok(entries.len())
    }
}
