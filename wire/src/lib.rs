//! What crosses the network: identifiers, certificates, registries, envelopes, grants, the hub's requests and
//! answers, and their limits. No I/O, no clock.
mod error;
mod id;
mod stamp;

pub use self::{
    error::WireError,
    id::{DeviceId, Digest, EventId, Incarnation, Kid, MemberId, ProvinceId, SpaceId, UnitId},
    stamp::Stamp,
};
