//! The shape of the command line: the tree of commands, completions, manual pages, a reader that goes away.

use std::fmt::Write;
use std::process::Stdio;

use crate::lab::Lab;

#[test]
fn the_tree_of_commands_is_as_recorded() {
    let lab = Lab::new();
    let mut tree = String::new();
    for command in [
        &[][..],
        &["authority"],
        &["hub"],
        &["field"],
        &["field", "answer"],
        &["field", "guide"],
        &["doctor"],
        &["demo"],
        &["bench"],
    ] {
        let output = lab.run(&[command, &["--help"]].concat());
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        writeln!(tree, "=== himaya {}\n{help}", command.join(" ")).unwrap();
    }
    insta::assert_snapshot!("tree", tree);
}

#[test]
fn completions_and_manual_pages_are_made() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = lab.run(&["completions", shell]);
        assert!(output.status.success() && output.stdout.len() > 1_000, "{shell}");
    }
    let pages = lab.json(&["man", "pages"])["pages"].as_array().unwrap().len();
    assert!(pages > 40, "{pages}");
    let page = std::fs::read_to_string(lab.path("pages").join("himaya-field-spot.1")).unwrap();
    assert!(page.contains("write\\-only"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let lab = Lab::new();
    let mut child = lab.command(&["completions", "zsh"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn without_a_command_the_help_is_shown() {
    let lab = Lab::new();
    let output = lab.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("himaya demo"));
    let version = lab.run(&["--version"]);
    assert!(version.status.success());
}
