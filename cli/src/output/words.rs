//! What is said to a person, in their language: the command line's own sentences, and the core's for everything of
//! the field.

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use himaya_core::app::{Locale, Words as CoreWords};
use unic_langid::langid;

use super::failure::Failure;
use crate::args::Lang;

const AR: &str = include_str!("../../locales/ar.ftl");
const FR: &str = include_str!("../../locales/fr.ftl");
const EN: &str = include_str!("../../locales/en.ftl");

/// The words of one language.
pub struct Words {
    lang: Lang,
    own: FluentBundle<FluentResource>,
    core: CoreWords,
}

impl Words {
    /// Reads the language's files.
    pub fn new(lang: Lang) -> Result<Self, Failure> {
        let (id, text, locale) = match lang {
            Lang::Ar => (langid!("ar"), AR, Locale::Ar),
            Lang::Fr => (langid!("fr"), FR, Locale::Fr),
            Lang::En => (langid!("en"), EN, Locale::En),
        };
        let broken = || Failure::failed("words", "the message files of this program cannot be read");
        let resource = FluentResource::try_new(text.to_owned()).map_err(|_| broken())?;
        let mut own = FluentBundle::new(vec![id]);
        // Numbers and Latin words keep their own direction inside Arabic; elsewhere marks would only be in the way.
        own.set_use_isolating(lang == Lang::Ar);
        own.add_resource(resource).map_err(|_| broken())?;
        Ok(Self { lang, own, core: CoreWords::new(locale) })
    }

    /// The language.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// The core's words.
    pub const fn core(&self) -> &CoreWords {
        &self.core
    }

    /// A sentence of the command line.
    pub fn say(&self, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        let pattern = self.own.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else { return key.to_owned() };
        let mut given = FluentArgs::new();
        for (name, value) in args {
            given.set(Cow::Borrowed(*name), value.clone());
        }
        self.own.format_pattern(pattern, Some(&given), &mut Vec::new()).into_owned()
    }

    /// A sentence of the command line, where there is one.
    pub fn try_say(&self, key: &str) -> Option<String> {
        self.own.has_message(key).then(|| self.say(key, &[]))
    }

    /// Words of either direction, kept from mixing with what stands beside them.
    pub fn isolate(&self, text: &str) -> String {
        let right_to_left = |letter: char| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}');
        if self.lang == Lang::Ar || text.chars().any(right_to_left) {
            format!("\u{2068}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }

    /// What the core said, without direction marks where nothing runs from right to left.
    pub fn tidy(&self, text: &str) -> String {
        let kept = self.isolate(text);
        if kept == text { text.replace(['\u{2068}', '\u{2069}'], "") } else { text.to_owned() }
    }

    /// The name of a term of a list.
    pub fn term(&self, list: &'static str, code: &str) -> String {
        self.core.term(list, code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AR, EN, FR};

    fn keys(text: &str) -> BTreeSet<&str> {
        text.lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split(" =").next())
            .collect()
    }

    #[test]
    fn every_sentence_is_there_in_every_language() {
        assert_eq!(keys(EN), keys(FR));
        assert_eq!(keys(EN), keys(AR));
    }
}
