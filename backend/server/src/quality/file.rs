//! One file of results, of whichever generation.
//!
//! Must not: know a Model of this service, or guess a number that the file does not hold.

use common::api::quality::{Generation, Provenance, Score};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::benchmark::Benchmark;
use super::error::QualityError;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Results {
    /// Of which it is.
    pub(super) generation: Generation,
    /// The id of the Model, where the file says it: those of our own evaluator do.
    pub(super) model_id: Option<String>,
    /// The scores that become columns, not yet of a Model.
    pub(crate) scores: Vec<Score>,
    /// Tasks that do not.
    pub(super) left_out: Vec<String>,
}

/// What is taken besides what published tables have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allow {
    /// Any number of examples.
    pub(crate) any_shots: bool,
    /// Questions or prompts other than those of the harness of 2023.
    pub(crate) any_requests: bool,
}

/// Reads a file.
pub(crate) fn read(
    name: &str,
    bytes: &[u8],
    allow: Allow,
    now: OffsetDateTime,
) -> Result<Results, QualityError> {
    let document: Value =
        serde_json::from_slice(bytes).map_err(|error| QualityError::NotJson(error.to_string()))?;
    let generation = generation(&document)?;
    refuse_limit(&document)?;
    let others = asks_others(&document);
    if others && !allow.any_requests {
        return Err(QualityError::OtherRequests);
    }
    let provenance = provenance(name, bytes, &document, generation);
    let model_id = text(&document, "/model_id");
    let tasks = document["results"].as_object().into_iter().flatten().map(|(task, _)| task.clone());
    let mut results = Results { generation, model_id, scores: Vec::new(), left_out: Vec::new() };
    for task in tasks {
        let benchmark = Benchmark::ALL.into_iter().find(|each| match generation {
            Generation::OpenLlmLeaderboard => task.starts_with(each.task(generation)),
            _ => task == each.task(generation),
        });
        match benchmark {
            Some(benchmark) => {
                let score = score(&document, &task, benchmark, generation, &provenance, allow, now)?;
                let benchmark =
                    if others { format!("{}, other requests", score.benchmark) } else { score.benchmark };
                results.scores.push(Score { benchmark, ..score });
            }
            None => results.left_out.push(task),
        }
    }
    if results.scores.is_empty() {
        return Err(QualityError::NoBenchmark(results.left_out.join(", ")));
    }
    Ok(results)
}

/// By what only that generation writes.
fn generation(document: &Value) -> Result<Generation, QualityError> {
    let unknown = |why: &str| Err(QualityError::UnknownForm(why.to_owned()));
    let Some(results) = document.get("results").and_then(Value::as_object) else {
        return unknown("it has no `results`");
    };
    if document.pointer("/evaluator/name").and_then(Value::as_str) == Some("jouleboard-worker") {
        return Ok(Generation::Jouleboard);
    }
    if results.keys().any(|task| task.starts_with("harness|")) {
        return Ok(Generation::OpenLlmLeaderboard);
    }
    let metrics = || results.values().filter_map(Value::as_object).flat_map(|task| task.keys());
    if metrics().any(|metric| metric.contains(',')) {
        return Ok(Generation::Harness04);
    }
    if document.pointer("/config/num_fewshot").is_some() && document.get("versions").is_some() {
        return Ok(Generation::Harness2023);
    }
    unknown("neither its metrics nor its `config` are of a form that is known")
}

/// A file over a part of the questions says nothing of the whole.
fn refuse_limit(document: &Value) -> Result<(), QualityError> {
    let places = ["/config/limit", "/config_general/max_samples"];
    // Some versions write the missing limit as text.
    let is_none = |limit: &&Value| limit.is_null() || matches!(limit.as_str(), Some("None" | "null" | ""));
    match places.into_iter().find_map(|place| document.pointer(place).filter(|limit| !is_none(limit))) {
        Some(limit) => Err(QualityError::Limited { limit: limit.to_string() }),
        None => Ok(()),
    }
}

/// Our own evaluator says whether what it asked is what published scores were asked.
fn asks_others(document: &Value) -> bool {
    document.pointer("/requests/are_those_of_2023") == Some(&Value::Bool(false))
}

fn score(
    document: &Value,
    task: &str,
    benchmark: Benchmark,
    generation: Generation,
    provenance: &Provenance,
    allow: Allow,
    now: OffsetDateTime,
) -> Result<Score, QualityError> {
    let shots = shots(document, task, generation)?;
    if shots != benchmark.usual_shots() && !allow.any_shots {
        let usual = benchmark.usual_shots();
        return Err(QualityError::Shots { task: task.to_owned(), found: shots, usual });
    }
    let n = questions(document, task, benchmark)?;
    let key = benchmark.key(generation);
    let filter = if generation == Generation::Harness04 { ",none" } else { "" };
    let number = |name: String| document["results"][task].get(name).and_then(Value::as_f64);
    let share = |value: f64, what: &str| {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            Err(QualityError::NoShare { task: task.to_owned(), what: what.to_owned(), value })
        }
    };
    let missing = || QualityError::Missing { task: task.to_owned(), what: key.to_owned() };
    let value = share(number(format!("{key}{filter}")).ok_or_else(missing)?, key)?;
    // "N/A" where nobody computed it.
    let error = number(format!("{key}_stderr{filter}")).map(|error| share(error, "its standard error"));
    let version = &document["versions"][task];
    Ok(Score {
        model_id: None,
        benchmark: benchmark.column(shots, generation),
        task: task.to_owned(),
        task_version: (!version.is_null())
            .then(|| version.as_str().map_or_else(|| version.to_string(), str::to_owned)),
        metric: benchmark.metric().to_owned(),
        shots,
        score: value,
        standard_error: error.transpose()?,
        n,
        provenance: provenance.clone(),
        imported_at: now,
    })
}

fn shots(document: &Value, task: &str, generation: Generation) -> Result<u32, QualityError> {
    let number = |value: &Value| value.as_u64().and_then(|shots| u32::try_from(shots).ok());
    let found = match generation {
        Generation::Harness2023 | Generation::Jouleboard => number(&document["config"]["num_fewshot"]),
        Generation::Harness04 => number(&document["n-shot"][task]),
        Generation::OpenLlmLeaderboard => task.rsplit('|').next().and_then(|shots| shots.parse().ok()),
    };
    found
        .ok_or_else(|| QualityError::Missing { task: task.to_owned(), what: "number of examples".to_owned() })
}

/// All of them; older files, which do not count, were refused if they had a limit.
fn questions(document: &Value, task: &str, benchmark: Benchmark) -> Result<u32, QualityError> {
    let samples = &document["n-samples"][task];
    let number = |name: &str| samples[name].as_u64().and_then(|count| u32::try_from(count).ok());
    let incomplete = |asked, all| QualityError::Incomplete { task: task.to_owned(), asked, all };
    match (number("effective"), number("original")) {
        (Some(asked), Some(all)) if asked < all => Err(incomplete(asked, all)),
        (Some(asked), _) if asked < benchmark.questions() => Err(incomplete(asked, benchmark.questions())),
        (Some(asked), _) => Ok(asked),
        (None, _) => Ok(benchmark.questions()),
    }
}

fn provenance(name: &str, bytes: &[u8], document: &Value, generation: Generation) -> Provenance {
    let first = |places: &[&str]| places.iter().find_map(|place| text(document, place));
    let arguments =
        first(&["/config/model_args", "/config_general/model_name", "/config/model_name", "/model_name"]);
    let stated = first(&["/config/model_dtype", "/config_general/model_dtype"]);
    let in_arguments = arguments.as_deref().and_then(|arguments| argument(arguments, "dtype"));
    let seed = ["/config/fewshot_seed", "/configs/arc_challenge/fewshot_config/seed", "/config/random_seed"];
    // The harness of 2023, and what follows it, draws examples with this seed and cannot be told another.
    let seed = match generation {
        Generation::Harness2023 | Generation::OpenLlmLeaderboard | Generation::Jouleboard => Some(42),
        Generation::Harness04 => seed.iter().find_map(|place| document.pointer(place)?.as_u64()),
    };
    Provenance {
        generation,
        harness_version: first(&["/lm_eval_version", "/evaluator/version"]),
        git_hash: first(&["/git_hash", "/config_general/lighteval_sha"]),
        model_arguments: arguments.unwrap_or_default(),
        model_revision: first(&["/config/model_sha", "/config_general/model_sha", "/config/model_revision"]),
        dtype: stated.or(in_arguments),
        few_shot_seed: seed,
        chat_template_sha256: first(&["/chat_template_sha"]),
        evaluated_at: date(name, document),
        file_name: name.to_owned(),
        file_sha256: HEXLOWER.encode(&Sha256::digest(bytes)),
    }
}

fn text(document: &Value, place: &str) -> Option<String> {
    let value = document.pointer(place).filter(|value| !value.is_null())?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (!text.is_empty()).then_some(text)
}

/// One of `a=b,c=d`, or of an object written as text.
fn argument(arguments: &str, name: &str) -> Option<String> {
    if let Ok(Value::Object(fields)) = serde_json::from_str(arguments) {
        return fields.get(name).and_then(Value::as_str).map(str::to_owned);
    }
    let pair = arguments.split(',').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    pair.map(str::to_owned)
}

/// When it was evaluated: as the document says, else as the file's name does.
fn date(name: &str, document: &Value) -> Option<OffsetDateTime> {
    let said = document.get("date").or_else(|| document.get("started_at"));
    let seconds = said.and_then(Value::as_f64).and_then(time::Duration::checked_seconds_f64);
    let written = said.and_then(Value::as_str).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let counted = seconds.and_then(|seconds| OffsetDateTime::UNIX_EPOCH.checked_add(seconds));
    counted.or(written).or_else(|| dated(name))
}

/// `results_2023-08-21T11:02:19.466545.json`, with hyphens or colons between the parts of the time.
fn dated(name: &str) -> Option<OffsetDateTime> {
    let start = name.find("results_")? + "results_".len();
    let stem = name.get(start..)?;
    let (day, time) = stem.get(..19)?.split_once('T')?;
    OffsetDateTime::parse(&format!("{day}T{}Z", time.replace('-', ":")), &Rfc3339).ok()
}
