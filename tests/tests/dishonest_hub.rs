//! What a dishonest hub can try, and how it is noticed or why it is harmless: the table in `docs/threat-model.md`.
#![allow(clippy::unwrap_used)] // A test's helper fails by panicking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use himaya_core::app::{AppError, NewReferral, Session, SyncOptions, Whereabouts};
use himaya_core::sync::SyncError;
use himaya_hub::testing::NOW_MILLIS;
use himaya_tests::{Asked, Forge, Reply, Worker, spotting};
use himaya_wire::{
    Answer, Circle, Digest, Envelope, EventId, GrantTo, Incarnation, Item, ItemBody, NewGrant, Outcome, Purpose,
    RegistryItem, Scope, Secret, SigningKey, SpaceId, Told, Trouble, UnitKind, seal_grant, seal_to_of,
};

const SAS: usize = 0;
const UPE: usize = 1;

struct Street {
    forge: Forge,
    sas: Worker,
    upe: Worker,
}

impl Street {
    fn new() -> Self {
        let mut forge = Forge::new(&[UnitKind::Sas, UnitKind::Upe]);
        let (sas, upe) = (forge.worker(SAS), forge.worker(UPE));
        sas.device.sync(SyncOptions::default()).unwrap();
        Self { forge, sas, upe }
    }

    /// A spotting by the street team, referred to the unit.
    fn refer(&self, street: &Session, name: &str) -> SpaceId {
        let space = street.spot(&spotting(name)).unwrap().space;
        let needs = vec!["listening".parse().unwrap()];
        street.refer(space, &NewReferral { to: self.forge.unit(UPE), needs, note: None }).unwrap();
        space
    }
}

fn sync(session: &Session) {
    session.sync(SyncOptions::default()).unwrap();
}

fn is_dishonest(result: &Result<himaya_core::app::SyncReport, AppError>) -> bool {
    matches!(result, Err(AppError::Hub(SyncError::Dishonest(_))))
}

/// Numbers items as a feed without gaps after a position.
fn renumber(after: u64, items: &mut [Item]) {
    for (position, item) in (after + 1..).zip(items) {
        item.position = position;
    }
}

#[test]
fn a_gap_in_a_feed_is_refused_and_raises_an_alarm() {
    let town = Street::new();
    let street = town.sas.unlock();
    town.refer(&street, "Yassine");
    sync(&street);
    let unit = town.upe.unlock();
    let before = unit.status().unwrap();
    assert_eq!(before.alarms, 0);

    town.forge.hub.alter(|_, answer| answer.items.iter_mut().for_each(|item| item.position += 1));
    assert!(is_dishonest(&unit.sync(SyncOptions::default())));
    let after = unit.status().unwrap();
    assert_eq!(after.alarms, 1, "a person is told");
    assert_eq!((after.held, after.unsent), (before.held, before.unsent));
    assert!(unit.inbox().unwrap().is_empty());

    town.forge.hub.repent();
    sync(&unit);
    assert_eq!(unit.inbox().unwrap().len(), 1, "nothing was skipped");
}

#[test]
fn an_event_left_out_of_the_middle_shows_as_missing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    let out = town.forge.feed(SAS).into_iter();
    let mut out = out.filter(|envelope| envelope.header.space == space && envelope.header.purpose == Purpose::Event);
    let out = out.next().unwrap().digest;
    town.forge.hub.alter(move |request, answer| {
        answer.items.retain(|item| match &item.what {
            ItemBody::Envelope(bytes) => Digest::of(bytes) != out,
            ItemBody::Own(_) => true,
        });
        renumber(request.request.after, &mut answer.items);
    });
    let unit = town.upe.unlock();
    sync(&unit);
    assert!(unit.show(space).unwrap().missing > 0);
}

#[test]
fn a_tail_that_is_kept_back_reads_as_not_arrived_call() {
    let town = Street::new();
    let street = town.sas.unlock();
    town.forge.hub.alter(|_, answer| {
        answer.items.clear();
        answer.more = false;
    });
    town.refer(&street, "Yassine");
    sync(&street);
    town.upe.device.sync(SyncOptions::default()).unwrap();
    sync(&street);
    let sent = street.sent().unwrap().remove(0);
    assert_eq!((sent.whereabouts, sent.not_arrived_call), (Whereabouts::Sent, false));
    town.forge.clock.advance_millis(10 * 60 * 1000 + 1);
    assert!(street.sent().unwrap().remove(0).not_arrived_call);

    town.forge.hub.repent();
    town.upe.device.sync(SyncOptions::default()).unwrap();
    sync(&street);
    let sent = street.sent().unwrap().remove(0);
    assert_eq!((sent.whereabouts, sent.not_arrived_call), (Whereabouts::Arrived, false));
}

#[test]
fn a_hub_that_says_stored_and_keeps_nothing_is_told_by_the_silence_of_the_unit() {
    let town = Street::new();
    let street = town.sas.unlock();
    let incarnation = town.sas.device.incarnation().unwrap().unwrap();
    let made = move |asked: &Asked<'_>, incarnation| {
        let told = |bytes: &minicbor::bytes::ByteVec| Told { digest: Digest::of(bytes), outcome: Outcome::Stored };
        let request = &asked.request.request;
        Answer {
            incarnation,
            at_millis: NOW_MILLIS,
            push: request.push.iter().map(told).collect(),
            entries: request.entries.iter().map(told).collect(),
            items: Vec::new(),
            registry: Vec::new(),
            more: false,
        }
    };
    town.forge.hub.lie(move |asked| Reply::answer(&made(asked, incarnation)));
    let space = town.refer(&street, "Yassine");
    sync(&street);
    assert_eq!(street.status().unwrap().unsent, 0);
    town.forge.clock.advance_millis(10 * 60 * 1000 + 1);
    assert!(street.sent().unwrap().remove(0).not_arrived_call);
    assert_eq!(street.show(space).unwrap().line.title, "Yassine", "the record stays where it was written");
}

#[test]
fn items_told_again_at_new_positions_change_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    town.forge.hub.alter(|request, answer| {
        let twice = answer.items.clone();
        answer.items.extend(twice.into_iter().rev());
        renumber(request.request.after, &mut answer.items);
    });
    let unit = town.upe.unlock();
    sync(&unit);
    let mut file = unit.show(space).unwrap();
    assert_eq!((file.missing, file.set_aside, unit.inbox().unwrap().len()), (0, 0, 1));
    assert!(unit.rebuild().unwrap().identical);
    let own = street.show(space).unwrap();
    file.fields.retain(|field| own.fields.contains(field));
    assert_eq!(file.fields.len(), own.fields.len());
}

#[test]
fn an_envelope_changed_on_the_way_is_held_and_counts_for_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    town.forge.hub.alter(|_, answer| {
        for item in &mut answer.items {
            if let ItemBody::Envelope(bytes) = &mut item.what {
                let mut changed = bytes.to_vec();
                // The last byte of the signature.
                *changed.last_mut().unwrap() ^= 1;
                *bytes = changed.into();
            }
        }
    });
    let unit = town.upe.unlock();
    sync(&unit);
    let status = unit.status().unwrap();
    assert!(status.held > 0);
    assert_eq!(status.unsent, 0, "no receipt is signed for a grant that does not verify");
    assert!(unit.inbox().unwrap().is_empty() && unit.show(space).is_err());
}

#[test]
fn an_envelope_put_in_the_place_of_another_is_known_for_what_it_is() {
    let town = Street::new();
    let street = town.sas.unlock();
    let kept = street.spot(&spotting("Salma")).unwrap().space;
    let space = town.refer(&street, "Yassine");
    sync(&street);
    // An event of a space that the unit does not hold, in the place of every event of the space that it does.
    let (other, _) = town.forge.newest(SAS, kept);
    let other = other.into_bytes();
    town.forge.hub.alter(move |_, answer| {
        for item in &mut answer.items {
            if let ItemBody::Envelope(bytes) = &mut item.what
                && Envelope::parse(bytes).unwrap().header.purpose == Purpose::Event
            {
                *bytes = other.clone().into();
            }
        }
    });
    let unit = town.upe.unlock();
    sync(&unit);
    assert!(unit.show(kept).is_err() && unit.show(space).is_err(), "what was misdelivered cannot be read");
    assert!(unit.search("Salma", 10).unwrap().is_empty());
    assert_eq!(unit.status().unwrap().held, 1, "it is held for want of a key");
}

#[test]
fn a_forged_grant_gives_nothing_and_gets_no_receipt() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = street.spot(&spotting("Salma")).unwrap().space;
    sync(&street);
    let unit_id = town.forge.unit(UPE);
    let circle = &town.forge.world.units[UPE].circles[&Circle::All];
    let to = [GrantTo { unit: unit_id, circle: Circle::All, seal_to: seal_to_of(circle).unwrap() }];
    let key = himaya_wire::SpaceKey::make_random().unwrap();
    let signer = SigningKey::derive(&Secret::make_random().unwrap()).unwrap();
    let forged: Vec<Vec<u8>> = [town.sas.member, himaya_wire::MemberId::make_random()]
        .into_iter()
        .map(|author| {
            let (id, unit) = (EventId::make_random(), town.forge.unit(SAS));
            let grant = NewGrant { id, space, unit, author, position: 3, scope: Scope::Whole, to: &to };
            seal_grant(&grant, &key, &signer).unwrap()
        })
        .collect();
    town.forge.hub.alter(move |request, answer| {
        for bytes in &forged {
            let what = ItemBody::Envelope(bytes.clone().into());
            answer.items.push(Item { position: 0, stored_at_millis: NOW_MILLIS, what });
        }
        renumber(request.request.after, &mut answer.items);
    });
    let unit = town.upe.unlock();
    sync(&unit);
    let status = unit.status().unwrap();
    assert_eq!((status.held, status.unsent), (2, 0));
    assert!(unit.show(space).is_err());
}

#[test]
fn an_id_used_twice_is_flagged_by_the_hub_and_raises_an_alarm_on_devices() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    let unit = town.upe.unlock();
    sync(&unit);
    assert_eq!(unit.status().unwrap().alarms, 0);
    // Only a colluding member can sign the second content.
    let (event, key) = town.forge.newest(SAS, space);
    let mut second = town.forge.event(SAS, space, himaya_core::record::SpaceKind::Spotting, Vec::new());
    second.id = event.header.id;
    let bytes = town.forge.seal(&second, &key);
    assert_eq!(town.forge.push(SAS, &[bytes]), [Outcome::Flagged]);
    sync(&unit);
    assert_eq!(unit.status().unwrap().alarms, 1);
    assert_eq!(unit.show(space).unwrap().line.title, "Yassine");
}

#[test]
fn the_outbox_is_cleared_by_nothing_but_a_word_on_what_was_pushed() {
    let town = Street::new();
    let street = town.sas.unlock();
    town.refer(&street, "Yassine");
    let unsent = street.status().unwrap().unsent;
    assert!(unsent > 0);
    town.forge.hub.alter(|_, answer| {
        for told in &mut answer.push {
            told.digest = Digest::of(told.digest.as_bytes());
            told.outcome = Outcome::Stored;
        }
    });
    let before = town.forge.hub.asked();
    sync(&street);
    assert_eq!(street.status().unwrap().unsent, unsent);
    assert!(town.forge.hub.asked() - before < 5, "and it is not asked for ever");
    town.forge.hub.repent();
    sync(&street);
    assert_eq!(street.status().unwrap().unsent, 0);
}

#[test]
fn a_second_entry_at_a_taken_number_does_not_count_and_raises_an_alarm() {
    let town = Street::new();
    let unit = town.upe.unlock();
    let next = town.forge.next(UPE);
    let forked = town.forge.forked_entry(UPE, next - 1);
    town.forge.hub.alter(move |request, answer| {
        let position = request.request.entries_after + 1 + answer.registry.len() as u64;
        answer.registry.push(RegistryItem { position, entry: forked.clone().into() });
    });
    sync(&unit);
    assert!(unit.status().unwrap().alarms > 0);
    let known = town.upe.device.registries(|registries| registries.unit(town.forge.unit(UPE)).unwrap().next);
    assert_eq!(known, next);
}

#[test]
fn a_hub_that_always_has_more_is_left() {
    let town = Street::new();
    town.forge.hub.alter(|_, answer| answer.more = true);
    town.upe.device.sync(SyncOptions::default()).unwrap();
    assert!(town.forge.hub.asked() < 20, "{}", town.forge.hub.asked());
}

#[test]
fn a_hub_whose_history_begins_anew_at_each_answer_is_left() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    town.forge.hub.alter(|_, answer| answer.incarnation = Incarnation::make_random());
    let before = town.forge.hub.asked();
    assert!(is_dishonest(&town.sas.device.sync(SyncOptions::default())));
    assert!(town.forge.hub.asked() - before < 10);
    town.forge.hub.repent();
    sync(&street);
    sync(&street);
    assert_eq!(street.status().unwrap().unsent, 0);
    assert_eq!(street.show(space).unwrap().line.title, "Yassine");
}

#[test]
fn a_feed_without_an_end_is_left_for_the_next_exchange() {
    let town = Street::new();
    let street = town.sas.unlock();
    town.refer(&street, "Yassine");
    sync(&street);
    let item = town.forge.items(UPE).remove(0);
    town.forge.hub.alter(move |request, answer| {
        answer.items = vec![item.clone()];
        renumber(request.request.after, &mut answer.items);
        answer.more = true;
    });
    let before = town.forge.hub.asked();
    town.upe.device.sync(SyncOptions::default()).unwrap();
    assert!(town.forge.hub.asked() - before < 1_000);
}

#[test]
fn garbage_and_giants_are_refused_and_change_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    town.refer(&street, "Yassine");
    let before = street.status().unwrap();
    let honest = town.forge.items(SAS);
    assert!(honest.is_empty());
    for body in [
        Vec::new(),
        b"<html>please log in</html>".to_vec(),
        vec![0xa0],
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0; 9 * 1024 * 1024],
        vec![0xbf; 100_000],
    ] {
        let length = body.len();
        town.forge.hub.lie(move |_| Reply { status: 200, body: body.clone() });
        assert!(is_dishonest(&street.sync(SyncOptions::default())), "{length} bytes");
        town.forge.hub.lie(move |_| Reply { status: 502, body: vec![b'x'; length] });
        let told = street.sync(SyncOptions::default());
        let giant = length > 8 * 1024 * 1024;
        assert!(matches!(told, Err(AppError::Offline)) || (giant && is_dishonest(&told)), "{length} bytes");
    }
    town.forge.hub.lie(|_| Reply { status: 302, body: Vec::new() });
    assert!(matches!(street.sync(SyncOptions::default()), Err(AppError::Offline)));
    for trouble in [Trouble::UnknownDevice, Trouble::Expired, Trouble::Version, Trouble::Malformed] {
        town.forge.hub.lie(move |_| Reply::trouble(trouble));
        let told = street.sync(SyncOptions::default());
        assert!(matches!(told, Err(AppError::Hub(SyncError::NotServed(_)))), "{told:?}");
    }
    let after = street.status().unwrap();
    assert_eq!((after.unsent, after.held, after.parked), (before.unsent, before.held, before.parked));
    town.forge.hub.repent();
    sync(&street);
    assert_eq!(street.status().unwrap().unsent, 0);
}

#[test]
fn a_hub_that_refuses_everything_loses_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    let unsent = street.status().unwrap().unsent;
    for refusal in [himaya_wire::Refusal::NoGrant, himaya_wire::Refusal::Signature] {
        town.forge.hub.lie(move |asked| {
            let mut answer = asked.honest().unwrap();
            for told in &mut answer.push {
                told.outcome = Outcome::Refused(refusal);
            }
            answer.items.clear();
            Reply::answer(&answer)
        });
        sync(&street);
        let status = street.status().unwrap();
        assert_eq!(status.unsent + status.parked, unsent);
    }
    assert_eq!(street.show(space).unwrap().line.title, "Yassine");
}

#[test]
fn a_hub_whose_clock_is_far_off_breaks_nothing() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    for millis in [i64::MIN, -1, 0, i64::MAX] {
        town.forge.hub.alter(move |_, answer| {
            answer.at_millis = millis;
            answer.items.iter_mut().for_each(|item| item.stored_at_millis = millis);
        });
        street.edit(space, "nickname", None, &format!("after {millis}")).unwrap();
        sync(&street);
        let unit = town.upe.unlock();
        sync(&unit);
        assert_eq!(unit.inbox().unwrap().len(), 1);
        assert!(unit.rebuild().unwrap().identical && street.rebuild().unwrap().identical);
        assert!(unit.spot(&spotting("Hind")).unwrap().created_millis < NOW_MILLIS + 3_600_000);
        unit.board().unwrap();
        street.sent().unwrap();
    }
}

#[test]
fn a_hub_that_says_it_has_what_nobody_sent_costs_a_pull_and_no_more() {
    let town = Street::new();
    let street = town.sas.unlock();
    let space = town.refer(&street, "Yassine");
    sync(&street);
    town.forge.hub.alter(|request, answer| {
        let what = ItemBody::Own(Digest::of(b"never sent"));
        answer.items.push(Item { position: 0, stored_at_millis: NOW_MILLIS, what });
        renumber(request.request.after, &mut answer.items);
    });
    let before = town.forge.hub.asked();
    sync(&street);
    assert!(town.forge.hub.asked() - before < 20);
    town.forge.hub.repent();
    sync(&street);
    assert_eq!(street.show(space).unwrap().missing, 0);
    assert_eq!(street.status().unwrap().unsent, 0);
    let asked_all = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&asked_all);
    town.forge.hub.alter(move |asked, _| seen.store(asked.request.all, Ordering::SeqCst));
    sync(&street);
    assert!(!asked_all.load(Ordering::SeqCst), "what it sent itself is not asked back for ever");
}
