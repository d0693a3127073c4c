//! Canaries: words and points that must never be found where they do not belong, in the forms a program keeps them.

use data_encoding::{BASE64_NOPAD, HEXLOWER, HEXUPPER};
use himaya_core::matching::search_key;

/// Something planted, and the byte patterns by which it would be recognised.
#[derive(Clone, Debug)]
pub struct Canary {
    /// What it is, for the message of a failed test.
    pub name: String,
    /// Any one of these gives it away.
    pub patterns: Vec<Vec<u8>>,
    /// Short patterns, which only count near each other: latitude and longitude in one binary form.
    pub pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Canary {
    /// Words: as they are, as they are searched for, UTF-16, base 64 at each offset, hexadecimal, escaped.
    pub fn text(text: &str) -> Self {
        let mut patterns = Vec::new();
        for form in [text.to_owned(), search_key(text)] {
            patterns.extend(encodings(form.as_bytes()));
            patterns.push(form.encode_utf16().flat_map(u16::to_le_bytes).collect());
            patterns.push(form.encode_utf16().flat_map(u16::to_be_bytes).collect());
            let escaped = |unit: u16| format!("\\u{unit:04x}");
            let json: String = form.encode_utf16().map(escaped).collect();
            patterns.push(json.to_uppercase().replace("\\U", "\\u").into_bytes());
            patterns.push(json.into_bytes());
            patterns.push(form.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect());
        }
        patterns.sort();
        patterns.dedup();
        assert!(patterns.iter().all(|pattern| pattern.len() >= 8), "a shorter canary is found by chance");
        Self { name: text.to_owned(), patterns, pairs: Vec::new() }
    }

    /// A point: each coordinate as decimal text of three to seven digits, as a binary number of 64 bits; both together
    /// as numbers of 32 bits, real and in 1e5, 1e6 and 1e7 of a degree, either end first.
    pub fn point(lat_deg: f64, lon_deg: f64) -> Self {
        let mut patterns = Vec::new();
        for degrees in [lat_deg, lon_deg] {
            // Fewer digits than these stand in any program by chance.
            let least = if degrees.abs() < 10.0 { 5 } else { 4 };
            for digits in least..=7 {
                let text = format!("{degrees:.digits$}");
                patterns.push(text.clone().into_bytes());
                patterns.push(text.replace('.', ",").into_bytes());
                patterns.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            }
            patterns.push(degrees.to_le_bytes().to_vec());
            patterns.push(degrees.to_be_bytes().to_vec());
        }
        let mut pairs = Vec::new();
        #[allow(clippy::cast_possible_truncation)] // The reduced form is what is looked for.
        let real = (lat_deg as f32, lon_deg as f32);
        pairs.push((real.0.to_le_bytes().to_vec(), real.1.to_le_bytes().to_vec()));
        pairs.push((real.0.to_be_bytes().to_vec(), real.1.to_be_bytes().to_vec()));
        for scale in [1e5, 1e6, 1e7] {
            #[allow(clippy::cast_possible_truncation)] // Degrees by 1e7 fit.
            let whole = |degrees: f64| (degrees * scale).round() as i32;
            let (lat, lon) = (whole(lat_deg), whole(lon_deg));
            pairs.push((lat.to_le_bytes().to_vec(), lon.to_le_bytes().to_vec()));
            pairs.push((lat.to_be_bytes().to_vec(), lon.to_be_bytes().to_vec()));
            // CBOR (RFC 8949 section 3.1) writes a negative number n as -1 - n.
            let cbor = |number: i32| if number < 0 { -1 - number } else { number }.to_be_bytes().to_vec();
            pairs.push((cbor(lat), cbor(lon)));
        }
        patterns.sort();
        patterns.dedup();
        Self { name: format!("{lat_deg}, {lon_deg}"), patterns, pairs }
    }

    /// A key or other bytes.
    pub fn bytes(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), patterns: encodings(bytes), pairs: Vec::new() }
    }
}

/// As they are, in hexadecimal of either case, and in base 64 wherever they begin in a longer text.
fn encodings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![bytes.to_vec(), HEXLOWER.encode(bytes).into_bytes(), HEXUPPER.encode(bytes).into_bytes()];
    for offset in 0..3 {
        let mut padded = vec![0; offset];
        padded.extend_from_slice(bytes);
        let text = BASE64_NOPAD.encode(&padded).into_bytes();
        // The letters at both ends also hold bits of the neighbours.
        let first = (offset * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        let inner = text[first..last].to_vec();
        let url = inner.iter().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        all.push(url.collect());
        all.push(inner);
    }
    all
}

/// Invented words, new at each run: what stands in the test's own program would be found in any process that runs it.
pub fn fresh_words(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let random = [himaya_wire::EventId::make_random(), himaya_wire::EventId::make_random()];
    let letters =
        random.iter().flat_map(himaya_wire::EventId::as_bytes).map(|byte| letters[usize::from(*byte) % letters.len()]);
    let letters: Vec<char> = letters.take(21).collect();
    let words: Vec<String> = letters.chunks(7).map(|word| word.iter().collect()).collect();
    words.join(" ")
}

/// An invented point inland, new at each run, in degrees with five digits.
pub fn fresh_point() -> (f64, f64) {
    let id = himaya_wire::EventId::make_random();
    let number = |at: usize| u32::from_be_bytes(id.as_bytes()[at..at + 4].try_into().unwrap());
    // The last digit is never zero, so that no shorter number is the same.
    let degrees = |least: u32, random: u32| f64::from(least + (random % 30_000) * 10 + 1 + random % 9) / 1e5;
    (degrees(3_000_000, number(0)), -degrees(500_000, number(4)))
}
