//! The guide of services: kept by the centre in the province's commons, read by every unit, asked for the nearest.

use std::sync::Arc;

use himaya_wire::{EventId, SpaceId, Stamp, UnitId, UnitKind};
use serde::Serialize;

use super::device::lock;
use super::error::AppError;
use super::save::Draft;
use super::session::Session;
use super::space::Space;
use super::views::NewSearch;
use super::words::Words;
use crate::directory::{
    AreaCode, Capacity, CsvFault, Guide, Query, Service, ServiceId, ServiceProfile, Settings, Status, export_csv,
    import_csv, to_geojson,
};
use crate::record::{Act, SpaceKind, Value, View, build, fields as f};
use crate::store::{self, Filter};

/// Services written in one event: an import of hundreds takes few envelopes, and each stays small.
const SERVICES_AN_EVENT: usize = 16;

/// A suitable service, with its reasons in the reader's language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceView {
    /// The service.
    pub service: EventId,
    /// The unit that takes referrals through the system, if it is one.
    pub unit: Option<UnitId>,
    /// Its name in Arabic.
    pub name_ar: String,
    /// Its name in French.
    pub name_fr: String,
    /// Its telephone.
    pub phone: String,
    /// The geodesic, metres.
    pub metres: u32,
    /// Estimated travel, seconds.
    pub travel_s: u32,
    /// Distance and time in words.
    pub distance: String,
    /// Why it is chosen, or what stands against it.
    pub reasons: Vec<String>,
}

/// The nearest suitable services, and the nearer ones that do not suit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NearestView {
    /// Suitable services, best first.
    pub chosen: Vec<ChoiceView>,
    /// Nearer ones, with all that stands against them.
    pub passed_over: Vec<ChoiceView>,
}

/// Why a guide was not imported: every fault by row and column. Nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The rows have faults.
    #[error("the guide has {} faults; nothing was imported", .0.len())]
    Faults(Vec<CsvFault>),
    /// It could not be saved.
    #[error(transparent)]
    App(#[from] AppError),
}

impl Session {
    /// Opens the province's commons and shares it with every unit that is ready. For a centre, once.
    pub fn open_commons(&self) -> Result<SpaceId, AppError> {
        if self.unit_kind() != UnitKind::Cape {
            return Err(AppError::refused("unit", "error-centre-decides"));
        }
        if let Some(own) = self.own_commons()? {
            return Ok(own);
        }
        let space = SpaceId::make_random();
        let acts = build::Draft::new(&View::default()).set(f::OWNER, Value::Unit(self.unit())).finish();
        self.save(&[Draft::new(space, SpaceKind::Commons, acts).share(self.ready_units())])?;
        Ok(space)
    }

    /// Imports services from CSV into the centre's commons. All rows or none.
    pub fn import_guide(&self, csv: &[u8]) -> Result<usize, ImportError> {
        let services = import_csv(csv, ServiceId::make_random).map_err(ImportError::Faults)?;
        let commons = self.own_commons()?.ok_or(AppError::refused("guide", "error-no-commons"))?;
        let _guard = self.writing_guard();
        let space = self.space(commons)?;
        let mut drafts = Vec::new();
        for some in services.chunks(SERVICES_AN_EVENT) {
            let mut acts = Vec::new();
            for service in some {
                acts.extend(service_acts(&space.view, service)?);
            }
            if !acts.is_empty() {
                drafts.push(Draft::new(commons, SpaceKind::Commons, acts));
            }
        }
        self.save_guarded(&drafts)?;
        Ok(services.len())
    }

    /// The guide as CSV.
    pub fn export_guide_csv(&self) -> Result<Vec<u8>, AppError> {
        Ok(export_csv(self.guide()?.services()))
    }

    /// The guide as GeoJSON.
    pub fn export_guide_geojson(&self) -> Result<String, AppError> {
        Ok(to_geojson(self.guide()?.services()))
    }

    /// The services of every commons that this device holds.
    pub fn guide(&self) -> Result<Arc<Guide>, AppError> {
        if let Some(guide) = lock(&self.guide).as_ref() {
            return Ok(Arc::clone(guide));
        }
        let mut services = Vec::new();
        for commons in self.commons()? {
            let space = self.space(commons)?;
            services.extend(space.view.list(f::SERVICES).iter().filter_map(|element| service(&space.view, *element)));
        }
        let guide = Arc::new(Guide::new(services));
        *lock(&self.guide) = Some(Arc::clone(&guide));
        Ok(guide)
    }

    /// The nearest suitable services, with reasons in the reader's language. No network.
    pub fn nearest(&self, search: &NewSearch, words: &Words) -> Result<NearestView, AppError> {
        let guide = self.guide()?;
        let query = Query {
            needs: search.needs.clone(),
            age: search.age,
            sex: search.sex,
            risk: search.risk,
            area: search.area.as_deref().map(str::parse::<AreaCode>).transpose()?,
            limit: search.limit.clamp(1, 50),
            ..Query::new(search.from, Stamp::at_millis(self.now_millis()))
        };
        let nearest = guide.nearest(&query, &Settings::default());
        let view = |service: &Service, metres, travel_s, distance, reasons| ChoiceView {
            service: element(service.id),
            unit: service.profile.unit,
            name_ar: service.profile.name_ar.as_str().to_owned(),
            name_fr: service.profile.name_fr.as_str().to_owned(),
            phone: service.profile.phone.as_str().to_owned(),
            metres,
            travel_s,
            distance,
            reasons,
        };
        Ok(NearestView {
            chosen: nearest
                .chosen
                .iter()
                .map(|choice| {
                    let reasons = choice.reasons.iter().map(|reason| words.text(&reason.message())).collect();
                    view(choice.service, choice.metres, choice.travel_s, words.text(&choice.message()), reasons)
                })
                .collect(),
            passed_over: nearest
                .passed_over
                .iter()
                .map(|passed| {
                    let reasons = passed.obstacles.iter().map(|why| words.text(&why.message())).collect();
                    view(passed.service, passed.metres, 0, words.text(&passed.message()), reasons)
                })
                .collect(),
        })
    }

    /// The commons that a service stands in.
    pub(super) fn commons_of(&self, service: EventId) -> Result<(SpaceId, Arc<Space>), AppError> {
        for commons in self.commons()? {
            let space = self.space(commons)?;
            if space.view.list(f::SERVICES).contains(&service) {
                return Ok((commons, space));
            }
        }
        Err(AppError::NotFound("service"))
    }

    fn commons(&self) -> Result<Vec<SpaceId>, AppError> {
        let filter = Filter { kinds: vec![SpaceKind::Commons as u8], ..Filter::default() };
        let rows = self.store.read(|read| store::newest(read, &filter, 1_000, None))?;
        Ok(rows.into_iter().map(|row| row.row.space).collect())
    }

    fn own_commons(&self) -> Result<Option<SpaceId>, AppError> {
        for commons in self.commons()? {
            if self.space(commons)?.holders.founder == Some(self.unit()) {
                return Ok(Some(commons));
            }
        }
        Ok(None)
    }

    /// Every other unit that a key can be granted to.
    fn ready_units(&self) -> Vec<UnitId> {
        let registries = self.registries();
        let ready = registries
            .units()
            .filter(|unit| unit.unit != self.unit() && unit.circle(himaya_wire::Circle::All).is_some());
        ready.map(|unit| unit.unit).collect()
    }

    /// What follows of itself after a sync: a centre shares its commons with units that became ready since. Says
    /// whether anything was written.
    pub(super) fn follow_up(&self) -> Result<bool, AppError> {
        if self.unit_kind() != UnitKind::Cape {
            return Ok(false);
        }
        let Some(commons) = self.own_commons()? else { return Ok(false) };
        let holders = self.space(commons)?.holders.units.clone();
        let new: Vec<UnitId> = self.ready_units().into_iter().filter(|unit| !holders.contains(unit)).collect();
        if new.is_empty() {
            return Ok(false);
        }
        self.save(&[Draft::new(commons, SpaceKind::Commons, Vec::new()).share(new)])?;
        Ok(true)
    }
}

fn element(id: ServiceId) -> EventId {
    EventId::from_bytes(*id.as_bytes())
}

fn service_acts(view: &View, service: &Service) -> Result<Vec<Act>, AppError> {
    let mut parts = vec![build::ServicePart::Profile(himaya_wire::encode(&service.profile, "profile")?)];
    if let Some(capacity) = &service.capacity {
        parts.push(build::ServicePart::Capacity(himaya_wire::encode(capacity, "capacity")?));
    }
    if let Some(status) = &service.status {
        parts.push(build::ServicePart::Status(himaya_wire::encode(status, "status")?));
    }
    Ok(build::service(view, element(service.id), parts))
}

/// A service out of the commons. One whose profile this program cannot read is left out; the record stays.
fn service(view: &View, element: EventId) -> Option<Service> {
    let fields = view.element(element);
    let profile: ServiceProfile = himaya_wire::decode(fields.part(f::PROFILE)?, "profile").ok()?;
    profile.check().ok()?;
    let capacity = fields.part(f::CAPACITY).and_then(|part| himaya_wire::decode::<Capacity>(part, "capacity").ok());
    let status = fields.part(f::STATUS).and_then(|part| himaya_wire::decode::<Status>(part, "status").ok());
    Some(Service { id: ServiceId::from_bytes(*element.as_bytes()), profile, capacity, status })
}
