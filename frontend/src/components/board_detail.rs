//! What a row stands on: every figure with its interval, the boundary, the instruments, the grid.
//!
//! Must not: rank.

use std::sync::Arc;

use common::api::machines::Machines;
use common::api::runs::ListRuns;
use common::leaderboard::Leaderboard;
use common::model::{Model, Quality};
use common::run::RunState;
use common::stats::{Estimate, Moments};

use leptos::prelude::{Get, RwSignal, Set};

use crate::against::Against;
use crate::api;
use crate::components::facts::{Fact, facts, list, quiet};
use crate::components::history::row_history;
use crate::components::run_facts::meter_card;
use crate::components::run_result::{grid_sentence, share_bar};
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group, slot, text};
use crate::figures::{Figure, Line};
use crate::remote::{Remote, Source};
use crate::view::View;
use crate::view_state::{Per, ViewState};

/// What lies behind all rows.
#[derive(Clone)]
pub(crate) struct Behind {
    /// The whole board.
    pub(crate) board: Arc<Leaderboard>,
    /// The machines as they stand.
    pub(crate) machines: Source<Machines>,
}

/// Draws the detail of a row.
pub(crate) fn detail(line: &Line, behind: &Behind, state: &ViewState) -> El {
    let key = &line.row.key;
    let sums = &line.row.sums;
    let stands_on = list(
        "Stands on",
        [
            ("Model", key.model_id.to_string()),
            ("Boundary", display::boundary(key.boundary).to_owned()),
            ("Label", display::label(key.label).to_owned()),
            (
                "Runs",
                format!(
                    "{}, of these {} with remarks",
                    display::compact(sums.runs),
                    display::compact(sums.flagged_runs)
                ),
            ),
            ("Left out", format!("{} (verdict forbids their use)", display::compact(sums.excluded_runs))),
            ("Asked by", display::origin(key.origin).to_owned()),
            ("Batch", key.batch.to_string()),
            ("Engine", key.engine_version.clone()),
            ("Method", format!("version {}", key.method_version)),
        ],
    );
    let grid = line
        .grid
        .as_deref()
        .map_or_else(|| "The intensity of this zone is not known.".to_owned(), grid_sentence);
    let emissions = el("section", "list")
        .add(text("h3", "", "Emissions"))
        .maybe(line.sci().map(|sci| {
            group([
                text(
                    "p",
                    "",
                    format!("SCI per response: {}", display::plain(Quantity::Grams, sci.total().grams())),
                ),
                share_bar(sci.operational.grams(), sci.embodied.grams()),
            ])
        }))
        .add(quiet(grid));
    el("div", "detail-in")
        .add(facts(&figures(line)))
        .add(
            el("div", "columns")
                .add(stands_on)
                .add(instruments(line, behind.machines))
                .add(emissions)
                .maybe(quality(&line.model)),
        )
        .add(row_history(&behind.board, line, state))
        .add(repeated(line))
}

/// Scores of the model with their interval and who found them.
fn quality(model: &Model) -> Option<El> {
    let told =
        |score: &Quality| (score.benchmark.clone(), format!("{}. {}", display::score(score), score.source));
    let scores: Vec<(String, String)> = model.quality.iter().map(told).collect();
    let entries = scores.iter().map(|(name, value)| (name.as_str(), value.clone()));
    (!scores.is_empty()).then(|| list("Quality", entries))
}

fn figures(line: &Line) -> Vec<Fact> {
    let sums = &line.row.sums;
    let written = |quantity: Quantity, estimate: Option<Estimate>| {
        estimate.map_or_else(
            || MISSING.to_owned(),
            |estimate| display::figure(quantity, estimate.mean, estimate.half_width).with_spread(),
        )
    };
    let measured = |quantity: Quantity, moments: Moments, name: &str, definition: &str| {
        Fact::new(name, written(quantity, moments.estimate()), definition)
            .remark(format!("n = {}", display::compact(moments.n)))
    };
    let per = |per: Per, name: &str| {
        let state = ViewState { per, ..ViewState::default() };
        Fact::new(
            name,
            written(Quantity::Joules, Figure::Energy.of(line, &state)),
            Figure::Energy.definition(&state),
        )
    };
    vec![
        measured(
            Quantity::Joules,
            sums.energy_j,
            "Energy per response",
            "Inside the boundary, idle share included; 95 % interval of the mean.",
        ),
        measured(
            Quantity::Joules,
            sums.net_energy_j,
            "Less idle power",
            "The same without what the machine draws while it does nothing.",
        ),
        per(Per::OutputToken, "Per output token"),
        per(Per::CorrectAnswer, "Per correct answer"),
        Fact::new("Mean power", written(Quantity::Watts, line.row.power()), "All energy over all time."),
        measured(Quantity::Joules, sums.accelerator_energy_j, "Accelerators", "Accelerator boards alone."),
        measured(Quantity::Joules, sums.cpu_energy_j, "Processor", "Processor packages alone."),
        measured(Quantity::Seconds, sums.latency_s, "Latency", "Start of prefill to the last token."),
        measured(Quantity::Seconds, sums.ttft_s, "First token", "Start of prefill to the first token."),
        measured(
            Quantity::Seconds,
            sums.tpot_s,
            "Per token after it",
            "Time per output token after the first.",
        ),
        measured(Quantity::Tokens, sums.prompt_tokens, "Tokens read", "System prompt, template and text."),
        measured(Quantity::Tokens, sums.output_tokens, "Tokens written", "The stop token not counted."),
    ]
}

/// Where one of the row's runs can be asked again.
fn repeated(line: &Line) -> El {
    let view = View::current();
    let key = &line.row.key;
    let against = Against::row(&line.row).write();
    let asked = ListRuns {
        limit: Some(1),
        state: Some(RunState::Measured),
        model: Some(key.model_id.clone()),
        machine: Some(line.machine.name.clone()),
        task: Some(key.task),
        origin: Some(key.origin),
        ..ListRuns::default()
    };
    let told = RwSignal::new(String::new());
    let open = move |_| {
        let query = ViewState { against: Some(against.clone()), ..ViewState::default() }.query();
        api::call(&asked, move |answer| match answer {
            Ok(page) => match page.runs.first() {
                Some(run) => view.go(&format!("/r/{}{query}", run.id)),
                None => told.set(
                    "None of its runs may be seen by everybody, so none can be repeated from here."
                        .to_owned(),
                ),
            },
            Err(_) => told.set("Its runs could not be fetched; try again.".to_owned()),
        });
    };
    el("div", "bar")
        .add(
            text("button", "", "Replay one of its runs")
                .set("type", "button")
                .set("id", &format!("replay-{}", line.link_key()))
                .on("click", open),
        )
        .add(slot(move || text("p", "quiet", told.get())))
}

fn instruments(line: &Line, machines: Source<Machines>) -> El {
    let part = el("section", "list meters").add(text("h3", "", "Instruments"));
    match machines.get() {
        Remote::Loading => part.add(quiet("Loading…")),
        Remote::Failed(_) => part.add(quiet("The machines could not be fetched.")),
        Remote::Ready(machines) => {
            let machine = machines.machines.iter().find(|machine| machine.name == line.machine.name);
            match machine.and_then(|machine| machine.announcement.as_ref()) {
                Some(said) => part.all(said.meters.iter().map(meter_card)),
                None => part.add(quiet("This machine has not described its instruments lately.")),
            }
        }
    }
}
