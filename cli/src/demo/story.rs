//! What the demo came to, in figures: shown on the page, given as JSON.

use std::time::{Duration, Instant};

use himaya_core::app::{NearestView, SyncReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::output::Failure;

/// How long a step took.
#[derive(Clone, Debug, Serialize)]
pub struct StepTime {
    /// The step.
    pub step: &'static str,
    /// Milliseconds.
    pub millis: u64,
}

/// Something that had to hold.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// Whether it held.
    pub held: bool,
}

/// Bytes and requests of many syncs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Traffic {
    /// Requests.
    pub requests: u32,
    /// Envelopes that the hub now holds.
    pub sent: u32,
    /// Envelopes that it refused.
    pub refused: u32,
    /// Envelopes received.
    pub received: u32,
    /// Bytes of request bodies.
    pub bytes_out: u64,
    /// Bytes of answer bodies.
    pub bytes_in: u64,
}

impl Traffic {
    /// Adds a sync.
    pub fn add(&mut self, report: SyncReport) {
        self.requests += report.requests;
        self.sent += report.sent;
        self.refused += report.refused;
        self.received += report.received;
        self.bytes_out += report.bytes_out;
        self.bytes_in += report.bytes_in;
    }

    /// Adds other traffic.
    pub fn add_all(&mut self, other: Self) {
        self.requests += other.requests;
        self.sent += other.sent;
        self.refused += other.refused;
        self.received += other.received;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
    }
}

/// The two answers to one question, and how it was settled.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictStory {
    /// The file's number.
    pub number: String,
    /// The question.
    pub field: String,
    /// The answers.
    pub answers: Vec<String>,
    /// Edits of other questions that merged by themselves.
    pub merged: usize,
    /// What it was settled to.
    pub settled: String,
}

/// The proof.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Proof {
    /// Texts searched.
    pub texts: usize,
    /// Coordinates searched.
    pub points: usize,
    /// Byte patterns that they come to.
    pub patterns: usize,
    /// The hub's files.
    pub hub_files: Vec<(String, u64)>,
    /// The hub's memory, bytes; none where the system does not show it.
    pub hub_memory_bytes: Option<u64>,
    /// Found at the hub.
    pub found_at_hub: usize,
    /// Devices whose database was opened with its key.
    pub devices: usize,
    /// Searched for on the devices: what stands in records.
    pub in_records: usize,
    /// Found there.
    pub found_on_devices: usize,
    /// What was found where nothing should be, or not found where everything should be: the first few.
    pub wrong: Vec<String>,
    /// Found in the devices' files as they lie on the disk, without a key.
    pub found_on_locked_disks: usize,
}

/// The whole story.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Story {
    /// What makes the world.
    pub seed: u64,
    /// Real place, French and Arabic.
    pub place: (String, String),
    /// Its real neighbours, French.
    pub neighbours: Vec<String>,
    /// Units: centre, protection units, mobile units.
    pub units: (usize, usize, usize),
    /// Devices.
    pub devices: usize,
    /// Services in the guide.
    pub services: usize,
    /// Rounds.
    pub rounds: u32,
    /// People met.
    pub contacts: u32,
    /// Spottings recorded, captures included.
    pub spottings: u32,
    /// Of these, write-only.
    pub captures: u32,
    /// Of these, of unknown identity.
    pub unknown: u32,
    /// Tries to send without a network, each answered "kept".
    pub offline_tries: u32,
    /// Envelopes waiting when the network came back.
    pub waiting: u64,
    /// Median and slowest save, microseconds.
    pub save_micros: (u64, u64),
    /// Slowest search for the nearest unit, microseconds.
    pub nearest_micros: u64,
    /// Who asked, at 02:00.
    pub asked: String,
    /// What the team was told.
    pub nearest: NearestView,
    /// After a call that nobody answered.
    pub after_call: Option<String>,
    /// Referrals sent in the night.
    pub referrals: u32,
    /// Sending with the phones locked.
    pub locked: Traffic,
    /// Referrals whose receipt reached the team before anybody unlocked.
    pub receipts: u32,
    /// One spotting more: requests, bytes out, bytes back, envelopes.
    pub one: (u32, u64, u64, u32),
    /// Answers: accepted, declined, redirected, not answered.
    pub answers: (u32, u32, u32, u32),
    /// Referred on after a redirect, and accepted there.
    pub second_referrals: u32,
    /// Captures claimed.
    pub claimed: u32,
    /// Handovers.
    pub handovers: u32,
    /// Files opened.
    pub files: u32,
    /// The conflict.
    pub conflict: ConflictStory,
    /// The board.
    pub board: serde_json::Value,
    /// Cards on it.
    pub cards: u64,
    /// Everything that crossed the network all night.
    pub all: Traffic,
    /// The proof.
    pub proof: Proof,
    /// What had to hold.
    pub checks: Vec<Check>,
    /// How long each step took.
    pub steps: Vec<StepTime>,
}

impl Story {
    /// Notes whether something held.
    pub fn check(&mut self, what: impl Into<String>, held: bool) {
        self.checks.push(Check { what: what.into(), held });
    }
}

/// Progress on standard error while it works.
pub struct Progress {
    bar: ProgressBar,
    steps: u64,
}

impl Progress {
    /// A bar over so many steps.
    pub fn new(steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len}  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, steps }
    }

    /// Runs a step and notes its time.
    pub fn step<T>(
        &self,
        story: &mut Story,
        name: &'static str,
        act: impl FnOnce(&mut Story) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.bar.set_message(name);
        let started = Instant::now();
        let done = act(story)?;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        story.steps.push(StepTime { step: name, millis });
        self.bar.inc(1);
        Ok(done)
    }

    /// Takes the bar away.
    pub fn done(self) {
        debug_assert_eq!(self.bar.position(), self.steps);
        self.bar.finish_and_clear();
    }
}
