//! The hub's own tests. Whatever needs a device's vault or store is in the whole-system tests.
mod relay;
mod store;
