//! The listening side: binding, accepting, stopping.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::connections::Bounded;
use super::routes::{Shared, router};
use super::tls::load_tls;
use crate::HubError;
use crate::config::{HubConfig, HubLimits};
use crate::relay::Relay;

/// A running server.
pub(crate) struct Serving {
    handle: Handle<SocketAddr>,
    stopping: watch::Sender<bool>,
    limits: HubLimits,
    task: Option<JoinHandle<()>>,
}

/// Binds and serves; the address is listened on when this returns.
pub(crate) async fn serve(config: &HubConfig, relay: Arc<Relay>) -> Result<(SocketAddr, Serving), HubError> {
    let listener = TcpListener::bind(config.listen).map_err(HubError::Listen)?;
    let addr = listener.local_addr().map_err(HubError::Listen)?;
    let handle = Handle::new();
    let (stopping, stopped) = watch::channel(false);
    let shared = Arc::new(Shared::new(relay, config.limits.clone(), stopped));
    let app = router(shared);
    let server = axum_server::from_tcp(listener).map_err(HubError::Listen)?.handle(handle.clone());
    let connections = config.limits.connections;
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let task = match &config.tls {
        None => {
            let acceptor = Bounded::new(NoDelayAcceptor::new(), connections);
            tokio::spawn(ended(timed(server.acceptor(acceptor), &config.limits).serve(service)))
        }
        Some(files) => {
            let acceptor = RustlsAcceptor::new(load_tls(files)?).handshake_timeout(config.limits.head_timeout);
            let acceptor = Bounded::new(acceptor.acceptor(NoDelayAcceptor::new()), connections);
            tokio::spawn(ended(timed(server.acceptor(acceptor), &config.limits).serve(service)))
        }
    };
    handle.listening().await;
    Ok((addr, Serving { handle, stopping, limits: config.limits.clone(), task: Some(task) }))
}

/// A connection that sends no head, or falls silent between two requests, is closed.
fn timed<A>(server: Server<SocketAddr, A>, limits: &HubLimits) -> Server<SocketAddr, A> {
    let mut server = server.http1_only().first_request_timeout(limits.head_timeout + limits.body_timeout);
    server.http_builder().http1().header_read_timeout(limits.head_timeout);
    server
}

async fn ended(serving: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = serving.await {
        tracing::error!(%error, "the server failed");
    }
}

impl Serving {
    pub(crate) async fn stop(mut self) {
        self.stopping.send_replace(true);
        self.handle.graceful_shutdown(Some(self.limits.stop_timeout));
        if let Some(task) = self.task.take() {
            // The task ends by itself, at the latest when the time is over; a panic in it was told already.
            let _ = task.await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stopping.send_replace(true);
        self.handle.shutdown();
    }
}
