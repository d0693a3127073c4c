//! Enrolment: a newcomer's keys and code; admitted, removed, re-signed by the head.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use himaya_core::app::{Device, DeviceOptions, NewDevice, Session, SystemClock};
use himaya_core::sync::HubAddress;
use himaya_core::vault::{FileKeystore, Passphrase, UnlockSecret};
use himaya_wire::{NewcomerCode, Removed};
use zeroize::Zeroizing;

use super::context::{Context, open_device};
use super::problem::from_app;
use crate::output::{Failure, Tone};

/// Longest code taken from a file or standard input.
const MOST_CODE_BYTES: u64 = 8192;

/// A worker's keys on this device.
#[derive(Debug, clap::Args)]
pub struct EnrolArgs {
    /// The authority's certificate, carried by hand from the ministry; for a new device
    #[arg(long, value_name = "FILE", requires = "hub")]
    authority: Option<PathBuf>,
    /// The hub's address: https://…, or plain http to this machine; for a new device
    #[arg(long, value_name = "URL", requires = "authority")]
    hub: Option<String>,
    /// PEM file with the only root that is trusted for the hub
    #[arg(long, value_name = "FILE", requires = "hub")]
    hub_root: Option<PathBuf>,
    /// Crew name, as the lock screen shows it
    #[arg(long, value_name = "NAME", value_parser = label)]
    label: String,
    /// File whose first line is the new worker's passphrase; without it one is made and shown once
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

/// A newcomer to admit.
#[derive(Debug, clap::Args)]
pub struct AdmitArgs {
    /// The code as `enrol` printed it; `-` reads it from standard input
    code: String,
    /// As a head of the unit
    #[arg(long)]
    head: bool,
    /// Admit only if the code has this fingerprint, as the newcomer read it aloud
    #[arg(long, value_name = "WORDS")]
    fingerprint: Option<String>,
}

/// Who is removed.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct RemoveArgs {
    /// A member's id
    #[arg(long, value_name = "ID")]
    member_id: Option<himaya_wire::MemberId>,
    /// A device's id
    #[arg(long, value_name = "ID")]
    device_id: Option<himaya_wire::DeviceId>,
}

/// Checked before anything is made.
fn label(text: &str) -> Result<String, String> {
    const MOST_BYTES: usize = 128;
    let label = text.trim();
    if label.is_empty() || label.len() > MOST_BYTES {
        return Err(format!("a crew name of 1 to {MOST_BYTES} bytes"));
    }
    Ok(label.to_owned())
}

/// Makes a worker's keys, on a new device or beside colleagues.
pub fn enrol(context: &Context<'_>, args: &EnrolArgs) -> Result<(), Failure> {
    let dir = context.dir()?;
    let secret = new_secret(args)?;
    let (device, colleague) = if dir.join("device.json").is_file() {
        if args.authority.is_some() {
            return Err(Failure::failed("error-device-exists", "there is a device in this folder already")
                .advice("Leave out --authority and --hub to add a worker to it."));
        }
        let device = open_device(&dir)?;
        let alone = device.workers().map_err(from_app)?.is_empty();
        let colleague = if alone { None } else { Some(context.unlock(&device)?) };
        (device, colleague)
    } else {
        (new_device(&dir, args)?, None)
    };
    let code = device.newcomer(&args.label, &secret.secret, colleague.as_ref()).map_err(from_app)?;
    drop(colleague);
    show_code(context, &device, &code, secret.made.as_ref())
}

struct NewSecret {
    secret: UnlockSecret,
    made: Option<Passphrase>,
}

fn new_secret(args: &EnrolArgs) -> Result<NewSecret, Failure> {
    let refused = |error: himaya_core::vault::VaultError| from_app(error.into());
    if let Some(path) = &args.new_passphrase_file {
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| Failure::io("passphrase file", &error))?);
        // A PIN is for phones with a hardware keystore: what is typed here is told about as a passphrase.
        let passphrase = Passphrase::parse(text.lines().next().unwrap_or_default()).map_err(refused)?;
        let secret = UnlockSecret::parse(passphrase.reveal()).map_err(refused)?;
        return Ok(NewSecret { secret, made: None });
    }
    let made = Passphrase::generate().map_err(refused)?;
    let secret = UnlockSecret::parse(made.reveal()).map_err(refused)?;
    Ok(NewSecret { secret, made: Some(made) })
}

fn new_device(dir: &Path, args: &EnrolArgs) -> Result<Device, Failure> {
    let (Some(authority), Some(url)) = (&args.authority, &args.hub) else {
        return Err(Failure::usage(
            "enrol-new",
            "a new device needs the authority's certificate and the hub's address",
        )
        .advice("Give --authority FILE and --hub URL."));
    };
    let authority = fs::read(authority).map_err(|error| Failure::io("authority's certificate", &error))?;
    let root = args.hub_root.as_ref().map(fs::read_to_string).transpose();
    let root_pem = root.map_err(|error| Failure::io("root certificate", &error))?;
    // Checked before anything is made, so that a wrong certificate leaves no half device behind.
    himaya_wire::Certificate::open_authority(&authority).map_err(|_| {
        Failure::failed("error-authority", "this is not an authority's certificate")
            .advice("Take it from the ministry by hand: `himaya authority export-certificate`.")
    })?;
    let new = NewDevice { authority, hub: HubAddress { url: url.clone(), root_pem } };
    himaya_core::sync::HubClient::new(&new.hub).map_err(|error| from_app(error.into()))?;
    fs::create_dir_all(dir).map_err(|error| Failure::io("device folder", &error))?;
    let keystore = FileKeystore::open(&dir.join("keystore"))
        .map_err(|_| Failure::failed("keystore", "the keystore files cannot be made here"))?;
    Device::create(dir, Arc::new(keystore), Arc::new(SystemClock), &new, &DeviceOptions::default()).map_err(from_app)
}

fn show_code(
    context: &Context<'_>,
    device: &Device,
    code: &NewcomerCode,
    made: Option<&Passphrase>,
) -> Result<(), Failure> {
    let newcomer = code.open().map_err(|_| Failure::failed("error-code", "the code just made does not open"))?;
    let made = made.map(Passphrase::reveal);
    let value = serde_json::json!({
        "device": device.id(), "member": newcomer.member, "code": code.to_text(),
        "fingerprint": code.fingerprint(), "passphrase": made,
    });
    context.out.show(&value, |page| {
        let words = context.out.words();
        page.done(&words.say("enrolled", &[]));
        page.line(&code.to_text());
        page.gap();
        let fingerprint = page.paint(Tone::Head, &code.fingerprint());
        page.pair(&words.say("enrol-fingerprint", &[]), &fingerprint);
        if let Some(made) = made {
            let made = page.paint(Tone::Warn, made);
            page.pair(&words.say("enrol-passphrase", &[]), &made);
        }
    })
}

/// Admits a newcomer.
pub fn admit(context: &Context<'_>, args: &AdmitArgs) -> Result<(), Failure> {
    let text = if args.code == "-" {
        let mut text = String::new();
        let read = std::io::stdin().take(MOST_CODE_BYTES).read_to_string(&mut text);
        read.map_err(|error| Failure::io("standard input", &error))?;
        text
    } else {
        args.code.clone()
    };
    let known = NewcomerCode::from_text(&text).and_then(|code| code.open().map(|_| code.fingerprint()));
    let known = known.map_err(|_| {
        Failure::failed("error-code", "this is not a newcomer's code")
            .advice("Copy it whole, as `himaya field enrol` printed it.")
    })?;
    let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_uppercase();
    if args.fingerprint.as_deref().is_some_and(|told| plain(told) != plain(&known)) {
        return Err(Failure::failed("fingerprint", "the fingerprint is another one: do not admit this code")
            .advice("Take the code again, in person."));
    }
    let fingerprint = context.session()?.admit(&text, args.head).map_err(from_app)?;
    context.out.show(&serde_json::json!({ "fingerprint": fingerprint }), |page| {
        let words = context.out.words();
        page.done(&words.say("admitted", &[("fingerprint", fingerprint.clone().into())]));
        page.note(&words.say("after-sync", &[]));
    })
}

/// Removes a member or a device.
pub fn remove(context: &Context<'_>, args: &RemoveArgs) -> Result<(), Failure> {
    let who = match (args.member_id, args.device_id) {
        (Some(member), _) => Removed::Member(member),
        (None, Some(device)) => Removed::Device(device),
        (None, None) => return Err(Failure::usage("usage", "give --member-id or --device-id")),
    };
    entries(context, "removed", |session| session.remove(who).map_err(from_app))
}

/// Founds the unit's circles.
pub fn circles(context: &Context<'_>) -> Result<(), Failure> {
    entries(context, "circles-founded", |session| session.found_circles().map_err(from_app))
}

/// Signs the registry again.
pub fn resign(context: &Context<'_>) -> Result<(), Failure> {
    entries(context, "resigned", |session| session.resign().map_err(from_app))
}

fn entries(
    context: &Context<'_>,
    key: &str,
    act: impl FnOnce(&Session) -> Result<usize, Failure>,
) -> Result<(), Failure> {
    let entries = act(&context.session()?)?;
    context.out.show(&serde_json::json!({ "entries": entries }), |page| {
        page.done(&context.out.words().say(key, &[]));
        page.note(&context.out.words().say("after-sync", &[]));
    })
}
