//! The morning: units answer, teams learn it, files are opened, two workers edit one file, the centre looks at the board.

use himaya_core::app::{NewAnswer, NewHandover, NewReferral, Settle, SyncOptions};
use himaya_core::record::{DeclineReason, ReferralStep};
use himaya_wire::{SpaceId, UnitId, UnitKind};

use super::needles::Needles;
use super::night::{Night, need, session, teams};
use super::story::{ConflictStory, Story};
use super::town::Town;
use crate::field::from_app;
use crate::output::Failure;

fn sync(town: &Town, unit: usize, story: &mut Story) -> Result<(), Failure> {
    let report = session(town, unit)?.sync(SyncOptions::default()).map_err(from_app)?;
    story.all.add(report);
    Ok(())
}

fn place_of(town: &Town, unit: UnitId) -> Result<usize, Failure> {
    let at = town.units.iter().position(|one| one.id == unit);
    at.ok_or_else(|| Failure::failed("demo", "a referral went to a unit that is not there"))
}

/// Units answer: most accept, one in five declines, one in five sends on, the last does not answer.
pub fn answers(town: &Town, story: &mut Story, night: &Night) -> Result<(), Failure> {
    town.clock.advance_to(6, 30);
    let full: DeclineReason = "full".parse().map_err(|_| Failure::failed("demo", "reason"))?;
    let last = night.sent.len().saturating_sub(1);
    let mut arrived = true;
    for (number, sent) in night.sent.iter().enumerate() {
        let at = place_of(town, sent.to)?;
        let desk = session(town, at)?;
        arrived &= desk.inbox().map_err(from_app)?.iter().any(|one| one.referral == sent.referral);
        if number == last {
            story.answers.3 += 1;
            continue;
        }
        desk.answer(sent.referral, NewAnswer::Seen).map_err(from_app)?;
        let answer = match number % 5 {
            3 => {
                story.answers.1 += 1;
                NewAnswer::Decline(full.clone())
            }
            4 => {
                let others = town.of(UnitKind::Upe).filter(|unit| unit.id != sent.to);
                let to = others.map(|unit| unit.id).last().unwrap_or(sent.to);
                story.answers.2 += 1;
                NewAnswer::Redirect { reason: full.clone(), to }
            }
            _ => {
                story.answers.0 += 1;
                NewAnswer::Accept
            }
        };
        desk.answer(sent.referral, answer).map_err(from_app)?;
    }
    story.check("every referral stood in the inbox of its unit", arrived);
    for unit in (0..town.units.len()).filter(|at| town.units[*at].kind != UnitKind::Sas) {
        sync(town, unit, story)?;
    }
    Ok(())
}

/// Teams unlock: they read the answers, claim what the lock screen took, hand children over, refer on, end the round.
pub fn teams_read(town: &Town, needles: &mut Needles, story: &mut Story, night: &Night) -> Result<(), Failure> {
    town.clock.advance_to(7, 0);
    let mut told = 0;
    for unit in teams(town) {
        let team = session(town, unit)?;
        story.all.add(team.sync(SyncOptions::default()).map_err(from_app)?);
        for capture in team.captures().map_err(from_app)? {
            team.claim(capture.capture).map_err(from_app)?;
            story.claimed += 1;
        }
        for sent in night.sent.iter().filter(|sent| sent.unit == unit) {
            let view = team.referral(sent.space, sent.referral).map_err(from_app)?;
            match view.step {
                ReferralStep::Accepted => {
                    told += 1;
                    let name = town.named(sent.to).map(|unit| unit.name_fr.clone()).unwrap_or_default();
                    let to_whom = format!("éducatrice de garde, {name}");
                    needles.text(&to_whom);
                    let receipt = Some(format!("R-{:04}", told * 37 + 1000));
                    let new = NewHandover { to_whom, unit: Some(sent.to), receipt };
                    team.handover(sent.space, &new).map_err(from_app)?;
                    story.handovers += 1;
                }
                ReferralStep::Redirected { to, .. } => {
                    told += 1;
                    let new = NewReferral { to, needs: need("shelter_tonight"), note: None };
                    team.refer(sent.space, &new).map_err(from_app)?;
                    story.second_referrals += 1;
                }
                ReferralStep::Declined(_) => told += 1,
                _ => {}
            }
        }
        team.end_round(None).map_err(from_app)?;
        story.all.add(team.sync(SyncOptions::default()).map_err(from_app)?);
    }
    let answered = story.answers.0 + story.answers.1 + story.answers.2;
    story.check("every answer reached the team that asked", told == answered);
    story.check("every write-only capture was claimed by its crew", story.claimed == story.captures);
    Ok(())
}

/// Units receive the children: arrivals, files opened, those sent on accepted too.
pub fn files(town: &Town, story: &mut Story) -> Result<(), Failure> {
    town.clock.advance_to(9, 0);
    for unit in (0..town.units.len()).filter(|at| town.units[*at].kind == UnitKind::Upe) {
        let desk = session(town, unit)?;
        story.all.add(desk.sync(SyncOptions::default()).map_err(from_app)?);
        let mut waiting = 0;
        for referral in desk.inbox().map_err(from_app)? {
            match referral.step {
                ReferralStep::Accepted => {}
                // Sent on to this unit in the night's second turn.
                ReferralStep::Sent if waiting < story.second_referrals && is_second(&referral) => {
                    waiting += 1;
                    desk.answer(referral.referral, NewAnswer::Accept).map_err(from_app)?;
                }
                _ => continue,
            }
            desk.answer(referral.referral, NewAnswer::Arrived).map_err(from_app)?;
            desk.open_file(referral.space).map_err(from_app)?;
            story.files += 1;
        }
        story.all.add(desk.sync(SyncOptions::default()).map_err(from_app)?);
    }
    for unit in teams(town) {
        sync(town, unit, story)?;
    }
    let expected = story.answers.0 + story.second_referrals;
    story.check(
        "each accepted child has a file at the unit that took the child",
        story.files == expected && expected > 0,
    );
    Ok(())
}

/// Second referrals were sent in the morning, the night's before three.
fn is_second(referral: &himaya_core::app::ReferralView) -> bool {
    let sent = chrono::DateTime::from_timestamp_millis(referral.sent_millis).unwrap_or_default();
    sent.format("%H:%M").to_string().as_str() > "05:00"
}

/// Two workers of one unit edit one file, neither seeing the other. All merges by itself but one question.
pub fn two_workers(town: &Town, needles: &mut Needles, story: &mut Story) -> Result<(), Failure> {
    town.clock.advance_to(10, 30);
    let failed = || Failure::failed("demo", "no unit with two workers");
    let unit = town.units.iter().find(|unit| unit.workers.len() == 2).ok_or_else(failed)?;
    let (first, second) = (unit.workers[0].unlock()?, unit.workers[1].unlock()?);
    for worker in [&first, &second] {
        story.all.add(worker.sync(SyncOptions::default()).map_err(from_app)?);
    }
    let file = file_of(&first)?;
    // Both offline: nothing is sent until both have written.
    let answers = ["veut voir sa tante avant toute décision", "تريد الكلام مع أختها أولا"];
    for text in answers.into_iter().chain(["Warda Sghira", "حذاء جديد ومعطف من المركز"]) {
        needles.text(text);
    }
    let edit = |worker: &himaya_core::app::Session, field, text| worker.edit(file, field, None, text).map_err(from_app);
    edit(&first, "note", answers[0])?;
    edit(&first, "nickname", "Warda Sghira")?;
    town.clock.advance_minutes(4);
    edit(&second, "note", answers[1])?;
    edit(&second, "description", "حذاء جديد ومعطف من المركز")?;
    for worker in [&first, &second, &first] {
        story.all.add(worker.sync(SyncOptions::default()).map_err(from_app)?);
    }
    let (seen, same) = (first.show(file).map_err(from_app)?, second.show(file).map_err(from_app)?);
    let text = |field: &str| seen.fields.iter().find(|line| line.field == field && line.element.is_none());
    let conflict = text("note").ok_or_else(failed)?;
    let kept: Vec<String> = conflict.alternatives.iter().map(|answer| answer.text.clone()).collect();
    let merged = [("nickname", "Warda Sghira"), ("description", "حذاء جديد ومعطف من المركز")];
    let merged = merged.iter().filter(|(field, value)| text(field).is_some_and(|line| line.text == *value)).count();
    let both = conflict.conflict && answers.iter().all(|answer| kept.iter().any(|one| one == answer));
    let agree = serde_json::to_string(&seen.fields).ok() == serde_json::to_string(&same.fields).ok();
    story.check("two workers edited one file apart: all merged, one question kept both answers", both && merged == 2);
    story.check("both devices show the file alike", agree);
    let settled = "veut parler à sa sœur, puis à sa tante / تريد الكلام مع أختها ثم خالتها";
    needles.text(settled);
    first.settle(file, "note", None, Settle::Write(settled.to_owned())).map_err(from_app)?;
    for worker in [&first, &second] {
        story.all.add(worker.sync(SyncOptions::default()).map_err(from_app)?);
    }
    let after = second.show(file).map_err(from_app)?;
    let done = after.fields.iter().any(|line| line.field == "note" && !line.conflict && line.text == settled);
    story.check("the conflict was settled by a worker, and the colleague's device knows it", done);
    story.conflict = ConflictStory {
        number: seen.line.number.clone(),
        field: "note".to_owned(),
        answers: kept,
        merged,
        settled: settled.to_owned(),
    };
    Ok(())
}

fn file_of(session: &himaya_core::app::Session) -> Result<SpaceId, Failure> {
    let filter = himaya_core::app::ListFilter { kinds: vec![himaya_core::record::SpaceKind::Case], limit: 1 };
    let lines = session.list(&filter).map_err(from_app)?;
    lines.first().map(|line| line.space).ok_or_else(|| Failure::failed("demo", "the unit has no file"))
}

/// The centre's board, from cards alone; and every projection derived anew.
pub fn board(town: &Town, story: &mut Story) -> Result<himaya_core::report::Board, Failure> {
    let centre = session(town, 0)?;
    story.all.add(centre.sync(SyncOptions::default()).map_err(from_app)?);
    let board = centre.board().map_err(from_app)?;
    story.cards = board.cells.values().map(|cell| cell.count).sum();
    story.board = crate::field::board_json(&board);
    story.check(
        "the centre has one card for each child spotted, and no file",
        story.cards == u64::from(story.spottings),
    );
    let mut identical = true;
    for worker in town.workers().step_by(5) {
        identical &= worker.unlock()?.rebuild().map_err(from_app)?.identical;
    }
    story.check("lists and search, derived anew from the log, come out the same", identical);
    Ok(board)
}
