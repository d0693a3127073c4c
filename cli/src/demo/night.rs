//! The night: rounds, contacts and spottings with no network, the nearest suitable unit at two o'clock, referrals.

use std::time::Instant;

use himaya_core::app::{
    AppError, CallAnswer, ChoiceView, NewCall, NewReferral, NewRound, NewSearch, NewSpotting, Session, SyncOptions,
};
use himaya_core::record::{Need, Risk};
use himaya_wire::{EventId, SpaceId, UnitId, UnitKind};

use super::needles::Needles;
use super::story::{Story, Traffic};
use super::town::Town;
use super::world::World;
use crate::field::from_app;
use crate::output::{Failure, Words};

/// A referral of the night.
pub struct Sent {
    /// The sending unit's place in the town.
    pub unit: usize,
    /// The child's space.
    pub space: SpaceId,
    /// The referral.
    pub referral: EventId,
    /// To whom.
    pub to: UnitId,
}

/// What the night leaves for the morning.
#[derive(Default)]
pub struct Night {
    /// Referrals.
    pub sent: Vec<Sent>,
    /// Captures made, by unit.
    pub captures: Vec<(usize, EventId)>,
}

/// Mobile units' places in the town.
pub fn teams(town: &Town) -> Vec<usize> {
    (0..town.units.len()).filter(|at| town.units[*at].kind == UnitKind::Sas).collect()
}

/// Opens the first worker's session of a unit.
pub fn session(town: &Town, unit: usize) -> Result<Session, Failure> {
    let worker = town.units.get(unit).and_then(|unit| unit.workers.first());
    worker.ok_or_else(|| Failure::failed("demo", "no such unit"))?.unlock()
}

/// Every team starts its round, meets people, spots children. The hub is not there.
pub fn rounds(town: &Town, world: &mut World, needles: &mut Needles, story: &mut Story) -> Result<Night, Failure> {
    let mut night = Night::default();
    let mut saves = Vec::new();
    town.clock.advance_to(21, 30);
    for (number, unit) in teams(town).into_iter().enumerate() {
        let session = session(town, unit)?;
        let vehicle = format!("{} ({number})", world.pick(super::names::VEHICLES));
        needles.text(&vehicle);
        session.start_round(&NewRound { vehicle: Some(vehicle), ..NewRound::default() }).map_err(from_app)?;
        story.rounds += 1;
        for hour in 0..3 {
            let new = world.contact();
            needles.place(&new.place);
            story.contacts += u32::from(new.count);
            session.contact(&new).map_err(from_app)?;
            if hour > 0 {
                let started = Instant::now();
                spot(&session, world, needles, story)?;
                saves.push(micros(started));
            }
        }
        // Half of the teams put the phone in the pocket, locked, and still record one child.
        drop(session);
        if number.is_multiple_of(2) {
            let new = world.spotting();
            note(&new, needles, story);
            let device = &town.units[unit].workers[0].device;
            night.captures.push((unit, device.capture(&new).map_err(from_app)?));
            story.captures += 1;
        }
        town.clock.advance_minutes(11);
    }
    saves.sort_unstable();
    story.save_micros = (saves.get(saves.len() / 2).copied().unwrap_or(0), saves.last().copied().unwrap_or(0));
    Ok(night)
}

fn micros(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn note(new: &NewSpotting, needles: &mut Needles, story: &mut Story) {
    needles.spotting(new);
    story.spottings += 1;
    story.unknown += u32::from(new.name.is_none() && new.nickname.is_none());
}

fn spot(session: &Session, world: &mut World, needles: &mut Needles, story: &mut Story) -> Result<SpaceId, Failure> {
    let new = world.spotting();
    note(&new, needles, story);
    Ok(session.spot(&new).map_err(from_app)?.space)
}

/// Two o'clock: a child who needs a bed now. The nearest units that take this child, with the reasons; a call that
/// nobody answers; a referral. Then every team does the same, without the story.
pub fn two_o_clock(
    town: &Town,
    world: &mut World,
    needles: &mut Needles,
    story: &mut Story,
    night: &mut Night,
    words: &Words,
) -> Result<(), Failure> {
    town.clock.advance_to(2, 0);
    for (number, unit) in teams(town).into_iter().enumerate() {
        let session = session(town, unit)?;
        let mut new = world.spotting();
        new.concerns.extend("street_situation".parse().ok());
        new.concerns.sort();
        new.concerns.dedup();
        note(&new, needles, story);
        let space = session.spot(&new).map_err(from_app)?.space;
        let Some(from) = new.place.point else { continue };
        let search = NewSearch {
            from,
            needs: need("shelter_tonight"),
            age: new.age,
            sex: new.sex,
            risk: new.risk.unwrap_or(Risk::Medium),
            area: Some(super::town::AREA.to_owned()),
            limit: 4,
        };
        let started = Instant::now();
        let mut found = session.nearest(&search, words.core()).map_err(from_app)?;
        story.nearest_micros = story.nearest_micros.max(micros(started));
        if number == 0 {
            story.asked = format!(
                "{} · {}",
                words.term("sex", new.sex.code()),
                new.age.map(|age| age.to_string().replace('~', " ± ")).unwrap_or_default()
            );
            story.nearest = found.clone();
            if let Some(first) = found.chosen.first() {
                let call =
                    NewCall { service: first.service, who: None, answer: CallAnswer::NoAnswer, until_millis: None };
                session.call(Some(space), &call).map_err(from_app)?;
                let silent = first.service;
                found = session.nearest(&search, words.core()).map_err(from_app)?;
                story.after_call = found.chosen.first().map(|choice| choice.name_fr.clone());
                let moved = found.chosen.first().is_none_or(|choice| choice.service != silent);
                story.check("a call that nobody answered moves the unit down at once", moved);
            }
        }
        let taker =
            found.chosen.iter().find_map(|choice: &ChoiceView| choice.unit).filter(|to| *to != town.units[unit].id);
        let Some(to) = taker else { continue };
        let text = format!("arrive dans une demi-heure, équipe {number}");
        needles.text(&text);
        let referral = NewReferral { to, needs: search.needs.clone(), note: Some(text) };
        let referral = session.refer(space, &referral).map_err(from_app)?;
        night.sent.push(Sent { unit, space, referral: referral.referral, to });
        story.referrals += 1;
    }
    story.check("every search at 02:00 answered with reasons", !story.nearest.chosen.is_empty() && reasoned(story));
    Ok(())
}

fn reasoned(story: &Story) -> bool {
    let all = story.nearest.chosen.iter().chain(&story.nearest.passed_over);
    all.into_iter().all(|choice| !choice.reasons.is_empty())
}

/// A need by its code.
pub fn need(code: &str) -> Vec<Need> {
    code.parse().into_iter().collect()
}

/// Every phone tries to send and is told that everything is kept.
pub fn no_network(town: &Town, story: &mut Story) -> Result<(), Failure> {
    let mut kept = true;
    for unit in teams(town) {
        let device = &town.units[unit].workers[0].device;
        let before = device.status_locked().map_err(from_app)?.unsent;
        kept &= matches!(device.sync(SyncOptions::default()), Err(AppError::Offline));
        kept &= device.status_locked().map_err(from_app)?.unsent == before && before > 0;
        story.offline_tries += 1;
        story.waiting += before;
    }
    story.check("with no network every phone says \"kept, sent later\" and keeps everything", kept);
    Ok(())
}

/// The network is back, the phones are locked in their pockets: outboxes leave, receipts come.
pub fn pockets(town: &Town, story: &mut Story, night: &Night) -> Result<(), Failure> {
    town.clock.advance_to(2, 40);
    let teams = teams(town);
    let sync = |unit: usize, traffic: &mut Traffic| -> Result<(), Failure> {
        for worker in &town.units[unit].workers {
            traffic.add(worker.device.sync(SyncOptions::default()).map_err(from_app)?);
        }
        Ok(())
    };
    let mut traffic = Traffic::default();
    for unit in &teams {
        sync(*unit, &mut traffic)?;
    }
    story.locked = traffic;
    // The receiving devices sign receipts, locked too; the next exchange of each team brings them back.
    let mut rest = Traffic::default();
    for unit in (0..town.units.len()).filter(|unit| !teams.contains(unit)) {
        sync(unit, &mut rest)?;
    }
    for unit in &teams {
        sync(*unit, &mut rest)?;
    }
    story.all.add_all(story.locked);
    story.all.add_all(rest);
    let mut left = 0;
    for worker in town.workers() {
        left += worker.device.status_locked().map_err(from_app)?.unsent;
    }
    story.check("locked phones delivered every record; none was refused", left == 0 && story.locked.refused == 0);
    for sent in &night.sent {
        let view = session(town, sent.unit)?.referral(sent.space, sent.referral).map_err(from_app)?;
        story.receipts += u32::from(view.received_millis.is_some());
    }
    let all = u32::try_from(night.sent.len()).unwrap_or(u32::MAX);
    story.check("each referral came back as ◑ arrived, before anybody unlocked", story.receipts == all && all > 0);
    Ok(())
}

/// One spotting more, to weigh it: the phone has nothing else to say.
pub fn weigh_one(town: &Town, world: &mut World, needles: &mut Needles, story: &mut Story) -> Result<(), Failure> {
    let Some(unit) = teams(town).last().copied() else { return Ok(()) };
    let session = session(town, unit)?;
    session.sync(SyncOptions::default()).map_err(from_app)?;
    spot(&session, world, needles, story)?;
    let report = town.units[unit].workers[0].device.sync(SyncOptions::default()).map_err(from_app)?;
    story.one = (report.requests, report.bytes_out, report.bytes_in, report.sent);
    story.all.add(report);
    let light = report.requests == 1 && report.bytes_out < 2_000;
    story.check("one spotting with its keys, grants and card is one request under 2,000 bytes", light);
    Ok(())
}
