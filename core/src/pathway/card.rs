//! What the circuit shows of a child: read from a card, or from a file.

use himaya_wire::{SpaceId, Stamp, UnitId};

use super::deadline::is_overdue;
use crate::record::{Age, AgeBand, Code, Concern, Risk, Sex, Stage, View, fields as f};

/// The stage of a file, a spotting or a card.
pub fn stage_of(view: &View) -> Option<Stage> {
    view.space().stage(f::STAGE)
}

/// The risk of a file, a spotting or a card; none while nobody judged it.
pub fn risk_of(view: &View) -> Option<Risk> {
    view.space().risk(f::RISK)
}

/// The unit that owns the stage.
pub fn owner_of(view: &View) -> Option<UnitId> {
    view.space().unit(f::OWNER)
}

/// A circuit card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// The card's space.
    pub space: SpaceId,
    /// The case's random number.
    pub case_number: Option<Code>,
    /// Stage.
    pub stage: Option<Stage>,
    /// Risk; none while nobody judged it.
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
    /// Census code of the commune, dots written as `_`.
    pub area: Option<Code>,
    /// Fields on which workers differ.
    pub conflicts: usize,
}

impl CardView {
    /// Reads a card.
    pub fn of(space: SpaceId, view: &View) -> Self {
        let fields = view.space();
        Self {
            space,
            case_number: fields.code(f::CASE_NUMBER).cloned(),
            stage: stage_of(view),
            risk: risk_of(view),
            owner: owner_of(view),
            deadline: fields.time(f::DEADLINE),
            concerns: fields.codes(f::CONCERNS).unwrap_or_default().iter().cloned().map(Concern::from).collect(),
            band: fields.age(f::AGE).and_then(|age| match age {
                Age::Band(band) => Some(band),
                Age::Born(_) | Age::Years { .. } => None,
            }),
            sex: fields.sex(f::SEX),
            area: fields.code(f::AREA).cloned(),
            conflicts: view.conflicts.len(),
        }
    }

    /// Whether the stage should have been left. A closed file is never late.
    pub fn is_overdue(&self, now: Stamp) -> bool {
        self.stage != Some(Stage::Closed) && is_overdue(self.deadline, now)
    }
}
