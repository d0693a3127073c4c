//! The formats proved from outside: round trips, every tamper, the registries' rules, recorded vectors, another
//! implementation.
mod corpus;
mod envelopes;
mod foreign;
mod registries;
mod rfc;
mod sizes;
mod vectors;
mod world;
