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
use crate::figures::Line;

/// What the row of a link says of this run; `again` asks the same once more, and is told what to compare with then.
pub(crate) fn replay(
    run: &RunView,
    against: Option<&str>,
    again: impl Fn(Option<String>) + 'static,
) -> Option<El> {
    let measurement = run.measurement.as_ref()?;
    let figures = RunFigures::of(&measurement.facts, None, None);
    let own = Line::of_run(measurement, &figures, None).map(|line| Against::line(&line));
    let row = against.and_then(Against::read);
    let said = row.as_ref().map(|row| placed(row, own.as_ref()));
    let next = row.or(own).map(|against| against.write());
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

fn placed(row: &Against, run: Option<&Against>) -> El {
    let (n, mean) = row.of();
    let joules = |value: f64| display::plain(Quantity::Joules, value);
    let line = el("p", "");
    let part = el("div", "comparison").set("data-testid", "replayed");
    let Some(run) = run else {
        return part.add(line.text("This run has no energy that could be compared with the row's."));
    };
    let own = joules(run.of().1);
    let said = match row.beside(run) {
        Beside::Placed(Replayed { interval: [low, high], place, .. }) => {
            let found = match place {
                Place::Below => "below",
                Place::Inside => "inside",
                Place::Above => "above",
            };
            line.text(&format!("{own} lies ")).add(text("strong", "", found)).text(&format!(
                " the interval of one new run, {} to {} (row of {n} runs, mean {}).",
                joules(low.max(0.0)),
                joules(high),
                joules(mean)
            ))
        }
        Beside::Ratio(ratio) => {
            line.text(&format!("{own} is ")).add(text("strong", "", display::ratio(ratio))).text(&format!(
                " the {} of the run before. One run tells no spread, so there is no interval.",
                joules(mean)
            ))
        }
        Beside::Apart(differ) => line.text(&format!(
            "The figure and the row cannot be compared: they differ in {}.",
            display::between(&differ)
        )),
        Beside::Missing => line.text("The row has no energy that this run could be compared with."),
    };
    let engines = row.engines(run).map(|[there, here]| {
        quiet(format!(
            "The engine is another one ({there} there, {here} here): what differs may be its doing."
        ))
    });
    part.add(said).maybe(engines)
}
