#![doc = include_str!("../README.md")]
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
