//! Fuzz runs on stable: the coverage flags that cargo-fuzz gives, without a sanitizer (there is no `unsafe` to watch).
use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Count, cargo, check, root, target};

const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1 --cfg fuzzing";

/// Builds every target and runs each on its corpus for so many seconds. What it finds new stays under the build folder.
pub fn run(seconds: u64, only: Option<&str>) -> Result<Count, String> {
    let (folder, build) = (root().join("wire/fuzz"), target().join("fuzz"));
    // With a target named, the flags stay off build scripts and macros.
    let host = host()?;
    let mut build_all = cargo();
    build_all.current_dir(&folder).env("CARGO_TARGET_DIR", &build).env("RUSTFLAGS", FLAGS);
    check(build_all.args(["build", "--release", "--locked", "--bins", "--target", &host]))?;
    let mut count = Count::default();
    for name in names(&folder)?.iter().filter(|name| only.is_none_or(|only| only == *name)) {
        let found = build.join("found").join(name);
        std::fs::create_dir_all(build.join("crash")).map_err(|error| error.to_string())?;
        std::fs::create_dir_all(&found).map_err(|error| error.to_string())?;
        let mut fuzzer = Command::new(build.join(&host).join("release").join(name));
        fuzzer.arg(&found).arg(folder.join("corpus").join(name)).stdin(Stdio::null()).stderr(Stdio::null());
        fuzzer.args([format!("-max_total_time={seconds}"), "-timeout=10".into(), "-rss_limit_mb=1024".into()]);
        fuzzer.arg("-max_len=8192").arg(format!("-artifact_prefix={}-", build.join("crash").join(name).display()));
        let passed = check(&mut fuzzer).is_ok();
        println!("fuzz {name:<12} {}", if passed { "ok" } else { "FAILED" });
        count.add(Count::one(passed));
    }
    if count.passed + count.failed == 0 { Err("no such fuzz target".into()) } else { Ok(count) }
}

/// The machine's own target, as rustc names it.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc has no host".into())
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let files = std::fs::read_dir(folder.join("fuzz_targets")).map_err(|error| error.to_string())?;
    let mut names: Vec<_> =
        files.flatten().filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}
