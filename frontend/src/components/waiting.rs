//! A run on its way: where it is, why it waits, and the answer and power as they come.
//!
//! Must not: pretend to know how long something takes.

use common::api::runs::RunView;
use common::lease::Step;
use common::run::RunState;
use leptos::prelude::*;

use crate::components::power_chart::power_chart;
use crate::display::{self, Quantity};
use crate::live::Live;
use crate::record::Curve;

const STAGES: [&str; 6] = ["Queue", "Load", "Cool", "Idle", "Warm up", "Measure"];

/// Where the run is, on a scale of stages, with an explanation below.
pub(crate) fn waiting(run: &RunView, live: RwSignal<Live>) -> AnyView {
    let run = run.clone();
    let machine = run.machine.clone();
    let reported = run.step;
    let state = run.state;
    let step = Memo::new(move |_| live.with(|live| live.step).or(reported).filter(|_| state == RunState::Leased));
    let retried = run.failure.clone().filter(|_| run.attempts > 0 && state == RunState::Queued);
    view! {
        <ol class="stages" aria-hidden="true">
            {STAGES
                .into_iter()
                .enumerate()
                .map(|(index, name)| {
                    let class = move || match stage(state, step.get()) {
                        now if index < now => "done",
                        now if index == now => "now",
                        _ => "ahead",
                    };
                    view! { <li class=class>{name}</li> }
                })
                .collect_view()}
        </ol>
        <div class="waiting" aria-live="polite">
            {move || {
                let (title, why) = match (state, step.get()) {
                    (RunState::Queued, _) => queued(&run),
                    (_, Some(step)) => display::step(&step),
                    (_, None) => ("Taken by a machine".to_owned(), "It will say what it is doing in a moment.".to_owned()),
                };
                view! { <h3>{title}</h3><p>{why}</p> }
            }}
            {machine.map(|machine| view! { <p class="quiet">"On "{machine.to_string()}</p> })}
            {retried.map(|failure| view! { <p class="quiet">{format!("The last attempt did not work: {}", failure.message)}</p> })}
        </div>
        {move || live.with(|live| (live.token_count() > 0 || live.has_power()).then(|| streaming(live)))}
    }
    .into_any()
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

fn streaming(live: &Live) -> AnyView {
    let series = live.powers().filter(|(_, powers)| powers.len() > 1).map(|(domain, powers)| (domain, powers.to_vec()));
    let series: Vec<_> = series.collect();
    let length = series.iter().filter_map(|(_, points)| points.last()).map(|point| point.0).max().unwrap_or_default();
    let curve = Curve { series, prefill: None, decode: None, length };
    let speed = live.throughput().map(|speed| display::plain(Quantity::TokensPerSecond, speed));
    view! {
        <div class="duo">
            <div>
                <pre class="answer answer-live">{live.text()}<i class="caret" aria-hidden="true"></i></pre>
                <p class="quiet">{live.token_count()}" tokens"{speed.map(|speed| format!(", {speed}"))}</p>
            </div>
            {(!curve.is_empty()).then(|| power_chart(&curve, "Power as it is read", 520.0))}
        </div>
    }
    .into_any()
}
