//! The nearest units that can take this child now, with the reasons. No network is needed.

use himaya_core::app::{ChoiceView, NewSearch};
use himaya_core::record::{Need, Point, Risk};

use super::arguments::{ChildArgs, NEEDS, point};
use super::context::Context;
use super::problem::from_app;
use crate::args::Lang;
use crate::output::{Failure, Page, Tone, Words};

/// What is asked.
#[derive(Debug, clap::Args)]
#[allow(clippy::doc_markdown)] // The help shows codes as they are typed.
pub struct NearestArgs {
    /// Where you are: latitude and longitude, degrees WGS84
    #[arg(long, value_name = "LAT,LON", value_parser = point, allow_hyphen_values = true)]
    at: Point,
    /// What the child needs
    #[arg(help = NEEDS, long = "need", value_name = "CODE", num_args = 1)]
    needs: Vec<Need>,
    #[command(flatten)]
    child: ChildArgs,
    /// none, low, medium, high, danger; in danger, emergency intake counts as open
    #[arg(long, default_value = "none")]
    risk: Risk,
    /// Census code of where the child was found
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// How many to choose
    #[arg(long, default_value_t = 5)]
    limit: usize,
}

/// Finds them.
pub fn nearest(context: &Context<'_>, args: &NearestArgs) -> Result<(), Failure> {
    let session = context.session()?;
    let search = NewSearch {
        from: args.at,
        needs: args.needs.clone(),
        age: args.child.age,
        sex: args.child.sex,
        risk: args.risk,
        area: args.area.clone(),
        limit: args.limit,
    };
    let words = context.out.words();
    let found = session.nearest(&search, words.core()).map_err(from_app)?;
    context.out.show(&found, |page| {
        if found.chosen.is_empty() {
            page.warn(&words.say("nearest-none", &[]));
        }
        for (place, choice) in found.chosen.iter().enumerate() {
            write(page, words, &format!("{}", place + 1), Tone::Good, choice);
        }
        if !found.passed_over.is_empty() {
            page.heading(&words.say("nearest-but", &[]));
            for passed in &found.passed_over {
                write(page, words, "–", Tone::Quiet, passed);
            }
        }
    })
}

fn write(page: &mut Page, words: &Words, sign: &str, tone: Tone, choice: &ChoiceView) {
    let name = if words.lang() == Lang::Ar { &choice.name_ar } else { &choice.name_fr };
    let sign = page.paint(tone, sign);
    page.line(&format!("{sign} {}  {}", words.isolate(name), words.tidy(&choice.distance)));
    page.line(&format!("  ☎ {}", choice.phone));
    for reason in &choice.reasons {
        let reason = page.paint(Tone::Quiet, &words.tidy(reason));
        page.line(&format!("  · {reason}"));
    }
    let id = |id: String| id.chars().take(8).collect::<String>();
    let unit = choice.unit.map(|unit| format!(" · unit {}", id(unit.to_string()))).unwrap_or_default();
    page.note(&format!("  service {}{unit}", id(choice.service.to_string())));
}
