//! The main job: a spotting made with no signal, a referral, the answer that comes back, through a real hub.

use himaya_core::app::{
    Locale, NewAnswer, NewReferral, NewRound, NewSearch, NewSpotting, Session, SyncOptions, Whereabouts, Words,
};
use himaya_core::record::{Place, Point, ReferralStep, Risk, Sex, Stage};
use himaya_tests::Town;
use himaya_wire::UnitKind;

fn spotting(name: &str) -> NewSpotting {
    NewSpotting {
        sex: Sex::Girl,
        age: Some("12~2".parse().unwrap()),
        name: Some(name.into()),
        nickname: None,
        description: None,
        concerns: vec!["street_situation".parse().unwrap()],
        place: Place { point: Some(Point::new(31.63, -8.0).unwrap()), ..Place::default() },
        note: Some("sleeps near the bus station".into()),
        danger: false,
        risk: None,
    }
}

fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}

#[test]
fn a_spotting_made_offline_reaches_the_unit_while_the_phone_is_locked_and_the_answer_comes_back() {
    let mut town = Town::new();
    let (_, cape) = town.unit(UnitKind::Cape);
    let (upe_id, upe) = town.unit(UnitKind::Upe);
    let (_, sas) = town.unit(UnitKind::Sas);
    {
        let session = cape.unlock();
        sync(&session);
        session.open_commons().unwrap();
        sync(&session);
    }
    let street = sas.unlock();
    sync(&street);
    town.hub_down();
    street.start_round(&NewRound::default()).unwrap();
    let line = street.spot(&spotting("Yassine")).unwrap();
    assert_eq!(line.whereabouts, Whereabouts::OnThisPhone);
    let sent = street
        .refer(line.space, &NewReferral { to: upe_id, needs: vec!["listening".parse().unwrap()], note: None })
        .unwrap();
    assert_eq!(sent.step, ReferralStep::Sent);
    let capture = sas.device.capture(&spotting("Salma")).unwrap();
    street.lock();

    town.hub_up();
    sas.device.sync(SyncOptions::default()).unwrap();
    upe.device.sync(SyncOptions::default()).unwrap();
    sas.device.sync(SyncOptions::default()).unwrap();

    let street = sas.unlock();
    sync(&street);
    let sent = street.sent().unwrap().remove(0);
    assert_eq!(sent.whereabouts, Whereabouts::Arrived, "a locked phone of the unit signed for it");
    assert_eq!(street.captures().unwrap().len(), 1);
    let claimed = street.claim(capture).unwrap();
    assert_eq!(claimed.title, "Salma");

    let unit = upe.unlock();
    sync(&unit);
    let inbox = unit.inbox().unwrap();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].title, "Yassine");
    unit.answer(inbox[0].referral, NewAnswer::Accept).unwrap();
    let file = unit.open_file(inbox[0].space).unwrap();
    assert_eq!(file.title, "Yassine");
    sync(&unit);
    sync(&street);
    let sent = street.sent().unwrap().remove(0);
    assert_eq!((sent.step, sent.whereabouts), (ReferralStep::Accepted, Whereabouts::Seen));

    let centre = cape.unlock();
    sync(&centre);
    let board = centre.board().unwrap();
    assert_eq!(board.in_stage(Stage::Received), 1);
    assert_eq!(board.in_stage(Stage::Spotted), 1);
    assert!(centre.inbox().unwrap().is_empty() && centre.search("Yassine", 10).unwrap().is_empty());
    assert_eq!(street.search("yass", 10).unwrap().len(), 1);
    for session in [&street, &unit, &centre] {
        assert!(session.rebuild().unwrap().identical);
        assert_eq!(session.status().unwrap().unsent, 0);
        assert_eq!(session.status().unwrap().held, 0);
    }
    let search = NewSearch {
        from: Point::new(31.63, -8.0).unwrap(),
        needs: vec![],
        age: None,
        sex: Sex::Girl,
        risk: Risk::Low,
        area: None,
        limit: 3,
    };
    assert!(street.nearest(&search, &Words::new(Locale::Ar)).unwrap().chosen.is_empty());
}
