//! What is to be said to a person, before it is said in a language: a key of the message files and typed arguments.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use himaya_wire::Stamp;

use super::calendar::local;

/// A sentence to be said. `core::app::Words` says it in a language.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Key in `core/locales`.
    pub key: &'static str,
    /// Named arguments of that key.
    pub args: Vec<(&'static str, Arg)>,
}

impl Message {
    /// A sentence without arguments.
    pub const fn plain(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }
}

/// An argument, in the type that decides how people read it.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A count; chooses the plural.
    Count(i64),
    /// A length, metres; said as "350 m" or "1.2 km".
    Metres(u32),
    /// A span, minutes; said as "40 min" or "2 h 10".
    Minutes(u32),
    /// A moment seen from another; said as "06:00", "tomorrow 08:30", "Monday 08:30" or a date.
    When(When),
    /// A term of a list, said by its name: the list and the code.
    Term {
        /// Prefix of its keys: `need`, `concern`, `service_kind` …
        list: &'static str,
        /// Its code.
        code: Cow<'static, str>,
    },
    /// Text as it is: a column, a code.
    Text(Cow<'static, str>),
}

impl Arg {
    /// A term of a list.
    pub fn term(list: &'static str, code: impl Into<Cow<'static, str>>) -> Self {
        Self::Term { list, code: code.into() }
    }
}

/// A moment, seen from `now`, so that people are told "tomorrow" and not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The moment.
    pub at: Stamp,
    /// The moment it is spoken of.
    pub now: Stamp,
}

impl When {
    /// Both on the clock on the wall in Morocco: the moment, then now.
    pub fn local(self) -> (NaiveDateTime, NaiveDateTime) {
        (local(self.at), local(self.now))
    }
}
