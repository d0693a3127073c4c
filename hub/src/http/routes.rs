//! What each path does.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use himaya_wire::{Answer, CONTENT_TYPE, Trouble, TroubleBody, decode, encode, limits};
use minicbor::bytes::ByteVec;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::bell::Bell;
use super::body::{BodyError, read_body};
use super::limits::Buckets;
use super::metrics::Metrics;
use crate::config::HubLimits;
use crate::relay::{Asker, Handled, Relay, Waiting};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// What all requests share.
pub(super) struct Shared {
    relay: Arc<Relay>,
    limits: HubLimits,
    bell: Bell,
    metrics: Metrics,
    stopped: watch::Receiver<bool>,
    requests: Buckets<[u8; 16]>,
    bytes: Buckets<[u8; 16]>,
    addresses: Buckets<IpAddr>,
    entries: Buckets<()>,
}

impl Shared {
    pub(super) fn new(relay: Arc<Relay>, limits: HubLimits, stopped: watch::Receiver<bool>) -> Self {
        Self {
            relay,
            bell: Bell::new(),
            metrics: Metrics::default(),
            stopped,
            requests: Buckets::new(limits.device_requests_per_minute.into(), MINUTE),
            bytes: Buckets::new(limits.device_bytes_per_hour, HOUR),
            addresses: Buckets::new(limits.address_requests_per_minute.into(), MINUTE),
            entries: Buckets::new(limits.entries_requests_per_minute.into(), MINUTE),
            limits,
        }
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/sync", post(sync))
        .route("/v1/entries", post(entries))
        .route("/v1/health", get(health))
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(Arc::clone(&shared), bound_address))
        .with_state(shared)
}

/// A refusal of a whole request, and when to try again.
struct Refused {
    status: StatusCode,
    body: TroubleBody,
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        let status = match trouble {
            Trouble::Malformed | Trouble::Version => StatusCode::BAD_REQUEST,
            Trouble::UnknownDevice | Trouble::Signature => StatusCode::UNAUTHORIZED,
            Trouble::Expired => StatusCode::FORBIDDEN,
            Trouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Trouble::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
            Trouble::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry_after_s = matches!(trouble, Trouble::NoSpace | Trouble::Broken).then_some(60);
        Self { status, body: TroubleBody { trouble, retry_after_s } }
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Trouble::TooLarge.into(),
            BodyError::TooSlow => Self { status: StatusCode::REQUEST_TIMEOUT, ..Trouble::Malformed.into() },
            BodyError::Broken => Trouble::Malformed.into(),
        }
    }
}

fn too_many(retry_after_s: u32) -> Refused {
    let mut refused = Refused::from(Trouble::TooMany);
    refused.body.retry_after_s = Some(retry_after_s);
    refused
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = cbor(self.status, self.body.to_bytes().unwrap_or_default());
        if let Some(seconds) = self.body.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn cbor(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// By the hub's clock, milliseconds since the Unix epoch.
fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

async fn bound_address(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match shared.addresses.take(from.ip(), 1, Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(retry_after_s) => shared.refuse(too_many(retry_after_s)),
    }
}

impl Shared {
    fn refuse(&self, refused: Refused) -> Response {
        self.metrics.request(Some(refused.body.trouble));
        refused.into_response()
    }

    fn finish(&self, result: Result<Vec<u8>, Refused>) -> Response {
        match result {
            Ok(body) => {
                self.metrics.request(None);
                self.metrics.sent(body.len());
                cbor(StatusCode::OK, body)
            }
            Err(refused) => self.refuse(refused),
        }
    }

    async fn body(&self, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refused> {
        if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes() != CONTENT_TYPE.as_bytes()) {
            return Err(Refused { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..Trouble::Malformed.into() });
        }
        let bytes = read_body(body, limits::REQUEST_BYTES, &self.limits).await?;
        self.metrics.received(bytes.len());
        Ok(bytes)
    }

    /// Opens, bounds and answers one request, then wakes who waits for it. Blocks.
    fn handle(&self, bytes: &[u8]) -> Result<Handled, Refused> {
        let start = Instant::now();
        let opened = self.relay.open(bytes, now_millis())?;
        let device = match opened.asker {
            Asker::Device { device, .. } => *device.as_bytes(),
            Asker::Removed(removed) => *removed.device.as_bytes(),
            Asker::Province(province) => *province.as_bytes(),
        };
        // After the signature, so that nobody can use up what another device may take.
        self.requests.take(device, 1, start).map_err(too_many)?;
        self.bytes.take(device, bytes.len() as u64, start).map_err(too_many)?;
        let handled = self.relay.answer(opened, now_millis());
        self.metrics.took(start.elapsed());
        let handled = handled?;
        self.metrics.told(&handled.answer.push, &handled.answer.entries);
        // Here and not in the caller, who may be gone: an abandoned request has its effect all the same.
        self.bell.ring(&handled.news);
        Ok(handled)
    }

    async fn wait(self: &Arc<Self>, waiting: Waiting) -> Result<Answer, Refused> {
        let _counted = self.metrics.wait();
        let deadline = tokio::time::Instant::now() + waiting.time;
        let mut stopped = self.stopped.clone();
        let mut listening = self.bell.listen(waiting.unit);
        loop {
            let (shared, again) = (Arc::clone(self), waiting.clone());
            let answer = blocking(move || Ok(shared.relay.look_again(&again, now_millis())?)).await?;
            if !answer.items.is_empty() || !answer.registry.is_empty() {
                return Ok(answer);
            }
            tokio::select! {
                () = listening.news() => {}
                () = tokio::time::sleep_until(deadline) => return Ok(answer),
                _ = stopped.wait_for(|stopped| *stopped) => return Ok(answer),
            }
        }
    }
}

/// Runs what blocks beside the runtime. It goes on to its end when the caller is gone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    spawn_blocking(work).await.unwrap_or_else(|_| {
        tracing::error!("a request failed");
        Err(Trouble::Broken.into())
    })
}

async fn sync(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    let result = async {
        let bytes = shared.body(&headers, body).await?;
        let working = Arc::clone(&shared);
        let handled = blocking(move || working.handle(&bytes)).await?;
        let answer = match handled.waiting {
            Some(waiting) => shared.wait(waiting).await?,
            None => handled.answer,
        };
        answer.to_bytes().map_err(|_| Trouble::Broken.into())
    };
    let result = result.await;
    shared.finish(result)
}

async fn entries(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    let result = async {
        shared.entries.take((), 1, Instant::now()).map_err(too_many)?;
        let bytes = shared.body(&headers, body).await?;
        let working = Arc::clone(&shared);
        blocking(move || {
            let entries: Vec<ByteVec> = decode(&bytes, "entries").map_err(|_| Trouble::Malformed)?;
            let entries: Vec<&[u8]> = entries.iter().map(|entry| entry.as_slice()).collect();
            let (told, news) = working.relay.take_entries(&entries, now_millis())?;
            working.metrics.told(&[], &told);
            working.bell.ring(&news);
            encode(&told, "told").map_err(|_| Trouble::Broken.into())
        })
        .await
    };
    let result = result.await;
    shared.finish(result)
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let working = Arc::clone(&shared);
    let read = blocking(move || Ok(working.relay.store().registry(0, 1, 0).is_ok())).await;
    let (status, word) = match read {
        Ok(true) if *shared.stopped.borrow() => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        Ok(true) => (StatusCode::OK, "ok"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "broken"),
    };
    let body = serde_json::json!({ "status": word, "version": env!("CARGO_PKG_VERSION") });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let working = Arc::clone(&shared);
    let page = blocking(move || {
        let counts = working.relay.store().counts().map_err(|_| Trouble::Broken)?;
        Ok(working.metrics.page(&counts))
    });
    match page.await {
        Ok(page) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response(),
        Err(refused) => refused.into_response(),
    }
}
