use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentResource};
use himaya_wire::Stamp;

use super::{Locale, Words};
use crate::directory::{
    Ages, Arg, Column, CsvFault, Doubt, Fault, Message, Obstacle, Reason, ServiceKind, Sexes, StatusKind, When,
};
use crate::record::{AgeBand, Concern, DeclineReason, Need, Risk, Sex, Stage};

/// Keys of a language, with the names of the arguments each uses.
fn keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for text in locale.resources() {
        assert!(FluentResource::try_new(text.to_owned()).is_ok(), "{locale}: a file does not parse");
        let mut current = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) =
                line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                current = key.to_owned();
                assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{locale}: {current} stands twice");
            }
            let names = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect::<String>()
            });
            keys.entry(current.clone()).or_default().extend(names);
        }
    }
    keys.remove("");
    keys
}

#[test]
fn every_key_stands_in_each_language_with_the_same_arguments() {
    let arabic = keys(Locale::Ar);
    assert!(arabic.len() > 150);
    for locale in [Locale::Fr, Locale::En] {
        assert_eq!(keys(locale), arabic, "{locale}");
    }
}

#[test]
fn every_arabic_plural_has_all_six_forms() {
    for text in Locale::Ar.resources() {
        for plural in text.split("->").skip(1) {
            let forms = plural.split("\n}").next().unwrap_or("");
            for form in ["[zero]", "[one]", "[two]", "[few]", "[many]", "*[other]"] {
                assert!(forms.contains(form), "{form} is missing");
            }
        }
    }
}

#[test]
fn every_term_of_the_lists_has_its_word() {
    for locale in Locale::ALL {
        let words = Words::new(locale);
        let mut lists: Vec<(&str, Vec<&str>)> = vec![
            ("concern", Concern::DEFAULTS.to_vec()),
            ("need", Need::DEFAULTS.to_vec()),
            ("decline_reason", DeclineReason::DEFAULTS.to_vec()),
            ("where", vec!["on_phone", "sent", "arrived", "seen", "not_arrived"]),
        ];
        lists.push(("risk", Risk::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("stage", Stage::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("sex", Sex::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("age_band", AgeBand::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("service_kind", ServiceKind::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("service_status", StatusKind::ALL.iter().map(|term| term.code()).collect()));
        lists.push(("sexes", Sexes::ALL.iter().map(|term| term.code()).collect()));
        for (list, code) in lists.iter().flat_map(|(list, codes)| codes.iter().map(move |code| (list, code))) {
            assert!(words.bundle.has_message(&format!("{list}-{code}")), "{locale}: {list}-{code}");
        }
        assert_eq!(words.term("need", "added_by_the_protocol"), "added_by_the_protocol");
    }
}

fn stamp(text: &str) -> Stamp {
    Stamp::at_millis(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
}

/// Every variant there is; the matches below stop compiling when one is added and not listed here.
fn every_message() -> Vec<Message> {
    let now = stamp("2026-07-01T01:00:00Z");
    let morning = When { at: stamp("2026-07-01T05:00:00Z"), now };
    let later = When { at: stamp("2026-07-03T07:30:00Z"), now };
    let ages = Ages::new(12, 17).unwrap();
    let need: Need = "legal_aid".parse().unwrap();
    let doubts = [
        Doubt::CapacityUnknown(None),
        Doubt::CapacityUnknown(Some(13 * 60)),
        Doubt::ClosesSoon(morning),
        Doubt::AgePartly(ages),
        Doubt::SexUnknown(Sexes::Girls),
        Doubt::AreaUnknown,
    ];
    let mut reasons = vec![
        Reason::OpenAlways,
        Reason::OpenUntil(morning),
        Reason::ToldOpenUntil(later),
        Reason::EmergencyIntake,
        Reason::Takes(Sexes::Girls, ages),
    ];
    reasons.extend([1, 2, 3, 11, 100].map(|places| Reason::Places { places, told_min: 40 }));
    reasons.extend(doubts.clone().map(Reason::Doubt));
    let mut obstacles = vec![
        Obstacle::LacksNeed(need),
        Obstacle::WrongAge(ages),
        Obstacle::WrongSex(Sexes::Boys),
        Obstacle::OutsideArea,
        Obstacle::ClosesBeforeArrival(morning),
        Obstacle::NoPlaces(130),
        Obstacle::RankedLower(Doubt::AreaUnknown),
    ];
    for at in [None, Some(later)] {
        obstacles.extend([
            Obstacle::Closed(at),
            Obstacle::ToldFull(at),
            Obstacle::ToldClosed(at),
            Obstacle::NoAnswer(at),
        ]);
    }
    for reason in &reasons {
        match reason {
            Reason::OpenAlways
            | Reason::OpenUntil(_)
            | Reason::ToldOpenUntil(_)
            | Reason::EmergencyIntake
            | Reason::Takes(..)
            | Reason::Places { .. }
            | Reason::Doubt(
                Doubt::CapacityUnknown(_)
                | Doubt::ClosesSoon(_)
                | Doubt::AgePartly(_)
                | Doubt::SexUnknown(_)
                | Doubt::AreaUnknown,
            ) => {}
        }
    }
    for obstacle in &obstacles {
        match obstacle {
            Obstacle::LacksNeed(_)
            | Obstacle::WrongAge(_)
            | Obstacle::WrongSex(_)
            | Obstacle::OutsideArea
            | Obstacle::Closed(_)
            | Obstacle::ClosesBeforeArrival(_)
            | Obstacle::NoPlaces(_)
            | Obstacle::ToldFull(_)
            | Obstacle::ToldClosed(_)
            | Obstacle::NoAnswer(_)
            | Obstacle::RankedLower(_) => {}
        }
    }
    let distance =
        Message::plain("choice-distance").with("distance", Arg::Metres(1_234)).with("travel", Arg::Minutes(4));
    let nearer = Message::plain("passed-nearer").with("distance", Arg::Metres(1_150));
    let away = Message::plain("passed-away").with("distance", Arg::Metres(354));
    let mut messages = vec![distance, nearer, away];
    messages.extend(reasons.iter().map(Reason::message));
    messages.extend(obstacles.iter().map(Obstacle::message));
    messages
}

fn every_fault() -> Vec<Message> {
    let faults = [
        Fault::TooLarge,
        Fault::Encoding,
        Fault::Empty,
        Fault::MissingColumn,
        Fault::UnknownColumn,
        Fault::RepeatedColumn,
        Fault::Shape,
        Fault::Required,
        Fault::Form,
        Fault::AgesReversed,
        Fault::Incomplete,
        Fault::RepeatedId,
    ];
    let columns = Column::ALL.into_iter().map(Some).chain([None]);
    columns.flat_map(|column| faults.map(|fault| CsvFault { row: 7, column, fault }.message())).collect()
}

#[test]
fn every_reason_and_fault_is_said_without_error_in_each_language() {
    for locale in Locale::ALL {
        let words = Words::new(locale);
        for message in every_message().iter().chain(&every_fault()) {
            let mut args = FluentArgs::new();
            for (name, arg) in &message.args {
                args.set(*name, words.value(arg));
            }
            let pattern = words.bundle.get_message(message.key).and_then(|found| found.value());
            let mut errors = Vec::new();
            words.bundle.format_pattern(pattern.expect(message.key), Some(&args), &mut errors);
            assert!(errors.is_empty(), "{locale}: {}: {errors:?}", message.key);
        }
    }
}

#[test]
fn the_reasons_read_as_a_person_would_say_them() {
    for locale in Locale::ALL {
        let words = Words::new(locale);
        // Isolates are shown as brackets, to be seen in the snapshot.
        let shown = |message: &Message| words.text(message).replace('\u{2068}', "⟨").replace('\u{2069}', "⟩");
        let said: Vec<String> = every_message().iter().map(shown).collect();
        insta::assert_snapshot!(format!("reasons_{locale}"), said.join("\n"));
    }
}

#[test]
fn distances_and_times_are_rounded_for_people() {
    let plain = |locale: Locale, arg: Arg| {
        let words = Words::new(locale);
        let said = words.text(&Message::plain("passed-away").with("distance", arg));
        said.replace(['\u{2068}', '\u{2069}'], "").replace(" away", "")
    };
    for (metres, said) in
        [(4, "0 m"), (354, "350 m"), (994, "990 m"), (996, "1.0 km"), (1_249, "1.2 km"), (12_400, "12 km")]
    {
        assert_eq!(plain(Locale::En, Arg::Metres(metres)), said);
    }
    assert_eq!(plain(Locale::Fr, Arg::Metres(1_249)), "à 1,2 km");
    for (minutes, said) in [(40, "40 min"), (119, "119 min"), (130, "2 h"), (60 * 24 * 2, "2 days"), (60 * 24, "24 h")]
    {
        assert_eq!(plain(Locale::En, Arg::Minutes(minutes)), said);
    }
    let now = stamp("2026-07-01T21:00:00Z");
    for (at, said) in [
        ("2026-07-01T22:30:00Z", "23:30"),
        ("2026-07-02T05:00:00Z", "06:00"),
        ("2026-07-02T12:00:00Z", "tomorrow 13:00"),
        ("2026-07-04T07:30:00Z", "Saturday 08:30"),
        ("2026-08-04T07:30:00Z", "04/08/2026 08:30"),
    ] {
        assert_eq!(plain(Locale::En, Arg::When(When { at: stamp(at), now })), said);
    }
}

#[test]
fn a_language_is_read_with_or_without_its_region() {
    for (text, locale) in [("ar", Locale::Ar), ("fr_FR.UTF-8", Locale::Fr), ("EN-gb", Locale::En)] {
        assert_eq!(text.parse(), Ok(locale));
    }
    assert!("tamazight".parse::<Locale>().is_err() && "".parse::<Locale>().is_err());
}

/// Every `"error-…"`, `"vault-…"`, `"sync-…"` that the sources give a person has its words in each language.
#[test]
fn every_error_that_names_a_message_has_its_words_in_each_language() {
    fn collect(dir: &std::path::Path, keys: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, keys);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let literals = text.split('"');
                keys.extend(literals.filter(|word| is_key(word)).map(str::to_owned));
            }
        }
    }
    fn is_key(word: &str) -> bool {
        ["error-", "vault-", "sync-"].iter().any(|start| word.starts_with(start) && word.len() > start.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    }
    let mut keys = std::collections::BTreeSet::new();
    for folder in ["app", "store", "sync", "vault"] {
        collect(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut keys);
    }
    assert!(keys.len() > 50, "the scan finds the keys");
    for locale in Locale::ALL {
        let words = Words::new(locale);
        let silent: Vec<_> = keys.iter().filter(|key| words.say(key, None).is_none()).collect();
        assert!(silent.is_empty(), "{locale}: {silent:?}");
    }
}
