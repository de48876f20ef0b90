//! How it is measured: written around the constants that the code uses, so that it cannot drift from them.

use common::measurement::METHOD_VERSION;
use common::meter::Label;
use common::prompt::{MAX_MODELS, MAX_OUTPUT_TOKENS, MAX_TEXT_CHARS, Task};
use common::verdict::{Grade, MAX_FOREIGN_LOAD, MAX_IDLE_DRIFT, MIN_COVERAGE, REDO_IDLE_DRIFT, Reason};
use leptos::prelude::*;

use crate::browser;
use crate::components::badge::label_badge;
use crate::display;
use crate::view_state::Choice;

/// Every reason that a verdict can have.
const REASONS: [Reason; 14] = [
    Reason::Modelled,
    Reason::Simulated,
    Reason::ForeignLoad,
    Reason::NotCalm,
    Reason::IdleDrift,
    Reason::NoBaseline,
    Reason::LowCoverage,
    Reason::LateSampler,
    Reason::ReadError,
    Reason::NotResolved,
    Reason::CounterReset,
    Reason::StaleMeter,
    Reason::DeviceLost,
    Reason::NoEnergy,
];

/// `/method`
#[component]
pub(crate) fn MethodPage() -> impl IntoView {
    browser::set_title("How it is measured");
    view! {
        <div class="page prose">
            <div class="lead">
                <h1>"How it is measured"</h1>
                <p>{format!("Method version {METHOD_VERSION}. Figures of two versions are never summed or ranked together.")}</p>
            </div>
            <section>
                <h2>"One run"</h2>
                <ol class="steps">
                    <li><b>"Queue."</b>" A prompt becomes one run a model. A machine takes one run at a time and runs nothing else."</li>
                    <li><b>"Load."</b>" The weights are read into memory, outside any window."</li>
                    <li><b>"Cool down."</b>{format!(" The machine waits until it is calm: other programs may keep at most {} of all cores busy.", display::share(MAX_FOREIGN_LOAD))}</li>
                    <li><b>"Idle power."</b>" It is read before the first and after the last window."</li>
                    <li><b>"Warm-up."</b>" Some answers are made and discarded."</li>
                    <li><b>"Window."</b>" The counters are read, the model answers, the counters are read again. Each token's time is taken when it is on the host. Nothing else happens inside a window."</li>
                    <li><b>"Record."</b>" Only facts are stored. Every figure on this site is computed from them when it is read, so that a better formula needs no new measurement."</li>
                </ol>
            </section>
            <section>
                <h2>"Labels"</h2>
                <dl class="labels">
                    {Label::ALL.iter().map(|(label, _)| view! {
                        <div><dt>{label_badge(*label, false)}</dt><dd>{display::label_meaning(*label)}</dd></div>
                    }).collect_view()}
                    <div><dt>{random_badge()}</dt><dd>"The weights were drawn at random: speed and energy of a shape count, its answers do not."</dd></div>
                </dl>
                <p>"Labels never mix: not in a sum, not in a row, not in a ranking."</p>
            </section>
            <section>
                <h2>"Verdicts"</h2>
                <p>{format!(
                    "Every run gets a verdict with its reasons. Idle power may differ by {} between before and after; beyond {} the run is to be measured again. Where energy comes from power readings, they must cover {} of the window. Runs that are to be measured again or cannot be used stay out of every mean, and are counted.",
                    display::share(MAX_IDLE_DRIFT), display::share(REDO_IDLE_DRIFT), display::share(MIN_COVERAGE)
                )}</p>
                <div class="scroll" tabindex="0" role="region" aria-label="Reasons">
                    <table>
                        <caption class="hidden">"Reasons and what follows from them"</caption>
                        <thead><tr><th scope="col">"Reason"</th><th scope="col">"What follows"</th></tr></thead>
                        <tbody>{REASONS.map(|reason| view! {
                            <tr><td>{display::reason(reason)}</td><td>{display::grade(reason.grade())}</td></tr>
                        }).collect_view()}</tbody>
                    </table>
                </div>
                <p class="quiet">{format!("Without any reason a run is {}.", display::grade(Grade::Valid))}</p>
            </section>
            <section>
                <h2>"Figures"</h2>
                <p>"Energy is the gross energy of the window's body inside the named boundary; idle power is reported beside it. A missing reading is missing, never 0, and makes its sum missing: a part of a sum is not the sum."</p>
                <p>"Times start with prefill on the machine. They leave out queue, cool-down, warm-up and network. A mean over runs stands with its 95\u{a0}% interval (Student's t) and n; a single run stands with the uncertainty of its instruments at k\u{a0}=\u{a0}2."</p>
                <p>"Which machine, model revision, engine version and instruments stood behind a run is part of its record."</p>
            </section>
            <section>
                <h2>"Tasks and limits"</h2>
                <dl class="labels">{Task::ALL.map(|task| view! { <div><dt>{display::task(task)}</dt><dd>{display::task_meaning(task)}</dd></div> }).collect_view()}</dl>
                <p>{format!("A prompt has at most {MAX_TEXT_CHARS} characters, goes to at most {MAX_MODELS} models and gets at most {MAX_OUTPUT_TOKENS} tokens.")}</p>
            </section>
        </div>
    }
}

fn random_badge() -> AnyView {
    view! { <span class="only-random">{label_badge(Label::Measured, true)}</span> }.into_any()
}
