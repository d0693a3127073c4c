//! The province's guide of services: opened by the centre, imported, exported, read.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;
use himaya_core::app::ImportError;

use super::context::Context;
use super::problem::from_app;
use crate::args::Lang;
use crate::output::{Cell, Failure, print};

/// Larger than any guide the core takes; a wrong file is not read whole.
const MOST_BYTES: u64 = 16 << 20;

/// The guide.
#[derive(Debug, Subcommand)]
pub enum GuideCommand {
    /// Open the province's guide and share it with every unit (CAPE, once)
    Open,
    /// Import services from a CSV file: all rows, or none and every fault by row and column
    Import {
        /// The file
        file: PathBuf,
    },
    /// Export the guide as CSV or GeoJSON
    Export {
        /// The file to write; standard output without it
        file: Option<PathBuf>,
        /// As GeoJSON
        #[arg(long)]
        geojson: bool,
    },
    /// List the services
    List {
        /// Only those whose name has this in it
        text: Option<String>,
    },
}

/// Runs a guide command.
pub fn guide(context: &Context<'_>, command: &GuideCommand) -> Result<(), Failure> {
    match command {
        GuideCommand::Open => {
            let commons = context.session()?.open_commons().map_err(from_app)?;
            context.out.show(&serde_json::json!({ "commons": commons }), |page| {
                page.done(&context.out.words().say("guide-opened", &[]));
            })
        }
        GuideCommand::Import { file } => import(context, file),
        GuideCommand::Export { file, geojson } => export(context, file.as_ref(), *geojson),
        GuideCommand::List { text } => list(context, text.as_deref()),
    }
}

fn import(context: &Context<'_>, file: &PathBuf) -> Result<(), Failure> {
    let length = fs::metadata(file).map_err(|error| Failure::io("guide file", &error))?.len();
    if length > MOST_BYTES {
        return Err(Failure::failed("csv-too-large", "the file is too large for a guide"));
    }
    let csv = fs::read(file).map_err(|error| Failure::io("guide file", &error))?;
    let session = context.session()?;
    match session.import_guide(&csv) {
        Ok(services) => context.out.show(&serde_json::json!({ "services": services }), |page| {
            page.done(&context.out.words().say("guide-imported", &[("services", count(services).into())]));
        }),
        Err(ImportError::App(error)) => Err(from_app(error)),
        Err(ImportError::Faults(faults)) => {
            const MOST_SHOWN: usize = 20;
            let words = context.out.words().core();
            let mut lines: Vec<String> =
                faults.iter().take(MOST_SHOWN).map(|fault| words.text(&fault.message())).collect();
            if faults.len() > MOST_SHOWN {
                lines.push(format!("… and {} more", faults.len() - MOST_SHOWN));
            }
            let message = format!("the guide has {} faults; nothing was imported", faults.len());
            Err(Failure::failed("csv-faults", message).advice(lines.join("\n  ")))
        }
    }
}

fn export(context: &Context<'_>, file: Option<&PathBuf>, geojson: bool) -> Result<(), Failure> {
    let session = context.session()?;
    let bytes = if geojson {
        session.export_guide_geojson().map_err(from_app)?.into_bytes()
    } else {
        session.export_guide_csv().map_err(from_app)?
    };
    let Some(file) = file else { return print(&bytes) };
    fs::write(file, &bytes).map_err(|error| Failure::io("export file", &error))?;
    context.out.show(&serde_json::json!({ "bytes": bytes.len() }), |page| {
        page.done(&context.out.words().say("guide-exported", &[]));
    })
}

fn list(context: &Context<'_>, text: Option<&str>) -> Result<(), Failure> {
    let session = context.session()?;
    let guide = session.guide().map_err(from_app)?;
    let typed = text.unwrap_or_default().to_lowercase();
    let services: Vec<_> = guide
        .services()
        .iter()
        .filter(|service| {
            let profile = &service.profile;
            profile.name_fr.as_str().to_lowercase().contains(&typed) || profile.name_ar.as_str().contains(&typed)
        })
        .collect();
    context.out.show(&services, |page| {
        let words = context.out.words();
        let row = |service: &&himaya_core::directory::Service| {
            let profile = &service.profile;
            let name = if words.lang() == Lang::Ar { &profile.name_ar } else { &profile.name_fr };
            let id: String = service.id.to_string().chars().take(8).collect();
            let hours = profile.hours.week.to_string();
            let needs: Vec<String> = profile.needs.iter().map(|need| words.term("need", need.as_str())).collect();
            [
                Cell::quiet(id),
                Cell::plain(words.isolate(name.as_str())),
                Cell::plain(words.term("service_kind", profile.kind.code())),
                Cell::plain(needs.join(", ")),
                Cell::plain(hours),
                Cell::plain(profile.phone.to_string()),
            ]
        };
        let headings = ["head-number", "head-name", "head-kind", "head-needs", "head-hours", "head-phone"];
        page.table(headings.map(|key| words.say(key, &[])), services.iter().map(row).collect());
        page.note(&words.say("guide-count", &[("services", count(services.len()).into())]));
    })
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
