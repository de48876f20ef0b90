//! Measurements that everybody may see, one line each: those of Campaigns, and those whose submitter said so.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::ids::{MachineName, ModelId, RunId, Zone};
use crate::leaderboard::{Boundary, RunFigures};
use crate::measurement::Measurement;
use crate::meter::Label;
use crate::prompt::{Kind, Origin, Task};
use crate::stats::Moments;
use crate::verdict::{Grade, Reason};

/// Most lines of one page.
pub const MAX_PAGE: u32 = 200;

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
    /// Its fields as query parameters, each with what it means.
    pub const PARAMETERS: &[(&str, &str)] = &[
        ("after", "Go on where a page ended: its `next`."),
        ("limit", "Lines of a page, 1 to 200; 50 if it is not said."),
        ("model", "Only this model."),
        ("machine", "Only this machine."),
        ("task", "Only this task."),
        ("kind", "Only this kind."),
        ("origin", "Only of this origin."),
    ];
}

impl Endpoint for ListMeasurements {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/measurements";
    type Response = MeasurementPage;
    fn path(&self) -> Cow<'static, str> {
        let fields = serde_json::to_value(self).unwrap_or_default();
        let query: Vec<String> = fields
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                // Of what names may hold, only a plus means something else in a query.
                format!("{name}={}", text.replace('%', "%25").replace('+', "%2B").replace(' ', "%20"))
            })
            .collect();
        if query.is_empty() {
            Self::ROUTE.into()
        } else {
            format!("{}?{}", Self::ROUTE, query.join("&")).into()
        }
    }
}

/// A page of Measurements.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasurementPage {
    /// Its lines, newest first.
    pub measurements: Vec<MeasurementLine>,
    /// Where the next page starts; null at the end.
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
    /// Where the energy comes from.
    pub label: Label,
    /// What the energy sums.
    pub boundary: Option<Boundary>,
    /// How far it can be trusted.
    pub grade: Grade,
    /// Why not further.
    pub reasons: Vec<Reason>,
    /// Energy inside the boundary, gross.
    pub energy_j: Option<f64>,
    /// How far it may be off, at k = 2.
    pub energy_off_j: Option<f64>,
    /// The same energy less idle power.
    pub net_energy_j: Option<f64>,
    /// Start of prefill to the last token.
    pub latency_s: Option<f64>,
    /// Start of prefill to the first token.
    pub ttft_s: Option<f64>,
    /// Tokens read.
    pub prompt_tokens: Option<f64>,
    /// Tokens written.
    pub output_tokens: Option<f64>,
    /// Share of right answers, where the right one is known.
    pub correct: Option<f64>,
    /// How many Repetitions count.
    pub repetitions: u32,
    /// Where the Machine stood.
    pub zone: Zone,
    /// How clean the grid was.
    pub intensity_g_per_kwh: f64,
    /// Version of the engine.
    pub engine_version: String,
    /// Version of the measuring method.
    pub method_version: u32,
}

impl MeasurementLine {
    /// The short form of a record.
    pub fn of(measurement: &Measurement) -> Self {
        let (facts, prompt) = (&measurement.facts, &measurement.prompt);
        let figures = RunFigures::of(facts, prompt.kind, prompt.expected.as_deref());
        let mean = |moments: Moments| (moments.n > 0).then_some(moments.mean);
        Self {
            run_id: measurement.run_id,
            recorded_at: measurement.recorded_at,
            model_id: facts.model.id.clone(),
            machine: measurement.machine.name.clone(),
            origin: measurement.origin,
            task: prompt.task,
            kind: prompt.kind,
            label: figures.label,
            boundary: figures.boundary,
            grade: figures.verdict.grade,
            reasons: figures.verdict.reasons,
            energy_j: mean(figures.sums.energy_j),
            energy_off_j: figures.uncertainty.map(|off| off.absolute.joules()),
            net_energy_j: mean(figures.sums.net_energy_j),
            latency_s: mean(figures.sums.latency_s),
            ttft_s: mean(figures.sums.ttft_s),
            prompt_tokens: mean(figures.sums.prompt_tokens),
            output_tokens: mean(figures.sums.output_tokens),
            correct: mean(figures.sums.correct),
            repetitions: u32::try_from(facts.repetitions.len()).unwrap_or(u32::MAX),
            zone: measurement.grid.zone.clone(),
            intensity_g_per_kwh: measurement.grid.intensity.grams_per_kwh(),
            engine_version: facts.software.engine_version.clone(),
            method_version: facts.method_version,
        }
    }
}
