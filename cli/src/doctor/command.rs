//! The command: what is in the folder decides what is looked at.

use std::path::Path;

use super::finding::{Finding, Level};
use super::{desk, device, hub, machine};
use crate::args::Global;
use crate::output::{Failure, Out, Tone};

/// What to look at.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Do not ask the hub: look at this machine only
    #[arg(long)]
    offline: bool,
}

/// Looks, and fails if something needs doing.
pub fn run(global: &Global, out: &Out, args: &DoctorArgs) -> Result<(), Failure> {
    let mut findings = machine::clock_and_versions();
    match &global.dir {
        None => findings.push(Finding::look("folder", "no folder was named", "Give --dir FOLDER, or set HIMAYA_DIR.")),
        Some(dir) => findings.extend(folder(global, dir, args.offline)),
    }
    let bad = findings.iter().filter(|finding| finding.level == Level::Bad).count();
    out.show(&serde_json::json!({ "findings": findings, "bad": bad }), |page| {
        for finding in &findings {
            let (tone, sign) = match finding.level {
                Level::Good => (Tone::Good, "✓"),
                Level::Look => (Tone::Warn, "!"),
                Level::Bad => (Tone::Danger, "✗"),
            };
            let sign = page.paint(tone, sign);
            page.line(&format!("{sign} {}", finding.what));
            if let Some(advice) = &finding.advice {
                page.note(&format!("  {advice}"));
            }
        }
    })?;
    match bad {
        0 => Ok(()),
        1 => Err(Failure::failed("doctor", "one thing needs doing")),
        many => Err(Failure::failed("doctor", format!("{many} things need doing"))),
    }
}

fn folder(global: &Global, dir: &Path, offline: bool) -> Vec<Finding> {
    if !dir.is_dir() {
        let advice = "Look at --dir; a disk may not be mounted.";
        return vec![Finding::bad("folder", "the folder is not there, or may not be read", advice)];
    }
    let mut findings = vec![machine::space(dir)];
    let before = findings.len();
    if dir.join("device.json").is_file() {
        findings.extend(device::look(global, dir, offline));
    }
    if dir.join("hub.sqlite").is_file() {
        findings.extend(hub::look(dir));
    }
    if dir.join("ledger.json").is_file() {
        findings.extend(desk::look(dir));
    }
    if findings.len() == before {
        let advice = "Set up a device (`himaya field enrol`), a hub (`himaya hub init`) or an authority.";
        findings.push(Finding::bad("folder-empty", "there is no device, hub or authority in this folder", advice));
    }
    findings
}
