//! A run on its way: where it is, why it waits, and the answer and power as they come.
//!
//! Must not: pretend to know how long something takes.

use common::api::runs::RunView;
use common::lease::Step;
use common::run::RunState;

use crate::browser;
use crate::components::facts::quiet;
use crate::components::power_chart::power_chart;
use crate::display::{self, Quantity};
use crate::dom::{El, el, group, text};
use crate::live::Live;
use crate::record::Curve;
use crate::view::View;

const STAGES: [&str; 6] = ["Queue", "Load", "Cool", "Idle", "Warm up", "Measure"];

/// Where the run is, on a scale of stages, with an explanation below.
pub(crate) fn waiting(run: &RunView, live: &Live) -> El {
    let step = step_of(run, live);
    let now = stage(run.state, step);
    let stages = STAGES.into_iter().enumerate().map(|(index, name)| {
        let class = match index.cmp(&now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "ahead",
        };
        text("li", class, name)
    });
    let (title, why) = says(run, live);
    let retried = run.failure.as_ref().filter(|_| run.attempts > 0 && run.state == RunState::Queued);
    let needs = display::needs(&run.needs);
    let explained = el("div", "waiting")
        .add(text("h3", "", title))
        .add(text("p", "", why))
        .maybe(live.progress().filter(|_| run.state == RunState::Leased).map(|share| {
            el("progress", "")
                .set("value", &format!("{share:.3}"))
                .set("aria-label", "How much of this is over")
        }))
        .maybe(run.machine.as_ref().map(|machine| {
            let to = View::current().link(&format!("/machines/{machine}"));
            quiet("On ").add(text("a", "", machine.as_str()).set("href", &to))
        }))
        .maybe((!needs.is_empty()).then(|| quiet(format!("It asks for {}.", display::between(&needs)))))
        .maybe(run.gone.as_ref().map(|gone| quiet(display::gone(gone)).set("data-testid", "gone")))
        .maybe(retried.map(|failure| {
            let last =
                format!("Attempt {} of {} did not work: {}", run.attempts, run.max_attempts, failure.message);
            quiet(last)
        }))
        .maybe(run.not_before.map(|until| quiet(display::not_before(until, browser::now()))));
    group([el("ol", "stages").set("aria-hidden", "true").all(stages), explained])
        .maybe((run.state == RunState::Leased).then(|| streaming(live)))
}

/// What is happening and why, in words.
pub(crate) fn says(run: &RunView, live: &Live) -> (String, String) {
    match (run.state, step_of(run, live)) {
        (RunState::Queued, _) => queued(run),
        (_, Some(step)) => display::step(&step),
        (_, None) => {
            ("Taken by a machine".to_owned(), "It will say what it is doing in a moment.".to_owned())
        }
    }
}

/// The newest step: what was heard, else what was fetched.
fn step_of(run: &RunView, live: &Live) -> Option<Step> {
    live.step.or(run.step).filter(|_| run.state == RunState::Leased)
}

const fn stage(state: RunState, step: Option<Step>) -> usize {
    match (state, step) {
        (RunState::Queued, _) => 0,
        (_, None | Some(Step::Loading)) => 1,
        (_, Some(Step::Cooling { .. })) => 2,
        (_, Some(Step::Baseline)) => 3,
        (_, Some(Step::WarmingUp)) => 4,
        (_, Some(Step::Measuring { .. })) => 5,
        (_, Some(Step::Reporting)) => 6,
    }
}

fn queued(run: &RunView) -> (String, String) {
    let why = "A machine answers one prompt at a time and does nothing else meanwhile: otherwise the figure would not be yours.";
    match run.queue_position {
        Some(0) => ("First in the queue".to_owned(), format!("The next free machine takes it. {why}")),
        Some(1) => ("One run before this one".to_owned(), why.to_owned()),
        Some(before) => (format!("{} runs before this one", display::compact(before)), why.to_owned()),
        None => ("In the queue".to_owned(), why.to_owned()),
    }
}

/// Answer and power side by side, in the places where they stay; empty frames until they come.
fn streaming(live: &Live) -> El {
    let series: Vec<_> = live
        .powers()
        .filter(|(_, powers)| powers.len() > 1)
        .map(|(domain, powers)| (domain, powers.to_vec()))
        .collect();
    let length =
        series.iter().filter_map(|(_, points)| points.last()).map(|point| point.0).max().unwrap_or_default();
    let curve = Curve { series, length, ..Curve::default() };
    let speed = live
        .throughput()
        .map(|speed| format!(", {}", display::plain(Quantity::TokensPerSecond, speed)))
        .unwrap_or_default();
    let answer = if live.token_count() > 0 {
        group([
            text("pre", "answer answer-live", live.text()).add(el("i", "caret").set("aria-hidden", "true")),
            quiet(format!("{} tokens{speed}", live.token_count())),
        ])
    } else {
        text("p", "blank", "The answer appears here, token by token.")
    };
    let power = if curve.is_empty() {
        text("p", "blank", "Its power appears here, as the instruments are read.")
    } else {
        power_chart(&curve, "Power as it is read", 544.0)
    };
    el("div", "duo").add(el("div", "answer-side").add(answer)).add(power)
}
