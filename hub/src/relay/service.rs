//! One request, one answer.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use himaya_wire::{
    Answer, DeviceId, Digest, Incarnation, Outcome, Refusal, RegistryItem, Request, SignedRequest, Told, Trouble,
    UnitId, VerifyKey, WireError, limits,
};

use super::check::check;
use super::entries::{Sorted, apply, is_known};
use super::ledger::{Asker, Ledger, RemovedDevice};
use super::place::{Pushed, Pusher, place_all, quarantine_all};
use crate::storage::{FeedPage, FeedQuery, HubStore, StoreError};

/// What the answer's own fields and each told digest take, at most.
const ANSWER_OVERHEAD_BYTES: usize = 1024;
const TOLD_BYTES: usize = 48;

/// The blind relay over a store.
pub struct Relay {
    store: Arc<dyn HubStore>,
    incarnation: Incarnation,
    ledger: RwLock<Arc<Ledger>>,
    /// Held from applying new entries until they are stored, so that the registries' order is the store's.
    turn: Mutex<()>,
}

/// A request whose signature was checked.
pub struct Opened {
    /// Who asks.
    pub asker: Asker,
    request: Request,
}

/// What came of a request.
pub struct Handled {
    /// The answer.
    pub answer: Answer,
    /// What to wait for, when there is nothing to deliver yet and the device can wait.
    pub waiting: Option<Waiting>,
    /// Who has something new.
    pub news: News,
}

/// A device that waits for news.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The device.
    pub device: DeviceId,
    /// Its unit.
    pub unit: UnitId,
    /// How long.
    pub time: Duration,
    request: Request,
}

/// Whose feed has grown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Units with new items.
    pub units: BTreeSet<UnitId>,
    /// Whether the registries have new entries.
    pub registry: bool,
}

impl Relay {
    /// Starts from what the store has.
    pub fn new(store: Arc<dyn HubStore>, authority: VerifyKey) -> Result<Self, StoreError> {
        let ledger = RwLock::new(Arc::new(Ledger::load(authority, store.as_ref())?));
        Ok(Self { incarnation: store.incarnation()?, ledger, turn: Mutex::new(()), store })
    }

    /// The store beneath.
    pub fn store(&self) -> &dyn HubStore {
        self.store.as_ref()
    }

    /// The hub's history.
    pub const fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// Reads a request and says who signed it. A device whose enrolment comes in the same request is known by it.
    pub fn open(&self, bytes: &[u8], now_millis: i64) -> Result<Opened, Trouble> {
        let signed = SignedRequest::parse(bytes).map_err(|error| wire_trouble(&error))?;
        let ledger = self.ledger();
        let mut asker = ledger.asker(&signed, now_millis);
        if asker == Err(Trouble::UnknownDevice) && !signed.request.entries.is_empty() {
            let mut tried = Ledger::clone(&ledger);
            apply(&mut tried, signed.request.entries.iter().map(|entry| entry.as_slice()));
            asker = tried.asker(&signed, now_millis);
        }
        Ok(Opened { asker: asker?, request: signed.request })
    }

    /// Stores what was pushed, then reads what is new. When it fails, nothing was stored, or, after a failure of the
    /// disk's own, all of it: pushing again is always right.
    pub fn answer(&self, opened: Opened, now_millis: i64) -> Result<Handled, Trouble> {
        let Opened { asker, mut request } = opened;
        let push = std::mem::take(&mut request.push);
        let entries = std::mem::take(&mut request.entries);
        let push: Vec<&[u8]> = push.iter().map(|bytes| bytes.as_slice()).collect();
        let entries: Vec<&[u8]> = entries.iter().map(|bytes| bytes.as_slice()).collect();
        let mut news = News::default();
        let (told_entries, told_push) = self.store_all(asker, &entries, &push, now_millis, &mut news)?;
        let pushed = told_entries.len() + told_push.len();
        let mut answer = self.read(asker, &request, pushed, now_millis)?;
        answer.push = told_push;
        answer.entries = told_entries;
        let idle = pushed == 0 && answer.items.is_empty() && answer.registry.is_empty() && !answer.more;
        let waiting = match asker {
            Asker::Device { device, unit } if idle && request.limit > 0 && self.same_history(&request) => {
                let seconds = request.wait_s.min(limits::WAIT_SECONDS);
                let time = Duration::from_secs(seconds.into());
                (seconds > 0).then_some(Waiting { device, unit, time, request })
            }
            _ => None,
        };
        Ok(Handled { answer, waiting, news })
    }

    /// [`Relay::open`] and [`Relay::answer`] in one.
    pub fn handle(&self, bytes: &[u8], now_millis: i64) -> Result<Handled, Trouble> {
        self.answer(self.open(bytes, now_millis)?, now_millis)
    }

    /// Reads again for a device that waits. One that was removed meanwhile learns of its removal and no more.
    pub fn look_again(&self, waiting: &Waiting, now_millis: i64) -> Result<Answer, Trouble> {
        let standing = self.ledger().standing(waiting.device, waiting.unit, now_millis);
        self.read(standing.ok_or(Trouble::UnknownDevice)?, &waiting.request, 0, now_millis)
    }

    /// Takes entries that nobody signed for as a whole: each stands by its own signature.
    pub fn take_entries(&self, entries: &[&[u8]], now_millis: i64) -> Result<(Vec<Told>, News), Trouble> {
        if entries.len() > limits::PUSH_ENTRIES {
            return Err(Trouble::TooLarge);
        }
        let mut news = News::default();
        // The asker matters to envelopes only, and there are none.
        let nobody = Asker::Province(himaya_wire::ProvinceId::from_bytes([0; 16]));
        let (told, _) = self.store_all(nobody, entries, &[], now_millis, &mut news)?;
        Ok((told, news))
    }

    fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self) {
        let authority = self.ledger().registries.authority().clone();
        match Ledger::load(authority, self.store.as_ref()) {
            Ok(ledger) => *self.ledger.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ledger),
            Err(error) => tracing::error!(%error, "the registries cannot be read again"),
        }
    }

    fn same_history(&self, request: &Request) -> bool {
        request.incarnation.is_none_or(|incarnation| incarnation == self.incarnation)
    }

    fn store_all(
        &self,
        asker: Asker,
        entries: &[&[u8]],
        push: &[&[u8]],
        now_millis: i64,
        news: &mut News,
    ) -> Result<(Vec<Told>, Vec<Told>), Trouble> {
        let mut ledger = self.ledger();
        let has_new_entries = !entries.iter().all(|entry| is_known(&ledger.registries, entry));
        let turn = has_new_entries.then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        let mut sorted = Sorted::default();
        if turn.is_some() {
            let mut grown = Ledger::clone(&self.ledger());
            sorted = apply(&mut grown, entries.iter().copied());
            ledger = Arc::new(grown);
        } else {
            let had = |entry: &&[u8]| Told { digest: Digest::of(entry), outcome: Outcome::Had };
            sorted.told = entries.iter().map(had).collect();
        }
        let pushed: Vec<Pushed> = push
            .iter()
            .map(|bytes| Pushed { digest: Digest::of(bytes), checked: check(&ledger.registries, bytes) })
            .collect();

        let mut told_push = Vec::new();
        let mut positions = Vec::new();
        let nothing = sorted.fresh.is_empty() && sorted.alarms.is_empty() && pushed.is_empty();
        if !nothing {
            let mut fed = BTreeSet::new();
            let written = self.store.write(&mut |tx| {
                for entry in &sorted.fresh {
                    positions.push(tx.put_entry(entry.digest, entry.bytes(), now_millis)?);
                }
                for entry in &sorted.alarms {
                    tx.alarm(entry.digest, entry.bytes(), now_millis)?;
                }
                told_push = match asker {
                    Asker::Device { device, .. } => place_all(tx, Pusher { device, now_millis }, &pushed, &mut fed)?,
                    Asker::Removed(removed) if removed.taken => quarantine_all(tx, &removed, now_millis, &pushed)?,
                    Asker::Removed(_) | Asker::Province(_) => pushed.iter().map(not_allowed).collect(),
                };
                Ok(())
            });
            if let Err(error) = written {
                // A disk can fail after the entries reached it: what it holds is what counts.
                if !sorted.fresh.is_empty() {
                    self.reload();
                }
                return Err(store_trouble(&error));
            }
            news.units = fed;
        }
        if !sorted.alarms.is_empty() {
            tracing::error!(count = sorted.alarms.len(), "a registry has two entries at one number");
        }
        if !sorted.fresh.is_empty() {
            let grown = Arc::make_mut(&mut ledger);
            for (entry, position) in sorted.fresh.iter().zip(positions) {
                grown.stored(entry, position, now_millis);
            }
            *self.ledger.write().unwrap_or_else(PoisonError::into_inner) = ledger;
            news.registry = true;
        }
        drop(turn);
        Ok((sorted.told, told_push))
    }

    fn read(&self, asker: Asker, request: &Request, pushed: usize, now_millis: i64) -> Result<Answer, Trouble> {
        let mut answer = Answer {
            incarnation: self.incarnation,
            at_millis: now_millis,
            push: Vec::new(),
            entries: Vec::new(),
            items: Vec::new(),
            registry: Vec::new(),
            more: false,
        };
        // Positions of another history mean nothing here: the device starts again from zero.
        if !self.same_history(request) {
            return Ok(answer);
        }
        let limit = request.limit.min(limits::PAGE_ITEMS);
        let mut room = limits::REQUEST_BYTES.saturating_sub(ANSWER_OVERHEAD_BYTES + pushed * TOLD_BYTES);
        let page = self.store.registry(request.entries_after, limit, room).map_err(|error| store_trouble(&error))?;
        answer.more = page.more;
        for row in page.rows {
            if let Asker::Removed(RemovedDevice { removed_at, .. }) = asker
                && row.position > removed_at
            {
                answer.more = false;
                break;
            }
            room = room.saturating_sub(row.entry.len() + TOLD_BYTES);
            answer.registry.push(RegistryItem { position: row.position, entry: row.entry.into() });
        }
        if let Asker::Device { device, unit } = asker {
            let own = (!request.all).then_some(device);
            let query = FeedQuery { unit, after: request.after, limit, max_bytes: room, own };
            let FeedPage { items, more } = self.store.feed(&query).map_err(|error| store_trouble(&error))?;
            answer.items = items;
            answer.more |= more;
        }
        Ok(answer)
    }
}

fn not_allowed(pushed: &Pushed) -> Told {
    Told { digest: pushed.digest, outcome: Outcome::Refused(Refusal::NotAllowed) }
}

const fn wire_trouble(error: &WireError) -> Trouble {
    match error {
        WireError::Version(_) => Trouble::Version,
        WireError::TooLarge(_) => Trouble::TooLarge,
        WireError::Signature(_) => Trouble::Signature,
        _ => Trouble::Malformed,
    }
}

fn store_trouble(error: &StoreError) -> Trouble {
    match error {
        StoreError::NoSpace => Trouble::NoSpace,
        error => {
            tracing::error!(%error, "the store failed");
            Trouble::Broken
        }
    }
}
