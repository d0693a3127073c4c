//! The guide in memory: services, an r-tree of places for each need, and the compact rows of the gate.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rstar::RTree;
use rstar::primitives::GeomWithData;

use super::nearest::{Nearest, Query, Settings, search};
use super::row::{HourRow, Row};
use super::service::{Service, ServiceId};
use super::text::AreaCode;
use crate::record::Need;

/// A place on the unit sphere and the index of its service.
pub(super) type Spot = GeomWithData<[f64; 3], u32>;

/// The services that answer one need.
struct NeedIndex {
    index: u32,
    members: Vec<u32>,
    tree: RTree<Spot>,
}

/// The guide of social services (دليل الخدمات الاجتماعية), indexed. Building it for 10,000 services takes tens of
/// milliseconds; it does not change, a new word from a service makes a new guide.
pub struct Guide {
    services: Vec<Service>,
    rows: Vec<Row>,
    hour_rows: Vec<HourRow>,
    needs: HashMap<Need, NeedIndex>,
    all: NeedIndex,
    area_lists: Vec<Vec<AreaCode>>,
    exceptional: HashMap<NaiveDate, Vec<u32>>,
    by_id: HashMap<ServiceId, u32>,
}

impl Guide {
    /// Indexes the services. Of two with one id both are kept and [`Guide::get`] gives the later. Services past the
    /// first 2^32 are left out.
    pub fn new(services: Vec<Service>) -> Self {
        let mut lists: HashMap<Vec<AreaCode>, u32> = HashMap::from([(Vec::new(), 0)]);
        let mut area_lists = vec![Vec::new()];
        let mut members: BTreeMap<Need, Vec<u32>> = BTreeMap::new();
        let mut exceptional: HashMap<NaiveDate, Vec<u32>> = HashMap::new();
        for (index, service) in (0_u32..).zip(&services) {
            for need in &service.profile.needs {
                let list = members.entry(need.clone()).or_default();
                if list.last() != Some(&index) {
                    list.push(index);
                }
            }
            for exception in &service.profile.hours.exceptions {
                exceptional.entry(exception.date).or_default().push(index);
            }
        }
        let bits: HashMap<&Need, u64> = members.keys().zip(0..64).map(|(need, bit)| (need, 1_u64 << bit)).collect();
        let mut rows = Vec::with_capacity(services.len());
        for service in &services {
            let needs = service.profile.needs.iter().filter_map(|need| bits.get(need)).fold(0, |all, bit| all | bit);
            let areas = *lists.entry(service.profile.jurisdiction.clone()).or_insert_with_key(|list| {
                area_lists.push(list.clone());
                u32::try_from(area_lists.len() - 1).unwrap_or(u32::MAX)
            });
            rows.push(Row::new(service, areas, needs));
        }
        let index_of = |index: u32, members: Vec<u32>| {
            let spots = members.iter().filter_map(|at| Some(Spot::new(rows.get(*at as usize)?.vector, *at))).collect();
            NeedIndex { index, members, tree: RTree::bulk_load(spots) }
        };
        let needs = (0_u32..).zip(members).map(|(at, (need, members))| (need, index_of(at, members))).collect();
        let all = index_of(0, (0_u32..).zip(&services).map(|(index, _)| index).collect());
        let hour_rows = services.iter().map(HourRow::new).collect();
        let by_id = services.iter().zip(0_u32..).map(|(service, index)| (service.id, index)).collect();
        Self { services, rows, hour_rows, needs, all, area_lists, exceptional, by_id }
    }

    /// All services, in the order given.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// One service.
    pub fn get(&self, id: ServiceId) -> Option<&Service> {
        self.by_id.get(&id).and_then(|index| self.services.get(*index as usize))
    }

    /// The nearest suitable services, with reasons. Pure: the caller gives time, place and settings.
    pub fn nearest(&self, query: &Query, settings: &Settings) -> Nearest<'_> {
        search(self, query, settings)
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn hour_rows(&self) -> &[HourRow] {
        &self.hour_rows
    }

    pub(super) fn area_lists(&self) -> &[Vec<AreaCode>] {
        &self.area_lists
    }

    pub(super) fn need_index(&self, need: &Need) -> Option<u32> {
        self.needs.get(need).map(|found| found.index)
    }

    pub(super) fn exceptional_on(&self, date: NaiveDate) -> &[u32] {
        self.exceptional.get(&date).map_or(&[], Vec::as_slice)
    }

    /// Members and tree of a need, or of the whole guide; `None` if nobody answers that need.
    pub(super) fn candidates(&self, need: Option<&Need>) -> Option<(&[u32], &RTree<Spot>)> {
        let found = match need {
            None => Some(&self.all),
            Some(need) => self.needs.get(need),
        };
        found.map(|found| (found.members.as_slice(), &found.tree))
    }
}
