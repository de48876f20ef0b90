//! The meter's tables: accuracy, the interval's coverage, what became of injected faults, what the sampler costs.
//!
//! They are computed by `meter`'s example `accuracy`; this shows them. Must not: compute a figure.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::stand::{self, Made};
use crate::place::Place;
use crate::release::MACHINE;
use crate::{program, say};

/// Builds the example, runs it, prints its tables and writes `<target>/bench/meter.json`.
pub(crate) fn run(place: &Place) -> Result<()> {
    program::run(program::cargo(place, ["build", "--example", "accuracy"]).args(MACHINE))?;
    let example = place.target.join("release/examples/accuracy");
    let text = program::output(&mut Command::new(&example))?;
    let mut tables: Value =
        serde_json::from_str(&text).with_context(|| format!("{} printed no JSON", example.display()))?;
    let made = Made::here(place)?;
    say::line("");
    say::line(format!("{}, commit {}, {}", made.date, made.commit, made.hardware));
    tables["made"] = serde_json::to_value(made)?;
    tell(&tables);
    stand::keep(place, "meter", &tables)
}

fn tell(tables: &Value) {
    table(
        tables,
        "accuracy",
        "Energy error by length of window (simulated sensors, no gain error)",
        &[
            ("window of at least", |row| of(row, "window_s", 1.0, " s")),
            ("windows", |row| plain(row, "windows")),
            ("mean", |row| of(row, "mean_error", 100.0, " %")),
            ("deviation", |row| of(row, "deviation", 100.0, " %")),
            ("worst", |row| of(row, "worst_error", 100.0, " %")),
        ],
    );
    table(
        tables,
        "short_prompt",
        "A prompt of 40 ms on a sensor that averages 25 of every 100 ms (simulated)",
        &[
            ("counter adds up", |row| plain(row, "counter")),
            ("windows", |row| plain(row, "windows")),
            ("rounds in each", |row| plain(row, "rounds")),
            ("spread starts", |row| plain(row, "spread_starts")),
            ("worst error of the mean", |row| of(row, "worst_error", 100.0, " %")),
        ],
    );
    table(
        tables,
        "coverage",
        "How often the stated 95 % interval holds the truth (simulated)",
        &[
            ("windows", |row| plain(row, "windows")),
            ("covered", |row| plain(row, "covered")),
            ("share", |row| of(row, "share", 100.0, " %")),
        ],
    );
    table(
        tables,
        "averaging",
        "Averaging windows as `characterise` finds them, and how often the stated 95 % interval holds the truth (simulated)",
        &[
            ("updates every", |row| of(row, "update_period_ms", 1.0, " ms")),
            ("averages over", |row| of(row, "averaging_ms", 1.0, " ms")),
            ("sensors", |row| plain(row, "sensors")),
            ("told", |row| plain(row, "told")),
            ("covered", |row| plain(row, "covered")),
            ("share", |row| of(row, "share", 100.0, " %")),
            ("mean error", |row| of(row, "mean_error", 100.0, " %")),
            ("mean half-width", |row| of(row, "mean_half_width", 100.0, " %")),
        ],
    );
    table(
        tables,
        "faults",
        "What became of injected faults (simulated)",
        &[
            ("fault", |row| plain(row, "fault")),
            ("injected", |row| plain(row, "injected")),
            ("valid", |row| plain(row, "valid")),
            ("flagged", |row| plain(row, "flagged")),
            ("redo", |row| plain(row, "redo")),
            ("rejected", |row| plain(row, "rejected")),
            ("false alarms", |row| plain(row, "false_alarms")),
        ],
    );
    table(
        tables,
        "sampler",
        "What the sampler costs on this machine, looking at three simulated boards",
        &[
            ("period", |row| of(row, "period_s", 1e3, " ms")),
            ("looks", |row| plain(row, "looks")),
            ("of one core", |row| of(row, "core_share", 100.0, " %")),
            ("late by (p95)", |row| of(row, "lateness_p95_s", 1e3, " ms")),
            ("latest", |row| of(row, "max_lateness_s", 1e3, " ms")),
            ("priority", |row| plain(row, "is_realtime")),
        ],
    );
}

type Column = (&'static str, fn(&Value) -> String);

fn table(tables: &Value, name: &str, title: &str, columns: &[Column]) {
    let rows: Vec<&Value> = match &tables[name] {
        Value::Array(rows) => rows.iter().collect(),
        row => vec![row],
    };
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|column| column.1(row)).collect()).collect();
    let width = |index: usize, head: &str| {
        let widest = cells.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max();
        widest.unwrap_or(0).max(head.chars().count())
    };
    let widths: Vec<usize> =
        columns.iter().enumerate().map(|(index, column)| width(index, column.0)).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        format!("  {}", padded.join("  "))
    };
    say::line("");
    say::line(title);
    say::line(line(&columns.iter().map(|column| column.0.to_owned()).collect::<Vec<_>>()));
    for row in &cells {
        say::line(line(row));
    }
}

fn of(row: &Value, name: &str, factor: f64, unit: &str) -> String {
    row[name].as_f64().map_or_else(|| "-".to_owned(), |value| format!("{:.3}{unit}", value * factor))
}

fn plain(row: &Value, name: &str) -> String {
    match &row[name] {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_figure_is_a_dash_and_no_zero() {
        let row = json!({ "core_share": null, "period_s": 0.1, "is_realtime": true });
        assert_eq!(of(&row, "core_share", 100.0, " %"), "-");
        assert_eq!(of(&row, "period_s", 1e3, " ms"), "100.000 ms");
        assert_eq!((plain(&row, "is_realtime"), plain(&row, "nothing")), ("yes".to_owned(), "-".to_owned()));
    }
}
