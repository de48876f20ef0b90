//! A measured run beside the row that it repeats, and the button that asks the same again.
//!
//! Must not: call a figure right or wrong; it lies inside an interval or it does not.

use common::api::runs::RunView;
use common::leaderboard::RunFigures;
use common::replay::{Place, Replayed};

use crate::against::{Against, Beside};
use crate::components::facts::quiet;
use crate::display::{self, Quantity};
use crate::dom::{El, el, text};

/// What the row of a link says of this run; `again` asks the same once more, and is told what to compare with then.
pub(crate) fn replay(
    run: &RunView,
    against: Option<&str>,
    again: impl Fn(Option<String>) + 'static,
) -> Option<El> {
    let measurement = run.measurement.as_ref()?;
    let figures = RunFigures::of(&measurement.facts, None, None);
    let row = against.and_then(Against::read);
    let next = row.or_else(|| Against::run(&figures)).map(|against| against.write());
    let said = row.map(|row| placed(row, &figures));
    Some(
        el("section", "more")
            .set("aria-labelledby", "replay")
            .add(text("h2", "", "Replay").set("id", "replay"))
            .maybe(said)
            .add(quiet(
                "The same text, model, task and decoding once more. Where a row is known, the new figure is placed in the 95 % prediction interval of one new run: 19 of 20 runs made like those of the row fall inside.",
            ))
            .add(
                el("div", "bar").add(
                    text("button", "", "Ask the same again")
                        .set("type", "button")
                        .set("id", "replay-again")
                        .on("click", move |_| again(next.clone())),
                ),
            ),
    )
}

fn placed(row: Against, figures: &RunFigures) -> El {
    let (n, mean) = row.of();
    let joules = |value: f64| display::plain(Quantity::Joules, value);
    let own = joules(figures.sums.energy_j.mean);
    let line = el("p", "");
    let said = match row.beside(figures) {
        Beside::Placed(Replayed { interval: [low, high], place, .. }) => {
            let found = match place {
                Place::Below => "below",
                Place::Inside => "inside",
                Place::Above => "above",
            };
            line.text(&format!("{own} lies "))
                .add(text("strong", "", found))
                .text(&format!(
                    " the interval of one new run, {} to {} (row of {n} runs, mean {}).",
                    joules(low.max(0.0)),
                    joules(high),
                    joules(mean)
                ))
        }
        Beside::Ratio(ratio) => line
            .text(&format!("{own} is "))
            .add(text("strong", "", display::ratio(ratio)))
            .text(&format!(" the {} of the run before. One run tells no spread, so there is no interval.", joules(mean))),
        Beside::Apart => line.text("The figure and the row cannot be compared: one is missing, or their labels or boundaries differ."),
    };
    el("div", "comparison").set("data-testid", "replayed").add(said)
}
