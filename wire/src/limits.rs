//! Limits on what crosses the network. Both ends hold them, before anything is decoded or stored.

/// Largest sealed envelope, bytes. An event is text and choices; attachments travel apart.
pub const ENVELOPE_BYTES: usize = 256 * 1024;
/// Largest protected header of a signed message, bytes. Ours need about 110.
pub const HEADER_BYTES: usize = 256;
/// Largest body of an opened event, bytes, after decompression.
pub const BODY_BYTES: usize = 512 * 1024;
/// Largest request or answer, bytes.
pub const REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Most envelopes in one request.
pub const PUSH_ENVELOPES: usize = 2_000;
/// Most envelopes, and most entries, in one bundle file.
pub const BUNDLE_PARTS: usize = 100_000;
/// Most registry entries in one request or answer.
pub const PUSH_ENTRIES: usize = 2_000;
/// Most items in one page of a feed.
pub const PAGE_ITEMS: u32 = 2_000;
/// Most recipients in one grant.
pub const GRANT_RECIPIENTS: usize = 64;
/// Largest registry entry, bytes.
pub const ENTRY_BYTES: usize = 64 * 1024;
/// Largest certificate, bytes.
pub const CERTIFICATE_BYTES: usize = 4 * 1024;
/// Longest wait of a long poll, seconds.
pub const WAIT_SECONDS: u32 = 60;
/// Largest bundle file, bytes.
pub const BUNDLE_BYTES: usize = 64 * 1024 * 1024;
