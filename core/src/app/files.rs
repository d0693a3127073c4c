//! Files: opened, shown, listed, searched, edited, settled.

use himaya_wire::{EventId, SpaceId, UnitKind};

use super::error::AppError;
use super::save::Draft;
use super::session::Session;
use super::space::{Space, number};
use super::spottings::{TEXT_BYTES, link_to};
use super::views::{AlternativeView, FieldLineView, FileView, LineView, Whereabouts};
use crate::matching::search_key;
use crate::record::{
    Age, Code, Concern, Field, FieldView, ReferralStep, Risk, Sex, SpaceKind, Stage, Value, View, build, fields as f,
};
use crate::store::{self, Filter, ListedRow};

/// What a list shows.
#[derive(Clone, Debug)]
pub struct ListFilter {
    /// Kinds; empty is every child and round.
    pub kinds: Vec<SpaceKind>,
    /// Most lines.
    pub limit: usize,
}

impl Default for ListFilter {
    fn default() -> Self {
        Self { kinds: vec![SpaceKind::Case, SpaceKind::Spotting, SpaceKind::Round], limit: 50 }
    }
}

/// How a conflict is settled.
#[derive(Clone, Debug)]
pub enum Settle {
    /// By one of the answers.
    Keep(EventId),
    /// By another.
    Write(String),
}

impl Session {
    /// Opens a child's file from a spotting that this unit holds. Once: the second time gives the same file.
    pub fn open_file(&self, spotting: SpaceId) -> Result<LineView, AppError> {
        if self.unit_kind() == UnitKind::Sas {
            return Err(AppError::refused("unit", "error-unit-opens-no-files"));
        }
        let guard = self.writing_guard();
        let child = self.space(spotting)?;
        if child.kind()? != SpaceKind::Spotting {
            return Err(AppError::refused("space", "error-not-a-spotting"));
        }
        if let Some(case) = self.case_of(spotting)? {
            return self.line(case);
        }
        let case = SpaceId::make_random();
        let mut acts = build::open_case(
            &View::default(),
            &child.view,
            self.unit(),
            Some(EventId::from_bytes(*spotting.as_bytes())),
        );
        if let Some(card) = super::project::link(&child.view, f::CARD) {
            acts.extend(build::Draft::new(&View::default()).set(f::CARD, link_to(card)).finish());
        }
        self.save_guarded(&[Draft::new(case, SpaceKind::Case, acts)])?;
        drop(guard);
        self.line(case)
    }

    fn case_of(&self, spotting: SpaceId) -> Result<Option<SpaceId>, AppError> {
        let filter = Filter { kinds: vec![SpaceKind::Case as u8], subject: Some(spotting), ..Filter::default() };
        Ok(self.store.read(|read| store::newest(read, &filter, 1, None))?.first().map(|row| row.row.space))
    }

    /// Newest lines first.
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<LineView>, AppError> {
        let wanted = Filter { kinds: filter.kinds.iter().map(|kind| *kind as u8).collect(), ..Filter::default() };
        let limit = filter.limit.clamp(1, 10_000);
        self.store.read_with(|read| {
            let rows = store::newest(read, &wanted, limit, None)?;
            rows.iter().map(|row| line_of(read, row)).collect()
        })
    }

    /// Files and rounds whose words begin with what was typed, newest first.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<LineView>, AppError> {
        if text.len() > TEXT_BYTES {
            return Err(AppError::refused("text", "error-too-long"));
        }
        self.store.read_with(|read| {
            let rows = store::search(read, &search_key(text), limit.clamp(1, 1_000))?;
            rows.iter()
                .filter(|row| row.row.kind != SpaceKind::Card as u8 && row.row.kind != SpaceKind::Commons as u8)
                .map(|row| line_of(read, row))
                .collect()
        })
    }

    /// One line.
    pub fn line(&self, space: SpaceId) -> Result<LineView, AppError> {
        self.store.read_with(|read| {
            let row = store::by_space(read, space)?.ok_or(AppError::NotFound("file"))?;
            line_of(read, &row)
        })
    }

    /// A space by its number or the beginning of its id.
    pub fn find(&self, text: &str) -> Result<SpaceId, AppError> {
        let typed: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        if typed.len() < 4 || typed.len() > 64 {
            return Err(AppError::refused("number", "error-number"));
        }
        let upper = typed.to_ascii_uppercase();
        let lower = typed.to_ascii_lowercase();
        let spaces = self.store.read(store::spaces)?;
        let mut fitting = spaces.into_iter().filter(|space| {
            number(*space).replace('-', "").starts_with(&upper) || space.to_string().starts_with(&lower)
        });
        match (fitting.next(), fitting.next()) {
            (Some(space), None) => Ok(space),
            (Some(_), Some(_)) => Err(AppError::Ambiguous("number")),
            (None, _) => Err(AppError::NotFound("file")),
        }
    }

    /// A file, spotting, card or round, whole. Marks it as looked at.
    pub fn show(&self, space: SpaceId) -> Result<FileView, AppError> {
        let file = self.space(space)?;
        file.kind()?;
        self.store.write(|tx| store::mark_read(tx, space))?;
        self.file_view(&file)
    }

    fn file_view(&self, file: &Space) -> Result<FileView, AppError> {
        let view = &file.view;
        let referrals = view.list(f::REFERRALS).iter();
        Ok(FileView {
            line: self.line(file.id)?,
            fields: view.fields.iter().map(|(field, value)| field_line(field, value)).collect(),
            referrals: referrals.map(|referral| self.referral_view(file, *referral)).collect::<Result<_, _>>()?,
            set_aside: count(view.set_aside.len()),
            not_understood: count(view.unknown.len()),
            missing: count(view.missing_parents.len()),
            holders: file.holders.units.iter().copied().collect(),
        })
    }

    /// Writes a field from text, in place of what this worker sees there. An empty text empties it.
    pub fn edit(
        &self,
        space: SpaceId,
        field: &str,
        element: Option<EventId>,
        text: &str,
    ) -> Result<FileView, AppError> {
        let guard = self.writing_guard();
        let file = self.space(space)?;
        let field = named_field(field, element)?;
        let value = parse_value(&file.view, &field, text)?;
        let acts = build::Draft::new(&file.view).set_field(field, value).finish();
        self.save_guarded(&[Draft::new(space, file.kind()?, acts)])?;
        drop(guard);
        self.file_view(&*self.space(space)?)
    }

    /// Settles a field that has two answers.
    pub fn settle(
        &self,
        space: SpaceId,
        field: &str,
        element: Option<EventId>,
        choice: Settle,
    ) -> Result<FileView, AppError> {
        let guard = self.writing_guard();
        let file = self.space(space)?;
        let field = named_field(field, element)?;
        let known = file.view.fields.get(&field).filter(|known| known.conflict);
        let known = known.ok_or(AppError::refused("field", "error-no-conflict"))?;
        let value = match choice {
            Settle::Keep(event) => {
                let kept = known.alternatives.iter().find(|alternative| alternative.event == event);
                kept.ok_or(AppError::NotFound("answer"))?.value.clone()
            }
            Settle::Write(text) => parse_value(&file.view, &field, &text)?,
        };
        let act = build::settle(&file.view, &field, value);
        self.save_guarded(&[Draft::new(space, file.kind()?, vec![act])])?;
        drop(guard);
        self.file_view(&*self.space(space)?)
    }
}

fn line_of(read: &rusqlite::Connection, listed: &ListedRow) -> Result<LineView, AppError> {
    let row = &listed.row;
    let kind = crate::record::SpaceKind::of_number(row.kind).ok_or(AppError::broken("projection-kind"))?;
    let pick = |list: &[Risk], number: Option<u8>| number.and_then(|number| list.get(usize::from(number)).copied());
    let whereabouts = if store::has_unconfirmed(read, row.space)? {
        Whereabouts::OnThisPhone
    } else {
        let referrals = store::referrals_in(read, row.space)?;
        if referrals.iter().any(|referral| referral.seen) {
            Whereabouts::Seen
        } else if referrals.iter().any(|referral| referral.received_at_millis.is_some()) {
            Whereabouts::Arrived
        } else {
            Whereabouts::Sent
        }
    };
    Ok(LineView {
        space: row.space,
        kind,
        number: number(row.space),
        title: row.title.clone(),
        risk: pick(Risk::ALL, row.risk),
        stage: row.stage.and_then(|stage| Stage::ALL.get(usize::from(stage)).copied()),
        sex: row.sex.and_then(|sex| Sex::ALL.get(usize::from(sex)).copied()),
        updated_millis: row.updated.millis(),
        created_millis: row.created.millis(),
        conflicts: row.conflicts,
        whereabouts,
    })
}

fn field_line(field: &Field, value: &FieldView) -> FieldLineView {
    FieldLineView {
        field: field.name.as_str().to_owned(),
        element: field.element,
        text: value_text(&value.value),
        alternatives: value
            .alternatives
            .iter()
            .map(|alternative| AlternativeView {
                event: alternative.event,
                text: value_text(&alternative.value),
                author: alternative.author,
                unit: alternative.unit,
                at_millis: alternative.stamp.millis(),
            })
            .collect(),
        conflict: value.conflict,
    }
}

fn named_field(name: &str, element: Option<EventId>) -> Result<Field, AppError> {
    let known = f::ALL.contains(&name) && !matches!(name, f::STEP | f::PROFILE | f::CARD | f::FROM);
    if !known {
        return Err(AppError::refused("field", "error-field"));
    }
    Ok(Field { element, name: name.parse::<Code>()? })
}

/// Reads what a worker typed as the kind of value that the field holds.
fn parse_value(view: &View, field: &Field, text: &str) -> Result<Value, AppError> {
    if text.len() > TEXT_BYTES {
        return Err(AppError::refused("text", "error-too-long"));
    }
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Empty);
    }
    Ok(match field.name.as_str() {
        f::RISK => Value::Risk(trimmed.parse()?),
        f::STAGE => Value::Stage(trimmed.parse()?),
        f::SEX => Value::Sex(trimmed.parse()?),
        f::AGE => Value::Age(trimmed.parse::<Age>()?),
        f::CONCERNS => {
            let concerns = trimmed.split([',', ' ']).filter(|code| !code.is_empty()).map(str::parse::<Concern>);
            let concerns = concerns.collect::<Result<Vec<_>, _>>()?;
            Value::Codes(concerns.iter().map(|concern| concern.as_str().parse()).collect::<Result<_, _>>()?).in_order()
        }
        f::PLACE => {
            let known = view.space().place(f::PLACE).cloned().unwrap_or_default();
            Value::Place(crate::record::Place { landmark: Some(trimmed.to_owned()), ..known })
        }
        f::DANGER | f::IDENTITY_UNKNOWN => match trimmed {
            "yes" | "true" => Value::Flag(true),
            "no" | "false" => Value::Flag(false),
            _ => return Err(AppError::refused("flag", "error-not-valid")),
        },
        f::NAME | f::NICKNAME | f::DESCRIPTION | f::NOTE | f::VEHICLE | f::WHO => Value::Text(trimmed.to_owned()),
        _ => return Err(AppError::refused("field", "error-field")),
    })
}

/// A value in plain text: what scripts read. Screens say it in the reader's language by its code.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Code(code) => code.to_string(),
        Value::Codes(codes) => codes.iter().map(Code::as_str).collect::<Vec<_>>().join(" "),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Age(age) => age.to_string(),
        Value::Sex(sex) => sex.to_string(),
        Value::Risk(risk) => risk.to_string(),
        Value::Stage(stage) => stage.to_string(),
        Value::Place(place) => {
            let point = place.point.map(|point| format!("{:.5}, {:.5}", point.lat_deg(), point.lon_deg()));
            let age = place.fix_age_s.map(|seconds| format!("{} min", seconds / 60));
            let accuracy = place.accuracy_m.map(|metres| format!("±{metres} m"));
            [place.landmark.clone(), point, accuracy, age].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        Value::Time(stamp) => chrono::DateTime::from_timestamp_millis(stamp.millis())
            .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            .unwrap_or_default(),
        Value::Unit(unit) => unit.to_string(),
        Value::Member(member) => member.to_string(),
        Value::Event(event) => event.to_string(),
        Value::Step(step) => match step {
            ReferralStep::Declined(reason) => format!("{} {reason}", step.code()),
            ReferralStep::Redirected { reason, to } => format!("{} {reason} {to}", step.code()),
            step => step.code().to_owned(),
        },
        Value::Part(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
