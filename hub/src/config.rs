//! How a hub is run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How a hub is run.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// The folder that [`Hub::init`](crate::Hub::init) made.
    pub dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Certificate and key for TLS. Without them the hub listens on loopback only.
    pub tls: Option<TlsFiles>,
    /// Listens without TLS on any address: for a hub behind a proxy that ends TLS on the same machine or wire.
    pub insecure: bool,
    /// The authority's certificate, to set up the folder at the first start and to compare at each later one.
    pub authority: Option<PathBuf>,
    /// Limits.
    pub limits: HubLimits,
}

/// PEM files for TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain, the hub's own first.
    pub certificate: PathBuf,
    /// The private key, PKCS#8, SEC1 or PKCS#1.
    pub key: PathBuf,
}

/// What one device, one address and everybody together may take.
#[derive(Clone, Debug)]
pub struct HubLimits {
    /// Requests of one device in a minute.
    pub device_requests_per_minute: u32,
    /// Bytes pushed by one device in an hour. One request of the largest size always fits.
    pub device_bytes_per_hour: u64,
    /// Requests from one network address in a minute, before any signature is checked. A whole office may share one.
    pub address_requests_per_minute: u32,
    /// Unsigned pushes of registry entries in a minute, from everybody together.
    pub entries_requests_per_minute: u32,
    /// Open connections.
    pub connections: usize,
    /// How long a connection may take to send the head of a request, or to say nothing between requests.
    pub head_timeout: Duration,
    /// How long a body may stand still. A slow network is served as long as something arrives.
    pub body_idle_timeout: Duration,
    /// How long a body may take in all.
    pub body_timeout: Duration,
    /// How long a stop waits for running requests.
    pub stop_timeout: Duration,
    /// Most bytes the database may take; none for as much as the disk has.
    pub database_bytes: Option<u64>,
}

impl HubConfig {
    /// A hub in `dir` on a free port of this machine, without TLS: for tests, demonstrations and a proxy beside it.
    pub fn on_loopback(dir: PathBuf) -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { dir, listen, tls: None, insecure: false, authority: None, limits: HubLimits::default() }
    }
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            device_requests_per_minute: 600,
            device_bytes_per_hour: 256 * 1024 * 1024,
            address_requests_per_minute: 12_000,
            entries_requests_per_minute: 600,
            connections: 4_096,
            head_timeout: Duration::from_secs(30),
            body_idle_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_mins(10),
            stop_timeout: Duration::from_secs(30),
            database_bytes: None,
        }
    }
}
