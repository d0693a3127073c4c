//! Short texts of the guide with a checked form: names, notes, telephone numbers, census codes.
//!
//! Each is checked however it is made: typed, from CSV, from JSON, from CBOR.

use std::fmt;
use std::str::FromStr;

use crate::record::TermError;

/// Gives a type with `FromStr<Err = TermError>` and `Display` its CBOR and serde forms: that text.
macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = TermError;

            fn try_from(text: String) -> Result<Self, TermError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.to_string())?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.str()?.parse().map_err(minicbor::decode::Error::custom)
            }
        }
    };
}
pub(super) use as_text;

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $term:literal, $tidy:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TermError;

            fn from_str(text: &str) -> Result<Self, TermError> {
                let tidy: fn(&str) -> Option<String> = $tidy;
                tidy(text).map(|text| Self(text.into())).ok_or(TermError($term))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        as_text!($name);
    };
}

text_type!(
    /// The name of a service: 1 to 120 characters, trimmed, no control characters.
    Name, "name", |text| plain(text, 120)
);
text_type!(
    /// A remark on a dated exception: 1 to 200 characters, trimmed, no control characters.
    Note, "note", |text| plain(text, 200)
);
text_type!(
    /// A telephone number: an optional `+`, then 2 to 15 digits (ITU-T E.164; short ones such as 19 or 2511 included).
    /// Spaces, dots, dashes and brackets are dropped when it is read.
    Phone, "phone", |text| {
        let kept: String = text.trim().chars().filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '.' | '-' | '(' | ')')).collect();
        let digits = kept.strip_prefix('+').unwrap_or(&kept);
        let fits = (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(kept)
    }
);
text_type!(
    /// A census code of a region, province or commune: two digits, then groups of digits after dots, 16 at most
    /// (`06`, `06.141`, `06.141.01.00`). A longer code lies inside the shorter one it starts with.
    AreaCode, "area code", |text| {
        let text = text.trim();
        let grouped = text.split('.').all(|group| (2..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit()));
        (grouped && text.len() <= 16 && text.split('.').next().is_some_and(|region| region.len() == 2)).then(|| text.to_owned())
    }
);

/// Trimmed text of 1 to `most` characters without control or direction-changing characters, which would let a name
/// disguise what follows it on a screen.
fn plain(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let fits = (1..=most).contains(&text.chars().count())
        && !text.chars().any(|letter| {
            letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        });
    fits.then(|| text.to_owned())
}

impl AreaCode {
    /// Whether `other` is this area or lies inside it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&*self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::{AreaCode, Name, Phone};

    #[test]
    fn phone_numbers_are_tidied_and_checked() {
        assert_eq!("+212 5-22.00.00 00".parse::<Phone>().unwrap().as_str(), "+212522000000");
        assert_eq!("2511".parse::<Phone>().unwrap().as_str(), "2511");
        for bad in ["", "+", "1", "12a4", "++21", "1234567890123456"] {
            assert!(bad.parse::<Phone>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_area_contains_itself_and_what_starts_with_it_at_a_dot() {
        let code = |text: &str| text.parse::<AreaCode>().unwrap();
        assert!(code("06").contains(&code("06.141.01.00")) && code("06.141").contains(&code("06.141")));
        assert!(!code("06.14").contains(&code("06.141")) && !code("06.141").contains(&code("06")));
        for bad in ["", "6", "06.", "06..14", "06.a1", "06.141.01.00.0000"] {
            assert!(bad.parse::<AreaCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_may_not_turn_the_text_around_it() {
        assert!("مركز \u{202e}x".parse::<Name>().is_err() && "a\u{7}b".parse::<Name>().is_err());
        assert_eq!("  مركز الأمل ".parse::<Name>().unwrap().as_str(), "مركز الأمل");
    }
}
