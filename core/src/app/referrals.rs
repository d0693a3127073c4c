//! Referrals: sent, answered, told back; calls and handovers beside them.

use himaya_wire::{EventId, SpaceId, Stamp, UnitId};

use super::error::AppError;
use super::save::Draft;
use super::session::Session;
use super::space::Space;
use super::spottings::TEXT_BYTES;
use super::views::{CallAnswer, NewAnswer, NewCall, NewHandover, NewReferral, ReferralView, Whereabouts};
use crate::directory::{Status, StatusKind};
use crate::pathway;
use crate::record::{Need, ReferralStep, Risk, SpaceKind, Stage, build, fields as f};
use crate::store::{self, Direction};

/// Without a receipt after this long, the sender reads "not arrived, call".
const NOT_ARRIVED_AFTER_MILLIS: i64 = 10 * 60 * 1000;

impl Session {
    /// Sends a referral: the unit is granted the child's space and the card, and asked to answer.
    pub fn refer(&self, space: SpaceId, new: &NewReferral) -> Result<ReferralView, AppError> {
        if new.needs.is_empty() {
            return Err(AppError::refused("needs", "error-no-need"));
        }
        if new.to == self.unit() {
            return Err(AppError::refused("to", "error-own-unit"));
        }
        check_text(new.note.as_deref())?;
        let guard = self.writing_guard();
        let file = self.child_file(space)?;
        let at = Stamp::at_millis(self.now_millis());
        let referral = EventId::make_random();
        let risk = file.view.space().risk(f::RISK).unwrap_or(Risk::None);
        let sent = build::NewReferral {
            to: new.to,
            service: None,
            needs: new.needs.clone(),
            risk: Some(risk),
            note: new.note.clone(),
            sent_at: Some(at),
        };
        let mut acts = build::referral(&file.view, referral, &sent);
        let moves_on = file.view.space().stage(f::STAGE).is_none_or(|stage| stage <= Stage::Reported);
        if moves_on {
            acts.extend(build::set_stage(&file.view, Stage::Reported, new.to));
        }
        let mut drafts = vec![Draft::new(space, file.kind()?, acts).share([new.to])];
        drafts.extend(
            self.card_draft(&file, moves_on.then_some(Stage::Reported), new.to, risk, at)?
                .map(|draft| draft.share([new.to])),
        );
        self.save_guarded(&drafts)?;
        drop(guard);
        self.referral(space, referral)
    }

    /// Answers a referral that came in, or takes back one that was sent.
    pub fn answer(&self, referral: EventId, answer: NewAnswer) -> Result<ReferralView, AppError> {
        let row = self
            .store
            .read(|read| store::referral_by_element(read, referral))?
            .ok_or(AppError::NotFound("referral"))?;
        let withdraws = matches!(answer, NewAnswer::Withdraw);
        if withdraws && row.from_unit != self.unit() {
            return Err(AppError::refused("referral", "error-only-sender"));
        }
        if !withdraws && row.to_unit != self.unit() {
            return Err(AppError::refused("referral", "error-only-receiver"));
        }
        let guard = self.writing_guard();
        let file = self.space(row.space)?;
        let at = Stamp::at_millis(self.now_millis());
        let accepts = matches!(answer, NewAnswer::Accept);
        let step = step_of(answer);
        let now = file.view.element(referral).step(f::STEP).cloned().unwrap_or(ReferralStep::Draft);
        if !may_follow(&now, &step) {
            return Err(AppError::refused("answer", "error-step"));
        }
        let mut acts = build::referral_step(&file.view, referral, step, at, None);
        let risk = file.view.space().risk(f::RISK).unwrap_or(Risk::None);
        let mut drafts = Vec::new();
        if accepts {
            acts.extend(build::set_stage(&file.view, Stage::Received, self.unit()));
            drafts.extend(self.card_draft(&file, Some(Stage::Received), self.unit(), risk, at)?);
        }
        drafts.insert(0, Draft::new(row.space, file.kind()?, acts));
        self.save_guarded(&drafts)?;
        drop(guard);
        self.referral(row.space, referral)
    }

    /// Records a telephone call: in the child's file if one is named, and in the guide for everyone, where the answer
    /// says that the service is full, closed or silent.
    pub fn call(&self, space: Option<SpaceId>, new: &NewCall) -> Result<(), AppError> {
        check_text(new.who.as_deref())?;
        let guard = self.writing_guard();
        let at = Stamp::at_millis(self.now_millis());
        let until = new.until_millis.map(Stamp::at_millis);
        let mut drafts = Vec::new();
        if let Some(space) = space {
            let file = self.child_file(space)?;
            let call = build::NewCall {
                at,
                unit: None,
                service: Some(new.service),
                who: new.who.clone(),
                answer: new.answer.to_record(),
                until,
                note: None,
            };
            let acts = build::call(&file.view, EventId::make_random(), &call);
            drafts.push(Draft::new(space, file.kind()?, acts));
        }
        let (commons, guide) = self.commons_of(new.service)?;
        let status = Status { what: new.answer.to_status(), until, told_at: at };
        let part = build::ServicePart::Status(himaya_wire::encode(&status, "status")?);
        drafts.push(Draft::new(commons, SpaceKind::Commons, build::service(&guide.view, new.service, vec![part])));
        self.save_guarded(&drafts)?;
        drop(guard);
        Ok(())
    }

    /// Records that the child was handed over, with the receipt.
    pub fn handover(&self, space: SpaceId, new: &NewHandover) -> Result<(), AppError> {
        check_text(Some(&new.to_whom))?;
        check_text(new.receipt.as_deref())?;
        if new.to_whom.trim().is_empty() {
            return Err(AppError::refused("to_whom", "error-required"));
        }
        let _guard = self.writing_guard();
        let file = self.child_file(space)?;
        let handover = build::NewHandover {
            at: Stamp::at_millis(self.now_millis()),
            unit: new.unit,
            who: new.to_whom.clone(),
            code: new.receipt.clone(),
            note: None,
        };
        let acts = build::handover(&file.view, EventId::make_random(), &handover);
        self.save_guarded(&[Draft::new(space, file.kind()?, acts)])?;
        Ok(())
    }

    /// Referrals to this unit, newest first.
    pub fn inbox(&self) -> Result<Vec<ReferralView>, AppError> {
        self.referrals_by(Direction::In)
    }

    /// Referrals by this unit, newest first.
    pub fn sent(&self) -> Result<Vec<ReferralView>, AppError> {
        self.referrals_by(Direction::Out)
    }

    fn referrals_by(&self, direction: Direction) -> Result<Vec<ReferralView>, AppError> {
        let rows = self.store.read(|read| store::referrals(read, direction, &[], 1_000))?;
        let to_us = rows.into_iter().filter(|row| match direction {
            Direction::In => row.to_unit == self.unit(),
            Direction::Out => row.from_unit == self.unit(),
        });
        to_us.map(|row| self.referral(row.space, row.element)).collect()
    }

    /// One referral.
    pub fn referral(&self, space: SpaceId, referral: EventId) -> Result<ReferralView, AppError> {
        let file = self.space(space)?;
        self.referral_view(&file, referral)
    }

    pub(super) fn referral_view(&self, file: &Space, referral: EventId) -> Result<ReferralView, AppError> {
        let row =
            self.store.read(|read| store::referral(read, file.id, referral))?.ok_or(AppError::NotFound("referral"))?;
        let fields = file.view.element(referral);
        let needs = fields.codes(f::NEEDS).unwrap_or_default();
        let needs = needs.iter().filter_map(|code| code.as_str().parse::<Need>().ok()).collect();
        let sent_millis = row.sent.map_or(0, Stamp::millis);
        let step = fields.step(f::STEP).cloned().unwrap_or(ReferralStep::Draft);
        let whereabouts = if row.seen {
            Whereabouts::Seen
        } else if row.received_at_millis.is_some() {
            Whereabouts::Arrived
        } else if self.store.read(|read| store::has_unconfirmed(read, file.id))? {
            Whereabouts::OnThisPhone
        } else {
            Whereabouts::Sent
        };
        let outgoing = row.from_unit == self.unit();
        let silent = matches!(whereabouts, Whereabouts::OnThisPhone | Whereabouts::Sent);
        Ok(ReferralView {
            space: file.id,
            referral,
            title: super::project::title(&file.view, file.kind()?),
            from: row.from_unit,
            to: row.to_unit,
            needs,
            risk: fields.risk(f::RISK),
            conflict: fields.in_conflict(f::STEP),
            step,
            sent_millis,
            answer_due_millis: row.answer_due_millis.unwrap_or(0),
            received_millis: row.received_at_millis,
            whereabouts,
            not_arrived_call: outgoing && silent && self.now_millis() - sent_millis > NOT_ARRIVED_AFTER_MILLIS,
            outgoing,
        })
    }

    /// A spotting or a file on this device.
    pub(super) fn child_file(&self, space: SpaceId) -> Result<std::sync::Arc<Space>, AppError> {
        let file = self.space(space)?;
        match file.kind()? {
            SpaceKind::Spotting | SpaceKind::Case => Ok(file),
            _ => Err(AppError::refused("space", "error-not-a-child")),
        }
    }

    /// What moves on a file's card, where this device holds the card.
    pub(super) fn card_draft(
        &self,
        file: &Space,
        stage: Option<Stage>,
        owner: UnitId,
        risk: Risk,
        at: Stamp,
    ) -> Result<Option<Draft>, AppError> {
        let Some(card) = super::project::link(&file.view, f::CARD) else { return Ok(None) };
        let held = self.space(card)?;
        if held.view.kind != Some(SpaceKind::Card) {
            return Ok(None);
        }
        let mut change = build::NewCard { risk: Some(risk), ..build::NewCard::default() };
        if let Some(stage) = stage {
            change.stage = Some(stage);
            change.owner = Some(owner);
            change.deadline = pathway::deadline(stage, risk, at, &self.protocol);
        }
        Ok(Some(Draft::new(card, SpaceKind::Card, build::card(&held.view, &change))))
    }
}

fn check_text(text: Option<&str>) -> Result<(), AppError> {
    match text {
        Some(text) if text.len() > TEXT_BYTES => Err(AppError::refused("text", "error-too-long")),
        _ => Ok(()),
    }
}

fn step_of(answer: NewAnswer) -> ReferralStep {
    match answer {
        NewAnswer::Seen => ReferralStep::Seen,
        NewAnswer::Accept => ReferralStep::Accepted,
        NewAnswer::Decline(reason) => ReferralStep::Declined(reason),
        NewAnswer::Redirect { reason, to } => ReferralStep::Redirected { reason, to },
        NewAnswer::Arrived => ReferralStep::Arrived,
        NewAnswer::NotArrived => ReferralStep::NotArrived,
        NewAnswer::Withdraw => ReferralStep::Withdrawn,
    }
}

/// Which step may follow which, by one who sees the first: the states of the domain page, section 3.
fn may_follow(now: &ReferralStep, next: &ReferralStep) -> bool {
    use ReferralStep as S;
    match (now, next) {
        (S::Sent, S::Seen | S::Accepted | S::Declined(_) | S::Redirected { .. } | S::Withdrawn)
        | (S::Seen, S::Accepted | S::Declined(_) | S::Redirected { .. } | S::Withdrawn)
        | (S::Accepted, S::Arrived | S::NotArrived | S::Declined(_) | S::Redirected { .. } | S::Withdrawn)
        // A unit that said no and finds a place after all.
        | (S::Declined(_) | S::Redirected { .. }, S::Accepted) => true,
        _ => false,
    }
}

impl CallAnswer {
    const fn to_record(self) -> build::CallAnswer {
        match self {
            Self::Accepts => build::CallAnswer::Yes,
            Self::Full => build::CallAnswer::Full,
            Self::Closed => build::CallAnswer::Closed,
            Self::NoAnswer => build::CallAnswer::NoAnswer,
        }
    }

    const fn to_status(self) -> StatusKind {
        match self {
            Self::Accepts => StatusKind::Open,
            Self::Full => StatusKind::Full,
            Self::Closed => StatusKind::Closed,
            Self::NoAnswer => StatusKind::NoAnswer,
        }
    }
}
