//! The main job: a spotting made with no signal, a referral, the answer that comes back, through a real hub.

use himaya_core::app::{
    AppError, IdleSession, ListFilter, Locale, NewAnswer, NewReferral, NewRound, NewSearch, Settle, SyncOptions,
    Whereabouts, Words,
};
use himaya_core::record::{Point, ReferralStep, Risk, Sex, Stage};
use himaya_core::vault::VaultError;
use himaya_tests::{Town, spotting, sync};
use himaya_wire::{Removed, UnitKind};

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

#[test]
fn a_session_left_alone_locks_by_itself_and_closes_its_records() {
    let mut town = Town::new();
    let (_, sas) = town.unit(UnitKind::Sas);
    let mut kept = IdleSession::new(sas.unlock(), std::time::Duration::from_millis(300));
    kept.with(|session| session.spot(&spotting("Amal"))).unwrap();
    assert!(kept.tick().is_some());
    std::thread::sleep(std::time::Duration::from_millis(350));
    assert!(kept.tick().is_none());
    let refused = kept.with(|session| session.list(&ListFilter::default()));
    assert!(matches!(refused, Err(AppError::Vault(VaultError::Locked))));
    // Nothing holds the records open any more: they can be opened by the next unlock, and the spotting is there.
    assert_eq!(sas.unlock().list(&ListFilter::default()).unwrap().len(), 1);
}

#[test]
fn two_workers_edit_one_file_offline_and_one_conflict_is_shown_and_settled() {
    let mut town = Town::new();
    let (_, head) = town.unit(UnitKind::Upe);
    let colleague = town.member(&head);
    let one = head.unlock();
    let line = one.spot(&spotting("Nour")).unwrap();
    sync(&one);
    let two = colleague.unlock();
    sync(&two);
    town.hub_down();
    one.edit(line.space, "name", None, "Nour A.").unwrap();
    one.edit(line.space, "nickname", None, "Nounou").unwrap();
    two.edit(line.space, "name", None, "Noura").unwrap();
    town.hub_up();
    for session in [&one, &two, &one] {
        sync(session);
    }
    for session in [&one, &two] {
        let file = session.show(line.space).unwrap();
        assert_eq!(file.line.conflicts, 1, "the nickname is no conflict, the name is");
        let name = file.fields.iter().find(|field| field.field == "name").unwrap();
        let mut answers: Vec<_> = name.alternatives.iter().map(|answer| answer.text.as_str()).collect();
        answers.sort_unstable();
        assert_eq!(answers, ["Nour A.", "Noura"], "nothing is lost either way");
    }
    let file = two.show(line.space).unwrap();
    let name = file.fields.iter().find(|field| field.field == "name").unwrap();
    let kept = name.alternatives.iter().find(|answer| answer.text == "Nour A.").unwrap();
    two.settle(line.space, "name", None, Settle::Keep(kept.event)).unwrap();
    sync(&two);
    sync(&one);
    for session in [&one, &two] {
        assert_eq!(session.show(line.space).unwrap().line.conflicts, 0);
        assert_eq!(session.line(line.space).unwrap().title, "Nour A.");
    }
}

#[test]
fn a_removed_member_loses_what_comes_after_and_the_unit_goes_on_under_a_new_key() {
    let mut town = Town::new();
    let (_, head) = town.unit(UnitKind::Upe);
    let leaver = town.member(&head);
    let one = head.unlock();
    let line = one.spot(&spotting("Hana")).unwrap();
    sync(&one);
    let gone = leaver.unlock();
    sync(&gone);
    assert_eq!(gone.line(line.space).unwrap().title, "Hana");
    one.remove(Removed::Member(leaver.member)).unwrap();
    sync(&one);
    one.edit(line.space, "note", None, "written after the removal").unwrap();
    sync(&one);
    // The leaver's device is still enrolled and still pulls; it cannot open what came after.
    gone.device().sync(SyncOptions::default()).unwrap();
    gone.ingest().unwrap();
    let file = gone.show(line.space).unwrap();
    assert!(file.fields.iter().all(|field| field.text != "written after the removal"));
    // What the leaver writes now, from what was seen before, is set aside by everyone else.
    let _ = gone.edit(line.space, "nickname", None, "from outside");
    let _ = gone.device().sync(SyncOptions::default());
    sync(&one);
    let file = one.show(line.space).unwrap();
    assert_eq!(file.set_aside, 1);
    assert!(file.fields.iter().all(|field| field.text != "from outside"));
}
