//! What was measured beside what is estimated and what others published, with the factor and why they differ.
//!
//! Must not: call an estimate a measurement, or rank the two together.

use common::api::leaderboard::GetLeaderboard;
use common::estimate::{self, ASSUMED_BATCH, Difference, PUBLISHED};
use common::leaderboard::{Boundary, Leaderboard};
use leptos::prelude::*;
use std::sync::Arc;

use crate::board::Ground;
use crate::browser;
use crate::called::{Apart, called};
use crate::components::badge::label_badge;
use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::energy::big;
use crate::components::estimate_chart::{Spot, estimate_chart};
use crate::components::facts::quiet;
use crate::components::ground::{lead, section};
use crate::components::row_pick::{pickable, row_pick};
use crate::components::states::{fetched, unasked};
use crate::components::table;
use crate::display::{self, Column, MISSING, Quantity};
use crate::dom::{El, drawn, el, group, page, text};
use crate::events;
use crate::export::{Field, Table, keys};
use crate::figures::{Figure, Line};
use crate::remote::Source;
use crate::scale::float;
use crate::view::View;
use crate::view_state::ViewState;

/// Batches that the estimate can be told to assume.
const BATCHES: [u32; 5] = [1, 8, 64, 256, 512];

/// `/estimates`
pub(crate) fn estimates() -> AnyView {
    browser::set_title("Measured against estimated");
    let source = Source::new(GetLeaderboard);
    events::keep_up_with_the_board(vec![source.asked()]);
    let start = || {
        lead(
            "Measured against estimated",
            "Most figures on the energy of an answer are estimates from a formula. Here a row of the board stands beside what the formula says for the same tokens, and beside what others have measured.",
        )
    };
    page("page", vec![drawn(start), fetched(source, "the measured rows", |board| beside(&board))])
}

/// Joules per output token of one row.
#[derive(Clone, Copy)]
struct PerToken {
    measured: f64,
    half_width: Option<f64>,
    /// Of the parts that the row's boundary is compared with.
    estimated: f64,
    without_server: f64,
    with_server: f64,
}

#[inline(never)]
fn per_token(line: &Line, batch: f64) -> Option<PerToken> {
    let measured = Figure::EnergyPerOutputToken.of(line, &ViewState::default())?;
    let parameters = float(line.model.parameters);
    let estimated = estimate::per_output_token(parameters, parameters, batch);
    (measured.mean > 0.0).then_some(PerToken {
        measured: measured.mean,
        half_width: measured.half_width,
        estimated: estimated.within(line.row.key.boundary).joules(),
        without_server: estimated.accelerators.joules(),
        with_server: (estimated.accelerators + estimated.server).joules(),
    })
}

fn beside(board: &Arc<Leaderboard>) -> El {
    let view = View::current();
    let state = view.get();
    let lines = pickable(board);
    let (list, line) = row_pick(&lines, &state);
    let (Some(list), Some(line)) = (list, line) else {
        return unasked(
            "Nothing has been measured yet",
            "As soon as a model is measured, its joules stand here beside the estimate.",
        );
    };
    let batch = state.assumed.unwrap_or(64);
    let options = BATCHES
        .map(|size| {
            let note = if f64::from(size) == ASSUMED_BATCH { ", as EcoLogits does" } else { "" };
            (size.to_string(), format!("{size}{note}"))
        })
        .to_vec();
    let assumed = pick("Batch that the estimate assumes", options, &batch.to_string(), |state, value| {
        state.assumed = value.parse().ok();
    });
    let listed = lines.clone();
    let bar = el("div", "bar").add(list).add(assumed).add(download("jouleboard-estimates", move || {
        let batch = view.with(|state| state.assumed).unwrap_or(64);
        table_of(&listed, f64::from(batch))
    }));
    let batch = f64::from(batch);
    group([bar, pair(&line, batch), drawing(&lines, &line, batch)])
        .all(grounds(&lines, &state, batch))
        .add(published(&line))
}

/// The picked row and its estimate side by side, the factor between them, and why.
fn pair(line: &Line, batch: f64) -> El {
    let Some(PerToken { measured, half_width: half, estimated, without_server, with_server }) =
        per_token(line, batch)
    else {
        return quiet("This row has no token to share its energy among.");
    };
    let key = &line.row.key;
    let figure = |joules: f64, half: Option<f64>| {
        let written = display::figure(Quantity::Joules, joules, half);
        let spread = written.spread.map(|spread| format!("±\u{a0}{spread}\u{a0}{} ", written.unit));
        (big(&written.number, &written.unit), spread.unwrap_or_default())
    };
    let (ours, spread) = figure(measured, half);
    let (theirs, _) = figure(estimated, None);
    let tokens = line.row.sums.output_tokens.mean;
    let joules = |value: f64| display::plain(Quantity::Joules, value);
    let is_random = line.model.weights == common::model::Weights::Random;
    let counted = if key.boundary == Boundary::Machine {
        "Accelerators and their share of a server"
    } else {
        "Accelerators only"
    };
    let boards = estimate::boards(float(line.model.parameters));
    let reasons =
        estimate::differences(float(line.model.parameters), line.model.dtype, key.boundary, key.batch, batch);
    el("section", "ground beside")
        .add(
            el("p", "factor")
                .set("data-testid", "factor")
                .add(text("strong", "", display::ratio(measured / estimated)))
                .text(&format!(
                    " what the formula estimates for the same tokens: {} here.",
                    display::label(key.label)
                )),
        )
        .add(
            el("div", "duo")
                .add(
                    el("div", "")
                        .add(el("p", "").add(label_badge(key.label, is_random)))
                        .add(ours)
                        .add(text("p", "energy-note", format!("{spread}per output token, {}", called(line))))
                        .add(quiet(format!(
                            "{} {} for a response of {}, n\u{a0}=\u{a0}{}.",
                            display::boundary_parts(key.boundary),
                            joules(measured * tokens),
                            display::plain(Quantity::Tokens, tokens),
                            display::compact(line.row.sums.energy_j.n)
                        ))),
                )
                .add(
                    el("div", "")
                        .add(el("p", "").add(text("span", "badge badge-estimated", "estimated")))
                        .add(theirs)
                        .add(text("p", "energy-note", "per output token, by EcoLogits' formula"))
                        .add(quiet(format!(
                            "{counted}: {boards} × H100, {batch:.0} answers at once; {} for the same {}. {}",
                            joules(estimated * tokens),
                            display::plain(Quantity::Tokens, tokens),
                            if key.boundary == Boundary::Machine {
                                format!("Of it {} a token for the accelerators.", joules(without_server))
                            } else {
                                format!(
                                    "With a share of the server around them it says {} a token.",
                                    joules(with_server)
                                )
                            },
                        )))
                        .add(quiet(format!(
                            "EcoLogits {}, without the building's share (PUE).",
                            estimate::ECOLOGITS
                        ))),
                ),
        )
        .add(text("h2", "", "Why they differ"))
        .add(
            el("ul", "reasons")
                .all(reasons.into_iter().map(|reason| text("li", "", why(reason, line, batch)))),
        )
}

fn why(reason: Difference, line: &Line, batch: f64) -> String {
    match reason {
        Difference::Batch => format!(
            "The formula spreads the boards over {batch:.0} at once; here {} ran. Others have measured a factor of 4 to 7 by the batch alone.",
            match line.row.key.batch {
                1 => "one answer".to_owned(),
                several => format!("{several} answers"),
            }
        ),
        Difference::Boundary => format!(
            "The formula counts accelerators only; this row counts: {}",
            display::boundary_parts(line.row.key.boundary)
        ),
        Difference::Size => format!(
            "It was fitted to models of 7 billion parameters and more. This one has {}: nearly all of its estimate is the formula's constant.",
            display::plain(Quantity::Parameters, float(line.model.parameters))
        ),
        Difference::Dtype => format!("It assumes 16-bit weights; these are {}.", line.model.dtype),
        Difference::InputTokens => format!(
            "It counts output tokens only; this row also read {} a response.",
            display::plain(Quantity::Tokens, line.row.sums.prompt_tokens.mean)
        ),
        Difference::Idle => {
            "The machine is reserved while it answers, so that its idle share is in the measured energy."
                .to_owned()
        }
    }
}

fn drawing(lines: &[Arc<Line>], picked: &Line, batch: f64) -> El {
    let apart = Apart::of(lines.iter().map(Arc::as_ref));
    let ours = lines.iter().filter_map(|line| {
        Some(Spot {
            name: apart.called_on_its_ground(line),
            parameters: float(line.model.parameters),
            joules: per_token(line, batch)?.measured,
            is_ours: true,
            is_picked: line.row.key == picked.row.key,
        })
    });
    let theirs = PUBLISHED.iter().filter_map(|figure| {
        Some(Spot {
            name: format!("{}, {}, {}", figure.model, figure.setting, figure.source),
            parameters: figure.billions * 1e9,
            joules: figure.per_token?,
            is_ours: false,
            is_picked: false,
        })
    });
    let spots: Vec<Spot> = ours.chain(theirs).collect();
    el("section", "ground")
        .add(text("h2", "", "Joules per output token by size"))
        .add(estimate_chart(&spots, batch))
}

/// Every row beside its estimate: a table a ground, so that labels and boundaries never share one.
fn grounds(lines: &[Arc<Line>], state: &ViewState, batch: f64) -> Vec<El> {
    let known: Vec<(&Line, PerToken)> =
        lines.iter().filter_map(|line| Some((line.as_ref(), per_token(line, batch)?))).collect();
    known
        .chunk_by(|one, other| Ground::of(one.0) == Ground::of(other.0))
        .filter_map(|part| {
            let ground = Ground::of(part.first()?.0);
            Some(section(&ground, part.len()).add(all(&ground, part, state)))
        })
        .collect()
}

fn all(ground: &Ground, known: &[(&Line, PerToken)], state: &ViewState) -> El {
    let column = Column::of(Quantity::Joules, known.iter().map(|(_, joules)| joules.measured));
    let estimates = Column::of(Quantity::Joules, known.iter().map(|(_, joules)| joules.estimated));
    let head = [
        table::head("", "Model"),
        table::head("num", &format!("Here, {}", column.unit)),
        table::head("num", &format!("Estimated, {}", estimates.unit)),
        table::head("num", "Factor"),
    ];
    let apart = Apart::of(known.iter().map(|(line, _)| *line));
    let rows = known.iter().map(|(line, joules)| {
        let (compute, task) = (display::compute(&line.machine.hardware), display::task(line.row.key.task));
        let about = format!("{compute} · {} · {task}{}", line.machine.name, apart.says(line));
        el("tr", "")
            .add(table::line_head(line, state, &about))
            .add(table::number(column.cell(joules.measured)).maybe(table::spread(&column, joules.half_width)))
            .add(table::number(estimates.cell(joules.estimated)))
            .add(table::number(display::ratio(joules.measured / joules.estimated)))
    });
    table::table(
        &format!("estimates-{}", ground.place()),
        "",
        "Joules per output token, of every row here and by EcoLogits' formula for the same model: of the accelerators, or of all of a machine where that was measured",
        head,
        rows,
    )
}

fn published(line: &Line) -> El {
    let ours = Figure::EnergyPerOutputToken.of(line, &ViewState::default()).map(|estimate| estimate.mean);
    let head = [
        table::head("", "Model"),
        table::head("", "Setting"),
        table::head("num p2", "Batch"),
        table::head("num", "J per token"),
        table::head("num", "J per response"),
        table::head("num", "Picked row over it"),
    ];
    let number =
        |value: Option<f64>| {
            table::number(value.map_or_else(
                || MISSING.to_owned(),
                |value| display::figure(Quantity::Plain, value, None).number,
            ))
        };
    let rows = PUBLISHED.iter().map(|figure| {
        let factor = ours.zip(figure.per_token).map(|(ours, theirs)| display::ratio(ours / theirs));
        el("tr", "")
            .add(table::row_head(figure.model).add(text("small", "", figure.source)))
            .add(table::cell(figure.setting).add(text("small", "", display::boundary(figure.boundary))))
            .add(
                table::number(figure.batch.map_or_else(|| MISSING.to_owned(), |batch| batch.to_string()))
                    .set("class", "num p2"),
            )
            .add(number(figure.per_token))
            .add(number(figure.per_response))
            .add(table::number(factor.unwrap_or_else(|| MISSING.to_owned())))
    });
    el("section", "ground")
        .add(
            el("div", "bar")
                .add(text("h2", "", "What others measured"))
                .add(download("jouleboard-published", published_table)),
        )
        .add(quiet(
            "Each has its own prompts, lengths, batch and boundary: compare orders of magnitude, not digits. A missing figure was not published.",
        ))
        .add(table::table("published", "", "Published figures, smaller models first", head, rows))
}

/// Published figures as they were published.
fn published_table() -> Table {
    let fields = [
        "source",
        "model",
        "billions",
        "setting",
        "batch",
        "boundary",
        "j_per_output_token",
        "j_per_response",
    ];
    let rows = PUBLISHED.iter().map(|figure| {
        vec![
            figure.source.into(),
            figure.model.into(),
            Field::Number(figure.billions),
            figure.setting.into(),
            figure.batch.map_or(Field::Missing, |batch| Field::Count(batch.into())),
            figure.boundary.name().into(),
            figure.per_token.into(),
            figure.per_response.into(),
        ]
    });
    Table { fields: keys::named(&fields), rows: rows.collect() }
}

/// What is shown, as a table of full digits.
fn table_of(lines: &[Arc<Line>], batch: f64) -> Table {
    let (figures, view) = ([Figure::EnergyPerOutputToken], ViewState::default());
    let mut fields = keys::line_fields();
    fields.extend(keys::figure_fields(&figures, &view));
    fields.extend(keys::named(&[
        "estimated_j_per_output_token",
        "estimated_accelerators_j_per_output_token",
        "estimated_with_server_j_per_output_token",
        "assumed_batch",
        "formula",
    ]));
    let row = |line: &Line| {
        let PerToken { estimated, without_server, with_server, .. } = per_token(line, batch)?;
        let figures = keys::of_figures(&figures, line, &view);
        let mut row: Vec<Field> = keys::of_line(line).into_iter().chain(figures).collect();
        row.extend([estimated, without_server, with_server, batch].map(Field::Number));
        row.push(format!("EcoLogits {}", estimate::ECOLOGITS).as_str().into());
        Some(row)
    };
    Table { rows: lines.iter().filter_map(|line| row(line)).collect(), fields }
}
