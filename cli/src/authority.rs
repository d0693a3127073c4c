//! The ministry's desk: the authority's key, provinces, units. Kept off the everyday network; only what is public is
//! published to the hub.

use std::path::PathBuf;

use clap::Subcommand;
use himaya_core::directory::Places;
use himaya_core::sync::{HubAddress, HubClient};
use himaya_core::vault::{Authority, KdfParams, NewProvince, Passphrase, Province, Validity};
use himaya_wire::{NewcomerCode, UnitKind};

use crate::args::Global;
use crate::output::{Cell, Exit, Failure, Out, Tone};
use crate::passphrase;
use ledger::{Ledger, ProvinceRow, UnitRow};

pub mod ledger;

/// The ministry's desk.
#[derive(Debug, clap::Args)]
pub struct AuthorityArgs {
    #[command(subcommand)]
    command: AuthorityCommand,
}

#[derive(Debug, Subcommand)]
enum AuthorityCommand {
    /// Make the authority's key in an empty folder
    Init,
    /// Provinces
    #[command(subcommand)]
    Province(ProvinceCommand),
    /// Units
    #[command(subcommand)]
    Unit(UnitCommand),
    /// Provinces and units enrolled here
    List,
    /// Write the certificate that every device and hub pins; carry it by hand
    ExportCertificate {
        /// The file
        file: PathBuf,
    },
    /// Publish the registries to the hub; again is harmless
    Publish(HubArgs),
}

#[derive(Debug, Subcommand)]
enum ProvinceCommand {
    /// Enrol a province by its census code or French name
    Add {
        /// Census code (as 01.511) or French name
        province: String,
        /// Publish at once
        #[command(flatten)]
        hub: HubArgs,
    },
}

#[derive(Debug, Subcommand)]
enum UnitCommand {
    /// Found a unit with its first head, whose code you have from the head in person
    Found {
        /// Census code or French name of an enrolled province
        #[arg(long)]
        province: String,
        /// sas, upe, cape or stakeholder
        #[arg(long)]
        kind: UnitKind,
        /// The unit's name, for this list only; never published
        #[arg(long)]
        name: String,
        /// The head's code, as `himaya field enrol` printed it
        code: String,
        /// Publish at once
        #[command(flatten)]
        hub: HubArgs,
    },
}

/// Where the hub is.
#[derive(Debug, clap::Args)]
pub struct HubArgs {
    /// The hub's address
    #[arg(long = "hub", value_name = "URL")]
    url: Option<String>,
    /// PEM file with the only root that is trusted for the hub
    #[arg(long = "hub-root", value_name = "FILE", requires = "url")]
    root: Option<PathBuf>,
}

impl HubArgs {
    fn address(&self) -> Result<Option<HubAddress>, Failure> {
        let Some(url) = &self.url else { return Ok(None) };
        let root = self.root.as_ref().map(std::fs::read_to_string).transpose();
        let root_pem = root.map_err(|error| Failure::io("root certificate", &error))?;
        Ok(Some(HubAddress { url: url.clone(), root_pem }))
    }
}

/// Runs an authority command.
pub fn run(global: &Global, out: &Out, args: &AuthorityArgs) -> Result<(), Failure> {
    let dir = global.dir.clone().ok_or_else(|| {
        Failure::usage("dir-missing", "which authority?").advice("Give --dir FOLDER, or set HIMAYA_DIR.")
    })?;
    match &args.command {
        AuthorityCommand::Init => init(global, out, &dir),
        AuthorityCommand::Province(ProvinceCommand::Add { province, hub }) => add(global, out, &dir, province, hub),
        AuthorityCommand::Unit(UnitCommand::Found { province, kind, name, code, hub }) => {
            let mut ledger = Ledger::load(&dir)?;
            let new = NewUnit { province, kind: *kind, name, code };
            found(global, out, &mut ledger, &new, hub)
        }
        AuthorityCommand::List => list(out, &Ledger::load(&dir)?),
        AuthorityCommand::ExportCertificate { file } => {
            let certificate = Ledger::load(&dir)?.certificate()?;
            std::fs::write(file, &certificate).map_err(|error| Failure::io("certificate file", &error))?;
            out.show(&serde_json::json!({ "bytes": certificate.len() }), |page| {
                page.done("Certificate written. Carry it by hand: whoever pins another one trusts another authority.");
            })
        }
        AuthorityCommand::Publish(hub) => {
            let address = hub.address()?.ok_or_else(|| Failure::usage("hub-missing", "which hub? Give --hub URL"))?;
            let told = publish(&Ledger::load(&dir)?, &address)?;
            out.show(&serde_json::json!({ "entries": told }), |page| {
                page.done(&format!("The hub has all {told} registry entries."));
            })
        }
    }
}

fn vault(error: himaya_core::vault::VaultError) -> Failure {
    crate::field::from_app(error.into())
}

fn init(global: &Global, out: &Out, dir: &std::path::Path) -> Result<(), Failure> {
    let given = passphrase::given(global)?;
    let (passphrase, made) = match given {
        Some(typed) => (Passphrase::parse(&typed).map_err(vault)?, false),
        None => (Passphrase::generate().map_err(vault)?, true),
    };
    let authority = Authority::make(Validity::new(ledger::now_millis(), Validity::AUTHORITY_YEARS)).map_err(vault)?;
    Ledger::create(dir, &authority.certificate().bytes)?;
    authority.save(&dir.join(ledger::AUTHORITY_KEY), &passphrase, KdfParams::DEFAULT).map_err(vault)?;
    let shown = made.then(|| passphrase.reveal());
    out.show(&serde_json::json!({ "passphrase": shown }), |page| {
        page.done("The authority's key is made. Keep this folder offline, and a copy of it elsewhere.");
        if let Some(shown) = shown {
            let shown = page.paint(Tone::Warn, shown);
            page.pair("Passphrase, shown once", &shown);
        }
    })
}

fn find_province(places: &Places, text: &str) -> Result<himaya_core::directory::Province, Failure> {
    let typed = text.trim().to_lowercase();
    let fits = |one: &&himaya_core::directory::Province| {
        one.code.as_str() == typed || one.name_fr.to_lowercase() == typed || one.name_ar == text.trim()
    };
    places.provinces().find(fits).cloned().ok_or_else(|| {
        Failure::missing("province", "no province or prefecture of that code or name")
            .advice("Use the census code, as 01.511, or the French name, as Tanger-Assilah.")
    })
}

fn places() -> Result<Places, Failure> {
    Places::load().map_err(|_| Failure::failed("places", "the shipped list of places cannot be read"))
}

fn add(global: &Global, out: &Out, dir: &std::path::Path, province: &str, hub: &HubArgs) -> Result<(), Failure> {
    let mut ledger = Ledger::load(dir)?;
    let known = find_province(&places()?, province)?;
    let address = hub.address()?;
    if ledger.provinces.iter().any(|row| row.code == known.code.as_str()) {
        return Err(Failure::failed("province-enrolled", "this province is enrolled already"));
    }
    let typed = passphrase::ask(global, "authority")?;
    let authority = Authority::load(&dir.join(ledger::AUTHORITY_KEY), &typed).map_err(vault)?;
    let passphrase = Passphrase::parse(&typed).map_err(vault)?;
    let new = NewProvince::make().map_err(vault)?;
    let validity = Validity::new(ledger::now_millis(), Validity::PROVINCE_YEARS);
    let certificate = authority.certify_province(&new, validity).map_err(vault)?;
    let enrolled = new.certified(certificate).map_err(vault)?;
    let entry = enrolled.found_entry(ledger::now_millis()).map_err(vault)?;
    let row =
        ProvinceRow { id: enrolled.id(), code: known.code.to_string(), name_ar: known.name_ar, name_fr: known.name_fr };
    enrolled.save(&ledger.province_key(&row), &passphrase, KdfParams::DEFAULT).map_err(vault)?;
    ledger.provinces.push(row.clone());
    ledger.entries.push(entry.bytes().to_vec());
    ledger.save()?;
    let told = address.map(|address| publish(&ledger, &address)).transpose()?;
    out.show(&serde_json::json!({ "province": row, "published": told.is_some() }), |page| {
        page.done(&format!("{} ({}) is enrolled.", row.name_fr, row.name_ar));
        if told.is_none() {
            page.note("Publish it: himaya authority publish --hub URL");
        }
    })
}

struct NewUnit<'a> {
    province: &'a str,
    kind: UnitKind,
    name: &'a str,
    code: &'a str,
}

fn found(global: &Global, out: &Out, ledger: &mut Ledger, new: &NewUnit<'_>, hub: &HubArgs) -> Result<(), Failure> {
    let known = find_province(&places()?, new.province)?;
    let address = hub.address()?;
    let row = ledger.provinces.iter().find(|row| row.code == known.code.as_str()).cloned().ok_or_else(|| {
        Failure::missing("province", "this province is not enrolled here").advice("himaya authority province add CODE")
    })?;
    let code = NewcomerCode::from_text(new.code).and_then(|code| code.open().map(|_| code)).map_err(|_| {
        Failure::failed("error-code", "this is not a newcomer's code")
            .advice("Copy it whole, as the head's device printed it.")
    })?;
    let registries = ledger.registries()?;
    let registry =
        registries.province(row.id).ok_or_else(|| Failure::failed("ledger", "the authority's list is damaged"))?;
    let typed = passphrase::ask(global, "authority")?;
    let province = Province::load(&ledger.province_key(&row), &typed, registries.authority()).map_err(vault)?;
    let validity = Validity::unit(ledger::now_millis());
    let founded = province.found_unit(new.kind, &code, registry, validity).map_err(vault)?;
    let unit =
        UnitRow { id: founded.unit, province: row.id, kind: new.kind.code().to_owned(), name: new.name.to_owned() };
    ledger.units.push(unit.clone());
    ledger.entries.push(founded.list.bytes().to_vec());
    ledger.entries.push(founded.found.bytes().to_vec());
    ledger.save()?;
    let told = address.map(|address| publish(ledger, &address)).transpose()?;
    out.show(
        &serde_json::json!({ "unit": unit, "fingerprint": code.fingerprint(), "published": told.is_some() }),
        |page| {
            page.done(&format!("{} is founded. Its head's fingerprint: {}", unit.name, code.fingerprint()));
            if told.is_none() {
                page.note("Publish it: himaya authority publish --hub URL");
            }
            page.note("Then the head: himaya field sync --locked; himaya field circles; himaya field sync");
        },
    )
}

/// Offers every entry to the hub. Gives how many there are, once the hub has them all.
fn publish(ledger: &Ledger, address: &HubAddress) -> Result<usize, Failure> {
    let hub = HubClient::new(address).map_err(|error| crate::field::from_app(error.into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("network", &error))?;
    for some in ledger.entries.chunks(500) {
        let entries: Vec<&[u8]> = some.iter().map(Vec::as_slice).collect();
        let told = runtime.block_on(hub.push_entries(&entries)).map_err(|error| {
            let failure = crate::field::from_app(error.into());
            let kept = "They are kept here: himaya authority publish --hub URL, when the hub can be reached.";
            if failure.exit == Exit::Offline { failure.advice(kept) } else { failure }
        })?;
        if let Some(refused) = told.iter().find(|told| !told.outcome.is_kept()) {
            return Err(Failure::failed("hub-refused", format!("the hub refused an entry: {:?}", refused.outcome)));
        }
    }
    Ok(ledger.entries.len())
}

fn list(out: &Out, ledger: &Ledger) -> Result<(), Failure> {
    let value = serde_json::json!({ "provinces": ledger.provinces, "units": ledger.units });
    out.show(&value, |page| {
        let rows = ledger.provinces.iter().map(|row| {
            let units = ledger.units.iter().filter(|unit| unit.province == row.id).count();
            [
                Cell::quiet(&row.code),
                Cell::plain(&row.name_fr),
                Cell::plain(&row.name_ar),
                Cell::plain(units.to_string()),
            ]
        });
        page.table(["code", "province", "الإقليم", "units"].map(str::to_owned), rows.collect());
        page.gap();
        let rows = ledger.units.iter().map(|unit| {
            let id: String = unit.id.to_string().chars().take(8).collect();
            [Cell::quiet(id), Cell::plain(&unit.kind), Cell::plain(out.words().isolate(&unit.name))]
        });
        page.table(["unit", "kind", "name"].map(str::to_owned), rows.collect());
        page.note(Places::credits());
    })
}
