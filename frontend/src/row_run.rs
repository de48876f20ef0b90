//! The runs of a row, as far as it must be known which row they are of: reading whole records would bring all of their
//! types into the page.
//!
//! Must not: know the page, or take a run for one of the row's that differs from it in anything.

use std::borrow::Cow;

use common::api::Endpoint;
use common::api::measurements::ListMeasurements;
use common::ids::RunId;
use common::leaderboard::{Boundary, Key};
use common::meter::Label;
use serde::{Deserialize, Serialize};

use crate::figures::Line;

/// Most lines that are looked through.
const MOST: u32 = 200;

/// `GET /measurements`, read in part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListRunsOfRow(ListMeasurements);

impl ListRunsOfRow {
    /// The newest runs of a line's model on its machine, of its task and origin.
    pub fn of(line: &Line) -> Self {
        let key = &line.row.key;
        Self(ListMeasurements {
            limit: Some(MOST),
            model: Some(key.model_id.clone()),
            machine: Some(line.machine.name.clone()),
            task: Some(key.task),
            origin: Some(key.origin),
            ..ListMeasurements::default()
        })
    }
}

impl Endpoint for ListRunsOfRow {
    const NAME: &'static str = ListMeasurements::NAME;
    const METHOD: &'static str = ListMeasurements::METHOD;
    const ROUTE: &'static str = ListMeasurements::ROUTE;
    type Response = RunsOfRow;
    fn path(&self) -> Cow<'static, str> {
        self.0.path()
    }
}

/// Measured runs, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunsOfRow {
    measurements: Vec<RunOfRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RunOfRow {
    run_id: RunId,
    label: Label,
    boundary: Option<Boundary>,
    batch: u32,
    engine_version: String,
    method_version: u32,
}

impl RunsOfRow {
    /// The newest run of the row with this key.
    pub fn newest_of(&self, key: &Key) -> Option<RunId> {
        let is_of = |run: &&RunOfRow| {
            (run.label, run.boundary, run.batch, run.method_version)
                == (key.label, Some(key.boundary), key.batch, key.method_version)
                && run.engine_version == key.engine_version
        };
        self.measurements.iter().find(is_of).map(|run| run.run_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::board;
    use crate::view_state::ViewState;

    fn line() -> Line {
        (*board::sections(&board::tests::board(), &ViewState::default())[0].lines[0]).clone()
    }

    #[test]
    fn only_a_run_that_agrees_with_the_row_in_everything_is_one_of_its_runs() {
        let id = |number: u32| format!("00000000-0000-0000-0000-{number:012}");
        let own = json!({
            "run_id": id(9), "label": "measured", "boundary": "cpu", "batch": 1, "engine_version": "1",
            "method_version": 1, "energy_j": 5.0,
        });
        let but = |number: u32, name: &str, value: Value| {
            let mut other = own.clone();
            other["run_id"] = json!(id(number));
            other[name] = value;
            other
        };
        let others = vec![
            but(1, "label", json!("modelled")),
            but(2, "boundary", json!("machine")),
            but(3, "boundary", Value::Null),
            but(4, "batch", json!(8)),
            but(5, "engine_version", json!("2")),
            but(6, "method_version", json!(2)),
        ];
        let read = |runs: Vec<Value>| -> RunsOfRow {
            crate::json::read(&json!({ "measurements": runs, "next": null }).to_string()).unwrap()
        };
        let key = line().row.key;
        assert_eq!(read(others.clone()).newest_of(&key), None);
        let all: Vec<Value> =
            others.into_iter().chain([own.clone(), but(10, "label", json!("measured"))]).collect();
        assert_eq!(read(all).newest_of(&key), Some(id(9).parse().unwrap()));
    }

    #[test]
    fn what_is_asked_names_model_machine_task_and_origin() {
        let path = ListRunsOfRow::of(&line()).path().into_owned();
        for part in ["model=b", "machine=alpha", "task=plain", "origin=campaign", "limit=200"] {
            assert!(path.contains(part), "{path}");
        }
    }
}
