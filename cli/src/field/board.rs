//! The circuit board, from cards without a name: stages down, risks across.

use himaya_core::record::{Risk, Stage};
use himaya_core::report::Board;
use serde_json::json;

use super::context::Context;
use super::problem::from_app;
use crate::output::{Cell, Failure, Page, Words};

/// Risks as the board shows them, the highest first.
pub const RISKS: [Option<Risk>; 6] =
    [Some(Risk::Danger), Some(Risk::High), Some(Risk::Medium), Some(Risk::Low), Some(Risk::None), None];

/// Shows the board.
pub fn board(context: &Context<'_>) -> Result<(), Failure> {
    let board = context.session()?.board().map_err(from_app)?;
    context.out.show(&as_json(&board), |page| write(context.out.words(), page, &board))
}

/// The board for scripts: a list of cells that are not empty.
pub fn as_json(board: &Board) -> serde_json::Value {
    let cells: Vec<_> = board
        .cells
        .iter()
        .map(|((stage, risk), cell)| {
            json!({ "stage": stage.code(), "risk": risk.map(Risk::code), "count": cell.count,
                "overdue": cell.overdue, "unowned": cell.unowned })
        })
        .collect();
    json!({ "cells": cells, "overdue": board.overdue() })
}

/// Writes the board as a table.
pub fn write(words: &Words, page: &mut Page, board: &Board) {
    if board.cells.is_empty() {
        return page.note(&words.say("board-empty", &[]));
    }
    let mut headings = [const { String::new() }; 7];
    headings[0] = words.say("head-stage", &[]);
    for (heading, risk) in headings.iter_mut().skip(1).zip(RISKS) {
        *heading = risk.map_or_else(|| "?".to_owned(), |risk| words.term("risk", risk.code()));
    }
    let rows = Stage::ALL.iter().filter(|stage| board.in_stage(**stage) > 0).map(|stage| {
        let mut row = [const { None }; 7].map(|_: Option<()>| Cell::quiet("·"));
        row[0] = Cell::plain(words.term("stage", stage.code()));
        for (cell, risk) in row.iter_mut().skip(1).zip(RISKS) {
            if let Some(counted) = board.cell(*stage, risk) {
                *cell = Cell::plain(counted.count.to_string());
            }
        }
        row
    });
    page.table(headings, rows.collect());
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).into();
    page.note(&words.say("board-late", &[("count", number(board.overdue()))]));
    let unowned = board.cells.values().map(|cell| cell.unowned).sum();
    page.note(&words.say("board-no-owner", &[("count", number(unowned))]));
}
