//! Bad input on every command: the documented exit code, a typed error, and nothing changed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use crate::program::{Ran, changed, himaya, run, tree};
use crate::town::{text, town};

/// Runs every case, and tells all that went otherwise together: the arguments, what was wanted, what came.
fn refused(folder: &Path, cases: &[(&[&str], i32, &str)], run: impl Fn(&[&str]) -> Ran) {
    let mut otherwise = Vec::new();
    let shown = |arguments: &[&str]| {
        format!("{:?}", arguments.iter().map(|one| one.chars().take(40).collect::<String>()).collect::<Vec<_>>())
    };
    let before = tree(folder);
    for (arguments, code, key) in cases {
        let ran = run(arguments);
        let error = if ran.err.trim_start().starts_with('{') { ran.error() } else { ran.err.clone() };
        if (ran.code, error.as_str()) != (*code, *key) || !ran.out.is_empty() {
            otherwise.push(format!("{}: wanted {code} {key}, got {} {error} {}", shown(arguments), ran.code, ran.out));
        }
        let changed = changed(&before, &tree(folder));
        if !changed.is_empty() {
            otherwise.push(format!("{}: changed {changed:?}", shown(arguments)));
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    text(&path).to_owned()
}

#[test]
fn what_is_not_a_command_line_is_refused_before_anything_is_opened() {
    let folder = TempDir::new().expect("a folder");
    let cases: &[&[&str]] = &[
        &["no-such-command"],
        &["field", "no-such-command"],
        &["field", "list", "--no-such-flag"],
        &["--lang", "xx", "doctor"],
        &["field", "spot"],
        &["field", "spot", "--concern", "NOT A CODE"],
        &["field", "spot", "--concern", "begging", "--sex", "both"],
        &["field", "spot", "--concern", "begging", "--age", "eleven"],
        &["field", "spot", "--concern", "begging", "--age", "99"],
        &["field", "spot", "--concern", "begging", "--age", "2012-13-40"],
        &["field", "spot", "--concern", "begging", "--risk", "huge"],
        &["field", "spot", "--concern", "begging", "--at", "35.7"],
        &["field", "spot", "--concern", "begging", "--at", "91,0"],
        &["field", "spot", "--concern", "begging", "--at", "NaN,0"],
        &["field", "spot", "--concern", "begging", "--accuracy", "5"],
        &["field", "spot", "--concern", "begging", "--at", "35,-5", "--accuracy", "-5"],
        &["field", "contact", "--count", "70000"],
        &["field", "contact", "--count", "some"],
        &["field", "nearest"],
        &["field", "nearest", "--at", "x,y"],
        &["field", "nearest", "--at", "35,-5", "--need", "Food!"],
        &["field", "nearest", "--at", "35,-5", "--limit", "-1"],
        &["field", "refer", "abcd"],
        &["field", "refer", "abcd", "--to", "unit"],
        &["field", "call", "abcd", "--answer", "maybe"],
        &["field", "call", "abcd", "--answer", "full", "--until", "tomorrow"],
        &["field", "handover", "abcd"],
        &["field", "answer", "maybe", "abcd"],
        &["field", "answer", "decline", "abcd"],
        &["field", "answer", "decline", "abcd", "--reason", "NO WAY"],
        &["field", "answer", "redirect", "abcd", "--reason", "full"],
        &["field", "show"],
        &["field", "list", "--kind", "sheet"],
        &["field", "list", "--limit", "many"],
        &["field", "edit", "abcd", "name"],
        &["field", "edit", "abcd", "name", "x", "--element", "not-an-id"],
        &["field", "settle", "abcd", "name"],
        &["field", "settle", "abcd", "name", "--keep", "abcd", "--write", "x"],
        &["field", "sync", "--wait", "long"],
        &["field", "remove"],
        &["field", "remove", "--member-id", "not-an-id"],
        &[
            "field",
            "remove",
            "--member-id",
            "00112233445566778899aabbccddeeff",
            "--device-id",
            "00112233445566778899aabbccddeeff",
        ],
        &["field", "wipe"],
        &["field", "lock", "--forget"],
        &["field", "hub"],
        &["field", "guide", "import"],
        &["field", "bundle", "export"],
        &["field", "enrol"],
        &["field", "enrol", "--label", "x", "--hub", "http://127.0.0.1:1"],
        &["authority", "unit", "found", "--province", "01.511", "--kind", "castle", "--name", "x", "code"],
        &["authority", "province", "add"],
        &["authority", "publish", "--hub-root", "file"],
        &["hub", "init"],
        &["hub", "run", "--listen", "nowhere"],
        &["hub", "run", "--tls-cert", "file"],
        &["hub", "backup"],
        &["completions", "no-such-shell"],
        &["man"],
    ];
    let cases: Vec<(&[&str], i32, &str)> = cases.iter().map(|case| (*case, 2, "usage")).collect();
    refused(folder.path(), &cases, |arguments| {
        run(arguments.iter().copied().chain(["--json", "--dir", text(&folder.path().join("device"))]))
    });
}

#[test]
fn every_command_says_which_folder_is_missing() {
    let folder = TempDir::new().expect("a folder");
    let file = written(folder.path(), "file", b"x");
    let commands: &[(&[&str], &str)] = &[
        (&["field", "list"], "device"),
        (&["field", "sync", "--locked"], "device"),
        (&["field", "spot", "--concern", "begging"], "device"),
        (&["field", "spot", "--concern", "begging", "--write-only"], "device"),
        (&["field", "bundle", "export", "out"], "device"),
        (&["field", "status", "--locked"], "device"),
        (&["field", "wipe", "--yes"], "device"),
        (&["field", "lock"], "device"),
        (&["field", "hub", "https://hub.example"], "device"),
        (&["field", "guide", "export"], "device"),
        (&["authority", "list"], "authority"),
        (&["authority", "province", "add", "01.511"], "authority"),
        (&["authority", "export-certificate", "out"], "authority"),
        (&["authority", "publish", "--hub", "http://127.0.0.1:1"], "authority"),
        (&["hub", "backup", "out"], "hub"),
        (&["hub", "run"], "hub"),
        (&["doctor"], "folder"),
    ];
    let nowhere = folder.path().join("nowhere");
    let cases: Vec<(&[&str], i32, &str)> = commands.iter().map(|(command, key)| (*command, 5, *key)).collect();
    refused(folder.path(), &cases, |arguments| {
        run(arguments.iter().copied().chain(["--json", "--dir", text(&nowhere)]))
    });
    let nameless: &[&[&str]] = &[
        &["field", "list"],
        &["field", "enrol", "--label", "x"],
        &["authority", "init"],
        &["authority", "list"],
        &["hub", "run"],
        &["hub", "init", "--authority", &file],
        &["hub", "restore", &file],
    ];
    let cases: Vec<(&[&str], i32, &str)> = nameless.iter().map(|command| (*command, 2, "dir-missing")).collect();
    refused(folder.path(), &cases, |arguments| run(arguments.iter().copied().chain(["--json"])));
}

#[test]
fn an_authority_and_a_hub_refuse_what_is_wrong_and_stay_as_they_were() {
    let folder = TempDir::new().expect("a folder");
    crate::program::copy(&town().path("authority"), &folder.path().join("authority"));
    crate::program::copy(&town().path("hub"), &folder.path().join("hub"));
    let (authority, hub) = (folder.path().join("authority"), folder.path().join("hub"));
    let garbage = written(folder.path(), "garbage", &[0xa5; 600]);
    let wrong = written(folder.path(), "wrong.pass", b"abacus abdomen abdominal abide abiding");
    let pass = town().path("authority.pass");
    let (authority, hub, new, pass) = (text(&authority), text(&hub), folder.path().join("new"), text(&pass));
    let new = text(&new);
    let missing = folder.path().join("missing");
    let missing = text(&missing);
    let found = ["authority", "unit", "found", "--kind", "sas", "--name", "x", "--passphrase-file"];
    let cases: &[(&[&str], i32, &str)] = &[
        (&["authority", "init", "--dir", authority], 1, "authority-exists"),
        (&["authority", "init", "--dir", new, "--passphrase-file", &garbage], 1, "io-not-text"),
        (&["authority", "init", "--dir", new, "--passphrase-file", missing], 5, "io-not-found"),
        (&["authority", "province", "add", "99.999", "--dir", authority], 5, "province"),
        (&["authority", "province", "add", "01.511", "--dir", authority], 1, "province-enrolled"),
        (&["authority", "province", "add", "06.141", "--dir", authority], 4, "passphrase-missing"),
        (
            &["authority", "province", "add", "06.141", "--dir", authority, "--passphrase-file", &wrong],
            4,
            "vault-wrong-pin",
        ),
        (&["authority", "publish", "--dir", authority], 2, "hub-missing"),
        (&["authority", "publish", "--dir", authority, "--hub", "http://127.0.0.1:1"], 3, "error-offline"),
        (&["authority", "publish", "--dir", authority, "--hub", "http://hub.example"], 1, "sync-address"),
        (
            &["authority", "publish", "--dir", authority, "--hub", "https://127.0.0.1:1", "--hub-root", &garbage],
            1,
            "io-not-text",
        ),
        (&["authority", "export-certificate", "/nowhere/file", "--dir", authority], 5, "io-not-found"),
        (&[&found[..], &[pass, "--province", "01.511", "garbage", "--dir", authority]].concat(), 1, "error-code"),
        (&[&found[..], &[pass, "--province", "06.141", "garbage", "--dir", authority]].concat(), 5, "province"),
        (&["hub", "init", "--authority", &garbage, "--dir", new], 1, "hub-authority"),
        (&["hub", "init", "--authority", missing, "--dir", new], 5, "io-not-found"),
        (&["hub", "run", "--dir", hub, "--authority", &garbage], 1, "hub-other-authority"),
        (&["hub", "run", "--dir", hub, "--listen", "0.0.0.0:0"], 1, "hub-plain"),
        (&["hub", "run", "--dir", hub, "--tls-cert", &garbage, "--tls-key", &garbage], 1, "hub-tls"),
        (&["hub", "backup", &garbage, "--dir", hub], 1, "hub-in-the-way"),
        (&["hub", "restore", &garbage, "--dir", hub], 1, "hub-in-the-way"),
        (&["hub", "restore", &garbage, "--dir", new], 1, "hub-store"),
        (&["hub", "restore", missing, "--dir", new], 5, "io-not-found"),
        (&["hub", "status", "http://127.0.0.1:1"], 3, "hub-silent"),
        (&["hub", "status", "nonsense"], 1, "sync-address"),
        (&["man", &garbage], 1, "io-exists"),
    ];
    refused(folder.path(), cases, |arguments| run(arguments.iter().copied().chain(["--json"])));
}

#[test]
fn a_device_refuses_what_is_wrong_and_stays_as_it_was() {
    let folder = TempDir::new().expect("a folder");
    let unit = town().sas.copied(&folder.path().join("sas"));
    let garbage = written(folder.path(), "garbage", &[0xa5; 600]);
    let long = "ب".repeat(40_000);
    let huge = folder.path().join("huge");
    std::fs::File::create(&huge).and_then(|file| file.set_len(1 << 30)).expect("a file");
    let huge = text(&huge);
    let nobody = "00112233445566778899aabbccddeeff";
    let number = unit.json(&["list", "--kind", "spotting"])[0]["number"].clone();
    let number = number.as_str().expect("a number");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["admit", "garbage"], 1, "error-code"),
        (&["admit", &long[..20_000]], 1, "error-code"),
        (&["remove", "--member-id", nobody], 5, "vault-worker"),
        (&["remove", "--device-id", nobody], 1, "vault-not-allowed"),
        (&["round", "end"], 1, "error-no-open-round"),
        (&["round", "start", "--vehicle", &long], 1, "error-too-long"),
        (&["round", "start", "--note", &long], 1, "error-too-long"),
        (&["contact"], 1, "error-no-open-round"),
        (&["contact", "--landmark", &long], 1, "error-too-long"),
        (&["contact", "--area", "no where"], 1, "error-not-valid"),
        (&["contact", "--count", "0"], 1, "error-count"),
        (&["spot", "--concern", "begging", "--write-only"], 1, "error-no-open-round"),
        (&["spot", "--concern", "begging", "--name", &long], 1, "error-too-long"),
        (&["spot", "--concern", "begging", "--note", &long], 1, "error-too-long"),
        (&["spot", "--concern", "begging", "--landmark", &long], 1, "error-too-long"),
        (&["claim", nobody], 5, "capture"),
        (&["refer", "zzzz", "--to", &unit.id, "--need", "food"], 5, "error-not-found"),
        (&["refer", "ab", "--to", &unit.id, "--need", "food"], 1, "error-number"),
        (&["refer", number, "--to", "nobody", "--need", "food"], 5, "unit"),
        (&["refer", number, "--to", nobody, "--need", "food"], 1, "error-unit-not-ready"),
        (&["refer", number, "--to", &town().upe.id, "--need", "food", "--note", &long], 1, "error-too-long"),
        (&["call", "nobody", "--answer", "full"], 5, "service"),
        (&["call", "Association", "--answer", "full", "--who", &long], 1, "error-too-long"),
        (&["call", "Association", "--answer", "full", "--file", "zzzz"], 5, "error-not-found"),
        (&["handover", "zzzz", "--to-whom", "x"], 5, "error-not-found"),
        (&["handover", number, "--to-whom", &long], 1, "error-too-long"),
        (&["handover", number, "--to-whom", ""], 1, "error-required"),
        (&["answer", "accept", "zzzz"], 5, "error-not-found"),
        (&["answer", "accept", number], 5, "referral"),
        (&["open", "zzzz"], 5, "error-not-found"),
        (&["show", "zzzz"], 5, "error-not-found"),
        (&["show", ""], 1, "error-number"),
        (&["edit", number, "no_such_field", "x"], 1, "error-field"),
        (&["edit", number, "risk", "huge"], 1, "error-not-valid"),
        (&["edit", number, "age", "old"], 1, "error-not-valid"),
        (&["edit", number, "name", &long], 1, "error-too-long"),
        (&["settle", number, "name", "--keep", "zzzz"], 5, "answer"),
        (&["guide", "open"], 1, "error-centre-decides"),
        (&["guide", "import", &garbage], 1, "csv-faults"),
        (&["guide", "import", huge], 1, "csv-too-large"),
        (&["guide", "import", "/nowhere"], 5, "io-not-found"),
        (&["guide", "export", "/nowhere/file"], 5, "io-not-found"),
        (&["bundle", "import", &garbage], 1, "error-not-a-bundle"),
        (&["bundle", "import", huge], 1, "error-too-large"),
        (&["bundle", "import", "/nowhere"], 5, "error-not-found"),
        (&["bundle", "export", "/nowhere/file"], 5, "error-not-found"),
        (&["sync"], 3, "error-offline"),
        (&["sync", "--locked"], 3, "error-offline"),
        (&["hub", "http://hub.example"], 1, "sync-address"),
        (&["hub", "nonsense"], 1, "sync-address"),
        (&["hub", "https://hub.example", "--root", "/nowhere"], 5, "io-not-found"),
        (&["enrol", "--label", "x", "--authority", &garbage, "--hub", "http://127.0.0.1:1"], 1, "error-device-exists"),
        (&["enrol", "--label", &long], 2, "usage"),
        (&["list", "--as", "nobody"], 5, "worker"),
    ];
    refused(&unit.dir, cases, |arguments| unit.run(arguments));
    for query in ["\"", "*", "a OR b", "NEAR(", "", "-x", "';DROP TABLE log;--", &long[..2000]] {
        unit.json(&["search", "--", query]);
    }
}

#[test]
fn a_new_device_is_not_half_made_from_what_is_wrong() {
    let folder = TempDir::new().expect("a folder");
    let device = folder.path().join("device");
    let garbage = written(folder.path(), "garbage", &[0xa5; 600]);
    let short = written(folder.path(), "short", b"123456\n");
    let twice = written(folder.path(), "twice", b"abacus abacus abdomen abide abiding\n");
    let certificate = town().path("authority.cert");
    let new = ["field", "enrol", "--label", "x", "--hub"];
    let (loopback, authority) = ("http://127.0.0.1:1", text(&certificate));
    let cases: &[(&[&str], i32, &str)] = &[
        (&["field", "enrol", "--label", "x"], 2, "enrol-new"),
        (&[&new[..], &[loopback, "--authority", &garbage]].concat(), 1, "error-authority"),
        (&[&new[..], &[loopback, "--authority", "/nowhere"]].concat(), 5, "io-not-found"),
        (&[&new[..], &["http://hub.example", "--authority", authority]].concat(), 1, "sync-address"),
        (&[&new[..], &[loopback, "--authority", authority, "--hub-root", &short]].concat(), 1, "sync-address"),
        (
            &[&new[..], &[loopback, "--authority", authority, "--new-passphrase-file", &short]].concat(),
            1,
            "vault-passphrase-five",
        ),
        (
            &[&new[..], &[loopback, "--authority", authority, "--new-passphrase-file", &twice]].concat(),
            1,
            "vault-passphrase-twice",
        ),
        (
            &[&new[..], &[loopback, "--authority", authority, "--new-passphrase-file", "/nowhere"]].concat(),
            5,
            "io-not-found",
        ),
    ];
    refused(folder.path(), cases, |arguments| run(arguments.iter().copied().chain(["--json", "--dir", text(&device)])));
}

#[test]
fn a_wrong_passphrase_is_counted_and_then_waits() {
    let folder = TempDir::new().expect("a folder");
    let unit = town().sas.copied(&folder.path().join("sas"));
    let wrong = PathBuf::from(written(folder.path(), "wrong.pass", b"abacus abdomen abdominal abide abiding"));
    let thief = crate::town::Unit { pass: wrong, ..unit.clone() };
    let before = tree(&unit.dir);
    for left in [9, 8, 7] {
        let ran = thief.run(&["list"]);
        assert_eq!((ran.code, ran.error().as_str()), (4, "vault-wrong-pin"));
        assert!(ran.err.contains(&format!("{left} tries are left")), "{ran:?}");
    }
    let ran = unit.run(&["list"]);
    assert_eq!((ran.code, ran.error().as_str()), (4, "vault-wait"), "the right one waits too");
    assert_eq!(changed(&before, &tree(&unit.dir)), Vec::<PathBuf>::new());
    let none = Ran::of(himaya(["--json", "field", "list", "--dir"]).arg(&unit.dir));
    assert_eq!((none.code, none.error().as_str()), (4, "passphrase-missing"));
}

#[test]
fn faults_of_a_guide_are_told_by_row_and_column() {
    let cape = &town().cape;
    let folder = TempDir::new().expect("a folder");
    let csv = "kind,name_ar,name_fr,needs,hours,phone,lat,lon,area\n\
               castle,اسم,Nom,food,24/7,+212500000000,33.5,-7.5,06.141\n\
               upe,اسم,Nom,food,always,+212500000000,95,-7.5,06.141\n";
    let file = written(folder.path(), "guide.csv", csv.as_bytes());
    let before = tree(&cape.dir);
    let ran = cape.run(&["guide", "import", &file]);
    assert_eq!((ran.code, ran.error().as_str()), (1, "csv-faults"));
    for word in ["Row 2, kind", "Row 3", "hours", "lat"] {
        assert!(ran.err.replace(['\u{2068}', '\u{2069}'], "").contains(word), "{word}: {ran:?}");
    }
    assert_eq!(changed(&before, &tree(&cape.dir)), Vec::<PathBuf>::new());
}

#[test]
fn a_code_of_any_length_from_standard_input_is_refused_and_not_read_whole() {
    let unit = &town().sas;
    let mut child =
        unit.command(&["admit", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let fed = std::thread::spawn(move || (0..4096).all(|_| pipe.write_all(&[b'A'; 4096]).is_ok()));
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1));
    assert!(!fed.join().expect("it ends"), "it read sixteen megabytes");
}

#[test]
fn a_damaged_device_says_so_and_is_left_alone() {
    for (file, bytes, key) in [
        ("device.json", &b"{}"[..], "error-broken"),
        ("device.json", b"\xff\xfe", "error-broken"),
        ("vault/vault.cbor", b"\xa2\x00", "vault-corrupt"),
        ("carrier.key", b"short", "error-broken"),
        ("carrier.db", &[7; 4096], "error-broken"),
        ("records.db", &[7; 4096], "error-broken"),
        ("keystore/sealing.key", b"short", "vault-corrupt"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let unit = town().sas.copied(&folder.path().join("sas"));
        std::fs::write(unit.dir.join(file), bytes).expect("written");
        let before = tree(&unit.dir);
        let ran = unit.run(&["list"]);
        assert_eq!((ran.code, ran.error().as_str()), (1, key), "{file}: {ran:?}");
        assert_eq!(changed(&before, &tree(&unit.dir)), Vec::<PathBuf>::new(), "{file}");
    }
}
