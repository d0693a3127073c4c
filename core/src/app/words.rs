//! Saying a [`Message`] in a language, from the one set of Fluent files in `core/locales`.
//!
//! Arguments are set apart by Unicode isolates (FSI … PDI), so that numbers, times and Latin words keep their own
//! direction inside Arabic.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, Timelike};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

use crate::directory::{Arg, Message, When};
use crate::record::TermError;

/// A language of the screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Arabic, right to left: the first.
    #[default]
    Ar,
    /// French.
    Fr,
    /// English.
    En,
}

impl Locale {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Ar, Self::Fr, Self::En];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Whether it is written from right to left.
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Ar)
    }

    const fn resources(self) -> [&'static str; 4] {
        match self {
            Self::Ar => [
                include_str!("../../locales/ar/terms.ftl"),
                include_str!("../../locales/ar/directory.ftl"),
                include_str!("../../locales/ar/screens.ftl"),
                include_str!("../../locales/ar/errors.ftl"),
            ],
            Self::Fr => [
                include_str!("../../locales/fr/terms.ftl"),
                include_str!("../../locales/fr/directory.ftl"),
                include_str!("../../locales/fr/screens.ftl"),
                include_str!("../../locales/fr/errors.ftl"),
            ],
            Self::En => [
                include_str!("../../locales/en/terms.ftl"),
                include_str!("../../locales/en/directory.ftl"),
                include_str!("../../locales/en/screens.ftl"),
                include_str!("../../locales/en/errors.ftl"),
            ],
        }
    }
}

const fn langid(locale: Locale) -> LanguageIdentifier {
    match locale {
        Locale::Ar => langid!("ar"),
        Locale::Fr => langid!("fr"),
        Locale::En => langid!("en"),
    }
}

impl FromStr for Locale {
    type Err = TermError;

    /// `ar`, `fr`, `en`, also with a region: `ar-MA`, `fr_FR.UTF-8`.
    fn from_str(text: &str) -> Result<Self, TermError> {
        let language = text.split(['-', '_', '.']).next().unwrap_or("");
        Self::ALL.into_iter().find(|locale| locale.code().eq_ignore_ascii_case(language)).ok_or(TermError("language"))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The words of one language. May be shared between threads.
pub struct Words {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Loads a language. The files are compiled in, and tests hold that they parse and say the same keys.
    pub fn new(locale: Locale) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![langid(locale)]);
        for text in locale.resources() {
            let resource = match FluentResource::try_new(text.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { locale, bundle }
    }

    /// The language.
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// Says a message. A key that is missing is said as itself: better an odd word on a screen than none.
    pub fn text(&self, message: &Message) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in &message.args {
            args.set(*name, self.value(arg));
        }
        self.say(message.key, Some(&args)).unwrap_or_else(|| message.key.to_owned())
    }

    /// The name of a term: `term("need", "food")`. A code that the protocol file added and the words do not know is said
    /// as it is.
    pub fn term(&self, list: &str, code: &str) -> String {
        self.say(&format!("{list}-{code}"), None).unwrap_or_else(|| code.to_owned())
    }

    fn say(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }

    fn with(&self, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        self.say(key, Some(&args)).unwrap_or_else(|| key.to_owned())
    }

    fn value<'a>(&self, arg: &'a Arg) -> FluentValue<'a> {
        match arg {
            Arg::Count(count) => FluentValue::from(*count),
            Arg::Metres(metres) => self.metres(*metres).into(),
            Arg::Minutes(minutes) => self.minutes(*minutes).into(),
            Arg::When(when) => self.when(*when).into(),
            Arg::Term { list, code } => self.term(list, code).into(),
            Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
        }
    }

    /// Rounded as people say it: to 10 m below a kilometre, to 100 m below ten, then to kilometres.
    fn metres(&self, metres: u32) -> String {
        let text = |text: String| FluentValue::from(text);
        match metres {
            0..=994 => self.with("unit-metres", &[("n", text(((metres + 5) / 10 * 10).to_string()))]),
            995..=9_949 => {
                let tenths = (metres + 50) / 100;
                let point = if self.locale == Locale::En { '.' } else { ',' };
                self.with("unit-kilometres", &[("n", text(format!("{}{point}{}", tenths / 10, tenths % 10)))])
            }
            _ => self.with("unit-kilometres", &[("n", text(((metres + 500) / 1_000).to_string()))]),
        }
    }

    /// Minutes below two hours, then hours, then days.
    fn minutes(&self, minutes: u32) -> String {
        let (key, count) = match minutes {
            0..=119 => ("unit-minutes", minutes),
            120..=2_879 => ("unit-hours", (minutes + 30) / 60),
            _ => ("unit-days", (minutes + 720) / 1_440),
        };
        self.with(key, &[("n", FluentValue::from(count))])
    }

    fn when(&self, when: When) -> String {
        let (at, now) = when.local();
        let clock = FluentValue::from(format!("{:02}:{:02}", at.hour(), at.minute()));
        let days = at.date().signed_duration_since(now.date()).num_days();
        // "Open until 06:00" said at ten in the evening needs no "tomorrow".
        if days == 0 || (days == 1 && at - now < chrono::TimeDelta::hours(12)) {
            return self.with("when-today", &[("clock", clock)]);
        }
        match days {
            1 => self.with("when-tomorrow", &[("clock", clock)]),
            2..=6 => {
                let day = self.term("weekday", weekday(at)).into();
                self.with("when-weekday", &[("day", day), ("clock", clock)])
            }
            _ => {
                let date = format!("{:02}/{:02}/{}", at.day(), at.month(), at.year()).into();
                self.with("when-date", &[("date", date), ("clock", clock)])
            }
        }
    }
}

const fn weekday_codes() -> [&'static str; 7] {
    ["mo", "tu", "we", "th", "fr", "sa", "su"]
}

fn weekday(at: NaiveDateTime) -> &'static str {
    // The index is 0 to 6 by the definition of a weekday.
    weekday_codes()[at.weekday().num_days_from_monday() as usize]
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
