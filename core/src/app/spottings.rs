//! Spottings: a child at risk, recorded in under thirty seconds, with the card by which a centre can direct.

use himaya_wire::{EventId, SpaceId, Stamp, UnitId, UnitKind};

use super::error::AppError;
use super::rounds::band;
use super::save::Draft;
use super::session::Session;
use super::space::number;
use super::views::{CaptureView, LineView, NewSpotting};
use crate::pathway::{self, Protocol};
use crate::record::{
    Act, Age, Concern, EventBody, Fold, Risk, Sex, SpaceKind, Stage, Value, Verdict, View, build, fields as f,
};
use crate::store;

/// Longest text of one field, bytes: several pages, so that a note is never cut and a mistake never fills a phone.
pub(super) const TEXT_BYTES: usize = 20_000;

impl Session {
    /// Records a spotting: the child's space and the circuit card, together, on the disk before this returns.
    pub fn spot(&self, new: &NewSpotting) -> Result<LineView, AppError> {
        let at = Stamp::at_millis(self.now_millis());
        let mut acts = spotting_acts(&View::default(), new, at)?;
        let space = SpaceId::make_random();
        let card = SpaceId::make_random();
        acts.extend(build::Draft::new(&View::default()).set(f::CARD, link_to(card)).finish());
        acts.extend(build::Draft::new(&View::default()).set(f::OWNER, Value::Unit(self.unit())).finish());
        let card_acts = self.card_acts(space, &acts, at)?;
        self.save(&[
            Draft::new(space, SpaceKind::Spotting, acts),
            Draft::new(card, SpaceKind::Card, card_acts).share(self.centres()),
        ])?;
        self.line(space)
    }

    /// Captures made on a lock screen of this unit that nobody has claimed, oldest first.
    pub fn captures(&self) -> Result<Vec<CaptureView>, AppError> {
        let rows = self.store.read(store::unclaimed)?;
        let views = rows.iter().filter_map(|row| {
            let body: EventBody = himaya_wire::decode(row.body.as_deref()?, "capture").ok()?;
            let view = view_of(&body);
            let title = super::project::title(&view, SpaceKind::Spotting);
            Some(CaptureView { capture: row.id, at_millis: body.stamp.millis(), title })
        });
        Ok(views.collect())
    }

    /// Claims a capture: its words become a spotting of the claiming worker, in the space that the capture names, so
    /// that two who claim it at once meet in one file.
    pub fn claim(&self, capture: EventId) -> Result<LineView, AppError> {
        let rows = self.store.read(store::unclaimed)?;
        let row = rows.into_iter().find(|row| row.id == capture).ok_or(AppError::NotFound("capture"))?;
        let body: EventBody = row
            .body
            .as_deref()
            .and_then(|body| himaya_wire::decode(body, "capture").ok())
            .ok_or(AppError::NotFound("capture"))?;
        let card = SpaceId::make_random();
        let mut acts = body.acts;
        acts.extend(
            build::Draft::new(&View::default())
                .set(f::FROM, Value::Event(capture))
                .set(f::CARD, link_to(card))
                .set(f::OWNER, Value::Unit(self.unit()))
                .finish(),
        );
        let card_acts = self.card_acts(row.space, &acts, body.stamp)?;
        self.save(&[
            Draft::new(row.space, SpaceKind::Spotting, acts),
            Draft::new(card, SpaceKind::Card, card_acts).share(self.centres()),
        ])?;
        self.line(row.space)
    }

    /// The support centres of this unit's province that can be granted to.
    pub(super) fn centres(&self) -> Vec<UnitId> {
        let registries = self.registries();
        let Some(province) = registries.unit(self.unit()).map(|unit| unit.province) else { return Vec::new() };
        let centres = registries.units().filter(|unit| {
            unit.kind == UnitKind::Cape
                && unit.province == province
                && unit.unit != self.unit()
                && unit.circle(himaya_wire::Circle::All).is_some()
        });
        centres.map(|unit| unit.unit).collect()
    }

    /// The card that a spotting's acts come to.
    fn card_acts(&self, space: SpaceId, acts: &[Act], at: Stamp) -> Result<Vec<Act>, AppError> {
        let view = view_of(&EventBody {
            kind: SpaceKind::Spotting,
            stamp: at,
            position: 0,
            parents: Vec::new(),
            acts: acts.to_vec(),
        });
        let fields = view.space();
        let risk = fields.risk(f::RISK).unwrap_or(Risk::None);
        let concerns = fields.codes(f::CONCERNS).unwrap_or_default();
        let concerns = concerns.iter().filter_map(|code| code.as_str().parse::<Concern>().ok()).collect();
        let area = fields.place(f::PLACE).and_then(|place| place.area.as_deref());
        let card = build::NewCard {
            case_number: Some(card_number(space)?),
            stage: Some(Stage::Spotted),
            risk: Some(risk),
            owner: Some(self.unit()),
            deadline: pathway::deadline(Stage::Spotted, risk, at, &self.protocol),
            concerns,
            band: fields.age(f::AGE).map(|age| band(age, at)),
            sex: fields.sex(f::SEX),
            area: area.map(build::area_code).transpose()?,
        };
        Ok(build::card(&View::default(), &card))
    }
}

/// The number on the card: that of the file, so that both can be told by telephone. It is random and tells nothing.
pub(super) fn card_number(space: SpaceId) -> Result<crate::record::Code, AppError> {
    Ok(number(space).replace('-', "_").to_ascii_lowercase().parse()?)
}

pub(super) fn link_to(space: SpaceId) -> Value {
    Value::Event(EventId::from_bytes(*space.as_bytes()))
}

/// The acts of a new spotting, checked. The risk is the protocol's floor unless the team put another.
pub(super) fn spotting_acts(view: &View, new: &NewSpotting, at: Stamp) -> Result<Vec<Act>, AppError> {
    if new.concerns.is_empty() {
        return Err(AppError::refused("concerns", "error-no-concern"));
    }
    if let Some(Age::Years { years, margin }) = new.age
        && (years > 17 || margin > 17)
    {
        return Err(AppError::refused("age", "error-age"));
    }
    let texts = [&new.name, &new.nickname, &new.description, &new.note, &new.place.landmark];
    if texts.into_iter().flatten().any(|text| text.len() > TEXT_BYTES) {
        return Err(AppError::refused("text", "error-too-long"));
    }
    let today = crate::directory::local_date(at);
    let protocol = Protocol::default_to_be_confirmed();
    let floor = pathway::assess_risk(&new.concerns, new.danger, new.age, today, &protocol).floor;
    let unknown = new.name.is_none() && new.nickname.is_none();
    let spotting = build::NewSpotting {
        at: Some(at),
        sex: (new.sex != Sex::Unknown).then_some(new.sex),
        age: new.age,
        name: new.name.clone(),
        nickname: new.nickname.clone(),
        description: new.description.clone(),
        identity_unknown: unknown.then_some(true),
        concerns: new.concerns.clone(),
        place: (new.place != crate::record::Place::default()).then(|| new.place.clone()),
        note: new.note.clone(),
        danger: new.danger.then_some(true),
        risk: Some(new.risk.unwrap_or(floor)),
        owner: None,
        from: None,
    };
    Ok(build::spotting(view, &spotting))
}

/// What a body alone looks like, before it stands in any space.
fn view_of(body: &EventBody) -> View {
    let event = crate::record::Event {
        id: EventId::from_bytes([0; 16]),
        digest: himaya_wire::Digest::from_bytes([0; 32]),
        space: SpaceId::from_bytes([0; 16]),
        unit: UnitId::from_bytes([0; 16]),
        author: himaya_wire::MemberId::from_bytes([0; 16]),
        body: body.clone(),
    };
    let mut fold = Fold::new();
    fold.apply(&event, Verdict::Allowed);
    fold.view()
}
