//! TLS by rustls on ring, versions 1.2 and 1.3.

use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{HubError, TlsFiles};

/// Reads the PEM files. The error does not repeat what was in them.
pub(super) fn load_tls(files: &TlsFiles) -> Result<RustlsConfig, HubError> {
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .map_err(|_| HubError::Tls)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| HubError::Tls)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| HubError::Tls)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| HubError::Tls)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| HubError::Tls)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
