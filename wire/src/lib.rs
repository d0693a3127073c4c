//! What crosses the network: identifiers, certificates, registries, envelopes, grants, the hub's requests and
//! answers, and their limits. No I/O, no clock.
//!
//! | file | holds | source |
//! | --- | --- | --- |
//! | `cose` | the one signed form | RFC 9052, 9053 |
//! | `key` | Ed25519, P-256, HPKE, AES-256-GCM | RFC 8032, FIPS 186-5, RFC 9180, SP 800-38D |
//! | `certificate`, `newcomer` | authority → province → unit → member, device; a newcomer's code | RFC 8392 |
//! | `entry`, `registry` | numbered, linked, signed entries, and what they add up to | |
//! | `envelope`, `pad` | events under a space key | RFC 9052, RFC 1951 |
//! | `grant`, `capture`, `receipt` | the other three envelopes | RFC 9180 |
//! | `exchange`, `bundle` | one request, one answer; the same by hand | |
//!
//! The formats are described in CDDL (RFC 8610) in `himaya.cddl`, and opened in tests by another implementation.
mod bundle;
mod capture;
mod certificate;
mod cose;
mod entry;
mod envelope;
mod error;
mod exchange;
mod grant;
mod id;
mod key;
pub mod limits;
mod newcomer;
mod pad;
mod receipt;
mod registry;
mod secret;
mod stamp;

pub use self::{
    bundle::Bundle,
    capture::{NewCapture, open_capture, seal_capture},
    certificate::{AuthorityId, Certificate, Claims, Subject, UnitKind, authority_id},
    cose::{Purpose, decode, encode},
    entry::{CircleWrap, Entry, EntryAct, FoundUnit, NewEntry, Owner, Removed},
    envelope::{Envelope, EventHeader, Header, open_event, seal_event},
    error::WireError,
    exchange::{
        Answer, CONTENT_TYPE, Item, ItemBody, Outcome, Refusal, RegistryItem, Request, SignedRequest, Told, Trouble,
        TroubleBody,
    },
    grant::{Circle, GrantBody, GrantTo, NewGrant, Recipient, Scope, open_grant, read_grant, seal_grant},
    id::{DeviceId, Digest, EventId, Incarnation, Kid, MemberId, ProvinceId, SpaceId, UnitId},
    key::{
        SealTo, Sign, SigningKey, SoftwareDeviceKey, SpaceKey, VerifyKey, Wrapped, aead_open, aead_seal, hpke_open,
        hpke_seal, make_nonce, seal_to_of,
    },
    newcomer::{Newcomer, NewcomerCode},
    pad::{pad, unpad},
    receipt::{Receipt, read_receipt, sign_receipt},
    registry::{Applied, CircleKey, Device, Member, ProvinceRegistry, Registries, RegistryError, UnitRegistry},
    secret::Secret,
    stamp::Stamp,
};
