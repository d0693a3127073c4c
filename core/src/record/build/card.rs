//! The circuit card: what a centre needs to direct, and nothing that tells who the child is.

use himaya_wire::{Stamp, UnitId};

use super::super::event::Act;
use super::super::fields as f;
use super::super::terms::{Age, AgeBand, Code, Concern, Risk, Sex, Stage, TermError};
use super::super::value::Value;
use super::super::view::View;
use super::draft::{Draft, some_codes};

/// A card. What is none is left as it was.
#[derive(Clone, Debug, Default)]
pub struct NewCard {
    /// The case's random number.
    pub case_number: Option<Code>,
    /// Stage.
    pub stage: Option<Stage>,
    /// Risk.
    pub risk: Option<Risk>,
    /// The unit that owns the stage.
    pub owner: Option<UnitId>,
    /// When the stage must be left.
    pub deadline: Option<Stamp>,
    /// Concerns.
    pub concerns: Vec<Concern>,
    /// Age band.
    pub band: Option<AgeBand>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Census code of the commune: see [`area_code`].
    pub area: Option<Code>,
}

/// Writes a card.
pub fn card(view: &View, new: &NewCard) -> Vec<Act> {
    Draft::new(view)
        .maybe(f::CASE_NUMBER, new.case_number.clone(), Value::Code)
        .maybe(f::STAGE, new.stage, Value::Stage)
        .maybe(f::RISK, new.risk, Value::Risk)
        .maybe(f::OWNER, new.owner, Value::Unit)
        .maybe(f::DEADLINE, new.deadline, Value::Time)
        .maybe(f::CONCERNS, some_codes(&new.concerns), |codes| codes)
        .maybe(f::AGE, new.band, |band| Value::Age(Age::Band(band)))
        .maybe(f::SEX, new.sex, Value::Sex)
        .maybe(f::AREA, new.area.clone(), Value::Code)
        .finish()
}

/// A census code as a term: `01.511.01.05` becomes `01_511_01_05`.
pub fn area_code(area: &str) -> Result<Code, TermError> {
    area.trim_end_matches('.').replace('.', "_").parse()
}
