//! From the authority down to a worker who reads, and a removed one who does not.

use himaya_wire::{
    Applied, Circle, Entry, Envelope, EventId, NewcomerCode, Registries, Removed, Scope, SpaceId, SpaceKey, UnitId,
    UnitKind,
};
use himaya_wire::{DeviceId, Kid, WireError};

use super::tests::{Device, NOW, PIN, pin};
use super::{
    Admission, Authority, KdfParams, NewMember, NewProvince, NewSealedEvent, NewSealedGrant, Passphrase, Province,
    SpaceKeys, Unlocked, Validity, Vault, VaultError, admit, found_circles, remove, resign,
};

struct OneKey(SpaceId, SpaceKey);

impl SpaceKeys for OneKey {
    fn space_key(&self, space: SpaceId, kid: Kid) -> Option<SpaceKey> {
        (self.0 == space && self.1.kid() == kid).then(|| self.1.clone())
    }
}

struct Worker {
    device: Device,
    vault: Vault,
    keys: NewMember,
    open: Unlocked,
}

impl Worker {
    fn make() -> Self {
        let device = Device::make();
        let vault = device.create();
        let keys = NewMember::make().unwrap();
        vault.add_worker(&keys, None, &pin(PIN), None, NOW).unwrap();
        let open = vault.unlock(keys.member(), PIN, NOW).unwrap();
        Self { device, vault, keys, open }
    }

    fn code(&self) -> NewcomerCode {
        let code = self.keys.code(self.vault.device(), self.device.phone.as_ref()).unwrap();
        NewcomerCode::from_text(&code.to_text()).unwrap()
    }
}

struct Unit {
    registries: Registries,
    province: Province,
    id: UnitId,
    head: Worker,
}

impl Unit {
    fn make() -> Self {
        let authority = Authority::make(Validity::new(NOW, Validity::AUTHORITY_YEARS)).unwrap();
        let new = NewProvince::make().unwrap();
        let certificate = authority.certify_province(&new, Validity::new(NOW, Validity::PROVINCE_YEARS)).unwrap();
        let province = new.certified(certificate).unwrap();
        let mut registries = Registries::new(authority.verify_key().clone());
        append(&mut registries, &[province.found_entry(NOW).unwrap()]);
        let mut head = Worker::make();
        let listed = registries.province(province.id()).unwrap();
        let founded = province.found_unit(UnitKind::Upe, &head.code(), listed, Validity::unit(NOW)).unwrap();
        append(&mut registries, &[founded.list, founded.found]);
        let id = founded.unit;
        let entries = found_circles(registries.unit(id).unwrap(), &mut head.open, NOW).unwrap();
        append(&mut registries, &entries);
        Self { registries, province, id, head }
    }

    fn registry(&self) -> &himaya_wire::UnitRegistry {
        self.registries.unit(self.id).unwrap()
    }

    fn admit(&mut self, worker: &mut Worker, head: bool) {
        let entries = admit(&worker.code(), self.registry(), &self.head.open, &admission(head)).unwrap();
        append(&mut self.registries, &entries);
        worker.open.open_circles(self.registries.unit(self.id).unwrap());
    }

    fn kid(&self, circle: Circle) -> Kid {
        self.registries.circle_kid(self.id, circle).unwrap()
    }
}

fn admission(head: bool) -> Admission {
    Admission { head, circles: Vec::new(), validity: Validity::unit(NOW) }
}

fn append(registries: &mut Registries, entries: &[Entry]) {
    for entry in entries {
        assert_eq!(registries.apply(entry.bytes()).unwrap().1, Applied::New);
    }
}

#[test]
fn an_admitted_worker_reads_what_the_head_sealed_to_the_unit() {
    let mut unit = Unit::make();
    let mut worker = Worker::make();
    unit.admit(&mut worker, false);
    assert!(unit.registry().active_device(worker.vault.device()).is_some());
    let (space, key) = (SpaceId::make_random(), SpaceKey::make_random().unwrap());
    let to = [unit.registry().circle(Circle::All).unwrap()];
    let grant = NewSealedGrant { id: EventId::make_random(), space, scope: Scope::Whole, to: &to };
    let grant = unit.head.open.seal_grant(&grant, unit.registry(), &key).unwrap();
    let event = NewSealedEvent { id: EventId::make_random(), space, unit: unit.id };
    let event = unit.head.open.seal_event(&event, &key, b"body").unwrap();
    let opened = worker.open.open_grant(&Envelope::parse(&grant).unwrap(), &unit.registries).unwrap();
    let envelope = Envelope::parse(&event).unwrap();
    let body = worker.open.open_event(&envelope, &unit.registries, &OneKey(space, opened)).unwrap();
    assert_eq!(body.as_slice(), b"body");
    let other = OneKey(space, SpaceKey::make_random().unwrap());
    let held = worker.open.open_event(&envelope, &unit.registries, &other).unwrap_err();
    assert_eq!(held, VaultError::NoKey("event"));
    assert!(held.can_retry());
}

#[test]
fn a_stranger_opens_no_grant_and_an_unknown_author_is_held() {
    let unit = Unit::make();
    let stranger = Worker::make();
    let (space, key) = (SpaceId::make_random(), SpaceKey::make_random().unwrap());
    let to = [unit.registry().circle(Circle::All).unwrap()];
    let grant = NewSealedGrant { id: EventId::make_random(), space, scope: Scope::Whole, to: &to };
    let sealed = unit.head.open.seal_grant(&grant, unit.registry(), &key).unwrap();
    let envelope = Envelope::parse(&sealed).unwrap();
    assert_eq!(stranger.open.open_grant(&envelope, &unit.registries).unwrap_err(), VaultError::NoKey("grant"));
    let forged = stranger.open.seal_grant(&grant, unit.registry(), &key).unwrap();
    let forged = Envelope::parse(&forged).unwrap();
    let refused = unit.head.open.open_grant(&forged, &unit.registries).unwrap_err();
    assert_eq!(refused, VaultError::NoKey("author"));
}

#[test]
fn the_circle_of_heads_is_for_heads() {
    let mut unit = Unit::make();
    let (mut worker, mut second_head) = (Worker::make(), Worker::make());
    unit.admit(&mut worker, false);
    unit.admit(&mut second_head, true);
    assert!(worker.open.circle_secret(unit.kid(Circle::All)).is_some());
    assert!(worker.open.circle_secret(unit.kid(Circle::Heads)).is_none());
    assert!(second_head.open.circle_secret(unit.kid(Circle::Heads)).is_some());
    let wanted = Admission { circles: vec![Circle::Heads], ..admission(false) };
    let refused = admit(&Worker::make().code(), unit.registry(), &unit.head.open, &wanted).unwrap_err();
    assert!(matches!(refused, VaultError::NotAllowed(_)));
}

#[test]
fn only_a_head_admits_and_nobody_twice() {
    let mut unit = Unit::make();
    let mut worker = Worker::make();
    unit.admit(&mut worker, false);
    let code = Worker::make().code();
    let by_worker = admit(&code, unit.registry(), &worker.open, &admission(false)).unwrap_err();
    assert!(matches!(by_worker, VaultError::NotAllowed(_)));
    let again = admit(&worker.code(), unit.registry(), &unit.head.open, &admission(false)).unwrap_err();
    assert!(matches!(again, VaultError::NotAllowed(_)));
    let registry = unit.registries.unit(unit.id).unwrap();
    assert_eq!(found_circles(registry, &mut unit.head.open, NOW).unwrap().len(), 0, "the circles are there");
}

#[test]
fn a_second_worker_of_a_known_device_is_one_entry() {
    let unit = Unit::make();
    let second = NewMember::make().unwrap();
    let code = second.code(unit.head.vault.device(), unit.head.device.phone.as_ref()).unwrap();
    let entries = admit(&code, unit.registry(), &unit.head.open, &admission(false)).unwrap();
    assert_eq!(entries.len(), 1);
    let other_phone = Device::make();
    let code = second.code(unit.head.vault.device(), other_phone.phone.as_ref()).unwrap();
    let refused = admit(&code, unit.registry(), &unit.head.open, &admission(false)).unwrap_err();
    assert_eq!(refused, VaultError::Wire(WireError::Mismatch("device and key")));
}

#[test]
fn a_removed_worker_does_not_get_the_next_key_and_the_others_do() {
    let mut unit = Unit::make();
    let (mut gone, mut stays) = (Worker::make(), Worker::make());
    unit.admit(&mut gone, true);
    unit.admit(&mut stays, false);
    let before = unit.kid(Circle::All);
    let registry = unit.registries.unit(unit.id).unwrap();
    let entries = remove(Removed::Member(gone.keys.member()), registry, &mut unit.head.open, NOW).unwrap();
    assert_eq!(entries.len(), 3, "the removal, and new keys of both circles");
    append(&mut unit.registries, &entries);
    assert_ne!(unit.kid(Circle::All), before);
    let registry = unit.registries.unit(unit.id).unwrap();
    assert_eq!(gone.open.open_circles(registry), 0);
    assert_eq!(stays.open.open_circles(registry), 1);
    assert!(stays.open.circle_secret(unit.kid(Circle::All)).is_some());
    assert!(unit.head.open.circle_secret(unit.kid(Circle::Heads)).is_some());
    assert_eq!(unit.head.open.open_circles(registry), 0, "the head holds what it made");
    let newcomer = admit(&Worker::make().code(), registry, &unit.head.open, &admission(false)).unwrap();
    append(&mut unit.registries, &newcomer);
}

#[test]
fn a_head_does_not_remove_itself_but_the_province_removes_a_head() {
    let mut unit = Unit::make();
    let head = unit.head.keys.member();
    let registry = unit.registries.unit(unit.id).unwrap();
    let refused = remove(Removed::Member(head), registry, &mut unit.head.open, NOW).unwrap_err();
    assert!(matches!(refused, VaultError::NotAllowed(_)));
    let act = himaya_wire::EntryAct::Remove(Removed::Member(head));
    let entry = unit.province.unit_entry(registry, &act, NOW).unwrap();
    append(&mut unit.registries, &[entry]);
    let late = resign(unit.registry(), &unit.head.open, NOW).unwrap_err();
    assert!(matches!(late, VaultError::NotAllowed(_)));
}

#[test]
fn a_removed_device_comes_back_under_a_new_id_only() {
    let mut unit = Unit::make();
    let mut worker = Worker::make();
    unit.admit(&mut worker, false);
    let device = worker.vault.device();
    let registry = unit.registries.unit(unit.id).unwrap();
    let entries = remove(Removed::Device(device), registry, &mut unit.head.open, NOW).unwrap();
    append(&mut unit.registries, &entries);
    let next = NewMember::make().unwrap();
    let code = |device: DeviceId| next.code(device, worker.device.phone.as_ref()).unwrap();
    let refused = admit(&code(device), unit.registry(), &unit.head.open, &admission(false)).unwrap_err();
    assert!(matches!(refused, VaultError::NotAllowed(_)));
    let renewed = worker.vault.renew_device().unwrap();
    assert_eq!(worker.device.open().unwrap().device(), renewed);
    let entries = admit(&code(renewed), unit.registry(), &unit.head.open, &admission(false)).unwrap();
    assert_eq!(entries.len(), 2);
}

#[test]
fn a_heads_weekly_word_counts() {
    let mut unit = Unit::make();
    let entries = resign(unit.registry(), &unit.head.open, NOW + 7 * 86_400_000).unwrap();
    append(&mut unit.registries, &entries);
    assert_eq!(unit.registry().signed_at_millis, NOW + 7 * 86_400_000);
}

#[test]
fn authority_and_province_come_back_from_their_files_with_the_passphrase_only() {
    let temp = tempfile::tempdir().unwrap();
    let (ministry, file) = (temp.path().join("authority.key"), temp.path().join("province.key"));
    let words = Passphrase::parse("abacus abdomen yo-yo zoom unruly").unwrap();
    let authority = Authority::make(Validity::new(NOW, 20)).unwrap();
    authority.save(&ministry, &words, KdfParams::TEST).unwrap();
    let again = Authority::load(&ministry, "ABACUS abdomen yo-yo  zoom unruly").unwrap();
    assert_eq!(again.certificate(), authority.certificate());
    let new = NewProvince::make().unwrap();
    let certificate = again.certify_province(&new, Validity::new(NOW, 10)).unwrap();
    let province = new.certified(certificate).unwrap();
    province.save(&file, &words, KdfParams::TEST).unwrap();
    let loaded = Province::load(&file, words.reveal(), authority.verify_key()).unwrap();
    assert_eq!(loaded.id(), province.id());
    let wrong = Province::load(&file, "abacus abdomen yo-yo zoom zoology", authority.verify_key()).unwrap_err();
    assert!(matches!(wrong, VaultError::WrongPin { .. }));
    assert_eq!(Authority::load(&file, words.reveal()).unwrap_err(), VaultError::Corrupt("key file"));
    let bytes = std::fs::read(&file).unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x10;
        std::fs::write(&file, &changed).unwrap();
        assert!(Province::load(&file, words.reveal(), authority.verify_key()).is_err(), "byte {place}");
    }
}

#[test]
fn keys_that_the_certificate_does_not_name_are_refused() {
    let authority = Authority::make(Validity::new(NOW, 20)).unwrap();
    let (one, other) = (NewProvince::make().unwrap(), NewProvince::make().unwrap());
    let certificate = authority.certify_province(&one, Validity::new(NOW, 10)).unwrap();
    let refused = other.certified(certificate).unwrap_err();
    assert_eq!(refused, VaultError::Wire(WireError::Mismatch("province's keys and certificate")));
}
