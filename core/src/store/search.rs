//! Search as one types: each word is a prefix, all must match, newest first.
//!
//! The index takes its content from the projection by its recency, so the newest matches are the first that FTS5
//! finds walking down its row numbers, and the words are stored once.

use rusqlite::{Connection, params};

use super::StoreError;
use super::column::{collect, limit_column};
use super::projection::{ListedRow, SELECT, read};

/// Most words of a query that count.
const WORDS: usize = 8;
/// Most letters of a word that count.
const LETTERS: usize = 64;

/// The rows whose words begin with every word of `query`, newest first, at most `limit`. The caller has folded
/// `query` as it folded the words; anything a person can type is safe. An empty query finds nothing.
pub fn search(connection: &Connection, query: &str, limit: usize) -> Result<Vec<ListedRow>, StoreError> {
    let query = quote(query);
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "{SELECT} FROM (SELECT rowid AS found FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2)
         JOIN projection p ON p.recency = found LEFT JOIN attention a ON a.space = p.space ORDER BY found DESC"
    );
    collect(connection, &sql, params![query, limit_column(limit)], read)
}

/// Every run of letters and digits becomes a quoted prefix, so that nothing of FTS5's syntax is left.
fn quote(query: &str) -> String {
    let words = query.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let quoted: Vec<String> =
        words.take(WORDS).map(|word| format!("\"{}\"*", word.chars().take(LETTERS).collect::<String>())).collect();
    quoted.join(" ")
}
