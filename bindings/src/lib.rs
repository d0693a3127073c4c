//! The uniffi facade: what Kotlin, Swift and Python call. Nothing is decided here: each method is one call of
//! `himaya_core::app`.
//!
//! | file | holds |
//! | --- | --- |
//! | `device` | [`Himaya`]: a device, locked |
//! | `crew` | [`Crew`]: an unlocked worker |
//! | `records` | what is submitted and shown, as the core defines it |
//! | `terms` | identifiers and terms, which cross as text |
//! | `keystore` | [`DeviceKeystore`]: the phone's keystore, implemented on the foreign side |
//! | `error` | [`HimayaError`], by what the person can do next |
//!
//! Methods block, and are called from a worker thread; `sync` is the one that waits for a network, and is async too.
//! Its work runs on threads of the core: a caller that stops waiting does not stop it.
mod crew;
mod device;
mod error;
mod keystore;
mod records;
mod terms;

pub use self::{
    crew::Crew,
    device::{Himaya, make_passphrase},
    error::HimayaError,
    keystore::{DeviceKeystore, KeystoreFault},
    records::Search,
};

uniffi::setup_scaffolding!();
