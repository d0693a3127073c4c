//! Keeping a device: sync, bundles, status, rebuild, lock, wipe, the hub's address.

use std::path::PathBuf;

use clap::Subcommand;
use himaya_core::app::{Device, SyncOptions, SyncReport};
use himaya_core::sync::HubAddress;

use super::context::Context;
use super::problem::from_app;
use super::show::time;
use crate::output::{Exit, Failure};

/// How to sync.
#[derive(Debug, clap::Args)]
pub struct SyncArgs {
    /// Wait so many seconds for news, where there is nothing to send
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u32,
    /// Without a passphrase: send what is sealed, take in sealed what arrived; open it at the next unlock
    #[arg(long)]
    locked: bool,
}

/// Bundles.
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Write what this device has not sent into a file; it stays to be sent here too
    Export {
        /// The file
        file: PathBuf,
    },
    /// Take a bundle file in; what is in it is carried on from here
    Import {
        /// The file
        file: PathBuf,
    },
}

/// How to show the status.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Only what a locked device can say
    #[arg(long)]
    locked: bool,
}

/// How to lock.
#[derive(Debug, clap::Args)]
pub struct LockArgs {
    /// Lock and forget: the same as wipe
    #[arg(long, requires = "yes")]
    forget: bool,
    /// I know that what can be read here is destroyed
    #[arg(long)]
    yes: bool,
}

/// A wipe.
#[derive(Debug, clap::Args)]
pub struct WipeArgs {
    /// I know that what can be read here is destroyed
    #[arg(long, required = true)]
    yes: bool,
}

/// Where the hub is.
#[derive(Debug, clap::Args)]
pub struct HubAddressArgs {
    /// https://…; plain http only to this machine
    url: String,
    /// PEM file with the only root that is trusted for the hub
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
}

/// Syncs.
pub fn sync(context: &Context<'_>, args: &SyncArgs) -> Result<(), Failure> {
    let device = context.device()?;
    let options = SyncOptions { wait_s: args.wait };
    let report =
        if args.locked { device.sync(options) } else { context.unlock(&device)?.sync(options) }.map_err(from_app)?;
    let unsent = device.status_locked().map_err(from_app)?.unsent;
    context.out.show(&report, |page| {
        let words = context.out.words();
        let SyncReport { requests, sent, refused, received, bytes_out, bytes_in, restarted } = report;
        let number = |number: u32| i64::from(number).into();
        page.done(&words.say("sync-done", &[("sent", number(sent)), ("received", number(received))]));
        if refused > 0 {
            page.warn(&words.say("sync-refused", &[("refused", number(refused))]));
        }
        if restarted {
            page.warn(&words.say("sync-restarted", &[]));
        }
        if unsent > 0 {
            page.warn(&words.say("sync-unsent", &[("unsent", i64::try_from(unsent).unwrap_or(i64::MAX).into())]));
        }
        page.note(&format!("{requests} × ⇄  ↑ {bytes_out} B  ↓ {bytes_in} B"));
    })
}

/// Exports or imports a bundle.
pub fn bundle(context: &Context<'_>, command: &BundleCommand) -> Result<(), Failure> {
    let device = context.device()?;
    let (key, count) = match command {
        BundleCommand::Export { file } => ("bundle-exported", device.export_bundle(file).map_err(from_app)?),
        BundleCommand::Import { file } => ("bundle-imported", device.import_bundle(file).map_err(from_app)?),
    };
    context.out.show(&serde_json::json!({ "envelopes": count }), |page| {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        page.done(&context.out.words().say(key, &[("envelopes", count.into())]));
    })
}

/// Shows where everything stands.
pub fn status(context: &Context<'_>, args: &StatusArgs) -> Result<(), Failure> {
    let device = context.device()?;
    let words = context.out.words();
    if args.locked {
        let status = device.status_locked().map_err(from_app)?;
        return context.out.show(&status, |page| {
            page.pair(&words.say("status-unsent", &[]), &status.unsent.to_string());
            page.pair(&words.say("status-parked", &[]), &status.parked.to_string());
            page.pair(&words.say("status-inbox", &[]), &status.inbox.to_string());
        });
    }
    let status = context.unlock(&device)?.status().map_err(from_app)?;
    context.out.show(&status, |page| {
        for (key, value) in [
            ("status-unsent", status.unsent),
            ("status-parked", status.parked),
            ("status-held", status.held),
            ("status-captures", status.captures),
            ("status-conflicts", status.conflicts),
            ("status-alarms", status.alarms),
        ] {
            page.pair(&words.say(key, &[]), &value.to_string());
        }
        let signed = status.registry_signed_millis.map_or_else(|| "–".to_owned(), time);
        page.pair(&words.say("status-registry", &[]), &signed);
    })
}

/// Rebuilds what is derived.
pub fn rebuild(context: &Context<'_>) -> Result<(), Failure> {
    let report = context.session()?.rebuild().map_err(from_app)?;
    context.out.show(&report, |page| {
        let spaces = i64::try_from(report.spaces).unwrap_or(i64::MAX);
        let key = if report.identical { "rebuild-same" } else { "rebuild-other" };
        let text = context.out.words().say(key, &[("spaces", spaces.into())]);
        if report.identical { page.done(&text) } else { page.warn(&text) }
    })?;
    if report.identical { Ok(()) } else { Err(Failure::failed("rebuild", "what was derived before was not the same")) }
}

/// Locks.
pub fn lock(context: &Context<'_>, args: &LockArgs) -> Result<(), Failure> {
    if args.forget {
        return destroy(context, &context.device()?);
    }
    context.device()?;
    context.out.show(&serde_json::json!({ "locked": true }), |page| {
        page.done(&context.out.words().say("locked", &[]));
    })
}

/// Wipes.
pub fn wipe(context: &Context<'_>, args: &WipeArgs) -> Result<(), Failure> {
    if !args.yes {
        return Err(Failure::new(Exit::Usage, "usage", "say --yes to destroy what can be read here"));
    }
    destroy(context, &context.device()?)
}

fn destroy(context: &Context<'_>, device: &Device) -> Result<(), Failure> {
    device.wipe().map_err(from_app)?;
    context.out.show(&serde_json::json!({ "wiped": true }), |page| {
        page.done(&context.out.words().say("wiped", &[]));
    })
}

/// Points the device elsewhere.
pub fn hub_address(context: &Context<'_>, args: &HubAddressArgs) -> Result<(), Failure> {
    let root = args.root.as_ref().map(std::fs::read_to_string).transpose();
    let root_pem = root.map_err(|error| Failure::io("root certificate", &error))?;
    context.device()?.set_hub(HubAddress { url: args.url.clone(), root_pem }).map_err(from_app)?;
    context.out.show(&serde_json::json!({ "url": args.url }), |page| {
        page.done(&context.out.words().say("hub-address-kept", &[]));
    })
}
