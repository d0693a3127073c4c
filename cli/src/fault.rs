//! Where the fault tests end this process, as a battery that falls out would: `HIMAYA_KILL_AT=point` at the first
//! reach of a fail point, `HIMAYA_KILL_AT=point:n` at the n-th. Only with the feature `testing`.

use std::sync::atomic::{AtomicU32, Ordering};

const VARIABLE: &str = "HIMAYA_KILL_AT";

/// Arms the fail point that the environment names, if it names one.
pub fn arm() {
    let Ok(wanted) = std::env::var(VARIABLE) else { return };
    let (point, at) = match wanted.rsplit_once(':') {
        Some((point, at)) => (point, at.parse().ok()),
        None => (wanted.as_str(), Some(1)),
    };
    let Some(at) = at.filter(|at| *at > 0) else { return wrong("point or point:n") };
    let known = [himaya_core::store::fault::FAIL_POINTS, himaya_core::vault::FAIL_POINTS, himaya_hub::FAIL_POINTS];
    if !known.concat().contains(&point) {
        return wrong("the name of a fail point");
    }
    let reached = AtomicU32::new(0);
    let kill = move || {
        if reached.fetch_add(1, Ordering::SeqCst) + 1 == at {
            std::process::abort();
        }
    };
    if fail::cfg_callback(point, kill).is_err() {
        wrong("the name of a fail point");
    }
}

/// A fault test that kills nothing would pass for nothing: it must end at once.
fn wrong(form: &str) {
    eprintln!("{VARIABLE}: write {form}");
    std::process::exit(2);
}
