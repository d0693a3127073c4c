//! The page that tells the night: plain, with figures, and honest about what is invented.

use himaya_core::app::ChoiceView;
use himaya_core::directory::Places;
use himaya_core::report::Board;

use super::story::{Proof, Story};
use crate::args::Lang;
use crate::field::board_page;
use crate::output::{Page, Tone, Words};

/// Writes the story.
pub fn write(page: &mut Page, words: &Words, story: &Story, board: &Board) {
    head(page, words, story);
    out_there(page, story);
    two_o_clock(page, words, story);
    pockets(page, story);
    morning(page, words, story);
    page.heading("11:00  The centre directs by cards: no name, no text, no point");
    board_page(words, page, board);
    proof(page, &story.proof);
    checks(page, story);
}

fn head(page: &mut Page, words: &Words, story: &Story) {
    let title = page.paint(Tone::Head, "Himaya · حماية");
    page.line(&title);
    page.line(
        "One night of child protection with no network, from half past nine in the evening to eleven the next morning.",
    );
    page.gap();
    let invented =
        "Units, staff, children, houses and telephone numbers are invented. Only the places' names are real.";
    let invented = page.paint(Tone::Warn, invented);
    page.line(&invented);
    page.note(
        "Key derivation is set to cost nothing here, to be quick. On a real device one guess takes half a second.",
    );
    page.heading("Who is there");
    let (capes, upes, teams) = story.units;
    let (name, arabic) = &story.place;
    page.line(&format!("  {name} {}, neighbours: {}", words.isolate(arabic), story.neighbours.join(", ")));
    page.line(&format!(
        "  the ministry · {capes} centre (CAPE) · {upes} protection units (UPE) · {teams} mobile units (SAS) · {} devices",
        story.devices
    ));
    page.line(&format!("  a guide of {} services, with needs, ages, hours and places left", story.services));
}

fn out_there(page: &mut Page, story: &Story) {
    page.heading("21:30  Out, with no network: the hub is not running");
    page.line(&format!(
        "  {} rounds · {} people met · {} children spotted",
        story.rounds,
        grouped(story.contacts.into()),
        story.spottings
    ));
    page.line(&format!(
        "  {} recorded on a locked phone, write-only · {} of unknown identity, known by look",
        story.captures, story.unknown
    ));
    let (median, most) = story.save_micros;
    page.line(&format!(
        "  saved: {} half the time, {} at most, on the disk before it says so",
        millis(median),
        millis(most)
    ));
}

fn two_o_clock(page: &mut Page, words: &Words, story: &Story) {
    page.heading("02:00  The nearest unit that can take this child now");
    page.line(&format!("  {} · needs a bed tonight", words.isolate(&story.asked)));
    for (place, choice) in story.nearest.chosen.iter().enumerate() {
        let sign = page.paint(Tone::Good, &(place + 1).to_string());
        choice_lines(page, words, &sign, choice);
    }
    if !story.nearest.passed_over.is_empty() {
        page.line(&format!("  {}", words.say("nearest-but", &[])));
        let sign = page.paint(Tone::Quiet, "–");
        for passed in &story.nearest.passed_over {
            choice_lines(page, words, &sign, passed);
        }
    }
    if let Some(next) = &story.after_call {
        page.line(&format!(
            "  ☎ nobody answers at the first: noted for every team; now first is {}",
            words.isolate(next)
        ));
    }
    page.note(&format!(
        "  {} referrals kept. Slowest search of the night: {}, on the phone, no network.",
        story.referrals,
        millis(story.nearest_micros)
    ));
}

fn choice_lines(page: &mut Page, words: &Words, sign: &str, choice: &ChoiceView) {
    let name = if words.lang() == Lang::Ar { &choice.name_ar } else { &choice.name_fr };
    page.line(&format!("  {sign} {}  {}", words.isolate(name), words.tidy(&choice.distance)));
    let reasons: Vec<String> = choice.reasons.iter().map(|reason| words.tidy(reason)).collect();
    page.note(&format!("      {}", reasons.join(" · ")));
}

fn pockets(page: &mut Page, story: &Story) {
    let all = story.locked;
    page.heading("02:40  The network is back. The phones are locked, in pockets");
    page.line(&format!(
        "  before: {} tries, each told \"kept on this device\"; {} sealed records waited",
        story.offline_tries,
        grouped(story.waiting)
    ));
    page.line(&format!(
        "  now: {} sent, {} refused, in {} requests, {} bytes out and {} back",
        grouped(all.sent.into()),
        all.refused,
        all.requests,
        grouped(all.bytes_out),
        grouped(all.bytes_in)
    ));
    page.line(&format!(
        "  ◑ {} of {} referrals signed for by the units' devices, locked too",
        story.receipts, story.referrals
    ));
    let (requests, out, back, envelopes) = story.one;
    page.line(&format!(
        "  one spotting with its keys, grants and card: {requests} request, {} bytes out, {} back, {envelopes} sealed records",
        grouped(out),
        grouped(back)
    ));
}

fn morning(page: &mut Page, words: &Words, story: &Story) {
    let (accepted, declined, redirected, silent) = story.answers;
    page.heading("06:30  The units answer, the teams learn it");
    page.line(&format!("  {accepted} accepted · {declined} declined · {redirected} sent on to another unit · {silent} not answered: call"));
    page.line(&format!(
        "  {} write-only captures claimed · {} children handed over with a receipt · {} referred on and accepted",
        story.claimed, story.handovers, story.second_referrals
    ));
    page.line(&format!("  {} files opened", story.files));
    page.heading(&format!("10:30  Two workers edited file {} apart", story.conflict.number));
    page.line(&format!(
        "  {} edits merged by themselves. One question kept both answers: {}",
        story.conflict.merged, story.conflict.field
    ));
    for answer in &story.conflict.answers {
        page.line(&format!("    ⚠ {}", words.isolate(answer)));
    }
    let settled = page.paint(Tone::Good, "settled:");
    page.line(&format!("    {settled} {}", words.isolate(&story.conflict.settled)));
    page.note(&format!(
        "  The whole night: {} requests, {} bytes out, {} back, {} records refused.",
        story.all.requests,
        grouped(story.all.bytes_out),
        grouped(story.all.bytes_in),
        story.all.refused
    ));
}

fn proof(page: &mut Page, proof: &Proof) {
    page.heading("The proof: nobody between could read it");
    page.line(&format!(
        "  {} names, notes and numbers and {} coordinates of the night, in {} forms",
        grouped(proof.texts as u64),
        grouped(proof.points as u64),
        grouped(proof.patterns as u64)
    ));
    page.note("  (UTF-8, UTF-16, other case, hexadecimal, base 64, escapes; decimals, floats, scaled integers, CBOR)");
    let sizes: u64 = proof.hub_files.iter().map(|(_, size)| size).sum();
    let names: Vec<&str> = proof.hub_files.iter().map(|(name, _)| name.as_str()).collect();
    let verdict = |page: &Page, found: usize, good: bool| {
        page.paint(if good { Tone::Good } else { Tone::Danger }, &format!("{found} found"))
    };
    let found = verdict(page, proof.found_at_hub, proof.found_at_hub == 0);
    let memory = proof.hub_memory_bytes.map_or_else(
        || "its memory is not shown by this system".to_owned(),
        |bytes| format!("and {} bytes of its running memory", grouped(bytes)),
    );
    page.line(&format!("  at the hub: {found} in {} bytes of {}, {memory}", grouped(sizes), names.join(", ")));
    let found = verdict(page, proof.found_on_locked_disks, proof.found_on_locked_disks == 0);
    page.line(&format!("  on the disks of the {} locked devices: {found}", proof.devices));
    let all = proof.found_on_devices == proof.in_records;
    let found = verdict(page, proof.found_on_devices, all);
    let all = grouped(proof.in_records as u64);
    page.line(&format!("  in the same devices opened with their workers' passphrase: {found} of {all}"));
    for wrong in &proof.wrong {
        page.line(&page.paint(Tone::Danger, &format!("  ✗ not as it should be: {wrong}")));
    }
}

fn checks(page: &mut Page, story: &Story) {
    page.heading("What had to hold");
    for check in &story.checks {
        let sign = if check.held { page.paint(Tone::Good, "✓") } else { page.paint(Tone::Danger, "✗ FAILED:") };
        page.line(&format!("  {sign} {}", check.what));
    }
    page.gap();
    let steps: Vec<String> = story.steps.iter().map(|step| format!("{} {}", step.step, seconds(step.millis))).collect();
    page.note(&format!("time: {}", steps.join(" · ")));
    let all: u64 = story.steps.iter().map(|step| step.millis).sum();
    page.note(&format!("in all {} · seed {} · {}", seconds(all), story.seed, Places::credits()));
}

fn millis(micros: u64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}

/// Thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
