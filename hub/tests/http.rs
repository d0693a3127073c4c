//! A hub on a real socket.

mod abuse;
mod life;
mod sync;
mod tls;

use himaya_hub::testing::World;
use himaya_hub::{Hub, HubConfig, HubHandle, HubLimits};
use himaya_wire::{Answer, CONTENT_TYPE, Request, Told, TroubleBody, decode, encode};
use minicbor::bytes::ByteVec;

/// A world and a hub that knows it, on a free port.
struct Running {
    world: World,
    hub: HubHandle,
    client: reqwest::Client,
    folder: tempfile::TempDir,
}

/// What came back: the status, and an answer or a refusal.
struct Reply {
    status: u16,
    body: Vec<u8>,
}

impl Reply {
    fn answer(&self) -> Answer {
        assert_eq!(self.status, 200);
        Answer::parse(&self.body).unwrap()
    }

    fn trouble(&self) -> TroubleBody {
        TroubleBody::parse(&self.body).unwrap()
    }
}

fn client() -> reqwest::Client {
    // Another test may have been first; one provider serves all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

impl Running {
    async fn start(units: usize) -> Self {
        Self::start_with(units, HubLimits::default()).await
    }

    async fn start_with(units: usize, limits: HubLimits) -> Self {
        let (world, folder) = (World::new(units), tempfile::tempdir().unwrap());
        Hub::init(folder.path(), &world.authority.bytes).unwrap();
        let config = HubConfig { limits, ..HubConfig::on_loopback(folder.path().into()) };
        let hub = Hub::start(config).await.unwrap();
        let running = Self { world, hub, client: client(), folder };
        let told = running.entries().await;
        assert!(told.iter().all(|told| told.outcome.is_kept()), "{told:?}");
        running
    }

    async fn entries(&self) -> Vec<Told> {
        let entries: Vec<ByteVec> = self.world.entries.iter().cloned().map(Into::into).collect();
        let reply = self.post("/v1/entries", encode(&entries, "entries").unwrap()).await;
        assert_eq!(reply.status, 200);
        decode(&reply.body, "told").unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.hub.addr)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Reply {
        let request = self.client.post(self.url(path)).header("content-type", CONTENT_TYPE).body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        assert_eq!(response.headers()["content-type"], CONTENT_TYPE);
        Reply { status, body: response.bytes().await.unwrap().to_vec() }
    }

    async fn ask(&self, unit: usize, request: &Request) -> Reply {
        self.post("/v1/sync", self.world.request(unit, 0, request)).await
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}
