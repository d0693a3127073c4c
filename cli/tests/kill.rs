//! The process ended at a fail point, as by a battery that falls out. With the feature `testing` only.

use tempfile::TempDir;

use crate::program::{Ran, himaya};
use crate::town::town;

#[test]
fn a_spotting_is_kept_from_its_commit_on_and_not_a_moment_earlier() {
    for (point, kept) in [("store.write.before_commit", 0), ("store.write.after_commit", 1), ("carrier.write.begin", 1)]
    {
        let folder = TempDir::new().expect("a folder");
        let unit = town().sas.copied(&folder.path().join("sas"));
        let count = || unit.json(&["list", "--kind", "spotting"]).as_array().map_or(0, Vec::len);
        let before = count();
        let mut spot = unit.command(&["spot", "--concern", "begging", "--name", "Last Name"]);
        let ran = Ran::of(spot.env("HIMAYA_KILL_AT", point));
        assert_eq!((ran.code, ran.out.as_str()), (-1, ""), "{point}: {ran:?}");
        assert_eq!(count() - before, kept, "{point}");
        assert_eq!(unit.json(&["status"])["unsent"].as_u64().is_some_and(|unsent| unsent > 0), kept == 1, "{point}");
    }
}

#[test]
fn a_fail_point_that_is_not_there_is_told() {
    for wrong in ["no.such.point", "store.write.begin:0", "store.write.begin:x", ""] {
        let ran = Ran::of(himaya(["doctor"]).env("HIMAYA_KILL_AT", wrong));
        assert_eq!(ran.code, 2, "{wrong}: {ran:?}");
    }
}
