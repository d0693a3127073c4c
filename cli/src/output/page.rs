//! A page for a person: headings, lines, tables; colour never alone, always with a sign or a word.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Color, ContentArrangement, Table};
use owo_colors::{OwoColorize, Style};

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Plain.
    Plain,
    /// Less important.
    Quiet,
    /// A heading.
    Head,
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Danger only.
    Danger,
}

/// A page in the making.
pub struct Page {
    text: String,
    colour: bool,
}

impl Page {
    /// An empty page.
    pub const fn new(colour: bool) -> Self {
        Self { text: String::new(), colour }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Text in a tone, where there is colour.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let style = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Quiet => Style::new().dimmed(),
            Tone::Head => Style::new().bold().cyan(),
            Tone::Good => Style::new().green(),
            Tone::Warn => Style::new().yellow(),
            Tone::Danger => Style::new().bold().red(),
        };
        text.style(style).to_string()
    }

    /// One line.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A heading with space before it.
    pub fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.gap();
        }
        let painted = self.paint(Tone::Head, text);
        self.line(&painted);
    }

    /// A sentence that something was done.
    pub fn done(&mut self, text: &str) {
        let sign = self.paint(Tone::Good, "✓");
        self.line(&format!("{sign} {text}"));
    }

    /// A sentence that something needs a look.
    pub fn warn(&mut self, text: &str) {
        let sign = self.paint(Tone::Warn, "!");
        self.line(&format!("{sign} {text}"));
    }

    /// A quiet remark.
    pub fn note(&mut self, text: &str) {
        let painted = self.paint(Tone::Quiet, text);
        self.line(&painted);
    }

    /// A label and its value, aligned by the caller's width.
    pub fn pair(&mut self, label: &str, value: &str) {
        let label = self.paint(Tone::Quiet, label);
        let _ = writeln!(self.text, "{label}  {value}");
    }

    /// A table: quiet headings, no lines, wide columns wrapped to the terminal.
    pub fn table<const N: usize>(&mut self, headings: [String; N], rows: Vec<[Cell; N]>) {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(headings.map(|heading| Cell::quiet(heading).into_comfy()));
        for row in rows {
            table.add_row(row.map(Cell::into_comfy));
        }
        for line in table.lines() {
            self.line(line.trim_end());
        }
    }
}

/// One cell of a table.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Text in a tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }

    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }

    /// Less important text.
    pub fn quiet(text: impl Into<String>) -> Self {
        Self::new(Tone::Quiet, text)
    }

    fn into_comfy(self) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(self.text);
        match self.tone {
            Tone::Plain => cell,
            Tone::Quiet => cell.add_attribute(Attribute::Dim),
            Tone::Head => cell.add_attribute(Attribute::Bold).fg(Color::Cyan),
            Tone::Good => cell.fg(Color::Green),
            Tone::Warn => cell.fg(Color::Yellow),
            Tone::Danger => cell.add_attribute(Attribute::Bold).fg(Color::Red),
        }
    }
}
