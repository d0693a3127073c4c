//! What a shell, a pager and a terminal meet.

use std::process::Stdio;

use clap_free::commands;
use tempfile::TempDir;

use crate::program::{Ran, himaya, run};
use crate::town::{text, town};

/// The commands as the help tells them: what is typed is what is documented.
mod clap_free {
    /// The commands under a command, from its help.
    pub fn commands(help: &str) -> Vec<String> {
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let listed =
            lines.take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = listed.filter_map(|line| line.split_whitespace().next());
        names.filter(|name| *name != "help").map(str::to_owned).collect()
    }
}

fn helps(path: &[String], into: &mut String) {
    let mut command = himaya(path);
    let help = Ran::of(command.arg("-h").env("COLUMNS", "100")).done();
    into.push_str(&["== himaya ", &path.join(" "), "\n", &help, "\n"].concat());
    for name in commands(&help) {
        helps(&[path, &[name]].concat(), into);
    }
}

#[test]
fn the_help_of_every_command_is_as_recorded() {
    let mut all = String::new();
    helps(&[], &mut all);
    insta::assert_snapshot!("help", all);
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(["completions", shell]).done();
        assert!(script.contains("himaya") && script.contains("spot") && script.len() > 10_000, "{shell}");
    }
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let folder = TempDir::new().expect("a folder");
    let pages = run(["--json", "man", text(folder.path())]).json();
    let pages = pages["pages"].as_array().expect("pages");
    assert!(pages.len() > 40, "{}", pages.len());
    for name in ["himaya.1", "himaya-field-spot.1", "himaya-hub-run.1", "himaya-doctor.1"] {
        assert!(pages.iter().any(|page| page == name), "{name}");
        assert!(std::fs::read_to_string(folder.path().join(name)).expect("a page").contains(".TH"));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child =
        himaya(["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn no_escape_codes_are_written_where_nobody_sees_colour() {
    let unit = &town().sas;
    let mut plain = himaya(["field", "list", "--dir"]);
    let listed = Ran::of(plain.arg(&unit.dir).arg("--passphrase-file").arg(&unit.pass));
    let failed = run(["field", "list", "--dir", "/nowhere"]);
    let help = run(["--help"]);
    let misused = run(["field", "spot", "--sex", "x"]);
    let no_colour = Ran::of(himaya(["doctor"]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1"));
    for ran in [listed, failed, help, misused, no_colour] {
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{ran:?}");
    }
}

#[test]
fn every_listing_is_json_for_scripts() {
    let town = town();
    let unit = &town.sas;
    for listing in [
        &["list"][..],
        &["list", "--kind", "round"],
        &["search", "invented"],
        &["inbox"],
        &["inbox", "--sent"],
        &["claim"],
        &["guide", "list"],
        &["guide", "export", "--geojson"],
        &["round", "show"],
        &["status"],
        &["status", "--locked"],
        &["lock"],
    ] {
        unit.json(listing);
    }
    town.cape.json(&["board"]);
    run(["--json", "authority", "list", "--dir", text(&town.path("authority"))]).json();
    run(["--json", "doctor"]).json();
}

#[test]
fn pages_are_written_in_three_languages() {
    let unit = &town().sas;
    let page = |lang: &str| {
        let mut command = himaya(["--lang", lang, "field", "round", "show", "--dir"]);
        Ran::of(command.arg(&unit.dir).arg("--passphrase-file").arg(&unit.pass)).done()
    };
    assert_eq!(page("en").trim(), "No round is open.");
    assert_ne!(page("fr"), page("en"));
    assert!(page("ar").chars().any(|letter| ('\u{600}'..'\u{700}').contains(&letter)));
}
