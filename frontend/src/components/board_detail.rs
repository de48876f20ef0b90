//! What a row stands on: every figure with its interval, the boundary, the instruments, the grid.
//!
//! Must not: rank.

use std::sync::Arc;

use common::api::machines::Machines;
use common::leaderboard::Leaderboard;
use common::model::{Model, Quality};
use common::run::RunState;
use common::stats::{Estimate, Moments};

use leptos::prelude::{Get, RwSignal, Set};

use crate::against::Against;
use crate::api;
use crate::components::facts::{Fact, facts, list, quiet};
use crate::components::history::row_history;
use crate::components::meter_card::meter_card;
use crate::components::run_result::{grid_sentence, share_bar};
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group, slot, text};
use crate::figures::{Figure, Line};
use crate::remote::{Remote, Source};
use crate::row_run::ListRunsOfRow;
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
            ("First measured", sums.first_measured_at.map_or_else(|| MISSING.to_owned(), display::instant)),
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
        .add(facts(&figures(line, &behind.board)))
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

/// Every figure there is of a row, per response, and what it is of right answers and of parts of the machine.
fn figures(line: &Line, board: &Leaderboard) -> Vec<Fact> {
    let sums = &line.row.sums;
    let view = ViewState::default();
    let fact = |name: &str, quantity: Quantity, estimate: Option<Estimate>, definition: String| {
        let value = estimate.map_or_else(
            || MISSING.to_owned(),
            |estimate| display::figure(quantity, estimate.mean, estimate.half_width).with_spread(),
        );
        let n = estimate.map_or(0, |estimate| estimate.n);
        Fact::new(name, value, definition).remark(format!("n = {}", display::compact(n)))
    };
    let is_told_below =
        |figure: &Figure| figure.is_of_key() || matches!(figure, Figure::Quality(_) | Figure::Error(_));
    let registered = Figure::all(board).into_iter().filter(|figure| !is_told_below(figure)).map(|figure| {
        let (title, quantity) = (figure.title(&view), figure.quantity(&view));
        let fact = fact(&title, quantity, figure.of(line, &view), figure.definition(&view));
        // What is said of the model stands on no run.
        let is_of_model = matches!(figure, Figure::Parameters | Figure::Size | Figure::Bits);
        if is_of_model { fact.remark(String::new()) } else { fact }
    });
    let per_right = ViewState { per: Per::CorrectAnswer, ..ViewState::default() };
    let of_right = Figure::Energy.of(line, &per_right);
    let right = fact("Per correct answer", Quantity::Joules, of_right, Figure::Energy.definition(&per_right));
    let why = match sums.correct {
        Moments { n: 0, .. } => Some("no right answer is known"),
        Moments { mean, .. } if mean <= 0.0 => Some("none was right"),
        _ if of_right.is_none() => Some("not kept by an older version; made anew by leaderboard rebuild"),
        _ => None,
    };
    let parts = [
        ("Accelerators", sums.accelerator_energy_j, "Accelerator boards alone, per response."),
        ("Processor", sums.cpu_energy_j, "Processor packages alone, per response."),
    ]
    .map(|(name, energy, definition)| fact(name, Quantity::Joules, energy.estimate(), definition.to_owned()));
    let right = match why {
        Some(why) => right.remark(why.to_owned()),
        None => right,
    };
    registered.chain([right]).chain(parts).collect()
}

/// The row's runs, and where one of them can be asked again.
fn repeated(line: &Line) -> El {
    let view = View::current();
    let key = line.row.key.clone();
    let listed = ViewState {
        run_state: Some(RunState::Measured),
        model: Some(key.model_id.to_string()),
        machine: Some(line.machine.name.to_string()),
        task: Some(key.task),
        origin: Some(key.origin),
        label: Some(key.label),
        ..ViewState::default()
    };
    let against = Against::line(line).write();
    let asked = ListRunsOfRow::of(line);
    let told = RwSignal::new(String::new());
    let open = move |_| {
        let (key, query) =
            (key.clone(), ViewState { against: Some(against.clone()), ..ViewState::default() }.query());
        api::call(&asked, move |answer| {
            match answer.map(|runs| runs.newest_of(&key)) {
            Ok(Some(run)) => view.go(&format!("/r/{run}{query}")),
            Ok(None) => told.set(
                "None of its runs is among the newest that everybody may see, so none can be repeated from here."
                    .to_owned(),
            ),
            Err(_) => told.set("Its runs could not be fetched; try again.".to_owned()),
        }
        });
    };
    el("div", "bar")
        .add(
            text("button", "", "Replay one of its runs")
                .set("type", "button")
                .set("id", &format!("replay-{}", line.link_key()))
                .on("click", open),
        )
        .add(
            text("a", "", "Its runs, one by one")
                .set("href", &format!("/runs{}", listed.query()))
                .set("title", "Runs that everybody may see, of this model, machine, task and label"),
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
