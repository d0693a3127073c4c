//! Wakes devices that wait for their unit's feed or for the registries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use himaya_wire::UnitId;
use tokio::sync::watch;

use crate::relay::News;

pub(super) struct Bell {
    units: Mutex<HashMap<UnitId, watch::Sender<()>>>,
    registry: watch::Sender<()>,
}

/// What one waiting device listens to. News after [`Bell::listen`] is never missed.
pub(super) struct Listening {
    unit: watch::Receiver<()>,
    registry: watch::Receiver<()>,
}

impl Bell {
    pub(super) fn new() -> Self {
        Self { units: Mutex::default(), registry: watch::Sender::new(()) }
    }

    pub(super) fn listen(&self, unit: UnitId) -> Listening {
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = units.entry(unit).or_insert_with(|| watch::Sender::new(())).subscribe();
        Listening { unit, registry: self.registry.subscribe() }
    }

    pub(super) fn ring(&self, news: &News) {
        if news.registry {
            self.registry.send_replace(());
        }
        let units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        for unit in news.units.iter().filter_map(|unit| units.get(unit)) {
            unit.send_replace(());
        }
    }
}

impl Listening {
    /// Returns at the next news.
    pub(super) async fn news(&mut self) {
        // The senders live as long as the server, so an error cannot come before its end.
        tokio::select! {
            _ = self.unit.changed() => {}
            _ = self.registry.changed() => {}
        }
    }
}
