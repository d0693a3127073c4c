//! Reading a body: bounded in size and time, patient with a slow network.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use tokio::time::timeout;

use crate::config::HubLimits;

pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    Broken,
}

/// Reads at most `most_bytes`. Nothing is reserved on a client's word.
pub(super) async fn read_body(body: Body, most_bytes: usize, limits: &HubLimits) -> Result<Vec<u8>, BodyError> {
    if body.size_hint().lower() > most_bytes as u64 {
        return Err(BodyError::TooLarge);
    }
    timeout(limits.body_timeout, gather(body, most_bytes, limits)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn gather(mut body: Body, most_bytes: usize, limits: &HubLimits) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    loop {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let Some(frame) = timeout(limits.body_idle_timeout, frame).await.map_err(|_| BodyError::TooSlow)? else {
            return Ok(bytes);
        };
        if let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() {
            if bytes.len() + data.len() > most_bytes {
                return Err(BodyError::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
}
