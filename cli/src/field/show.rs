//! Lines, files and referrals on a page. Where a thing is: always one of four words with its sign.

use chrono::DateTime;
use chrono_tz::Africa::Casablanca;
use himaya_core::app::{FieldLineView, FileView, LineView, ReferralView, Session, Whereabouts};
use himaya_core::record::{ReferralStep, Risk};
use himaya_wire::UnitId;

use crate::args::Lang;
use crate::output::{Cell, Page, Tone, Words};

/// A moment on the clock on the wall in Morocco.
pub fn time(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis)
        .map_or_else(|| "–".to_owned(), |utc| utc.with_timezone(&Casablanca).format("%Y-%m-%d %H:%M").to_string())
}

/// A unit by its name in the guide, or the beginning of its id.
pub fn unit_name(words: &Words, session: &Session, unit: UnitId) -> String {
    let guide = session.guide().ok();
    let services = guide.as_ref().map(|guide| guide.services()).unwrap_or_default();
    let named = services.iter().find(|service| service.profile.unit == Some(unit));
    match named {
        Some(service) if words.lang() == Lang::Ar => words.isolate(service.profile.name_ar.as_str()),
        Some(service) => words.isolate(service.profile.name_fr.as_str()),
        None => unit.to_string().chars().take(8).collect(),
    }
}

/// Name, nickname or description; of a child of whom nothing is known, that.
pub fn who(words: &Words, title: &str) -> String {
    if title.is_empty() { words.say("who-unknown", &[]) } else { words.isolate(title) }
}

fn risk(words: &Words, risk: Option<Risk>) -> Cell {
    match risk {
        None => Cell::quiet("–"),
        Some(risk @ Risk::Danger) => Cell::new(Tone::Danger, format!("‼ {}", words.term("risk", risk.code()))),
        Some(risk @ Risk::High) => Cell::new(Tone::Warn, format!("! {}", words.term("risk", risk.code()))),
        Some(risk) => Cell::plain(words.term("risk", risk.code())),
    }
}

fn whereabouts(words: &Words, whereabouts: Whereabouts) -> Cell {
    let key = match whereabouts {
        Whereabouts::OnThisPhone => "where-on-phone",
        Whereabouts::Sent => "where-sent",
        Whereabouts::Arrived => "where-arrived",
        Whereabouts::Seen => "where-seen",
    };
    Cell::plain(format!("{} {}", whereabouts.sign(), words.say(key, &[])))
}

/// Lines of a list.
pub fn lines(words: &Words, page: &mut Page, lines: &[LineView]) {
    let row = |line: &LineView| {
        let title = match line.conflicts {
            0 => who(words, &line.title),
            _ => format!("{} ⚠ {}", who(words, &line.title), words.say("two-answers", &[])),
        };
        [
            Cell::quiet(line.number.clone()),
            Cell::plain(words.say(&format!("kind-{}", line.kind.code()), &[])),
            Cell::plain(title),
            risk(words, line.risk),
            Cell::plain(line.stage.map_or_else(|| "–".to_owned(), |stage| words.term("stage", stage.code()))),
            Cell::plain(time(line.updated_millis)),
            whereabouts(words, line.whereabouts),
        ]
    };
    let headings = ["head-number", "head-kind", "head-who", "head-risk", "head-stage", "head-when", "head-where"];
    page.table(headings.map(|key| words.say(key, &[])), lines.iter().map(row).collect());
}

/// Referrals, one line each; not arrived after ten minutes turns the line to "call".
pub fn referrals(words: &Words, page: &mut Page, session: &Session, referrals: &[ReferralView]) {
    let row = |one: &ReferralView| {
        let id: String = one.referral.to_string().chars().take(8).collect();
        let other = if one.outgoing { one.to } else { one.from };
        let needs: Vec<String> = one.needs.iter().map(|need| words.term("need", need.as_str())).collect();
        let place = if one.not_arrived_call {
            Cell::new(Tone::Warn, format!("! {}", words.say("where-not-arrived", &[])))
        } else {
            whereabouts(words, one.whereabouts)
        };
        [
            Cell::quiet(id),
            Cell::plain(who(words, &one.title)),
            Cell::plain(unit_name(words, session, other)),
            Cell::plain(needs.join(", ")),
            risk(words, one.risk),
            step(words, one),
            Cell::plain(time(one.answer_due_millis)),
            place,
        ]
    };
    let headings =
        ["head-number", "head-who", "head-unit", "head-needs", "head-risk", "head-answer", "head-due", "head-where"];
    page.table(headings.map(|key| words.say(key, &[])), referrals.iter().map(row).collect());
}

fn step(words: &Words, referral: &ReferralView) -> Cell {
    let said = words.say(&format!("step-{}", referral.step.code()), &[]);
    let text = match &referral.step {
        ReferralStep::Declined(reason) | ReferralStep::Redirected { reason, .. } => {
            format!("{said} ({})", words.term("decline_reason", reason.as_str()))
        }
        _ => said,
    };
    match &referral.step {
        _ if referral.conflict => Cell::new(Tone::Warn, format!("⚠ {text}")),
        ReferralStep::Accepted | ReferralStep::Arrived | ReferralStep::ServiceGiven => Cell::new(Tone::Good, text),
        _ => Cell::plain(text),
    }
}

/// A file whole: its line, its fields, what needs a decision, its referrals, who holds it.
pub fn file(words: &Words, page: &mut Page, session: &Session, file: &FileView) {
    lines(words, page, std::slice::from_ref(&file.line));
    page.gap();
    // Links to other spaces are for programs.
    let links = ["card", "from", "subject"];
    let shown = file
        .fields
        .iter()
        .filter(|field| !field.conflict && field.element.is_none() && !links.contains(&field.field.as_str()));
    let row = |field: &FieldLineView| {
        [Cell::quiet(field_name(words, &field.field)), Cell::plain(words.isolate(&field_text(words, session, field)))]
    };
    page.table([words.say("head-field", &[]), String::new()], shown.map(row).collect());
    for field in file.fields.iter().filter(|field| field.conflict) {
        let question = field_name(words, &field.field);
        page.heading(&format!("⚠ {}", words.say("conflict", &[("field", question.into())])));
        for answer in &field.alternatives {
            let id: String = answer.event.to_string().chars().take(8).collect();
            let unit = unit_name(words, session, answer.unit);
            let quiet = page.paint(Tone::Quiet, &format!("{id} · {} · {unit}", time(answer.at_millis)));
            page.line(&format!("  {}  {quiet}", words.isolate(&answer.text)));
        }
        page.note(&words.say("conflict-settle", &[]));
    }
    if !file.referrals.is_empty() {
        page.heading(&words.say("file-referrals", &[]));
        referrals(words, page, session, &file.referrals);
    }
    page.gap();
    let holders: Vec<String> = file.holders.iter().map(|unit| unit_name(words, session, *unit)).collect();
    page.pair(&words.say("file-holders", &[]), &holders.join(", "));
    for (key, count) in [
        ("file-missing", file.missing),
        ("file-set-aside", file.set_aside),
        ("file-not-understood", file.not_understood),
    ] {
        if count > 0 {
            page.warn(&words.say(key, &[("count", i64::from(count).into())]));
        }
    }
}

fn field_name(words: &Words, field: &str) -> String {
    words.try_say(&format!("field-{field}")).unwrap_or_else(|| field.to_owned())
}

fn field_text(words: &Words, session: &Session, field: &FieldLineView) -> String {
    let list = match field.field.as_str() {
        "concerns" => "concern",
        "needs" => "need",
        "sex" => "sex",
        "risk" => "risk",
        "stage" => "stage",
        "owner" => {
            return field.text.parse().map_or_else(|_| field.text.clone(), |unit| unit_name(words, session, unit));
        }
        "at" | "started" | "ended" | "deadline" => {
            let moment = chrono::DateTime::parse_from_rfc3339(&field.text);
            return moment.map_or_else(|_| field.text.clone(), |moment| time(moment.timestamp_millis()));
        }
        "danger" | "identity_unknown" => {
            return words.try_say(&format!("flag-{}", field.text)).unwrap_or_else(|| field.text.clone());
        }
        _ => return field.text.clone(),
    };
    field.text.split(' ').map(|code| words.term(list, code)).collect::<Vec<_>>().join(", ")
}
