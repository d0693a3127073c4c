//! Where the tests kill the process.

/// Every write boundary of the vault, in no order. Active with the feature `testing` only.
pub const FAIL_POINTS: &[&str] = &[
    "vault.disk.before_rename",
    "vault.tries.before_write",
    "vault.tries.after_write",
    "vault.unlock.after_count",
    "vault.unlock.after_judged",
    "vault.slot.before_write",
    "vault.slot.after_write",
    "vault.slot.before_destroy",
    "vault.slot.after_destroy",
    "vault.wipe.before_marker",
    "vault.wipe.before_keystore",
    "vault.wipe.before_slots",
    "vault.wipe.before_file",
    "vault.wipe.before_done",
];
