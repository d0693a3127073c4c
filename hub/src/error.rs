//! What can go wrong when a hub is set up, started, saved or restored.

use crate::storage::StoreError;

/// Why the hub could not do what its operator asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority's certificate is not one.
    #[error("the authority's certificate cannot be used")]
    Authority(#[source] himaya_wire::WireError),
    /// The hub was set up for another authority.
    #[error("this hub belongs to another authority")]
    OtherAuthority,
    /// Another process runs this hub.
    #[error("another process runs the hub in this folder")]
    Running,
    /// Without TLS only this machine itself may connect.
    #[error("without a certificate the hub listens on this machine only")]
    Plain,
    /// The TLS certificate or key cannot be used.
    #[error("the TLS certificate or key cannot be used")]
    Tls,
    /// The address cannot be listened on.
    #[error("the address cannot be listened on")]
    Listen(#[source] std::io::Error),
    /// A file operation failed.
    #[error("a file operation failed")]
    File(#[from] std::io::Error),
    /// The place for the backup, or the folder to restore into, is in use.
    #[error("there is something already where this would be written")]
    InTheWay,
}
