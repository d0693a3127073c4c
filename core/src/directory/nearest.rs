//! The nearest suitable service: asked, searched, answered with reasons.

use chrono::TimeDelta;
use himaya_wire::Stamp;

use super::calendar::RamadanCalendar;
use super::distance::{Travel, bounds_m, chord_squared, chord_squared_beyond, distance_m, unit_vector};
use super::guide::Guide;
use super::message::{Arg, Message};
use super::reason::{Obstacle, Reason};
use super::row::Gate;
use super::service::Service;
use super::suit::{Asked, Suit, suit};
use super::text::AreaCode;
use crate::record::{Age, Need, Point, Risk, Sex};

/// Spots taken from the tree before the compact rows are scanned instead: past this, few services suit.
const TREE_VISITS: usize = 96;

/// What a worker with a child in front of them asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Where they are.
    pub from: Point,
    /// When they leave.
    pub now: Stamp,
    /// What the child needs: all of them in one house, the main one first. Services without the main need are not
    /// spoken of; without any need named, every service is looked at.
    pub needs: Vec<Need>,
    /// The child's age; `None` if nobody can say.
    pub age: Option<Age>,
    /// The child's sex.
    pub sex: Sex,
    /// In immediate danger, emergency intake counts as open.
    pub risk: Risk,
    /// Census code of where the child lives or was found.
    pub area: Option<AreaCode>,
    /// Most services to choose; at least one is.
    pub limit: usize,
    /// Most nearer services to explain.
    pub passed_over_limit: usize,
}

impl Query {
    /// A question about a child of whom nothing is known yet: five answers, five explanations.
    pub const fn new(from: Point, now: Stamp) -> Self {
        Self {
            from,
            now,
            needs: Vec::new(),
            age: None,
            sex: Sex::Unknown,
            risk: Risk::None,
            area: None,
            limit: 5,
            passed_over_limit: 5,
        }
    }
}

/// What the province and the ministry may set. Defaults are to be confirmed by them.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// From distance to time.
    pub travel: Travel,
    /// How long places left and oral answers are counted on.
    pub told_fresh: TimeDelta,
    /// Closing within this after arrival is a doubt.
    pub closes_soon: TimeDelta,
    /// The dates of Ramadan.
    pub calendar: RamadanCalendar,
}

impl Default for Settings {
    /// 12 hours, one hour, and the forecast of Ramadan.
    fn default() -> Self {
        Self {
            travel: Travel::default(),
            told_fresh: TimeDelta::hours(12),
            closes_soon: TimeDelta::hours(1),
            calendar: RamadanCalendar::forecast(),
        }
    }
}

/// The answer: what to choose, best first, and what lies nearer but does not suit as well, nearest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nearest<'a> {
    /// Suitable services, best first.
    pub chosen: Vec<Choice<'a>>,
    /// Services nearer than the best choice, with all that stands against them; the nearest of all if none suits.
    pub passed_over: Vec<PassedOver<'a>>,
}

/// A suitable service.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'a> {
    /// Which.
    pub service: &'a Service,
    /// The geodesic, metres.
    pub metres: u32,
    /// Estimated travel, seconds.
    pub travel_s: u32,
    /// Why, and what to ask first.
    pub reasons: Vec<Reason>,
}

impl Choice<'_> {
    /// How far and how long: "1.2 km, about 4 min".
    pub fn message(&self) -> Message {
        Message::plain("choice-distance")
            .with("distance", Arg::Metres(self.metres))
            .with("travel", Arg::Minutes(self.travel_s.div_ceil(60)))
    }
}

/// A nearer service that was not chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct PassedOver<'a> {
    /// Which.
    pub service: &'a Service,
    /// The geodesic, metres.
    pub metres: u32,
    /// How much nearer it is than the best choice, metres; `None` if nothing was chosen.
    pub nearer_by_m: Option<u32>,
    /// Each filter it failed.
    pub obstacles: Vec<Obstacle>,
}

impl PassedOver<'_> {
    /// "1.2 km nearer", or "1.2 km away" if nothing was chosen. What stands against it follows.
    pub fn message(&self) -> Message {
        match self.nearer_by_m {
            Some(metres) => Message::plain("passed-nearer").with("distance", Arg::Metres(metres)),
            None => Message::plain("passed-away").with("distance", Arg::Metres(self.metres)),
        }
    }
}

/// A service whose distance was measured and whose filters were run.
struct Judged {
    index: u32,
    metres: u32,
    travel_s: f64,
    score_s: f64,
    suit: Suit,
}

/// A service that the search left behind, with the bounds of its distance.
struct Rejected {
    index: u32,
    metres: (f64, f64),
}

struct Search<'a, 'q> {
    guide: &'a Guide,
    asked: &'q Asked<'q>,
    /// The best so far, best first, at most `limit`.
    best: Vec<Judged>,
    limit: usize,
    outranked: Vec<Judged>,
    rejected: Vec<Rejected>,
}

pub(super) fn search<'a>(guide: &'a Guide, query: &Query, settings: &Settings) -> Nearest<'a> {
    let Some((members, tree)) = guide.candidates(query.needs.first()) else { return Nearest::default() };
    let asked = Asked::new(query, settings);
    let mut gate = Gate::new(guide, &asked);
    let limit = query.limit.max(1);
    let mut search =
        Search { guide, asked: &asked, best: Vec::new(), limit, outranked: Vec::new(), rejected: Vec::new() };
    let origin = unit_vector(query.from);

    // Nearest first through the tree, while that promises an end soon.
    let mut visited = Vec::with_capacity(TREE_VISITS);
    let mut settled = 0;
    for (spot, chord) in tree.nearest_neighbor_iter_with_distance_2(origin) {
        let metres = bounds_m(chord);
        if search.is_decided(metres.0) {
            return search.answer();
        }
        while search.rejected.get(settled).is_some_and(|rejected| rejected.metres.1 + 1.0 < metres.0) {
            settled += 1;
        }
        if visited.len() >= TREE_VISITS && settled >= query.passed_over_limit {
            break;
        }
        visited.push(spot.data);
        if gate.may_suit(spot.data, metres) {
            search.judge(spot.data, metres);
        } else {
            search.rejected.push(Rejected { index: spot.data, metres });
        }
    }
    if visited.len() == members.len() {
        return search.answer();
    }

    // Few services suit. Everything nearer that must be explained is known; find the rest by their rows.
    visited.sort_unstable();
    let mut left: Vec<(f64, u32)> = Vec::new();
    let beyond = search.decided_beyond_m().map_or(f64::INFINITY, chord_squared_beyond);
    for index in members {
        let Some(row) = guide.rows().get(*index as usize) else { continue };
        let chord = chord_squared(&origin, &row.vector);
        if chord > beyond || !gate.may_take(row) {
            continue;
        }
        let metres = bounds_m(chord);
        if gate.may_suit(*index, metres) && visited.binary_search(index).is_err() {
            left.push((metres.0, *index));
        }
    }
    left.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let nearest_rejected = search.rejected.len();
    for (least, index) in left {
        if search.is_decided(least) {
            break;
        }
        search.judge(index, (least, f64::INFINITY));
    }
    search.rejected.truncate(nearest_rejected);
    search.answer()
}

impl<'a> Search<'a, '_> {
    /// Whether nothing at least so far away can still be chosen. A penalty only makes a service worse, so travel alone
    /// is a lower bound of its score.
    fn is_decided(&self, least_m: f64) -> bool {
        let travel = self.asked.settings.travel;
        self.best.len() == self.limit
            && self.best.last().is_some_and(|worst| travel.seconds((least_m - 1.0).max(0.0)) > worst.score_s)
    }

    /// The metres past which nothing can still be chosen, once there are enough.
    fn decided_beyond_m(&self) -> Option<f64> {
        let worst = self.best.last().filter(|_| self.best.len() == self.limit)?;
        Some(self.asked.settings.travel.metres_in(worst.score_s) + 2.0)
    }

    fn service(&self, index: u32) -> Option<&'a Service> {
        self.guide.services().get(index as usize)
    }

    fn measure(&self, index: u32) -> Option<(&'a Service, u32, f64)> {
        let service = self.service(index)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A geodesic is 0 to 20,004,000 m.
        let metres = distance_m(self.asked.query.from, service.profile.point).round() as u32;
        Some((service, metres, self.asked.settings.travel.seconds(f64::from(metres))))
    }

    fn judge(&mut self, index: u32, bounds: (f64, f64)) {
        let Some((service, metres, travel_s)) = self.measure(index) else { return };
        let suit = suit(self.asked, service, travel_s);
        if !suit.obstacles.is_empty() {
            self.rejected.push(Rejected { index, metres: bounds });
            return;
        }
        let judged = Judged { index, metres, travel_s, score_s: travel_s + suit.penalty_s(), suit };
        let key =
            |judged: &Judged| (judged.score_s, self.service(judged.index).map(|service| service.id), judged.index);
        let (score, id, _) = key(&judged);
        let at = self.best.partition_point(|other| {
            let (other_score, other_id, other_index) = key(other);
            other_score.total_cmp(&score).then(other_id.cmp(&id)).then(other_index.cmp(&index)).is_lt()
        });
        self.best.insert(at, judged);
        if self.best.len() > self.limit {
            self.outranked.extend(self.best.pop());
        }
    }

    fn answer(self) -> Nearest<'a> {
        let best_m = self.best.first().map(|best| best.metres);
        let most = self.asked.query.passed_over_limit;
        let mut nearer: Vec<(u32, &'a Service, Option<Suit>, f64)> = Vec::new();
        // The bounds rise along the list: once `most` lie surely nearer than the next, the next is not needed.
        let mut settled = 0;
        for rejected in &self.rejected {
            while self.rejected.get(settled).is_some_and(|earlier| earlier.metres.1 + 1.0 < rejected.metres.0) {
                settled += 1;
            }
            let too_far = best_m.is_some_and(|best| rejected.metres.0 - 1.0 > f64::from(best));
            if too_far || settled >= most {
                break;
            }
            nearer.extend(
                self.measure(rejected.index).map(|(service, metres, travel_s)| (metres, service, None, travel_s)),
            );
        }
        let (guide, asked) = (self.guide, self.asked);
        let service = |index: u32| guide.services().get(index as usize);
        let outranked = self.outranked.into_iter();
        nearer
            .extend(outranked.filter_map(|judged| {
                Some((judged.metres, service(judged.index)?, Some(judged.suit), judged.travel_s))
            }));
        nearer.retain(|(metres, ..)| best_m.is_none_or(|best| *metres < best));
        nearer.sort_by_key(|(metres, service, ..)| (*metres, service.id));
        nearer.truncate(most);
        let passed_over = nearer
            .into_iter()
            .map(|(metres, service, judged, travel_s)| PassedOver {
                service,
                metres,
                nearer_by_m: best_m.map(|best| best - metres),
                obstacles: obstacles(judged.unwrap_or_else(|| suit(asked, service, travel_s))),
            })
            .collect();
        let chosen = self.best.into_iter().filter_map(|judged| Some(choice(service(judged.index)?, judged))).collect();
        Nearest { chosen, passed_over }
    }
}

fn obstacles(suit: Suit) -> Vec<Obstacle> {
    if suit.obstacles.is_empty() {
        suit.doubts.into_iter().map(Obstacle::RankedLower).collect()
    } else {
        suit.obstacles
    }
}

fn choice(service: &Service, judged: Judged) -> Choice<'_> {
    let mut reasons = judged.suit.reasons;
    reasons.extend(judged.suit.doubts.into_iter().map(Reason::Doubt));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Positive, and a cast saturates.
    let travel_s = judged.travel_s.round() as u32;
    Choice { service, metres: judged.metres, travel_s, reasons }
}
