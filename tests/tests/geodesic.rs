//! Distances, checked against GeographicLib.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use himaya_core::directory::distance_m;
use himaya_core::record::Point;

const PAIRS: u64 = 10_000;
const SEED: u64 = 20_260_701;

/// Numbers from 0 to 1 in a fixed order (Steele et al., *Fast splittable pseudorandom number generators*, 2014).
fn fractions(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    })
}

#[test]
fn ten_thousand_distances_agree_with_geographiclib_to_a_metre() {
    let mut random = fractions(SEED);
    let mut between = |from: f64, to: f64| from + (to - from) * random.next().unwrap();
    let mut lines = String::new();
    for pair in 0..PAIRS {
        let (a, b) = match pair % 4 {
            // Inside Morocco; a walk apart; anywhere; nearly opposite, where lesser methods fail.
            0 => ((between(21.0, 36.0), between(-17.0, -1.0)), (between(21.0, 36.0), between(-17.0, -1.0))),
            1 => {
                let (lat, lon) = (between(21.0, 36.0), between(-17.0, -1.0));
                ((lat, lon), (lat + between(-0.02, 0.02), lon + between(-0.02, 0.02)))
            }
            2 => ((between(-90.0, 90.0), between(-180.0, 180.0)), (between(-90.0, 90.0), between(-180.0, 180.0))),
            _ => {
                let (lat, lon) = (between(-89.0, 89.0), between(-179.0, -1.0));
                ((lat, lon), (-lat + between(-1.0, 1.0), lon + 180.0 + between(-1.0, 1.0)))
            }
        };
        let point = |(lat, lon): (f64, f64)| Point::new(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 180.0)).unwrap();
        let (a, b) = (point(a), point(b));
        let metres = distance_m(a, b);
        writeln!(lines, "{},{},{},{},{metres}", a.lat_deg(), a.lon_deg(), b.lat_deg(), b.lon_deg()).unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/foreign/geodesic/check.py");
    let mut child = Command::new(himaya_tests::python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("seed {SEED}: {said}");
    assert!(output.status.success() && said.starts_with("10000 pairs"), "{said}");
}
