//! The setting: the units with their devices, and the guide that every one of them holds before the night.

use himaya_core::app::{Clock, ImportError, SyncOptions};
use himaya_wire::UnitKind;

use super::needles::Needles;
use super::story::Story;
use super::town::{Town, Unit};
use super::world::{UnitEntry, World};
use super::{chance, names, night};
use crate::field::from_app;
use crate::output::Failure;

/// How a protection unit differs from the others.
struct Desk {
    hours: &'static str,
    places: Option<u16>,
    emergency: bool,
    sexes: &'static str,
    ages: (u8, u8),
    reach_m: f64,
}

/// Hours, places and ages differ, so that each reason is met in the night.
const DESKS: [Desk; 5] = [
    Desk { hours: "24/7", places: Some(2), emergency: true, sexes: "both", ages: (0, 17), reach_m: 9_000.0 },
    Desk { hours: "24/7", places: Some(3), emergency: false, sexes: "girls", ages: (6, 17), reach_m: 3_000.0 },
    Desk {
        hours: "Mo-Sa 08:30-20:00",
        places: Some(4),
        emergency: false,
        sexes: "both",
        ages: (0, 17),
        reach_m: 1_500.0,
    },
    Desk { hours: "24/7", places: Some(0), emergency: false, sexes: "both", ages: (0, 17), reach_m: 2_500.0 },
    Desk { hours: "Mo-Su 19:00-09:00", places: None, emergency: true, sexes: "both", ages: (10, 17), reach_m: 5_000.0 },
];

/// Twenty-six invented units, each with its head's device; the protection units with a second worker too.
pub fn units(town: &mut Town, needles: &mut Needles, story: &mut Story) -> Result<(), Failure> {
    const UPES: [(&str, &str); 5] = [
        ("وحدة الأرز", "UPE L'Arganier"),
        ("وحدة الواحة", "UPE Les Jujubiers"),
        ("وحدة السنونو", "UPE L'Hirondelle"),
        ("وحدة الفانوس", "UPE Le Fanal"),
        ("وحدة المرسى", "UPE L'Amarre"),
    ];
    let mut chance = chance::Chance::new(story.seed ^ 0x5eed);
    let mut head = |needles: &mut Needles| {
        let name = chance.pick(names::CREWS);
        needles.text_elsewhere(name);
        name
    };
    let name = head(needles);
    town.unit(UnitKind::Cape, ("مركز المواكبة", "CAPE des Remparts"), "cape", name)?;
    for (number, names) in UPES.into_iter().enumerate() {
        let name = head(needles);
        town.unit(UnitKind::Upe, names, &format!("upe-{}", number + 1), name)?;
    }
    for number in 1..=20 {
        let (ar, fr) = (format!("الوحدة المتنقلة {number}"), format!("SAS mobile {number}"));
        let name = head(needles);
        town.unit(UnitKind::Sas, (&ar, &fr), &format!("sas-{number}"), name)?;
    }
    for upe in 1..=5 {
        let name = head(needles);
        town.colleague(upe, &format!("upe-{upe}-second"), name)?;
    }
    story.place = (town.place.name_fr.clone(), town.place.name_ar.clone());
    story.neighbours = town.neighbours.iter().map(|one| one.name_fr.clone()).collect();
    story.units = (1, UPES.len(), 20);
    story.devices = town.workers().count();
    Ok(())
}

/// The centre opens the guide and imports it; every device takes it in.
pub fn guide(town: &Town, world: &mut World, needles: &mut Needles, story: &mut Story) -> Result<(), Failure> {
    town.clock.advance_to(20, 0);
    let told_at = chrono::DateTime::from_timestamp_millis(town.clock.now_millis()).unwrap_or_default();
    let told_at = told_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let entries: Vec<UnitEntry> = town.units.iter().enumerate().map(|(at, unit)| entry(at, unit)).collect();
    let neighbours: Vec<_> =
        town.neighbours.iter().filter_map(|one| Some((one.code.to_string(), one.centroid?))).collect();
    let csv = world.guide(&entries, &told_at, &neighbours);
    let centre = night::session(town, 0)?;
    centre.sync(SyncOptions::default()).map_err(from_app)?;
    centre.open_commons().map_err(from_app)?;
    story.services = match centre.import_guide(csv.as_bytes()) {
        Ok(services) => services,
        Err(ImportError::App(error)) => return Err(from_app(error)),
        Err(ImportError::Faults(_)) => {
            return Err(Failure::failed("demo-guide", "the invented guide has faults"));
        }
    };
    story.all.add(centre.sync(SyncOptions::default()).map_err(from_app)?);
    for service in centre.guide().map_err(from_app)?.services() {
        needles.service(service);
    }
    let mut same = story.services > 200;
    for worker in town.workers() {
        let session = worker.unlock()?;
        story.all.add(session.sync(SyncOptions::default()).map_err(from_app)?);
        same &= session.guide().map_err(from_app)?.services().len() == story.services;
    }
    story.check("every device has the whole guide", same);
    Ok(())
}

fn entry(at: usize, unit: &Unit) -> UnitEntry {
    let base = UnitEntry {
        unit: unit.id,
        kind: unit.kind.code(),
        name_ar: unit.name_ar.clone(),
        name_fr: unit.name_fr.clone(),
        needs: "listening",
        hours: "Mo-Fr 09:00-17:00",
        places: None,
        emergency: false,
        sexes: "both",
        ages: (0, 17),
        reach_m: 4_000.0,
    };
    match (unit.kind, at.checked_sub(1).and_then(|index| DESKS.get(index))) {
        (UnitKind::Upe, Some(desk)) => UnitEntry {
            needs: "shelter_tonight listening psychological family_tracing",
            hours: desk.hours,
            places: desk.places,
            emergency: desk.emergency,
            sexes: desk.sexes,
            ages: desk.ages,
            reach_m: desk.reach_m,
            ..base
        },
        (UnitKind::Sas, _) => UnitEntry { needs: "listening food", hours: "Mo-Su 21:00-04:00", ..base },
        _ => base,
    }
}
