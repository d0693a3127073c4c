//! Write-only captures: a spotting recorded on the lock screen. Sealed by HPKE to the unit's circle, signed by the
//! device; nothing can be read from the phone again until a crew member unlocks and claims it.

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use crate::cose::{Purpose, decode, encode};
use crate::envelope::{Envelope, Header};
use crate::key::{SealTo, Wrapped, hpke_open, hpke_seal};
use crate::pad::{pad, unpad};
use crate::{DeviceId, EventId, Kid, Secret, Sign, SpaceId, UnitId, WireError};

const INFO: &str = "himaya/1 capture";

#[derive(Encode)]
struct Bound<'a> {
    #[n(0)]
    id: &'a EventId,
    #[n(1)]
    space: &'a SpaceId,
    #[n(2)]
    unit: &'a UnitId,
    #[n(3)]
    device: &'a DeviceId,
    #[n(4)]
    key: &'a Kid,
}

#[derive(Encode, Decode)]
struct CaptureBody {
    #[n(0)]
    wrapped: Wrapped,
}

/// Where a capture goes.
pub struct NewCapture {
    /// The capture's envelope id.
    pub id: EventId,
    /// The space that the claim will open.
    pub space: SpaceId,
    /// The device's unit.
    pub unit: UnitId,
    /// The device.
    pub device: DeviceId,
    /// The key of the unit's circle *all*.
    pub seal_to: SealTo,
}

/// Seals a body that this device can no longer open.
pub fn seal_capture(capture: &NewCapture, signer: &dyn Sign, body: &[u8]) -> Result<Vec<u8>, WireError> {
    let key = capture.seal_to.kid();
    let header = Header {
        purpose: Purpose::Capture,
        id: capture.id,
        space: capture.space,
        unit: capture.unit,
        kid: key,
        author: *capture.device.as_bytes(),
    };
    let wrapped = hpke_seal(&capture.seal_to, INFO, &bound(&header)?, &pad(body)?)?;
    header.sign(signer, encode(&CaptureBody { wrapped }, "capture")?)
}

/// Opens a capture with the circle's private key. The caller has checked the signature.
pub fn open_capture(envelope: &Envelope, secret: &Secret) -> Result<Zeroizing<Vec<u8>>, WireError> {
    if envelope.header.purpose != Purpose::Capture {
        return Err(WireError::Malformed("capture"));
    }
    let body: CaptureBody = decode(envelope.signed.payload(), "capture")?;
    let padded = hpke_open(secret, INFO, &bound(&envelope.header)?, &body.wrapped, "capture")?;
    unpad(&padded)
}

fn bound(header: &Header) -> Result<Vec<u8>, WireError> {
    encode(
        &Bound {
            id: &header.id,
            space: &header.space,
            unit: &header.unit,
            device: &DeviceId::from_bytes(header.author),
            key: &header.kid,
        },
        "capture",
    )
}
