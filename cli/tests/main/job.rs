//! The main job through the binary only: enrolled, spotted with no network, referred, delivered locked, answered.

use serde_json::Value;

use crate::lab::Lab;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_child_spotted_with_no_network_reaches_the_unit_and_the_answer_comes_back() {
    let mut lab = Lab::with_hub();
    lab.unit("cape", "cape");
    let upe = lab.unit("upe", "upe");
    lab.unit("sas", "sas");
    for device in ["cape", "upe"] {
        lab.field(device, &["sync"]);
    }
    lab.field("cape", &["guide", "open"]);
    let csv = format!(
        "unit,kind,name_ar,name_fr,needs,hours,phone,lat,lon,area\n\
         {upe},upe,وحدة الواحة,UPE Les Jujubiers,shelter_tonight listening,24/7,0524000001,31.72,-8.15,07.351\n\
         ,health_centre,مركز صحي,Centre Zra,medical,Mo-Fr 08:30-16:30,0524000002,31.73,-8.16,07.351\n"
    );
    std::fs::write(lab.path("guide.csv"), csv).unwrap();
    assert_eq!(lab.field("cape", &["guide", "import", "guide.csv"])["services"], 2);
    lab.field("cape", &["sync"]);
    lab.field("sas", &["sync"]);
    lab.field("upe", &["sync"]);

    lab.hub_down();
    lab.field("sas", &["round", "start", "--vehicle", "Kangoo"]);
    assert_eq!(lab.field("sas", &["contact", "--count", "3"])["contacts"], 3);
    let spot = ["spot", "--sex", "girl", "--age", "12~1", "--name", "سلمى الزهرواغي", "--concern", "street_situation"];
    let line = lab.field("sas", &[&spot[..], &["--at", "31.7275,-8.1542"]].concat());
    let number = text(&line["number"]);
    assert_eq!(line["whereabouts"], "on_this_phone");
    lab.field("sas", &["spot", "--write-only", "--sex", "boy", "--concern", "begging"]);
    let near = ["nearest", "--at", "31.7275,-8.1542", "--need", "shelter_tonight", "--sex", "girl", "--age", "12"];
    let nearest = lab.field("sas", &near);
    assert_eq!(nearest["chosen"][0]["unit"], upe.as_str());
    assert!(!nearest["chosen"][0]["reasons"].as_array().unwrap().is_empty());
    lab.field("sas", &["refer", &number, "--to", "UPE Les", "--need", "shelter_tonight"]);
    let sas = lab.text("sas");
    let offline = lab.refused(3, &["field", "--dir", &sas, "sync"]);
    assert_eq!(offline["key"], "error-offline");

    lab.hub_up();
    assert!(lab.field("sas", &["sync", "--locked"])["sent"].as_u64().unwrap() > 0);
    assert!(lab.field("upe", &["sync", "--locked"])["received"].as_u64().unwrap() > 0);
    lab.field("sas", &["sync", "--locked"]);
    assert_eq!(lab.field("sas", &["inbox", "--sent"])[0]["whereabouts"], "arrived");

    let inbox = lab.field("upe", &["inbox"]);
    assert_eq!(inbox[0]["title"], "سلمى الزهرواغي");
    let referral: String = text(&inbox[0]["referral"]).chars().take(8).collect();
    lab.field("upe", &["answer", "accept", &referral]);
    let opened = lab.field("upe", &["open", &number]);
    assert_eq!(opened["kind"], "case");
    lab.field("upe", &["sync"]);
    lab.field("sas", &["sync"]);
    let sent = lab.field("sas", &["inbox", "--sent"]);
    assert_eq!((text(&sent[0]["step"]), text(&sent[0]["whereabouts"])), ("accepted".into(), "seen".into()));

    let captures = lab.field("sas", &["claim"]);
    let capture: String = text(&captures[0]["capture"]).chars().take(8).collect();
    assert_eq!(lab.field("sas", &["claim", &capture])["kind"], "spotting");
    lab.field("sas", &["handover", &number, "--to-whom", "éducatrice de garde", "--receipt", "R-17"]);
    lab.field("sas", &["round", "end"]);
    lab.field("sas", &["sync"]);
    lab.field("cape", &["sync"]);
    assert_eq!(lab.field("cape", &["board"])["cells"].as_array().unwrap().len(), 2);
    assert_eq!(lab.field("upe", &["search", "سلمي زهرو"]).as_array().unwrap().len(), 2, "spelled otherwise");
    assert_eq!(lab.field("upe", &["rebuild"])["identical"], true);
    assert_eq!(lab.field("sas", &["status"])["unsent"], 0);
    tables_are_for_people(&lab, &number);
    bundles_are_carried(&lab);
}

fn tables_are_for_people(lab: &Lab, number: &str) {
    let sas = lab.text("sas");
    for lang in ["ar", "fr", "en"] {
        for command in [&["list"][..], &["show", number], &["inbox", "--sent"], &["status"], &["guide", "list"]] {
            let output = lab.run(&[&["field", "--dir", &sas, "--lang", lang], command].concat());
            assert!(output.status.success());
            let page = String::from_utf8(output.stdout).unwrap();
            assert!(!page.contains('\u{1b}'), "colour only on a terminal");
            assert!(page.lines().count() > 1, "{page}");
        }
    }
    let list = lab.run(&["field", "--dir", &sas, "list"]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("● seen by a person"));
    let doctor = lab.run(&["doctor", "--dir", &sas]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

fn bundles_are_carried(lab: &Lab) {
    lab.field("sas", &["spot", "--sex", "boy", "--concern", "neglect"]);
    let written = lab.field("sas", &["bundle", "export", "by-hand.himaya"])["envelopes"].as_u64().unwrap();
    assert!(written > 0);
    assert_eq!(lab.field("upe", &["bundle", "import", "by-hand.himaya"])["envelopes"], written);
    assert_eq!(lab.field("upe", &["bundle", "import", "by-hand.himaya"])["envelopes"], 0);
}
