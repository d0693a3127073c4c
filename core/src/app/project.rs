//! Projections: what lists, search and reminders read, derived from the fold alone and rebuildable from the log.

use himaya_wire::{Registries, SpaceId};
use rusqlite::Transaction;

use super::error::AppError;
use super::session::Session;
use super::space::{Space, number};
use crate::matching::search_key;
use crate::pathway;
use crate::record::{Age, ReferralStep, SpaceKind, View, fields as f};
use crate::store::{self, Direction, ProjectionRow, ReferralRow};

/// Derives a space's row anew. The same events give the same row, whenever and however often it is derived.
pub(super) fn refresh(
    tx: &Transaction<'_>,
    session: &Session,
    registries: &Registries,
    id: SpaceId,
) -> Result<(), AppError> {
    let space = Space::load(tx, registries, id)?;
    let Some(kind) = space.view.kind else {
        store::remove_projection(tx, id)?;
        store::remove_referrals(tx, id)?;
        return Ok(());
    };
    store::put_projection(tx, &row(&space, kind), &search_text(&space, kind))?;
    refresh_referrals(tx, session, &space)
}

fn row(space: &Space, kind: SpaceKind) -> ProjectionRow {
    let view = &space.view;
    let fields = view.space();
    let area = fields.code(f::AREA).map(|code| code.as_str().to_owned());
    let age_band = match fields.age(f::AGE) {
        Some(Age::Band(band)) => Some(band as u8),
        Some(Age::Years { years, .. }) => Some(crate::record::AgeBand::of_years(years) as u8),
        _ => None,
    };
    ProjectionRow {
        space: space.id,
        kind: kind as u8,
        title: title(view, kind),
        subtitle: subtitle(view, kind),
        number: Some(number(space.id)),
        stage: fields.stage(f::STAGE).map(|stage| stage as u8),
        risk: fields.risk(f::RISK).map(|risk| risk as u8),
        sex: fields.sex(f::SEX).map(|sex| sex as u8),
        age_band,
        area: area.or_else(|| fields.place(f::PLACE).and_then(|place| place.area.clone())),
        owner: fields.unit(f::OWNER),
        updated: space.updated(),
        created: space.created(),
        conflicts: conflicts(view, kind),
        set_aside: count(view.set_aside.len()),
        missing: count(view.missing_parents.len()),
        card_space: link(view, f::CARD),
        subject: link(view, f::FROM),
        deadline_millis: fields.time(f::DEADLINE).map(himaya_wire::Stamp::millis),
        extra: None,
    }
}

/// Questions that a worker has to settle. What a service told by telephone is not one: the latest word counts.
fn conflicts(view: &View, kind: SpaceKind) -> u32 {
    let settled_by_time = |name: &str| kind == SpaceKind::Commons && matches!(name, f::STATUS | f::CAPACITY);
    count(view.conflicts.iter().filter(|field| !settled_by_time(field.name.as_str())).count())
}

/// The space that a field points to.
pub(super) fn link(view: &View, name: &'static str) -> Option<SpaceId> {
    view.space().event(name).map(|id| SpaceId::from_bytes(*id.as_bytes()))
}

/// Name, or nickname, or description, or landmark: the best that is known of a child, or of a round.
pub(super) fn title(view: &View, kind: SpaceKind) -> String {
    let fields = view.space();
    let names = match kind {
        SpaceKind::Round => [f::VEHICLE, f::NOTE].as_slice(),
        _ => [f::NAME, f::NICKNAME, f::DESCRIPTION].as_slice(),
    };
    let words = names.iter().find_map(|name| fields.text(name)).map(str::to_owned);
    words.or_else(|| fields.place(f::PLACE).and_then(|place| place.landmark.clone())).unwrap_or_default()
}

fn subtitle(view: &View, kind: SpaceKind) -> String {
    if kind == SpaceKind::Round {
        return view.list(f::CONTACTS).len().to_string();
    }
    let concerns = view.space().codes(f::CONCERNS).unwrap_or_default();
    concerns.iter().map(crate::record::Code::as_str).collect::<Vec<_>>().join(" ")
}

fn search_text(space: &Space, kind: SpaceKind) -> String {
    // The guide has its own search; a card has no words.
    if matches!(kind, SpaceKind::Commons | SpaceKind::Card) {
        return search_key(&number(space.id));
    }
    let fields = space.view.space();
    let mut words: Vec<String> = [f::NAME, f::NICKNAME, f::DESCRIPTION, f::NOTE, f::VEHICLE]
        .iter()
        .filter_map(|name| fields.field(name))
        .flat_map(|field| &field.alternatives)
        .filter_map(|alternative| match &alternative.value {
            crate::record::Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    words.extend(fields.place(f::PLACE).and_then(|place| place.landmark.clone()));
    words.push(number(space.id));
    words.push(number(space.id).replace('-', ""));
    search_key(&words.join(" "))
}

fn refresh_referrals(tx: &Transaction<'_>, session: &Session, space: &Space) -> Result<(), AppError> {
    store::remove_referrals(tx, space.id)?;
    let view = &space.view;
    for element in view.list(f::REFERRALS) {
        let fields = view.element(*element);
        let (Some(to), Some(field)) = (fields.unit(f::TO), fields.field(f::TO)) else { continue };
        let Some(from_unit) = field.alternatives.first().map(|alternative| alternative.unit) else { continue };
        let sent = fields.time(f::SENT_AT);
        let risk = fields.risk(f::RISK).unwrap_or(crate::record::Risk::None);
        let due =
            sent.and_then(|sent| pathway::answer_due(sent, risk, &session.protocol)).map(himaya_wire::Stamp::millis);
        let receipts = store::receipts_in(tx, space.id)?;
        let received = receipts.iter().filter(|receipt| receipt.unit == to).map(|receipt| receipt.at.millis()).min();
        let step = fields.step(f::STEP).cloned().unwrap_or(ReferralStep::Draft);
        store::put_referral(
            tx,
            &ReferralRow {
                space: space.id,
                element: *element,
                direction: if from_unit == session.unit() { Direction::Out } else { Direction::In },
                to_unit: to,
                from_unit,
                step: step.number(),
                sent,
                received_at_millis: received,
                seen: step.number() >= ReferralStep::Seen.number(),
                answer_due_millis: due,
                updated: space.updated(),
            },
        )?;
    }
    Ok(())
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
