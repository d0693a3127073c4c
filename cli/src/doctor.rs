//! Looks for what is wrong in a folder and says what to do. Changes nothing but the count of tries, where a
//! passphrase is given.
mod authority;
mod device;
mod place;

use std::path::Path;

use serde::Serialize;

use crate::args::Global;
use crate::hub::DATABASE;
use crate::output::{Failure, Out, Tone};

/// Whose records are read, where a passphrase is given.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Which worker's passphrase is given, where a device has several: crew name, or the beginning of the member id
    #[arg(long = "as", value_name = "MEMBER")]
    member: Option<String>,
}

/// How a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Sign {
    /// As it should be.
    Good,
    /// To be looked at, when there is time.
    Look,
    /// Needs a person now.
    Wrong,
}

/// One finding. No name of a child or a worker in it, so that it can be sent to support as it is.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    sign: Sign,
    key: &'static str,
    text: String,
    advice: Option<String>,
}

/// Everything found, in the order in which it was looked for.
#[derive(Debug, Default, Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    fn good(&mut self, key: &'static str, text: impl Into<String>) {
        self.findings.push(Finding { sign: Sign::Good, key, text: text.into(), advice: None });
    }

    fn look(&mut self, key: &'static str, text: impl Into<String>, advice: &str) {
        let advice = Some(advice.to_owned());
        self.findings.push(Finding { sign: Sign::Look, key, text: text.into(), advice });
    }

    fn wrong(&mut self, key: &'static str, text: impl Into<String>, advice: &str) {
        let advice = Some(advice.to_owned());
        self.findings.push(Finding { sign: Sign::Wrong, key, text: text.into(), advice });
    }

    /// A failure that another command would have shown.
    fn failure(&mut self, key: &'static str, failure: &Failure) {
        let advice = failure.advice.clone();
        self.findings.push(Finding { sign: Sign::Wrong, key, text: failure.message.clone(), advice });
    }

    fn wrongs(&self) -> usize {
        self.findings.iter().filter(|finding| finding.sign == Sign::Wrong).count()
    }
}

/// Looks, and shows what it found.
pub fn run(global: &Global, out: &Out, args: &DoctorArgs) -> Result<(), Failure> {
    let mut found = Findings::default();
    found.good(
        "program",
        format!("himaya {}, {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
    );
    match &global.dir {
        None => found.look(
            "dir",
            "no folder was named: only the program was looked at",
            "Give --dir FOLDER, or set HIMAYA_DIR.",
        ),
        Some(dir) => look_at(global, dir, args, &mut found)?,
    }
    out.show(&found, |page| {
        for finding in &found.findings {
            match finding.sign {
                Sign::Good => page.done(&finding.text),
                Sign::Look => page.warn(&finding.text),
                Sign::Wrong => {
                    let sign = page.paint(Tone::Danger, "✗");
                    page.line(&format!("{sign} {}", finding.text));
                }
            }
            if let Some(advice) = &finding.advice {
                page.note(&format!("  {advice}"));
            }
        }
    })?;
    match found.wrongs() {
        0 => Ok(()),
        count => Err(Failure::failed("doctor", format!("found to need a person now: {count}"))
            .advice("Each is marked ✗ above, with what to do.")),
    }
}

fn look_at(global: &Global, dir: &Path, args: &DoctorArgs, found: &mut Findings) -> Result<(), Failure> {
    let missing = |text: &str| {
        Failure::missing("folder", text).advice("Look at --dir; `himaya field enrol` sets a new device up.")
    };
    if !dir.is_dir() {
        return Err(missing("there is no such folder"));
    }
    if dir.join("device.json").exists() || dir.join("vault").is_dir() || dir.join("carrier.db").exists() {
        device::look(global, dir, args.member.as_deref(), found);
    } else if dir.join("ledger.json").exists() || dir.join("authority.key").exists() {
        authority::look(dir, found);
    } else if dir.join(DATABASE).is_file() {
        found.good("hub-folder", format!("a hub's folder: {} of sealed records", place::size(dir, &[DATABASE])));
        found.look("hub-running", "whether it runs is seen at its address", "himaya hub status URL");
    } else {
        return Err(missing("no device, hub or authority was set up in this folder"));
    }
    place::look(dir, found);
    Ok(())
}
