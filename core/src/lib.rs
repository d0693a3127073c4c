//! The Himaya application core: what a front end calls, over records, keys, sync and the guide of services.
//!
//! A folder a concern; dependencies point down only, in this order (a test reads the sources and holds it):
//! `app`, `report`, `pathway`, `directory`, `matching`, `sync`, `record`, `store`, `vault`.
pub mod app;
pub mod directory;
pub mod matching;
pub mod pathway;
pub mod record;
pub mod report;
pub mod store;
pub mod sync;
pub mod vault;
