//! Bad input on every command: a typed error, an exit code, and nothing changed.

use crate::lab::{Lab, snapshot};

#[test]
fn a_folder_without_a_device_is_said_so_by_every_field_command() {
    let lab = Lab::new();
    let dir = lab.text("nothing");
    for command in [
        &["circles"][..],
        &["resign"],
        &["round", "start"],
        &["round", "end"],
        &["round", "show"],
        &["contact"],
        &["spot", "--concern", "other"],
        &["spot", "--concern", "other", "--write-only"],
        &["claim"],
        &["nearest", "--at", "31.7,-8.1"],
        &["refer", "ABCD", "--to", "x", "--need", "food"],
        &["call", "x", "--answer", "full"],
        &["handover", "ABCD", "--to-whom", "x"],
        &["inbox"],
        &["answer", "accept", "abcd"],
        &["open", "ABCD"],
        &["show", "ABCD"],
        &["list"],
        &["search", "x"],
        &["edit", "ABCD", "note", "x"],
        &["settle", "ABCD", "note", "--write", "x"],
        &["guide", "open"],
        &["guide", "list"],
        &["guide", "export"],
        &["board"],
        &["sync"],
        &["sync", "--locked"],
        &["status"],
        &["rebuild"],
        &["bundle", "export", "b"],
        &["lock"],
        &["wipe", "--yes"],
        &["hub", "http://127.0.0.1:9"],
    ] {
        let error = lab.refused(5, &[&["field", "--dir", &dir], command].concat());
        assert_eq!(error["key"], "device", "{command:?}");
        assert!(!lab.path("nothing").exists(), "{command:?} made the folder");
    }
}

#[test]
fn what_is_not_a_command_line_is_refused_before_anything_is_opened() {
    let lab = Lab::new();
    let dir = lab.text("nothing");
    for command in [
        &["spot"][..],
        &["spot", "--concern", "Not A Code"],
        &["spot", "--concern", "other", "--age", "97"],
        &["spot", "--concern", "other", "--sex", "cat"],
        &["spot", "--concern", "other", "--at", "north"],
        &["spot", "--concern", "other", "--at", "91,0"],
        &["spot", "--concern", "other", "--risk", "huge"],
        &["contact", "--count", "70000"],
        &["contact", "--count", "x"],
        &["nearest"],
        &["nearest", "--at", "1"],
        &["refer", "ABCD"],
        &["refer", "ABCD", "--to", "x"],
        &["call", "x", "--answer", "maybe"],
        &["call", "x", "--answer", "full", "--until", "tomorrow"],
        &["answer", "perhaps", "abcd"],
        &["answer", "decline", "abcd"],
        &["settle", "ABCD", "note"],
        &["list", "--kind", "thing"],
        &["wipe"],
        &["lock", "--forget"],
        &["remove"],
        &["remove", "--member-id", "zz"],
        &["nonsense"],
        &["sync", "--wait", "x"],
    ] {
        lab.refused(2, &[&["field", "--dir", &dir], command].concat());
        assert!(!lab.path("nothing").exists(), "{command:?}");
    }
    lab.refused(2, &["--lang", "tlh", "demo"]);
    lab.refused(2, &["completions", "noshell"]);
    lab.refused(2, &["field", "list"]);
    lab.refused(2, &["hub", "run", "--listen", "nowhere"]);
    lab.refused(2, &["authority", "list"]);
}

#[test]
fn a_device_takes_nothing_that_is_wrong_and_stays_as_it_was() {
    let lab = Lab::with_hub();
    lab.unit("sas", "sas");
    let dir = lab.text("sas");
    let field = |args: &[&'static str]| -> Vec<String> {
        ["field", "--dir", &dir].iter().chain(args).map(|word| (*word).to_owned()).collect()
    };
    lab.field("sas", &["spot", "--sex", "boy", "--concern", "neglect"]);
    let before = lab.field("sas", &["list"]);
    let huge = "x".repeat(30_000);
    std::fs::write(lab.path("garbage"), [0xff, 0x00, 0xfe].repeat(100)).unwrap();
    std::fs::write(lab.path("bad.csv"), "kind,name_ar\nupe,x\n").unwrap();

    for (code, key, args) in [
        (1, "error-no-open-round", field(&["contact"])),
        (1, "error-no-open-round", field(&["round", "end"])),
        (1, "error-no-open-round", field(&["spot", "--write-only", "--concern", "other"])),
        (1, "error-code", field(&["admit", "NOTACODE"])),
        (5, "error-not-found", field(&["show", "AAAA-AAAA"])),
        (1, "error-number", field(&["show", "A"])),
        (5, "error-not-found", field(&["open", "AAAA-AAAA"])),
        (5, "error-not-found", field(&["edit", "AAAA-AAAA", "note", "x"])),
        (5, "error-not-found", field(&["refer", "AAAA-AAAA", "--to", "abcd", "--need", "food"])),
        (5, "error-not-found", field(&["answer", "accept", "AAAA-AAAA"])),
        (5, "capture", field(&["claim", "abcdef"])),
        (5, "service", field(&["call", "nobody", "--answer", "full"])),
        (1, "error-centre-decides", field(&["guide", "open"])),
        (1, "csv-faults", field(&["guide", "import", "bad.csv"])),
        (1, "csv-faults", field(&["guide", "import", "garbage"])),
        (5, "io-not-found", field(&["guide", "import", "absent.csv"])),
        (1, "error-not-a-bundle", field(&["bundle", "import", "garbage"])),
        (5, "error-not-found", field(&["bundle", "import", "absent"])),
        (1, "sync-address", field(&["hub", "http://hub.example"])),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let error = lab.refused(code, &args);
        assert_eq!(error["key"], key, "{args:?}");
    }
    lab.refused(1, &["field", "--dir", &dir, "spot", "--concern", "other", "--note", &huge]);
    lab.refused(1, &["field", "--dir", &dir, "search", &huge]);
    lab.refused(1, &["field", "--dir", &dir, "handover", before[0]["number"].as_str().unwrap(), "--to-whom", " "]);
    lab.refused(5, &["field", "--dir", &dir, "--as", "nobody", "list"]);
    assert_eq!(lab.field("sas", &["list"]), before);
}

#[test]
fn a_wrong_passphrase_is_counted_and_opens_nothing() {
    let lab = Lab::with_hub();
    lab.unit("sas", "sas");
    let dir = lab.text("sas");
    let output = lab
        .command(&["field", "--dir", &dir, "list", "--json"])
        .env("HIMAYA_PASSPHRASE", "abacus abdomen yo-yo zoom zipping")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["key"], "vault-wrong-pin");
    let none =
        lab.command(&["field", "--dir", &dir, "list", "--json"]).env_remove("HIMAYA_PASSPHRASE").output().unwrap();
    assert_eq!(none.status.code(), Some(4), "no terminal to ask at");
    assert_eq!(lab.field("sas", &["list"]), serde_json::json!([]));
}

#[test]
fn the_desk_refuses_what_is_wrong_and_its_list_stays() {
    let lab = Lab::new();
    let desk = lab.text("desk");
    lab.refused(5, &["authority", "--dir", &desk, "list"]);
    lab.refused(5, &["authority", "--dir", &desk, "province", "add", "Marrakech"]);
    assert!(!lab.path("desk").exists());
    lab.json(&["authority", "--dir", &desk, "init"]);
    let before = snapshot(&lab.path("desk"));
    lab.refused(1, &["authority", "--dir", &desk, "init"]);
    lab.refused(5, &["authority", "--dir", &desk, "province", "add", "Atlantis"]);
    lab.refused(2, &["authority", "--dir", &desk, "publish"]);
    let found = ["unit", "found", "--province", "07.351", "--kind", "sas", "--name", "x", "CODE"];
    lab.refused(5, &[&["authority", "--dir", &desk][..], &found[..]].concat());
    let wrong = lab
        .command(&["authority", "--dir", &desk, "province", "add", "Marrakech", "--json"])
        .env("HIMAYA_PASSPHRASE", "abacus abdomen yo-yo zoom zipping")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(4));
    assert_eq!(snapshot(&lab.path("desk")), before);
    lab.json(&["authority", "--dir", &desk, "province", "add", "07.351"]);
    lab.refused(1, &["authority", "--dir", &desk, "province", "add", "Marrakech"]);
    lab.refused(1, &[&["authority", "--dir", &desk][..], &found[..]].concat());
    lab.refused(3, &["authority", "--dir", &desk, "publish", "--hub", "http://127.0.0.1:9"]);
}

#[test]
fn the_hub_refuses_what_is_wrong() {
    let lab = Lab::new();
    let hub = lab.text("hub");
    std::fs::write(lab.path("garbage"), b"not a certificate").unwrap();
    lab.refused(5, &["hub", "--dir", &hub, "init", "--authority", "absent"]);
    lab.refused(1, &["hub", "--dir", &hub, "init", "--authority", "garbage"]);
    lab.refused(1, &["hub", "--dir", &hub, "run"]);
    lab.refused(1, &["hub", "--dir", &hub, "backup", "copy"]);
    lab.refused(5, &["hub", "--dir", &hub, "restore", "absent"]);
    lab.refused(1, &["hub", "--dir", &hub, "run", "--listen", "0.0.0.0:0"]);
    lab.refused(3, &["hub", "status", "http://127.0.0.1:9"]);
    lab.refused(1, &["hub", "status", "http://hub.example"]);
    lab.refused(2, &["hub", "--dir", &hub, "run", "--tls-cert", "x"]);
}

#[test]
fn the_doctor_says_what_is_wrong_with_a_folder() {
    let lab = Lab::new();
    let output = lab.run(&["doctor", "--dir", "absent", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["bad"], 1);
    let desk = lab.text("desk");
    lab.json(&["authority", "--dir", &desk, "init"]);
    assert_eq!(lab.json(&["doctor", "--dir", &desk])["bad"], 0);
    std::fs::write(lab.path("desk").join("ledger.json"), "{").unwrap();
    assert_eq!(lab.run(&["doctor", "--dir", &desk]).status.code(), Some(1));
}

#[test]
fn enrolment_refuses_a_wrong_certificate_and_leaves_no_half_device() {
    let lab = Lab::new();
    std::fs::write(lab.path("garbage"), b"not a certificate").unwrap();
    let dir = lab.text("sas");
    let hub = ["--hub", "http://127.0.0.1:9", "--label", "head"];
    lab.refused(1, &[&["field", "--dir", &dir, "enrol", "--authority", "garbage"], &hub[..]].concat());
    lab.refused(5, &[&["field", "--dir", &dir, "enrol", "--authority", "absent"], &hub[..]].concat());
    lab.refused(2, &["field", "--dir", &dir, "enrol", "--label", "head"]);
    assert!(!lab.path("sas").exists());
}
