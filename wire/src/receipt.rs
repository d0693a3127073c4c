//! Receipts: a device's signed word that an envelope has arrived at its unit (`received`, apart from a person's
//! `seen`). Made with the transport key, so a locked phone can say it too.

use minicbor::{Decode, Encode};

use crate::cose::{Purpose, decode, encode};
use crate::envelope::{Envelope, Header};
use crate::{DeviceId, Digest, EventId, Kid, Sign, SpaceId, Stamp, UnitId, WireError};

/// What a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The envelope that arrived: the grant that first gave the unit the space.
    #[n(0)]
    pub of: Digest,
    /// When, by the device's clock.
    #[n(1)]
    pub at: Stamp,
}

/// Signs a receipt.
pub fn sign_receipt(
    receipt: &Receipt,
    space: SpaceId,
    unit: UnitId,
    device: DeviceId,
    signer: &dyn Sign,
) -> Result<Vec<u8>, WireError> {
    let header = Header {
        purpose: Purpose::Receipt,
        id: EventId::make_random(),
        space,
        unit,
        kid: Kid::from_bytes([0; 16]),
        author: *device.as_bytes(),
    };
    header.sign(signer, encode(receipt, "receipt")?)
}

/// Reads a receipt. The caller has checked the signature.
pub fn read_receipt(envelope: &Envelope) -> Result<Receipt, WireError> {
    if envelope.header.purpose != Purpose::Receipt {
        return Err(WireError::Malformed("receipt"));
    }
    decode(envelope.signed.payload(), "receipt")
}
