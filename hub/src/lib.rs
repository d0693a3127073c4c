#![doc = include_str!("../README.md")]
pub mod relay;
pub mod storage;
#[cfg(feature = "testing")]
pub mod testing;
