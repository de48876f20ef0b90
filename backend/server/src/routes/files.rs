//! Tables as files: comma-separated values, a head line, names that end in their unit.
//!
//! Must not: write 0 where a figure is missing (its field is empty).

use actix_web::web::{Data, Path};
use common::ids::RunId;
use common::leaderboard::{Cell, Leaderboard};
use common::measurement::Measurement;
use serde_json::{Map, Value};
use store::runs;

use crate::answer::Csv;
use crate::app::App;
use crate::error::ApiError;

pub(crate) async fn leaderboard(app: Data<App>) -> Result<Csv, ApiError> {
    let board = store::leaderboard::get(&app.store).await?;
    Ok(Csv(board_table(&board)))
}

pub(crate) async fn power_trace(app: Data<App>, id: Path<RunId>) -> Result<Csv, ApiError> {
    let id = id.into_inner();
    let run = runs::get(&app.store, id).await?;
    let missing = store::Error::Missing { what: "measurement of run", id: id.to_string() };
    let measurement = run.measurement.ok_or(missing)?;
    Ok(Csv(trace_table(&measurement)))
}

/// One line a Cell: its key, its Model's and Machine's names, then every figure with count, mean and squared deviations.
fn board_table(board: &Leaderboard) -> String {
    let mut table = String::new();
    for (index, cell) in board.cells.iter().enumerate() {
        let fields = fields(board, cell);
        if index == 0 {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            line(&mut table, &names);
        }
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        line(&mut table, &values);
    }
    table
}

fn fields(board: &Leaderboard, cell: &Cell) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut put = |name: &str, value: String| fields.push((name.to_owned(), value));
    if let Some(model) = board.models.iter().find(|model| model.id == cell.key.model_id) {
        put("model_name", model.name.clone());
        put("dtype", model.dtype.to_string());
        put("parameters", model.parameters.to_string());
    }
    if let Some(machine) = board.machines.iter().find(|machine| machine.id == cell.key.machine_id) {
        put("machine_name", machine.name.to_string());
        put("zone", machine.zone.to_string());
    }
    let Ok(Value::Object(figures)) = serde_json::to_value(cell) else { return fields };
    for (name, value) in &figures {
        match value {
            Value::Object(moments) => {
                for (part, value) in moments_of(moments) {
                    put(&format!("{name}_{part}"), value);
                }
            }
            value => put(name, plain(value)),
        }
    }
    fields
}

/// Without a value there is no mean: its field is empty.
fn moments_of(moments: &Map<String, Value>) -> Vec<(&str, String)> {
    let is_empty = moments.get("n").and_then(Value::as_u64) == Some(0);
    moments
        .iter()
        .map(|(part, value)| {
            (part.as_str(), if is_empty && part != "n" { String::new() } else { plain(value) })
        })
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One line a Sample.
fn trace_table(measurement: &Measurement) -> String {
    let mut table = String::new();
    line(&mut table, &["repetition", "domain", "label", "at_s", "power_w"]);
    for (index, repetition) in measurement.facts.repetitions.iter().enumerate() {
        for reading in &repetition.readings {
            for sample in &reading.trace.0 {
                let fields = [
                    (index + 1).to_string(),
                    reading.domain.to_string(),
                    reading.label.name().to_owned(),
                    sample.at.as_secs_f64().to_string(),
                    sample.power.watts().to_string(),
                ];
                line(&mut table, &fields.each_ref().map(String::as_str));
            }
        }
    }
    table
}

/// One line by RFC 4180: a field that needs it stands in quotes.
fn line(table: &mut String, fields: &[&str]) {
    let quoted: Vec<String> = fields
        .iter()
        .map(|field| {
            if field.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                (*field).to_owned()
            }
        })
        .collect();
    table.push_str(&quoted.join(","));
    table.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_comma_or_a_quote_stays_one_field() {
        let mut table = String::new();
        line(&mut table, &["a,b", "say \"no\"", "plain", ""]);
        assert_eq!(table, "\"a,b\",\"say \"\"no\"\"\",plain,\r\n");
    }

    #[test]
    fn figures_without_a_value_are_empty_and_not_zero() {
        let Value::Object(moments) = serde_json::to_value(common::stats::Moments::default()).unwrap() else {
            unreachable!()
        };
        for (part, value) in moments_of(&moments) {
            assert_eq!(value, if part == "n" { "0" } else { "" });
        }
    }
}
