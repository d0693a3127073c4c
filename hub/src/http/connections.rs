//! Bounds how many connections are open, TLS handshakes included.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Accepts by `inner` while there is room, and closes what comes beyond.
#[derive(Clone)]
pub(super) struct Bounded<A> {
    inner: A,
    room: Arc<Semaphore>,
}

/// A connection and its place.
pub(super) struct Placed<T> {
    stream: T,
    _place: OwnedSemaphorePermit,
}

impl<A> Bounded<A> {
    pub(super) fn new(inner: A, connections: usize) -> Self {
        Self { inner, room: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))) }
    }
}

type Accepting<T, S> = Pin<Box<dyn Future<Output = io::Result<(T, S)>> + Send>>;

impl<I, S, A> Accept<I, S> for Bounded<A>
where
    A: Accept<I, S>,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
    A::Future: Send + 'static,
{
    type Stream = Placed<A::Stream>;
    type Service = A::Service;
    type Future = Accepting<Self::Stream, Self::Service>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return Box::pin(std::future::ready(Err(io::Error::other("too many connections"))));
        };
        let accepting = self.inner.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            Ok((Placed { stream, _place: place }, service))
        })
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Placed<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Placed<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
