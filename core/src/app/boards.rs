//! The circuit board, from cards: what a centre directs by. No file is opened for it.

use himaya_wire::Stamp;

use super::error::AppError;
use super::session::Session;
use crate::pathway::CardView;
use crate::record::SpaceKind;
use crate::report::Board;
use crate::store::{self, Filter};

/// Most cards on one board.
const MOST_CARDS: usize = 50_000;

impl Session {
    /// The cards that this unit holds.
    pub fn cards(&self) -> Result<Vec<CardView>, AppError> {
        let filter = Filter { kinds: vec![SpaceKind::Card as u8], ..Filter::default() };
        let rows = self.store.read(|read| store::newest(read, &filter, MOST_CARDS, None))?;
        rows.into_iter().map(|row| Ok(CardView::of(row.row.space, &self.space(row.row.space)?.view))).collect()
    }

    /// The board of the circuit: stages across, risks down, with what is late and what nobody owns.
    pub fn board(&self) -> Result<Board, AppError> {
        Ok(Board::from_cards(&self.cards()?, Stamp::at_millis(self.now_millis())))
    }
}
