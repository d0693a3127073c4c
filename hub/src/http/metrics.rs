//! Counters in Prometheus' text format. No unit, device, space or address is in any of them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use himaya_wire::{Outcome, Told, Trouble};

use crate::storage::Counts;

const REQUESTS: [&str; 10] = [
    "ok",
    "malformed",
    "unknown_device",
    "signature",
    "too_large",
    "too_many",
    "no_space",
    "broken",
    "version",
    "expired",
];

const OUTCOMES: [&str; 15] = [
    "stored",
    "had",
    "flagged",
    "quarantined",
    "refused_malformed",
    "refused_unknown_author",
    "refused_signature",
    "refused_no_grant",
    "refused_too_large",
    "refused_no_space",
    "refused_gap",
    "refused_forked",
    "refused_not_allowed",
    "refused_version",
    "refused_erased",
];

/// Upper bounds of the latency histogram, milliseconds.
const LATENCY_MILLIS: [u64; 10] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000];

#[derive(Default)]
pub(super) struct Metrics {
    requests: [AtomicU64; REQUESTS.len()],
    envelopes: [AtomicU64; OUTCOMES.len()],
    entries: [AtomicU64; OUTCOMES.len()],
    received_bytes: AtomicU64,
    sent_bytes: AtomicU64,
    waiting: AtomicU64,
    latency: [AtomicU64; LATENCY_MILLIS.len()],
    latency_count: AtomicU64,
    latency_micros: AtomicU64,
}

/// Counts one waiting device until it is dropped, also when the device hangs up.
pub(super) struct WaitingGuard<'a>(&'a AtomicU64);

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn add(cells: &[AtomicU64], index: usize, amount: u64) {
    if let Some(cell) = cells.get(index) {
        cell.fetch_add(amount, Ordering::Relaxed);
    }
}

const fn outcome_index(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Stored => 0,
        Outcome::Had => 1,
        Outcome::Flagged => 2,
        Outcome::Quarantined => 3,
        Outcome::Refused(refusal) => 4 + refusal as usize,
    }
}

impl Metrics {
    pub(super) fn request(&self, trouble: Option<Trouble>) {
        add(&self.requests, trouble.map_or(0, |trouble| 1 + trouble as usize), 1);
    }

    pub(super) fn told(&self, envelopes: &[Told], entries: &[Told]) {
        for told in envelopes {
            add(&self.envelopes, outcome_index(told.outcome), 1);
        }
        for told in entries {
            add(&self.entries, outcome_index(told.outcome), 1);
        }
    }

    pub(super) fn received(&self, bytes: usize) {
        self.received_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.sent_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The time it took to work on a request, without waiting for news.
    pub(super) fn took(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        for (bound, cell) in LATENCY_MILLIS.iter().zip(&self.latency) {
            if micros <= bound * 1000 {
                cell.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.latency_count.fetch_add(1, Ordering::Relaxed);
        self.latency_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn wait(&self) -> WaitingGuard<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        WaitingGuard(&self.waiting)
    }

    /// The page, with what the store holds.
    pub(super) fn page(&self, counts: &Counts) -> String {
        let mut page = String::new();
        let labelled = |page: &mut String, name: &str, label: &str, rows: &mut dyn Iterator<Item = (&str, u64)>| {
            for (value, count) in rows {
                let _ = writeln!(page, "himaya_hub_{name}{{{label}=\"{value}\"}} {count}");
            }
        };
        let cells = |cells: &[AtomicU64]| cells.iter().map(|cell| cell.load(Ordering::Relaxed)).collect::<Vec<_>>();
        head(&mut page, "requests_total", "counter", "Requests by what came of them.");
        let rows = cells(&self.requests);
        labelled(&mut page, "requests_total", "outcome", &mut REQUESTS.into_iter().zip(rows));
        head(&mut page, "pushed_envelopes_total", "counter", "Pushed envelopes by what came of them.");
        let rows = cells(&self.envelopes);
        labelled(&mut page, "pushed_envelopes_total", "outcome", &mut OUTCOMES.into_iter().zip(rows));
        head(&mut page, "pushed_entries_total", "counter", "Pushed registry entries by what came of them.");
        let rows = cells(&self.entries);
        labelled(&mut page, "pushed_entries_total", "outcome", &mut OUTCOMES.into_iter().zip(rows));
        head(&mut page, "stored_envelopes", "gauge", "Envelopes in the store by purpose.");
        let rows = [
            ("event", counts.events),
            ("grant", counts.grants),
            ("capture", counts.captures),
            ("receipt", counts.receipts),
        ];
        labelled(&mut page, "stored_envelopes", "purpose", &mut rows.into_iter());
        let load = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        let plain = [
            ("deliveries", "gauge", "Items in all feeds.", counts.deliveries),
            ("registry_entries", "gauge", "Registry entries that count.", counts.entries),
            ("flagged_envelopes", "gauge", "Envelopes that repeat an id.", counts.flags),
            ("quarantined_envelopes", "gauge", "Envelopes of removed devices.", counts.quarantined),
            ("registry_alarms", "gauge", "Second registry entries at a taken number.", counts.alarms),
            ("waiting_devices", "gauge", "Devices that wait for news.", load(&self.waiting)),
            ("received_bytes_total", "counter", "Bytes of request bodies.", load(&self.received_bytes)),
            ("sent_bytes_total", "counter", "Bytes of answers.", load(&self.sent_bytes)),
        ];
        for (name, kind, help, value) in plain {
            head(&mut page, name, kind, help);
            let _ = writeln!(page, "himaya_hub_{name} {value}");
        }
        self.latency_rows(&mut page);
        page
    }

    fn latency_rows(&self, page: &mut String) {
        head(page, "request_seconds", "histogram", "Time to work on a request, without waiting for news.");
        for (bound, cell) in LATENCY_MILLIS.iter().zip(&self.latency) {
            let (seconds, millis) = (bound / 1000, bound % 1000);
            let count = cell.load(Ordering::Relaxed);
            let _ = writeln!(page, "himaya_hub_request_seconds_bucket{{le=\"{seconds}.{millis:03}\"}} {count}");
        }
        let count = self.latency_count.load(Ordering::Relaxed);
        let micros = self.latency_micros.load(Ordering::Relaxed);
        let _ = writeln!(page, "himaya_hub_request_seconds_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(page, "himaya_hub_request_seconds_sum {}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = writeln!(page, "himaya_hub_request_seconds_count {count}");
    }
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(page, "# HELP himaya_hub_{name} {help}\n# TYPE himaya_hub_{name} {kind}");
}
