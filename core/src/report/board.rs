//! The circuit board: stages across, risks down.

use std::collections::{BTreeMap, BTreeSet};

use himaya_wire::{Stamp, UnitId};

use crate::pathway::CardView;
use crate::record::{Risk, Stage};

/// One cell of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Children.
    pub count: u64,
    /// Of whom past their deadline.
    pub overdue: u64,
    /// Of whom no unit owns the stage.
    pub unowned: u64,
    /// Children by owner.
    pub owners: BTreeMap<UnitId, u64>,
}

/// The board a centre directs from. Cards are counted once each, whatever number of copies is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Cells that hold somebody, by stage and risk. A card without a stage stands as spotted; without a risk it has
    /// a row of its own, before the others.
    pub cells: BTreeMap<(Stage, Option<Risk>), Cell>,
}

impl Board {
    /// Counts cards.
    pub fn from_cards(cards: &[CardView], now: Stamp) -> Self {
        let mut board = Self::default();
        let mut seen = BTreeSet::new();
        for card in cards {
            if !seen.insert(card.space) {
                continue;
            }
            let place = (card.stage.unwrap_or(Stage::Spotted), card.risk);
            let cell = board.cells.entry(place).or_default();
            cell.count += 1;
            cell.overdue += u64::from(card.is_overdue(now));
            match card.owner {
                Some(owner) => *cell.owners.entry(owner).or_default() += 1,
                None => cell.unowned += 1,
            }
        }
        board
    }

    /// One cell.
    pub fn cell(&self, stage: Stage, risk: Option<Risk>) -> Option<&Cell> {
        self.cells.get(&(stage, risk))
    }

    /// Children in a stage.
    pub fn in_stage(&self, stage: Stage) -> u64 {
        self.cells.iter().filter(|((at, _), _)| *at == stage).map(|(_, cell)| cell.count).sum()
    }

    /// Children past a deadline.
    pub fn overdue(&self) -> u64 {
        self.cells.values().map(|cell| cell.overdue).sum()
    }
}

#[cfg(test)]
mod tests {
    use himaya_wire::SpaceId;

    use super::*;

    fn card(n: u8, stage: Stage, risk: Option<Risk>, owner: Option<u8>, deadline: Option<i64>) -> CardView {
        CardView {
            space: SpaceId::from_bytes([n; 16]),
            case_number: None,
            stage: Some(stage),
            risk,
            owner: owner.map(|owner| UnitId::from_bytes([owner; 16])),
            deadline: deadline.map(Stamp::at_millis),
            concerns: Vec::new(),
            band: None,
            sex: None,
            area: None,
            conflicts: 0,
        }
    }

    #[test]
    fn a_card_is_counted_once_under_its_stage_and_risk() {
        let cards = [
            card(1, Stage::Reported, Some(Risk::High), Some(1), Some(1_000)),
            card(1, Stage::Reported, Some(Risk::High), Some(1), Some(1_000)),
            card(2, Stage::Reported, Some(Risk::High), None, Some(9_000)),
            card(3, Stage::Reported, None, Some(2), None),
            card(4, Stage::Closed, Some(Risk::Low), Some(2), Some(1)),
        ];
        let board = Board::from_cards(&cards, Stamp::at_millis(5_000));
        let cell = board.cell(Stage::Reported, Some(Risk::High)).unwrap();
        assert_eq!((cell.count, cell.overdue, cell.unowned, cell.owners.len()), (2, 1, 1, 1));
        assert_eq!(board.in_stage(Stage::Reported), 3);
        assert_eq!(board.overdue(), 1, "a closed file is not late");
    }
}
