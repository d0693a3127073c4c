//! What a front end calls: one handle, use cases by subject, plain views.
//!
//! | file | holds |
//! | --- | --- |
//! | `device` | the handle; everything that works while locked: capture, sync, bundles, wipe |
//! | `session`, `idle` | an unlocked worker; what the use cases share; locking by itself |
//! | `save`, `ingest`, `project`, `space` | writing, taking in, deriving, folding |
//! | `rounds`, `spottings`, `referrals`, `files`, `guides`, `boards`, `units`, `rebuilds` | use cases, a file a subject |
//! | `views` | what is submitted and shown |
//! | `words` | saying a message in a language |
//! | `clock`, `error` | the only clock, the one error |
mod boards;
mod clock;
mod device;
mod error;
mod files;
mod guides;
mod idle;
mod ingest;
mod project;
mod rebuilds;
mod referrals;
mod rounds;
mod save;
mod session;
mod space;
mod spottings;
mod units;
mod views;
mod words;

pub use self::{
    clock::{Clock, SystemClock},
    device::{Device, DeviceOptions, LockedStatus, NewDevice, SyncOptions, WorkerView},
    error::AppError,
    files::{ListFilter, Settle},
    guides::{ChoiceView, ImportError, NearestView},
    idle::IdleSession,
    ingest::IngestReport,
    rebuilds::RebuildReport,
    session::Session,
    views::{
        AlternativeView, CallAnswer, CaptureView, FieldLineView, FileView, LineView, NewAnswer, NewCall, NewContact,
        NewHandover, NewReferral, NewRound, NewSearch, NewSpotting, ReferralView, RoundView, StatusView, SyncReport,
        Whereabouts,
    },
    words::{Locale, Words},
};
