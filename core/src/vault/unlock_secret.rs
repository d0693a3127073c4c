//! What a worker types to unlock: a PIN where hardware slows guessing, else five random words.

use std::fmt;

use diceware_wordlists::EFF_LONG_WORDLIST;
use himaya_wire::WireError;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::error::{BadPassphrase, VaultError, WeakPin};
use super::kdf::KdfParams;

const PIN_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;
const WORDS: usize = 5;
/// Chosen by many, and neither a run nor one pattern repeated.
const COMMON_PINS: [&str; 14] = [
    "112233", "123321", "147258", "147852", "159357", "159753", "258456", "741852", "753951", "789456", "987456",
    "102030", "332211", "123654",
];

/// A new PIN that is not too easy to guess.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin(Zeroizing<String>);

/// Five random words of the EFF large list: 7776 words, 64.6 bits.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Passphrase(Zeroizing<String>);

/// A new PIN or passphrase.
#[derive(Debug)]
pub enum UnlockSecret {
    /// A PIN.
    Pin(Pin),
    /// A passphrase.
    Passphrase(Passphrase),
}

/// What a vault accepts from its workers, and at which cost it seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultPolicy {
    /// Whether a PIN will do where the keystore is hardware. Without hardware a passphrase is always asked for.
    pub pin: bool,
    /// The cost of a guess.
    pub kdf: KdfParams,
}

impl Default for VaultPolicy {
    fn default() -> Self {
        Self { pin: true, kdf: KdfParams::DEFAULT }
    }
}

impl VaultPolicy {
    /// **For tests and the demo only**: like the default, with a cost that protects nothing.
    pub const fn dangerous_cheap() -> Self {
        Self { pin: true, kdf: KdfParams::TEST }
    }
}

impl Pin {
    /// Takes six to twelve digits, Arabic ones too, that are no pattern.
    pub fn new(text: &str) -> Result<Self, VaultError> {
        let digits = normalise(text);
        let weak = |why| Err(VaultError::WeakPin(why));
        let bytes = digits.as_bytes();
        if !bytes.iter().all(u8::is_ascii_digit) {
            return weak(WeakPin::NotDigits);
        }
        if bytes.len() < *PIN_DIGITS.start() {
            return weak(WeakPin::Short);
        }
        if bytes.len() > *PIN_DIGITS.end() {
            return weak(WeakPin::Long);
        }
        // One pattern of up to half the PIN, over and over, the last time perhaps cut short.
        if (1..=bytes.len() / 2).any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b)) {
            return weak(WeakPin::Repeated);
        }
        // Up or down by one, 0 after 9.
        let steps_by = |step: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + step) % 10 == pair[1] - b'0');
        if steps_by(1) || steps_by(9) {
            return weak(WeakPin::Run);
        }
        if COMMON_PINS.contains(&digits.as_str()) {
            return weak(WeakPin::Common);
        }
        Ok(Self(digits))
    }
}

impl Passphrase {
    /// Five different words, drawn without bias. Drawing anew on a second equal word costs 0.002 bits.
    pub fn generate() -> Result<Self, VaultError> {
        let mut words: Vec<&str> = Vec::with_capacity(WORDS);
        while words.len() < WORDS {
            let word = random_word()?;
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Ok(Self(Zeroizing::new(words.join(" "))))
    }

    /// Reads what someone typed: case and blanks do not matter. Says which word is not in the list.
    ///
    /// It cannot tell random words from chosen ones: offer [`Passphrase::generate`], and have it typed back.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = normalise(text);
        let bad = |why| Err(VaultError::BadPassphrase(why));
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if words.len() != WORDS {
            return bad(BadPassphrase::NotFive);
        }
        for (place, word) in (1_u8..).zip(&words) {
            if !EFF_LONG_WORDLIST.contains(word) {
                return bad(BadPassphrase::UnknownWord(place));
            }
        }
        if words.iter().enumerate().any(|(place, word)| words.iter().skip(place + 1).any(|other| other == word)) {
            return bad(BadPassphrase::Twice);
        }
        Ok(Self(text))
    }

    /// The words, to show them once to the person who will remember them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl UnlockSecret {
    /// Reads a new PIN (digits only) or passphrase.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        if text.chars().any(char::is_alphabetic) {
            Passphrase::parse(text).map(Self::Passphrase)
        } else {
            Pin::new(text).map(Self::Pin)
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Pin(pin) => &pin.0,
            Self::Passphrase(passphrase) => &passphrase.0,
        }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// The one form of what was typed: Arabic and Persian digits as ASCII, lower case, single blanks; in a PIN none.
pub(super) fn normalise(text: &str) -> Zeroizing<String> {
    let words = !text.chars().all(|c| c.is_whitespace() || c.is_numeric());
    // Never grows by lower-casing ASCII words; a reallocation would leave a copy behind.
    let mut normal = Zeroizing::new(String::with_capacity(text.len() * 2 + 4));
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && words && !normal.is_empty() {
            normal.push(' ');
        }
        blank = false;
        match c {
            '٠'..='٩' | '۰'..='۹' => normal.extend(char::from_digit(u32::from(c) & 0xf, 10)),
            _ => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

fn random_word() -> Result<&'static str, VaultError> {
    let count = u16::try_from(EFF_LONG_WORDLIST.len()).unwrap_or(u16::MAX);
    // The largest multiple of the list's length: a number above it would favour the first words.
    let fair = u16::MAX - u16::MAX % count;
    loop {
        let mut bytes = [0_u8; 2];
        SystemRandom::new().fill(&mut bytes).map_err(|_| WireError::Key("random generator"))?;
        let number = u16::from_le_bytes(bytes);
        if number < fair
            && let Some(word) = EFF_LONG_WORDLIST.get(usize::from(number % count))
        {
            return Ok(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use diceware_wordlists::EFF_LONG_WORDLIST;

    use super::{Passphrase, Pin, UnlockSecret, normalise};
    use crate::vault::{BadPassphrase, VaultError, WeakPin};

    #[test]
    fn a_pin_that_people_choose_most_is_refused_with_the_reason() {
        for (pin, why) in [
            ("12345", WeakPin::Short),
            ("1234567890123", WeakPin::Long),
            ("", WeakPin::Short),
            ("12a456", WeakPin::NotDigits),
            ("111111", WeakPin::Repeated),
            ("121212", WeakPin::Repeated),
            ("123123", WeakPin::Repeated),
            ("123456", WeakPin::Run),
            ("654321", WeakPin::Run),
            ("890123", WeakPin::Run),
            ("١٢٣٤٥٦", WeakPin::Run),
            ("112233", WeakPin::Common),
        ] {
            assert_eq!(Pin::new(pin).unwrap_err(), VaultError::WeakPin(why), "{pin}");
        }
        assert!(Pin::new("480917").is_ok());
    }

    #[test]
    fn arabic_digits_and_blanks_make_the_same_pin() {
        assert_eq!(*normalise("٤٨٠ ٩١٧"), "480917");
        assert_eq!(*normalise("۴۸۰۹۱۷"), "480917");
        assert_eq!(*normalise(" 480 917 "), "480917");
    }

    #[test]
    fn a_passphrase_is_five_words_of_a_list_of_sixty_four_bits() {
        assert_eq!(EFF_LONG_WORDLIST.len(), 7776);
        let bits = f64::log2(7776.0) * 5.0;
        assert!(bits >= 64.0);
        let first = Passphrase::generate().unwrap();
        let second = Passphrase::generate().unwrap();
        assert_ne!(first.reveal(), second.reveal());
        assert_eq!(first.reveal().split(' ').count(), 5);
        assert_eq!(Passphrase::parse(first.reveal()).unwrap().reveal(), first.reveal());
    }

    #[test]
    fn case_and_blanks_in_a_typed_passphrase_do_not_matter() {
        let typed = Passphrase::parse("  Abacus ABDOMEN\tyo-yo\n zoom  unruly ").unwrap();
        assert_eq!(typed.reveal(), "abacus abdomen yo-yo zoom unruly");
    }

    #[test]
    fn a_mistyped_passphrase_says_which_word() {
        let refused = |text: &str| match Passphrase::parse(text) {
            Err(VaultError::BadPassphrase(why)) => why,
            _ => panic!("{text}"),
        };
        assert_eq!(refused("abacus abdomen yo-yo zoom"), BadPassphrase::NotFive);
        assert_eq!(refused("abacus abdomeen yo-yo zoom unruly"), BadPassphrase::UnknownWord(2));
        assert_eq!(refused("abacus abdomen yo-yo zoom abacus"), BadPassphrase::Twice);
    }

    #[test]
    fn neither_pin_nor_passphrase_shows_in_debug() {
        let secret = UnlockSecret::parse("480917").unwrap();
        assert_eq!(format!("{secret:?}"), "Pin(Pin(…))");
        let secret = UnlockSecret::parse("abacus abdomen yo-yo zoom unruly").unwrap();
        assert_eq!(format!("{secret:?}"), "Passphrase(Passphrase(…))");
    }

    #[test]
    fn no_word_is_never_drawn() {
        let mut last = false;
        let mut first = false;
        for _ in 0..200_000 {
            let word = super::random_word().unwrap();
            first |= word == EFF_LONG_WORDLIST[0];
            last |= word == EFF_LONG_WORDLIST[7775];
        }
        assert!(first && last);
    }
}
