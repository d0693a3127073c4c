use himaya_hub::testing::World;
use himaya_hub::{Hub, HubConfig, HubError, TlsFiles};

#[tokio::test]
async fn a_hub_with_a_certificate_speaks_tls_only() {
    let (world, folder) = (World::new(0), tempfile::tempdir().unwrap());
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let files = TlsFiles { certificate: folder.path().join("certificate.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.certificate, cert.pem()).unwrap();
    std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    let dir = folder.path().join("hub");
    Hub::init(&dir, &world.authority.bytes).unwrap();
    let config = HubConfig { tls: Some(files.clone()), ..HubConfig::on_loopback(dir) };
    let hub = Hub::start(config.clone()).await.unwrap();

    let url = format!("https://localhost:{}/v1/health", hub.addr.port());
    let root = reqwest::Certificate::from_pem(cert.pem().as_bytes()).unwrap();
    let plain = super::client();
    let trusting = reqwest::Client::builder().tls_certs_only([root]).resolve("localhost", hub.addr).build().unwrap();
    assert_eq!(trusting.get(&url).send().await.unwrap().status(), 200);
    assert!(plain.get(format!("http://{}/v1/health", hub.addr)).send().await.is_err());
    assert!(plain.get(format!("https://{}/v1/health", hub.addr)).send().await.is_err());
    hub.stop().await;

    std::fs::write(&files.key, "noise").unwrap();
    assert!(matches!(Hub::start(config).await, Err(HubError::Tls)));
}
