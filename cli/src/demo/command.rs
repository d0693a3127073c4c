//! The command: a folder, the steps in their order, the page, what to try next.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::needles::Needles;
use super::proof::{Search, search_folder, search_memory, search_opened};
use super::story::{Progress, Proof, Story};
use super::town::{PASSPHRASE, Town};
use super::world::World;
use super::{morning, night, page, setting};
use crate::output::{Failure, Out, Page, Tone};

const STEPS: u64 = 12;

/// What to make.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Leave everything in this folder, for `himaya field --dir`
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Another invented world
    #[arg(long, default_value_t = 2511)]
    seed: u64,
}

/// Runs the demo. Fails if anything did not hold.
pub fn run(out: &Out, args: &DemoArgs) -> Result<(), Failure> {
    let temporary = tempfile::TempDir::new().map_err(|error| Failure::io("temporary folder", &error))?;
    let dir = args.keep.clone().unwrap_or_else(|| temporary.path().join("demo"));
    if dir.exists() && std::fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::failed("demo-folder", "this folder is not empty").advice("Name a new folder with --keep."));
    }
    std::fs::create_dir_all(&dir).map_err(|error| Failure::io("demo folder", &error))?;
    let (story, board, address) = tell(out, &dir, args.seed)?;
    out.show(&story, |page| {
        page::write(page, out.words(), &story, &board);
        if args.keep.is_some() {
            try_next(page, &dir, &address);
        } else {
            page.note("Keep it all to look around: himaya demo --keep FOLDER");
        }
    })?;
    let failed = story.checks.iter().filter(|check| !check.held).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::failed("demo-failed", format!("{failed} of what had to hold did not"))
            .advice("See the page above."))
    }
}

fn tell(out: &Out, dir: &Path, seed: u64) -> Result<(Story, himaya_core::report::Board, String), Failure> {
    let mut story = Story { seed, ..Story::default() };
    let s = &mut story;
    let progress = Progress::new(STEPS);
    let mut needles = Needles::default();

    let mut town = progress.step(s, "ministry and hub", |_| Town::found(dir))?;
    let centre = town.place.centroid.ok_or_else(|| Failure::failed("places", "the prefecture has no centre"))?;
    let mut world = World::new(seed, centre, town.place.code.as_str());
    progress.step(s, "units", |story| setting::units(&mut town, &mut needles, story))?;
    progress.step(s, "guide", |story| setting::guide(&town, &mut world, &mut needles, story))?;
    // From here there is no network: the hub's process is gone.
    town.hub.stop()?;
    let mut left = progress.step(s, "rounds", |story| night::rounds(&town, &mut world, &mut needles, story))?;
    progress
        .step(s, "02:00", |story| night::two_o_clock(&town, &mut world, &mut needles, story, &mut left, out.words()))?;
    progress.step(s, "no network", |story| night::no_network(&town, story))?;
    town.hub.start()?;
    progress.step(s, "locked phones", |story| {
        night::pockets(&town, story, &left)?;
        night::weigh_one(&town, &mut world, &mut needles, story)
    })?;
    progress.step(s, "answers", |story| {
        morning::answers(&town, story, &left)?;
        morning::teams_read(&town, &mut needles, story, &left)
    })?;
    progress.step(s, "files", |story| morning::files(&town, story))?;
    progress.step(s, "conflict", |story| morning::two_workers(&town, &mut needles, story))?;
    let board = progress.step(s, "board", |story| morning::board(&town, story))?;
    s.check("the hub refused nothing all night", s.all.refused == 0);
    progress.step(s, "proof", |story| prove(&mut town, &needles, story))?;
    progress.done();
    let address = town.hub.address().to_owned();
    Ok((story, board, address))
}

fn prove(town: &mut Town, needles: &Needles, story: &mut Story) -> Result<(), Failure> {
    let search = Search::new(needles)?;
    let mut proof = Proof {
        texts: needles.text_count(),
        points: needles.point_count(),
        patterns: search.pattern_count(),
        in_records: needles.in_records(),
        ..Proof::default()
    };
    let mut at_hub = HashSet::new();
    // While it runs: its memory, and the write-ahead log as it stands.
    proof.hub_memory_bytes = town.hub.pid().and_then(|pid| search_memory(&search, pid, &mut at_hub));
    proof.hub_files = search_folder(&search, &town.dir.join("hub"), &mut at_hub)?;
    town.hub.stop()?;
    search_folder(&search, &town.dir.join("hub"), &mut at_hub)?;
    proof.found_at_hub = at_hub.len();
    let (mut on_disks, mut opened) = (HashSet::new(), HashSet::new());
    for worker in town.workers() {
        search_folder(&search, &town.dir.join(&worker.folder), &mut on_disks)?;
        search_opened(&search, town, worker, &mut opened)?;
        proof.devices += 1;
    }
    opened.retain(|needle| *needle < proof.in_records);
    let labels = needles.labels();
    let wrong = at_hub.iter().chain(&on_disks).filter_map(|needle| labels.get(*needle)).cloned();
    let missing =
        (0..proof.in_records).filter(|needle| !opened.contains(needle)).filter_map(|needle| labels.get(needle));
    proof.wrong = wrong.chain(missing.cloned()).take(10).collect();
    (proof.found_on_locked_disks, proof.found_on_devices) = (on_disks.len(), opened.len());
    story.check("the search finds each form where it is planted", search.finds_what_is_planted(needles));
    story.check("nothing of the night is found at the hub: database, write-ahead log, logs, memory", at_hub.is_empty());
    story.check("nothing is found on the disks of locked devices", on_disks.is_empty());
    let all = proof.found_on_devices == proof.in_records;
    story.check("the same search on the opened devices finds everything", all);
    story.proof = proof;
    Ok(())
}

fn try_next(page: &mut Page, dir: &Path, address: &str) {
    let program = std::env::args().next().unwrap_or_else(|| "himaya".to_owned());
    let dir = dir.display();
    page.heading("Look around");
    page.note("Every invented worker has the same passphrase; a real one is drawn by chance.");
    for line in [
        format!("export HIMAYA_PASSPHRASE='{PASSPHRASE}'"),
        format!("{program} hub --dir {dir}/hub run --listen {address} &"),
        format!("{program} field --dir {dir}/upe-1 list"),
        format!("{program} field --dir {dir}/upe-1 inbox --lang ar"),
        format!("{program} field --dir {dir}/sas-1 inbox --sent"),
        format!(
            "{program} field --dir {dir}/sas-1 nearest --at 31.72755,-8.15428 --need shelter_tonight --sex girl --age 12"
        ),
        format!("{program} field --dir {dir}/cape board"),
        format!("{program} authority --dir {dir}/authority list"),
        format!("{program} doctor --dir {dir}/sas-1"),
    ] {
        let line = page.paint(Tone::Plain, &line);
        page.line(&format!("  {line}"));
    }
}
