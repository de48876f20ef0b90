//! How it is measured: written around the constants that the code uses, so that it cannot drift from them.

use common::measurement::{MAX_UNUSUAL, METHOD_VERSION, USUAL_DAYS};
use common::meter::Label;
use common::prompt::{MAX_MODELS, MAX_OUTPUT_TOKENS, MAX_TEXT_CHARS, Task};
use common::protocol::Protocol;
use common::steadiness::{MAX_DEVIATION, MAX_DISTANCE};
use common::streaming_cost;
use common::verdict::{Grade, MAX_FOREIGN_LOAD, MAX_IDLE_DRIFT, MIN_COVERAGE, REDO_IDLE_DRIFT, Reason};
use leptos::prelude::*;

use crate::browser;
use crate::components::badge::{label_badge, random_badge};
use crate::components::facts::{pair, quiet};
use crate::components::ground::lead;
use crate::components::streaming_cost::streaming_cost;
use crate::components::table;
use crate::display;
use crate::dom::{El, drawn, el, text};

/// What happens to one run, in order.
fn steps() -> [(&'static str, String); 7] {
    let (watched, quiet) = (Protocol::WATCHED, Protocol::QUIET);
    [
        (
            "Queue.",
            "A prompt becomes one run a model. A machine takes one run at a time and runs nothing else.".to_owned(),
        ),
        ("Load.", "The weights are read into memory, outside any window.".to_owned()),
        ("Cool down.", "The machine waits until it is calm and cool.".to_owned()),
        (
            "Idle power.",
            format!(
                "Where an instrument reads it, it is read for {} before the first window and {} after the last; for {} each while somebody waits for the answer. A machine's operator may choose other spans, and the record tells them.",
                display::span(quiet.idle_before),
                display::span(quiet.idle_after),
                display::span(watched.idle_before)
            ),
        ),
        (
            "Warm-up.",
            format!(
                "Some answers are made and discarded: {} to {}, until two in a row take the same time; {} of {} tokens at most while somebody waits.",
                quiet.least_warm_ups, quiet.most_warm_ups, watched.least_warm_ups, watched.warm_up_tokens
            ),
        ),
        (
            "Window.",
            format!(
                "The counters are read, the model answers, the counters are read again. Each token's time is taken when it is on the host. Nothing else happens inside a window. Where an instrument updates slowly and nobody watches, the answer is given several times in one window, for {} together, each beginning at another phase of the sensor; what lies between is taken off at idle power.",
                display::span(quiet.least_together)
            ),
        ),
        (
            "Record.",
            "Only facts are stored. Every figure on this site is computed from them when it is read, so that a better formula needs no new measurement.".to_owned(),
        ),
    ]
}

/// `/method`
#[component]
pub(crate) fn MethodPage() -> impl IntoView {
    browser::set_title("How it is measured");
    drawn(method)
}

fn method() -> El {
    let start = format!(
        "Method version {METHOD_VERSION}. Figures of two versions are never summed or ranked together."
    );
    el("div", "page prose")
        .add(lead("How it is measured", &start))
        .add(part("One run").add(el("ol", "steps").all(
            steps().map(|(name, what)| el("li", "").add(text("b", "", name)).text(" ").text(&what)),
        )))
        .maybe(streaming_cost::newest().ok().map(|found| part("What streaming costs").all(streaming_cost(&found))))
        .add(labels())
        .add(verdicts())
        .add(
            part("Figures")
                .add(text("p", "", "Energy is the gross energy of the window's body inside the named boundary; idle power is reported beside it. A missing reading is missing, never 0, and makes its sum missing: a part of a sum is not the sum."))
                .add(text("p", "", "Times start with prefill on the machine. They leave out queue, cool-down, warm-up and network. A mean over runs stands with its 95\u{a0}% interval (Student's t) and n; a single run stands with the uncertainty of its instruments at k\u{a0}=\u{a0}2."))
                .add(text("p", "", "Which machine, model revision, engine version and instruments stood behind a run is part of its record.")),
        )
        .add(
            part("Tasks and limits")
                .add(el("dl", "labels").all(Task::WORDED.map(|task| pair(display::task(task), &display::task_meaning(task)))))
                .add(text("p", "", format!(
                    "A prompt has at most {MAX_TEXT_CHARS} characters, goes to at most {MAX_MODELS} models and gets at most {MAX_OUTPUT_TOKENS} tokens."
                ))),
        )
}

fn part(title: &str) -> El {
    el("section", "").add(text("h2", "", title))
}

fn labels() -> El {
    let meaning =
        |badge: El, meaning: &str| el("div", "").add(el("dt", "").add(badge)).add(text("dd", "", meaning));
    part("Labels")
        .add(
            el("dl", "labels")
                .all(Label::ALL.map(|label| meaning(label_badge(label, false), display::label_meaning(label))))
                .add(meaning(
                    random_badge(),
                    "The weights were drawn at random: speed and energy of a shape count, its answers do not.",
                )),
        )
        .add(text("p", "", "Labels never mix: not in a sum, not in a row, not in a ranking."))
}

fn verdicts() -> El {
    let rules = format!(
        "Every run gets a verdict with its reasons. Other programs may keep at most {} of all cores busy. Idle power may differ by {} between before and after; beyond {} the run is to be measured again. It is steady if its readings deviate by {} of their mean at most and none lies further off than {MAX_DISTANCE} deviations. Where enough runs told it, idle power before is held against its median over the {USUAL_DAYS} days before and may differ by {}. Where energy comes from power readings, they must cover {} of the window. Runs that are to be measured again or cannot be used stay out of every mean, and are counted.",
        display::share(MAX_FOREIGN_LOAD),
        display::share(MAX_IDLE_DRIFT),
        display::share(REDO_IDLE_DRIFT),
        display::share(MAX_DEVIATION),
        display::share(MAX_UNUSUAL),
        display::share(MIN_COVERAGE)
    );
    let rows = Reason::ALL.map(|reason| {
        el("tr", "")
            .add(table::cell(display::reason(reason)))
            .add(table::cell(display::grade(reason.grade())))
    });
    let head = [table::head("", "Reason"), table::head("", "What follows")];
    part("Verdicts")
        .add(text("p", "", rules))
        .add(table::table("reasons", "", "Reasons and what follows from them", head, rows))
        .add(quiet(format!("Without any reason a run is {}.", display::grade(Grade::Valid))))
}
