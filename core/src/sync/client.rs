//! The thin driver over HTTP: TLS by rustls on ring, the hub's root pinned when one is given.

use std::time::Duration;

use himaya_wire::{Answer, CONTENT_TYPE, Told, Trouble, TroubleBody, limits};
use minicbor::bytes::ByteVec;
use reqwest::header::CONTENT_TYPE as CONTENT_TYPE_HEADER;
use reqwest::{Certificate, Client, StatusCode, Url};

use super::SyncError;

/// Where the hub is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HubAddress {
    /// `https://…`; plain `http` only to this machine itself.
    pub url: String,
    /// PEM of the only root that is trusted for the hub. Without it, the system's roots are.
    pub root_pem: Option<String>,
}

/// A connection to one hub. Cheap to clone; keeps its connection open between requests.
#[derive(Clone, Debug)]
pub struct HubClient {
    client: Client,
    sync_url: Url,
    entries_url: Url,
    health_url: Url,
}

/// A hub that answers and can read its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubHealth {
    /// The hub's clock, milliseconds since the Unix epoch, to the second; none where it did not say.
    pub at_millis: Option<i64>,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Enough for the largest request on a poor network; a broken one is resent from where it was.
const TRANSFER_TIMEOUT: Duration = Duration::from_mins(2);

impl HubClient {
    /// Prepares a client; nothing is sent yet.
    pub fn new(address: &HubAddress) -> Result<Self, SyncError> {
        let base = Url::parse(&address.url).map_err(|_| SyncError::Address("url"))?;
        let local = match base.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => return Err(SyncError::Address("host")),
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && local) {
            return Err(SyncError::Address("https is required"));
        }
        // A second installation finds the first: the provider is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false);
        if let Some(pem) = &address.root_pem {
            let roots = Certificate::from_pem_bundle(pem.as_bytes())
                .ok()
                .filter(|roots| !roots.is_empty())
                .ok_or(SyncError::Address("root certificate"))?;
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(|_| SyncError::Address("client"))?;
        let sync_url = base.join("/v1/sync").map_err(|_| SyncError::Address("url"))?;
        let entries_url = base.join("/v1/entries").map_err(|_| SyncError::Address("url"))?;
        let health_url = base.join("/v1/health").map_err(|_| SyncError::Address("url"))?;
        Ok(Self { client, sync_url, entries_url, health_url })
    }

    /// Sends one signed request and waits for its answer, `wait` longer than a transfer alone may take. Gives the
    /// answer and its size in bytes.
    pub async fn exchange(&self, signed_request: Vec<u8>, wait: Duration) -> Result<(Answer, u64), SyncError> {
        let response = self
            .client
            .post(self.sync_url.clone())
            .header(CONTENT_TYPE_HEADER, CONTENT_TYPE)
            .timeout(TRANSFER_TIMEOUT + wait)
            .body(signed_request)
            .send()
            .await
            .map_err(|_| SyncError::Offline)?;
        let status = response.status();
        let bytes = bounded_body(response).await?;
        if status == StatusCode::OK {
            let answer = Answer::parse(&bytes).map_err(|_| SyncError::Dishonest("answer"))?;
            return Ok((answer, bytes.len() as u64));
        }
        Err(refusal(&bytes))
    }

    /// Offers registry entries that carry their own signatures: a province's, before any of its devices is known. Gives
    /// what came of each.
    pub async fn push_entries(&self, entries: &[&[u8]]) -> Result<Vec<Told>, SyncError> {
        let list: Vec<ByteVec> = entries.iter().map(|entry| ByteVec::from(entry.to_vec())).collect();
        let body = himaya_wire::encode(&list, "entries")?;
        let request = self.client.post(self.entries_url.clone()).header(CONTENT_TYPE_HEADER, CONTENT_TYPE);
        let response = request.timeout(TRANSFER_TIMEOUT).body(body).send().await.map_err(|_| SyncError::Offline)?;
        let status = response.status();
        let bytes = bounded_body(response).await?;
        if status != StatusCode::OK {
            return Err(refusal(&bytes));
        }
        himaya_wire::decode(&bytes, "told").map_err(|_| SyncError::Dishonest("answer"))
    }

    /// Asks whether the hub answers and can read its store.
    pub async fn health(&self) -> Result<HubHealth, SyncError> {
        let answer = self.client.get(self.health_url.clone()).timeout(CONNECT_TIMEOUT).send().await;
        match answer {
            Ok(answer) if answer.status() == StatusCode::OK => Ok(HubHealth { at_millis: date_millis(&answer) }),
            Ok(_) => Err(SyncError::Later(None)),
            Err(_) => Err(SyncError::Offline),
        }
    }
}

fn date_millis(answer: &reqwest::Response) -> Option<i64> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    chrono::DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp_millis())
}

/// A proxy or captive portal on the way answers with something else than our hub's refusal: that is offline.
fn refusal(bytes: &[u8]) -> SyncError {
    let Ok(body) = TroubleBody::parse(bytes) else { return SyncError::Offline };
    match body.trouble {
        Trouble::TooMany | Trouble::NoSpace | Trouble::Broken => {
            SyncError::Later(body.retry_after_s.map(|seconds| Duration::from_secs(u64::from(seconds))))
        }
        trouble => SyncError::NotServed(trouble),
    }
}

async fn bounded_body(mut response: reqwest::Response) -> Result<Vec<u8>, SyncError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| SyncError::Offline)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 2 * limits::REQUEST_BYTES {
            return Err(SyncError::Dishonest("answer size"));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{HubAddress, HubClient, SyncError};

    fn client(url: &str) -> Result<HubClient, SyncError> {
        HubClient::new(&HubAddress { url: url.into(), root_pem: None })
    }

    #[test]
    fn plain_http_is_only_for_this_machine() {
        assert!(client("http://127.0.0.1:9").is_ok());
        assert!(client("http://[::1]:9").is_ok());
        assert!(matches!(client("http://hub.example"), Err(SyncError::Address(_))));
        assert!(matches!(client("not an address"), Err(SyncError::Address(_))));
        assert!(matches!(client("ftp://127.0.0.1"), Err(SyncError::Address(_))));
    }

    #[test]
    fn where_nothing_listens_everything_is_offline() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let hub = client("http://127.0.0.1:9").unwrap();
        assert!(matches!(runtime.block_on(hub.push_entries(&[b"entry"])), Err(SyncError::Offline)));
        assert!(matches!(runtime.block_on(hub.health()), Err(SyncError::Offline)));
    }

    #[test]
    fn a_bad_root_is_refused() {
        let address = HubAddress { url: "https://hub.example".into(), root_pem: Some("nonsense".into()) };
        assert!(matches!(HubClient::new(&address), Err(SyncError::Address(_))));
    }
}
