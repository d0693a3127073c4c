//! Fail points: where the fault tests stop a write, or the whole process.
//!
//! Off unless the feature `testing` is on. `return` at a point gives [`StoreError::Interrupted`]; `return(abort)` ends
//! the process on the spot, as a battery that falls out would.

use super::StoreError;

/// Every fail point of the store, in the order in which a write meets them.
pub const FAIL_POINTS: &[&str] = &[
    "store.write.begin",
    "store.append.before_insert",
    "store.append.after_insert",
    "store.projection.before_put",
    "store.projection.after_put",
    "store.write.before_commit",
    "store.write.after_commit",
    "carrier.write.begin",
    "carrier.enqueue.after_insert",
    "carrier.clear.after_delete",
    "carrier.page.after_items",
    "carrier.entries.after_insert",
    "carrier.write.before_commit",
    "carrier.write.after_commit",
];

/// Passes, unless a test has set `point`.
#[allow(clippy::unnecessary_wraps)] // It fails with the feature `testing` only.
pub(crate) fn reach(point: &'static str) -> Result<(), StoreError> {
    fail::fail_point!(point, armed(), |how| {
        if how.as_deref() == Some("abort") {
            std::process::abort();
        }
        Err(StoreError::Interrupted)
    });
    let _ = (point, armed as fn() -> bool);
    Ok(())
}

#[cfg(not(test))]
const fn armed() -> bool {
    true
}

/// Unit tests share one process, so a point works only on the thread that armed it.
#[cfg(test)]
fn armed() -> bool {
    ARMED.with(std::cell::Cell::get)
}

#[cfg(test)]
thread_local! {
    static ARMED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Sets a fail point for this thread until dropped.
#[cfg(test)]
pub(crate) struct Armed(&'static str);

#[cfg(test)]
impl Armed {
    pub(crate) fn new(point: &'static str, action: &str) -> Self {
        ARMED.with(|armed| armed.set(true));
        fail::cfg(point, action).expect("an action of the fail crate");
        Self(point)
    }
}

#[cfg(test)]
impl Drop for Armed {
    fn drop(&mut self) {
        ARMED.with(|armed| armed.set(false));
        fail::remove(self.0);
    }
}
