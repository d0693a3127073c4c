//! The demo and the bench as a script runs them: everything that had to hold did, and what is kept can be used.

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, himaya, run};

/// As the demo's own page prints it.
const PASSPHRASE: &str = "abacus abdomen yo-yo zoom unruly";

#[test]
fn the_night_holds_and_what_it_leaves_can_be_looked_at() {
    let folder = TempDir::new().expect("a folder");
    let kept = folder.path().join("kept");
    let kept = kept.to_str().expect("a name");
    let story: Value = run(["demo", "--json", "--keep", kept]).json();
    let checks = story["checks"].as_array().expect("checks");
    assert!(checks.len() > 15);
    assert!(checks.iter().all(|check| check["held"] == true), "{checks:?}");
    let proof = &story["proof"];
    assert_eq!(
        (proof["found_at_hub"].as_u64(), proof["found_on_devices"].as_u64()),
        (Some(0), proof["in_records"].as_u64())
    );
    assert!(proof["in_records"].as_u64() > Some(1_000));
    assert!(story["services"].as_u64() > Some(200));
    assert_eq!(story["units"], serde_json::json!([1, 5, 20]));

    let looked = |arguments: &[&str]| Ran::of(himaya(arguments).env("HIMAYA_PASSPHRASE", PASSPHRASE)).json();
    let field =
        |device: &str, command: &str| looked(&["field", "--dir", &format!("{kept}/{device}"), command, "--json"]);
    assert!(!field("upe-1", "list").as_array().expect("lines").is_empty());
    assert!(!field("cape", "board")["cells"].as_array().expect("cells").is_empty());
    assert_eq!(field("sas-1", "status")["unsent"], 0);
    assert_eq!(run(["demo", "--keep", kept, "--json"]).error(), "demo-folder");
}

#[test]
fn a_quick_bench_gives_every_figure_with_its_goal() {
    let figures = run(["bench", "--quick", "--json"]).json();
    let figures = figures.as_array().expect("figures");
    assert!(figures.len() >= 12);
    assert!(figures.iter().all(|figure| figure["what"].is_string() && figure["value"].is_string()));
}
