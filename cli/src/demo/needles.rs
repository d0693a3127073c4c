//! What is searched for: every name, note and coordinate that the demo used, in each form it could have been written.

use std::collections::BTreeSet;
use std::fmt::Write;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use himaya_core::app::NewSpotting;
use himaya_core::directory::Service;
use himaya_core::record::{Place, Point};

/// Shorter patterns would be found by chance in megabytes of ciphertext.
const LEAST_BYTES: usize = 6;

/// The texts and points used.
#[derive(Default)]
pub struct Needles {
    texts: BTreeSet<String>,
    points: BTreeSet<Point>,
    /// Used, but in no record: crew names.
    elsewhere: BTreeSet<String>,
}

impl Needles {
    /// Notes a text, its longer words, and each two words that stand together. A single Latin word is left out: any
    /// program has words such as "closed" in it.
    pub fn text(&mut self, text: &str) {
        let words: Vec<&str> = text.split(' ').collect();
        let single = words.iter().filter(|word| !word.is_ascii() && word.chars().count() >= 6);
        self.texts.extend(single.map(|word| (*word).to_owned()));
        let pairs = words.windows(2).map(|pair| pair.join(" ")).filter(|pair| pair.chars().count() >= 12);
        self.texts.extend(pairs);
        self.texts.insert(text.to_owned());
    }

    /// Notes a text that is used and stands in no record.
    pub fn text_elsewhere(&mut self, text: &str) {
        self.elsewhere.insert(text.to_owned());
    }

    /// Notes a place.
    pub fn place(&mut self, place: &Place) {
        self.points.extend(place.point);
        if let Some(landmark) = &place.landmark {
            self.text(landmark);
        }
    }

    /// Notes all that a spotting says.
    pub fn spotting(&mut self, new: &NewSpotting) {
        for text in [&new.name, &new.nickname, &new.description, &new.note].into_iter().flatten() {
            self.text(text);
        }
        self.place(&new.place);
    }

    /// Notes a service of the guide.
    pub fn service(&mut self, service: &Service) {
        self.text(service.profile.name_ar.as_str());
        self.text(service.profile.name_fr.as_str());
        self.texts.insert(service.profile.phone.to_string());
        self.points.insert(service.profile.point);
    }

    /// How many texts, those in no record too.
    pub fn text_count(&self) -> usize {
        self.texts.len() + self.elsewhere.len()
    }

    /// How many points.
    pub fn point_count(&self) -> usize {
        self.points.len()
    }

    /// How many stand in records.
    pub fn in_records(&self) -> usize {
        self.texts.len() + self.points.len()
    }

    /// What each needle is, in the order of [`Needles::patterns`]: to say what was found where nothing should be.
    pub fn labels(&self) -> Vec<String> {
        let point = |point: &Point| format!("{:.5}, {:.5}", point.lat_deg(), point.lon_deg());
        let (texts, points) = (self.texts.iter().cloned(), self.points.iter().map(point));
        texts.chain(points).chain(self.elsewhere.iter().cloned()).collect()
    }

    /// Every needle with its forms: those in records first.
    pub fn patterns(&self) -> Vec<Vec<Vec<u8>>> {
        let texts = self.texts.iter().map(|text| text_forms(text));
        let points = self.points.iter().map(|point| point_forms(*point));
        texts.chain(points).chain(self.elsewhere.iter().map(|text| text_forms(text))).collect()
    }
}

fn text_forms(text: &str) -> Vec<Vec<u8>> {
    let utf8 = text.as_bytes().to_vec();
    let mut forms = vec![
        text.to_lowercase().into_bytes(),
        text.to_uppercase().into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        HEXLOWER.encode(&utf8).into_bytes(),
        HEXUPPER.encode(&utf8).into_bytes(),
        escaped(text),
        utf8.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect(),
    ];
    for shift in 0..3 {
        forms.extend(base64_forms(&utf8, shift));
    }
    forms.push(utf8);
    forms.retain(|form| form.len() >= LEAST_BYTES);
    forms.sort();
    forms.dedup();
    forms
}

/// The letters in the middle of a base 64 text that depend on nothing before or after: for each place in a group of three.
fn base64_forms(bytes: &[u8], shift: usize) -> Vec<Vec<u8>> {
    let mut shifted = vec![0; shift];
    shifted.extend_from_slice(bytes);
    let whole = shifted.len() / 3 * 3;
    let skip = if shift == 0 { 0 } else { 4 };
    [BASE64.encode(&shifted[..whole]), BASE64URL.encode(&shifted[..whole])]
        .iter()
        .filter_map(|text| text.as_bytes().get(skip..).map(<[u8]>::to_vec))
        .filter(|form| form.len() >= 8)
        .collect()
}

/// As JSON writes letters beyond ASCII.
fn escaped(text: &str) -> Vec<u8> {
    let mut form = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => form.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(form, "\\u{unit:04x}");
            }
        }
    }
    form.into_bytes()
}

fn point_forms(point: Point) -> Vec<Vec<u8>> {
    let (lat, lon) = (point.lat_deg(), point.lon_deg());
    let mut forms = Vec::new();
    for value in [lat, lon] {
        // A decimal comma too. Fewer digits than five would be found in any list of times.
        let text = format!("{value:.5}");
        forms.push(text.replace('.', ",").into_bytes());
        forms.push(text.into_bytes());
        forms.push(value.to_le_bytes().to_vec());
        forms.push(value.to_be_bytes().to_vec());
    }
    for digits in [3, 4] {
        for apart in [",", ", ", " ", ";"] {
            forms.push(format!("{lat:.digits$}{apart}{lon:.digits$}").into_bytes());
            forms.push(format!("{lon:.digits$}{apart}{lat:.digits$}").into_bytes());
        }
    }
    for (first, second) in [(lat, lon), (lon, lat)] {
        #[allow(clippy::cast_possible_truncation)] // The forms of a smaller number type are what is made here.
        let small = [first as f32, second as f32];
        forms.push(small.iter().flat_map(|value| value.to_le_bytes()).collect());
        forms.push(small.iter().flat_map(|value| value.to_be_bytes()).collect());
        for scale in [1e5, 1e6, 1e7] {
            #[allow(clippy::cast_possible_truncation)] // At most 1.8e9.
            let whole = [(first * scale).round() as i32, (second * scale).round() as i32];
            forms.push(whole.iter().flat_map(|value| value.to_le_bytes()).collect());
            forms.push(whole.iter().flat_map(|value| value.to_be_bytes()).collect());
            forms.push(whole.iter().flat_map(|value| minicbor::to_vec(value).unwrap_or_default()).collect());
        }
    }
    forms.retain(|form| form.len() >= LEAST_BYTES);
    forms
}
