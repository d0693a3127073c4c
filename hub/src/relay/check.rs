//! A pushed envelope on its own: its form, its author, its signature. What it may do to a space is for `place`.

use himaya_wire::{DeviceId, Envelope, GrantBody, MemberId, Purpose, Refusal, Registries, VerifyKey, read_grant};

use super::entries::wire_refusal;

/// An envelope that is what it says it is.
pub(super) struct Good {
    pub(super) envelope: Envelope,
    /// Whom it names, when it is a grant.
    pub(super) grant: Option<GrantBody>,
}

/// Checks one envelope. Who carried it here does not matter: it may come in a bundle, or be offered again after a
/// restore.
pub(super) fn check(registries: &Registries, bytes: &[u8]) -> Result<Good, Refusal> {
    let envelope = Envelope::parse(bytes).map_err(|error| wire_refusal(&error))?;
    let key = author_key(registries, &envelope)?;
    envelope.verify(key).map_err(|_| Refusal::Signature)?;
    let grant = match envelope.header.purpose {
        Purpose::Grant => Some(read_grant(&envelope).map_err(|error| wire_refusal(&error))?),
        _ => None,
    };
    let recipients = grant.iter().flat_map(|grant| &grant.recipients);
    if recipients.into_iter().any(|recipient| registries.unit(recipient.unit).is_none()) {
        return Err(Refusal::UnknownAuthor);
    }
    Ok(Good { envelope, grant })
}

/// Events and grants are a member's, captures and receipts a device's; removed ones too, since devices decide by
/// causality what still counts.
fn author_key<'a>(registries: &'a Registries, envelope: &Envelope) -> Result<&'a VerifyKey, Refusal> {
    let header = &envelope.header;
    let unit = registries.unit(header.unit).ok_or(Refusal::UnknownAuthor)?;
    let member = unit.members.get(&MemberId::from_bytes(header.author)).map(|member| &member.certificate);
    let device = unit.devices.get(&DeviceId::from_bytes(header.author)).map(|device| &device.certificate);
    let (rightful, other) = match header.purpose {
        Purpose::Event | Purpose::Grant => (member, device),
        _ => (device, member),
    };
    match (rightful, other) {
        (Some(certificate), _) => Ok(&certificate.claims.verify_key),
        (None, Some(_)) => Err(Refusal::NotAllowed),
        (None, None) => Err(Refusal::UnknownAuthor),
    }
}
