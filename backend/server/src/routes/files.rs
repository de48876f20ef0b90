//! Tables as files: what each row is. Names end in their unit.
//!
//! Must not: write a file's form (that is `crate::sheet`), or 0 where a figure is missing.

use actix_web::web::{Data, Path, Query};
use common::api::machines::ListMachines;
use common::api::measurements::ListMeasurements;
use common::api::models::ListModels;
use common::api::runs::ListRuns;
use common::ids::RunId;
use common::leaderboard::{Cell, Leaderboard};
use common::measurement::Measurement;
use serde::Serialize;
use serde_json::{Map, Value};
use store::{campaigns, grid};

use super::carbon::HOURS;
use super::{machines, measurements, models, runs};
use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::sheet::Sheet;

type Row = Vec<(String, Value)>;

pub(crate) async fn leaderboard(app: Data<App>) -> Result<Sheet, ApiError> {
    let board = store::leaderboard::get(&app.store, clock::now()).await?;
    let mut sheet = Sheet::default();
    for cell in &board.cells {
        sheet.push(cell_row(&board, cell));
    }
    Ok(sheet)
}

pub(crate) async fn power_trace(app: Data<App>, id: Path<RunId>) -> Result<Sheet, ApiError> {
    let id = id.into_inner();
    let run = store::runs::get(&app.store, id).await?;
    let missing = store::Error::Missing { what: "measurement of run", id: id.to_string() };
    let measurement = run.measurement.ok_or(missing)?;
    Ok(trace(&measurement))
}

pub(crate) async fn measurements(app: Data<App>, list: Query<ListMeasurements>) -> Result<Sheet, ApiError> {
    let (lines, next) = measurements::page(&app, &list).await?;
    let mut sheet = Sheet::of(&["run_id", "recorded_at", "model_id", "machine"]).going_on(next);
    for line in &lines {
        sheet.push(flat(line));
    }
    Ok(sheet)
}

pub(crate) async fn runs(app: Data<App>, list: Query<ListRuns>) -> Result<Sheet, ApiError> {
    let page = runs::page(&app, &list).await?;
    let mut sheet = Sheet::of(&["id", "state", "queued_at", "model_id", "machine"]).going_on(page.next);
    for mut line in page.runs {
        let figures = line.figures.take();
        let mut row = flat(&line);
        row.retain(|(name, _)| name != "figures");
        row.extend(figures.iter().flat_map(flat));
        sheet.push(row);
    }
    Ok(sheet)
}

pub(crate) async fn machines(app: Data<App>, list: Query<ListMachines>) -> Result<Sheet, ApiError> {
    let (machines, next) = machines::page(&app, &list).await?;
    let mut sheet = Sheet::of(&["name", "zone", "pue"]).going_on(next);
    for mut machine in machines {
        let said = machine.announcement.take();
        let mut row = flat(&machine);
        row.retain(|(name, _)| name != "announcement");
        if let Some(said) = said {
            row.extend(flat(&said.hardware));
            row.push(("worker_version".to_owned(), said.worker_version.into()));
            let meters: Vec<String> = said.meters.iter().map(|card| card.domain.to_string()).collect();
            row.push(("meters".to_owned(), meters.join(" ").into()));
        }
        sheet.push(row);
    }
    Ok(sheet)
}

pub(crate) async fn models(app: Data<App>, list: Query<ListModels>) -> Result<Sheet, ApiError> {
    let (models, next) = models::page(&app, &list).await?;
    let mut sheet = Sheet::of(&["id", "name", "family"]).going_on(next);
    for model in models {
        sheet.push(flat(&model));
    }
    Ok(sheet)
}

pub(crate) async fn campaigns(app: Data<App>) -> Result<Sheet, ApiError> {
    let mut sheet = Sheet::of(&["name", "created_at", "measured_runs"]);
    for campaign in campaigns::list(&app.store).await? {
        sheet.push(flat(&campaign));
    }
    Ok(sheet)
}

pub(crate) async fn carbon(app: Data<App>) -> Result<Sheet, ApiError> {
    let mut sheet = Sheet::of(&["zone", "zone_name", "intensity_g_per_kwh"]);
    for grid in grid::latest(&app.store, clock::now()).await? {
        sheet.push(flat(&grid));
    }
    Ok(sheet)
}

pub(crate) async fn carbon_hours(app: Data<App>) -> Result<Sheet, ApiError> {
    let mut sheet =
        Sheet::of(&["zone", "zone_name", "intensity_g_per_kwh", "quality", "source", "at", "span_s"]);
    for grid in grid::hours(&app.store, clock::now() - HOURS).await? {
        sheet.push(flat(&grid));
    }
    Ok(sheet)
}

pub(crate) async fn quality(app: Data<App>) -> Result<Sheet, ApiError> {
    let mut sheet = Sheet::of(&["model_id", "benchmark", "score", "standard_error", "n"]);
    for score in store::quality::list(&app.store).await? {
        sheet.push(flat(&score));
    }
    Ok(sheet)
}

/// A document as one row: fields of fields are named by both, lists stand in one text.
fn flat<T: Serialize>(document: &T) -> Row {
    fn put(row: &mut Row, name: &str, value: Value) {
        match value {
            Value::Object(fields) => {
                for (part, value) in fields {
                    put(row, &format!("{name}_{part}"), value);
                }
            }
            Value::Array(list) => {
                let words: Vec<String> = list
                    .iter()
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    .collect();
                row.push((name.to_owned(), words.join(" ").into()));
            }
            value => row.push((name.to_owned(), value)),
        }
    }
    let mut row = Row::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(document) {
        for (name, value) in fields {
            put(&mut row, &name, value);
        }
    }
    row
}

/// A Cell: its key, its Model's and Machine's names, then every figure with count, mean and squared deviations.
fn cell_row(board: &Leaderboard, cell: &Cell) -> Row {
    let mut row = Row::new();
    let mut put = |name: &str, value: Value| row.push((name.to_owned(), value));
    if let Some(model) = board.models.iter().find(|model| model.id == cell.key.model_id) {
        put("model_name", model.name.clone().into());
        put("dtype", model.dtype.name().into());
        put("parameters", model.parameters.into());
    }
    if let Some(machine) = board.machines.iter().find(|machine| machine.id == cell.key.machine_id) {
        put("machine_name", machine.name.to_string().into());
        put("zone", machine.zone.to_string().into());
    }
    let Ok(Value::Object(figures)) = serde_json::to_value(cell) else { return row };
    for (name, value) in figures {
        match value {
            Value::Object(moments) => {
                for (part, value) in moments_of(moments) {
                    put(&format!("{name}_{part}"), value);
                }
            }
            value => put(&name, value),
        }
    }
    row
}

/// Without a value there is no mean: its field is empty.
fn moments_of(moments: Map<String, Value>) -> Row {
    let is_empty = moments.get("n").and_then(Value::as_u64) == Some(0);
    moments
        .into_iter()
        .map(|(part, value)| {
            let value = if is_empty && part != "n" { Value::Null } else { value };
            (part, value)
        })
        .collect()
}

/// One row a Sample.
fn trace(measurement: &Measurement) -> Sheet {
    let mut sheet = Sheet::of(&["repetition", "domain", "label", "at_s", "power_w"]);
    for (index, repetition) in measurement.facts.repetitions.iter().enumerate() {
        for reading in &repetition.readings {
            for sample in &reading.trace.0 {
                sheet.push(vec![
                    ("repetition".to_owned(), (index + 1).into()),
                    ("domain".to_owned(), reading.domain.to_string().into()),
                    ("label".to_owned(), reading.label.name().into()),
                    ("at_s".to_owned(), sample.at.as_secs_f64().into()),
                    ("power_w".to_owned(), sample.power.watts().into()),
                ]);
            }
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_without_a_value_are_empty_and_not_zero() {
        let Value::Object(moments) = serde_json::to_value(common::stats::Moments::default()).unwrap() else {
            unreachable!()
        };
        for (part, value) in moments_of(moments) {
            assert_eq!(value, if part == "n" { json!(0) } else { Value::Null });
        }
    }

    #[test]
    fn a_document_becomes_one_row() {
        let row = flat(&json!({"a": 1, "b": {"c": null, "d": ["x", 2]}}));
        assert_eq!(
            row,
            [("a".to_owned(), json!(1)), ("b_c".to_owned(), Value::Null), ("b_d".to_owned(), json!("x 2"))]
        );
    }
}
