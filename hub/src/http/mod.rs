//! The relay over HTTP.
//!
//! | path | body | answer |
//! | --- | --- | --- |
//! | `POST /v1/sync` | a signed request | an answer, perhaps after a wait |
//! | `POST /v1/entries` | a CBOR array of registry entries | a CBOR array of what came of each |
//! | `GET /v1/health` | | JSON, 200 or 503 |
//! | `GET /metrics` | | Prometheus text, no names |
mod bell;
mod body;
mod connections;
mod limits;
mod metrics;
mod routes;
mod server;
mod tls;

pub(crate) use self::server::{Serving, serve};
