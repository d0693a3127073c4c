//! Where results go: a page for a person, JSON for a script.

use std::io::{ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::failure::Failure;
use super::page::Page;
use super::words::Words;
use crate::args::Global;

/// How results are shown.
pub struct Out {
    json: bool,
    colour: bool,
    words: Words,
}

impl Out {
    /// Colour only on a terminal that wants it.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let wanted = !global.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colour = wanted && std::io::stdout().is_terminal();
        Ok(Self { json: global.json, colour, words: Words::new(global.lang)? })
    }

    /// Whether a script reads.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// The language's words.
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// Shows a result: its JSON, or the page that `write` makes of it.
    pub fn show(&self, value: &impl Serialize, write: impl FnOnce(&mut Page)) -> Result<(), Failure> {
        if self.json {
            let mut text = serde_json::to_vec(value).map_err(|_| Failure::failed("json", "cannot be shown as JSON"))?;
            text.push(b'\n');
            return print(&text);
        }
        let mut page = Page::new(self.colour);
        write(&mut page);
        print(page.text().as_bytes())
    }
}

/// Writes to standard output; a reader that went away ends the program without noise.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::io("standard output", &error)),
        _ => Ok(()),
    }
}
