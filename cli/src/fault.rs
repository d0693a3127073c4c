//! For the fault tests only, feature `testing`: ends the process at a named fail point, as a battery that falls out.

use std::sync::atomic::{AtomicU64, Ordering};

/// `HIMAYA_KILL_AT=point` or `point:n`: the n-th time that the point is met.
const VARIABLE: &str = "HIMAYA_KILL_AT";

/// Sets the fail point that the environment names.
pub fn arm() {
    let Ok(wish) = std::env::var(VARIABLE) else { return };
    let (point, count) = match wish.rsplit_once(':') {
        Some((point, count)) => (point.to_owned(), count.parse().unwrap_or(1)),
        None => (wish, 1),
    };
    let met = AtomicU64::new(0);
    let set = fail::cfg_callback(point, move || {
        if met.fetch_add(1, Ordering::Relaxed) + 1 == count {
            std::process::abort();
        }
    });
    if let Err(error) = set {
        eprintln!("{VARIABLE}: {error}");
        std::process::exit(2);
    }
}
