//! Scores of Models on public benchmarks, with where they come from.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::ids::ModelId;
use crate::model::Quality;

/// `GET /quality`: every score that was imported.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListQuality;

impl Endpoint for ListQuality {
    const NAME: &'static str = "ListQuality";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/quality";
    type Response = Scores;
}

/// Every score that was imported, by Model and column; of two imports of one column the newer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
    /// One entry a Model and column.
    pub scores: Vec<Score>,
}

/// How a score was made. Prompts, examples and rules differ between generations, so that their scores never share a
/// column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// lm-evaluation-harness of 2023, before version 0.4.
    #[serde(rename = "harness_2023")]
    Harness2023,
    /// lm-evaluation-harness from version 0.4 on.
    #[serde(rename = "harness_0_4")]
    Harness04,
    /// The first Open LLM Leaderboard, which ran the harness of 2023.
    OpenLlmLeaderboard,
    /// `jouleboard-worker evaluate`: the prompts of 2023, on this service's own engine.
    Jouleboard,
}

impl Generation {
    /// What stands in the name of a column.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Harness2023 => "harness 2023",
            Self::Harness04 => "harness 0.4",
            Self::OpenLlmLeaderboard => "Open LLM Leaderboard",
            Self::Jouleboard => "own evaluator",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Where a score comes from. Null where its file does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Provenance {
    /// How it was made.
    pub generation: Generation,
    /// Version of what made it.
    pub harness_version: Option<String>,
    /// Commit of what made it.
    pub git_hash: Option<String>,
    /// The model as the file names it.
    pub model_arguments: String,
    /// Revision of the model as the file names it.
    pub model_revision: Option<String>,
    /// Number format as the file names it.
    pub dtype: Option<String>,
    /// What the examples before a question were drawn with.
    pub few_shot_seed: Option<u64>,
    /// SHA-256 of the chat template that the questions were put in; null where there was none.
    pub chat_template_sha256: Option<String>,
    /// When it was evaluated.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub evaluated_at: Option<OffsetDateTime>,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub file_sha256: String,
}

/// A score of a Model on a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Score {
    /// Of which Model.
    pub model_id: Option<ModelId>,
    /// The name of its column: benchmark, metric, examples, generation.
    pub benchmark: String,
    /// The task as the file names it.
    pub task: String,
    /// Version of the task.
    pub task_version: Option<String>,
    /// Which of its scores.
    pub metric: String,
    /// Examples before each question.
    pub shots: u32,
    /// The score, 0 to 1.
    pub score: f64,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Questions asked.
    pub n: u32,
    /// Where it comes from.
    pub provenance: Provenance,
    /// When it was imported.
    #[serde(with = "time::serde::rfc3339")]
    pub imported_at: OffsetDateTime,
}

impl From<Score> for Quality {
    fn from(score: Score) -> Self {
        let from = &score.provenance;
        let mut source = from.generation.words().to_owned();
        let mut add = |what: &str, value: Option<&str>| {
            if let Some(value) = value {
                source.push_str(&format!(", {what}{value}"));
            }
        };
        add("version ", from.harness_version.as_deref());
        add("commit ", from.git_hash.as_deref());
        add("task version ", score.task_version.as_deref());
        add("in ", from.dtype.as_deref());
        add("file ", Some(&from.file_name));
        add("SHA-256 ", from.file_sha256.get(..12));
        Self {
            benchmark: score.benchmark,
            score: score.score,
            n: score.n,
            source,
            standard_error: score.standard_error,
        }
    }
}
