//! Setting up, starting and stopping a hub.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use himaya_wire::Certificate;

use crate::backup::{DATABASE, found};
use crate::http::{Serving, serve};
use crate::relay::Relay;
use crate::storage::{SqliteStore, StoreError, StoreOptions};
use crate::{HubConfig, HubError};

/// A hub on the embedded store, served over HTTP.
pub struct Hub;

/// A running hub. Dropping it stops it at once; [`HubHandle::stop`] lets running requests finish.
pub struct HubHandle {
    /// Where it listens.
    pub addr: SocketAddr,
    serving: Serving,
    _lock: File,
}

impl Hub {
    /// Sets up a folder for a hub under an authority, whose certificate it pins.
    pub fn init(dir: &Path, authority: &[u8]) -> Result<(), HubError> {
        Certificate::open_authority(authority).map_err(HubError::Authority)?;
        found(dir, authority)
    }

    /// Starts a hub; when this returns it answers.
    pub async fn start(config: HubConfig) -> Result<HubHandle, HubError> {
        let listen = config.listen;
        if config.tls.is_none() && !config.insecure && !listen.ip().is_loopback() {
            return Err(HubError::Plain);
        }
        let prepared = tokio::task::spawn_blocking(move || prepare(config));
        let (config, relay, lock) = prepared.await.map_err(std::io::Error::other)??;
        let (addr, serving) = serve(&config, Arc::new(relay)).await?;
        tracing::info!(tls = config.tls.is_some(), "the hub answers");
        Ok(HubHandle { addr, serving, _lock: lock })
    }
}

fn prepare(config: HubConfig) -> Result<(HubConfig, Relay, File), HubError> {
    let pinned = config.authority.as_ref().map(fs::read).transpose()?;
    let database = config.dir.join(DATABASE);
    if let Some(authority) = &pinned
        && !database.exists()
    {
        Hub::init(&config.dir, authority)?;
    }
    if !database.exists() {
        return Err(StoreError::Place("there is no hub in this folder").into());
    }
    // The registries are kept in memory, so a second process on the same folder would not hear of the first one's.
    let lock = File::create(config.dir.join("hub.lock"))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => HubError::Running,
        TryLockError::Error(error) => error.into(),
    })?;
    let store = SqliteStore::open(&database, StoreOptions { max_bytes: config.limits.database_bytes })?;
    let authority = store.authority()?;
    if pinned.is_some_and(|pinned| pinned != authority) {
        return Err(HubError::OtherAuthority);
    }
    let certificate = Certificate::open_authority(&authority).map_err(HubError::Authority)?;
    let relay = Relay::new(Arc::new(store), certificate.claims.verify_key)?;
    Ok((config, relay, lock))
}

impl HubHandle {
    /// Lets running requests finish, answers those that wait, and stops.
    pub async fn stop(self) {
        self.serving.stop().await;
        tracing::info!("the hub has stopped");
    }
}
