//! Runs as a table, a line each: what was asked, of whom, and what it cost.
//!
//! Must not: show an energy without its label, or set two labels side by side without saying so.

use common::api::runs::RunLine;
use common::run::RunState;

use crate::browser;
use crate::components::badge::{label_badge, random_badge};
use crate::components::table::{head, table};
use crate::display::{self, Column, MISSING, Quantity};
use crate::dom::{El, el, text};
use crate::view::View;
use common::model::Weights;

/// Draws these runs.
pub(crate) fn run_table<'a>(runs: impl Iterator<Item = &'a RunLine> + Clone) -> El {
    let energies = runs.clone().filter_map(|run| run.figures.as_ref()?.energy_j);
    let column = Column::of(Quantity::Joules, energies);
    let heads = [
        head("", "Asked"),
        head("p2", "Model"),
        head("p2", "Machine"),
        head("p2", "State"),
        head("num", &format!("Energy, {}", column.unit)),
    ];
    table("runs", "board runs", "Runs that everybody may see", heads, runs.map(|run| row(run, &column)))
}

fn row(run: &RunLine, column: &Column) -> El {
    let view = View::current();
    let asked = run.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let by = run
        .campaign
        .as_ref()
        .map_or_else(|| display::origin(run.origin).to_owned(), |campaign| format!("campaign {campaign}"));
    let when = display::ago(run.queued_at, browser::now());
    let about = match run.kind {
        Some(kind) => format!("{when}, {by}, {}, {}", display::task(run.task), display::kind(kind)),
        None => format!("{when}, {by}, {}", display::task(run.task)),
    };
    let link = text("a", "", if asked.is_empty() { "(no text)" } else { &asked })
        .set("href", &view.link(&format!("/r/{}", run.id)));
    let machine = run
        .machine
        .as_ref()
        .map(|name| text("a", "", name.as_str()).set("href", &view.link(&format!("/machines/{name}"))));
    el("tr", "")
        .set("data-testid", "run-row")
        .set("data-state", run.state.name())
        .add(
            el("th", "asked-cell")
                .set("scope", "row")
                .add(link)
                .add(text("small", "", about).set("title", &display::instant(run.queued_at)))
                .add(text(
                    "small",
                    "only-narrow",
                    format!("{} {} · {}", run.model_name, run.dtype, word(run)),
                )),
        )
        .add(el("td", "p2").text(&run.model_name).text(" ").add(text("code", "", run.dtype.name())))
        .add(match machine {
            Some(link) => el("td", "p2").add(link),
            None => text("td", "p2", MISSING),
        })
        .add(state(run))
        .add(energy(run, column))
}

/// Where it stands: its verdict once it is measured.
fn word(run: &RunLine) -> &'static str {
    match &run.figures {
        Some(figures) => display::grade(figures.grade),
        None => run.state.name(),
    }
}

fn state(run: &RunLine) -> El {
    let failed = run.failure_code.as_deref().filter(|_| run.state == RunState::Failed);
    text("td", "p2", word(run)).maybe(failed.map(|code| text("small", "", code.replace('_', " "))))
}

fn energy(run: &RunLine, column: &Column) -> El {
    let figures = run.figures.as_ref();
    let is_random = run.weights == Weights::Random;
    let Some((figures, energy)) = figures.and_then(|figures| Some((figures, figures.energy_j?))) else {
        return text("td", "num", MISSING).maybe(is_random.then(random_badge));
    };
    let off = figures.energy_off_j.map(|off| text("small", "", format!("±\u{a0}{}", column.cell(off))));
    text("td", "num", column.cell(energy)).maybe(off).add(label_badge(figures.label, is_random))
}
