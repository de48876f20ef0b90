//! Measurements that everybody may see, one line each: those of Campaigns, and those whose submitter said so.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use super::parameter::{AFTER, KIND, LIMIT, MACHINE, MODEL, ORIGIN, Parameter, TASK};
use crate::ids::{MachineName, ModelId, RunId, Zone};
use crate::prompt::{Kind, Origin, Task};
use crate::summary::Summary;

/// `GET /measurements`: a page of them, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMeasurements {
    /// Goes on where a page ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Lines of a page, 1 to 200; 50 if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only this Model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// Only this Machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineName>,
    /// Only this Task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Only this Kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Only of this Origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl ListMeasurements {
    /// What its query may hold.
    pub const PARAMETERS: &[Parameter] = &[AFTER, LIMIT, MODEL, MACHINE, TASK, KIND, ORIGIN];
}

impl Endpoint for ListMeasurements {
    const NAME: &'static str = "ListMeasurements";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/measurements";
    type Response = MeasurementPage;
    fn path(&self) -> Cow<'static, str> {
        super::parameter::path(self)
    }
}

/// A page of Measurements.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasurementPage {
    /// Its lines, newest first.
    pub measurements: Vec<MeasurementLine>,
    /// Where the next page starts; null at the end, and only there: a page may be short, or empty, where few of the 500
    /// records fit that were looked through.
    pub next: Option<String>,
}

/// One Measurement in short. Figures are per response: the mean over its Repetitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasurementLine {
    /// Its Run; `GET /runs/{id}` has all of it.
    pub run_id: RunId,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub recorded_at: OffsetDateTime,
    /// Which Model answered.
    pub model_id: ModelId,
    /// On which Machine.
    pub machine: MachineName,
    /// Who asked.
    pub origin: Origin,
    /// Under which Task.
    pub task: Task,
    /// What it was about, where known.
    pub kind: Option<Kind>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Summary,
    /// Where the Machine stood.
    pub zone: Zone,
    /// How clean the grid was.
    pub intensity_g_per_kwh: f64,
    /// How many sequences were computed at once.
    pub batch: u32,
    /// Version of the engine.
    pub engine_version: String,
    /// Version of the measuring method.
    pub method_version: u32,
}
