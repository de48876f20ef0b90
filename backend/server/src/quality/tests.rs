//! Files of each generation, as they are and as they must not be.

use common::api::quality::Generation;
use common::machine::OfferedModel;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use super::error::QualityError;
use super::file::{Allow, Results, read};
use super::{Import, choose};

const NOW: OffsetDateTime = datetime!(2026-11-21 10:00 UTC);

/// The form of 2023: one number of examples for the file, scores without a filter.
fn of_2023() -> Value {
    json!({
        "results": {"arc_challenge": {"acc": 0.5, "acc_stderr": 0.0146, "acc_norm": 0.53, "acc_norm_stderr": 0.0145}},
        "versions": {"arc_challenge": 0},
        "config": {"model": "hf-causal", "model_args": "pretrained=org/name,dtype=float16", "num_fewshot": 25,
                   "batch_size": "8", "limit": null, "bootstrap_iters": 100_000},
    })
}

/// The form from 0.4 on: filters in the names, counts by task.
fn of_0_4() -> Value {
    json!({
        "results": {
            "hellaswag": {"alias": "hellaswag", "acc,none": 0.6, "acc_norm,none": 0.785, "acc_norm_stderr,none": 0.0041},
            "truthfulqa_mc2": {"acc,none": 0.453, "acc_stderr,none": "N/A"},
            "winogrande": {"acc,none": 0.7},
        },
        "n-shot": {"hellaswag": 10, "truthfulqa_mc2": 0, "winogrande": 5},
        "n-samples": {"hellaswag": {"original": 10_042, "effective": 10_042},
                      "truthfulqa_mc2": {"original": 817, "effective": 817}},
        "versions": {"hellaswag": 1.0, "truthfulqa_mc2": 3.0},
        "config": {"model": "hf", "model_args": {"pretrained": "org/name"}, "model_dtype": "torch.bfloat16",
                   "model_sha": "abc", "limit": null, "fewshot_seed": 1234},
        "git_hash": "4e7e0d4", "lm_eval_version": "0.4.13", "date": 1_732_000_000.5, "chat_template_sha": null,
    })
}

/// The form of the leaderboard: harness, task and examples in one name.
fn of_leaderboard() -> Value {
    json!({
        "results": {
            "harness|arc:challenge|25": {"acc": 0.49, "acc_norm": 0.5273, "acc_norm_stderr": 0.0146},
            "harness|truthfulqa:mc|0": {"mc1": 0.3, "mc2": 0.4532, "mc2_stderr": 0.0157},
            "harness|hendrycksTest-anatomy|5": {"acc": 0.4},
        },
        "versions": {"harness|arc:challenge|25": 0},
        "config_general": {"model_name": "org/name", "model_dtype": "torch.float16", "lighteval_sha": "2ee1",
                           "max_samples": null},
    })
}

fn parse(document: &Value) -> Result<Results, QualityError> {
    read("results_2023-08-21T11:02:19.466545.json", document.to_string().as_bytes(), Allow::default(), NOW)
}

fn scores(results: &Results) -> Vec<(&str, f64, Option<f64>, u32)> {
    results.scores.iter().map(|s| (s.benchmark.as_str(), s.score, s.standard_error, s.n)).collect()
}

#[test]
fn each_generation_is_told_apart_and_gets_columns_of_its_own() {
    let old = parse(&of_2023()).unwrap();
    assert_eq!(scores(&old), [("ARC-Challenge acc_norm, 25-shot (harness 2023)", 0.53, Some(0.0145), 1172)]);
    let new = parse(&of_0_4()).unwrap();
    assert_eq!(
        scores(&new),
        [
            ("HellaSwag acc_norm, 10-shot (harness 0.4)", 0.785, Some(0.0041), 10_042),
            ("TruthfulQA mc2, 0-shot (harness 0.4)", 0.453, None, 817)
        ]
    );
    assert_eq!(new.left_out, ["winogrande"]);
    let board = parse(&of_leaderboard()).unwrap();
    assert_eq!(
        scores(&board),
        [
            ("ARC-Challenge acc_norm, 25-shot (Open LLM Leaderboard)", 0.5273, Some(0.0146), 1172),
            ("TruthfulQA mc2, 0-shot (Open LLM Leaderboard)", 0.4532, Some(0.0157), 817)
        ]
    );
    let mut own = of_2023();
    own["evaluator"] = json!({"name": "jouleboard-worker", "version": "0.1.0"});
    own["model_id"] = json!("demo@a:f16");
    let own = parse(&own).unwrap();
    assert_eq!((own.generation, own.model_id.as_deref()), (Generation::Jouleboard, Some("demo@a:f16")));
}

#[test]
fn what_made_a_score_is_kept_with_it() {
    let old = parse(&of_2023()).unwrap().scores.remove(0);
    let from = &old.provenance;
    assert_eq!((from.dtype.as_deref(), from.few_shot_seed), (Some("float16"), Some(42)));
    assert_eq!((old.task_version.as_deref(), old.shots), (Some("0"), 25));
    assert_eq!(from.model_arguments, "pretrained=org/name,dtype=float16");
    assert_eq!(from.evaluated_at, Some(datetime!(2023-08-21 11:02:19 UTC)), "of the file's name");
    assert_eq!(from.file_sha256.len(), 64);
    let new = parse(&of_0_4()).unwrap().scores.remove(0);
    let from = &new.provenance;
    assert_eq!(
        (from.harness_version.as_deref(), from.git_hash.as_deref()),
        (Some("0.4.13"), Some("4e7e0d4"))
    );
    assert_eq!((from.few_shot_seed, from.model_revision.as_deref()), (Some(1234), Some("abc")));
    assert_eq!(from.evaluated_at.map(OffsetDateTime::unix_timestamp), Some(1_732_000_000));
    assert_eq!(new.task_version.as_deref(), Some("1.0"));
}

#[test]
fn a_file_that_would_mislead_is_refused_by_name() {
    let with = |mut document: Value, place: &str, value: Value| {
        let (parent, name) = place.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value;
        parse(&document).unwrap_err()
    };
    let limited = with(of_2023(), "/config/limit", json!(100));
    assert_eq!(limited, QualityError::Limited { limit: "100".to_owned() });
    let limited = with(of_leaderboard(), "/config_general/max_samples", json!(5));
    assert!(matches!(limited, QualityError::Limited { .. }));
    let part = with(of_0_4(), "/n-samples/hellaswag/effective", json!(500));
    assert_eq!(part, QualityError::Incomplete { task: "hellaswag".to_owned(), asked: 500, all: 10_042 });
    let both = json!({"original": 500, "effective": 500});
    let part = with(of_0_4(), "/n-samples/hellaswag", both);
    assert!(
        matches!(part, QualityError::Incomplete { all: 10_042, .. }),
        "a shortened data set is a part too"
    );
    let shots = with(of_2023(), "/config/num_fewshot", json!(0));
    assert_eq!(shots, QualityError::Shots { task: "arc_challenge".to_owned(), found: 0, usual: 25 });
    let shots = with(of_0_4(), "/n-shot/hellaswag", Value::Null);
    assert!(matches!(shots, QualityError::Missing { .. }));
    let percent = with(of_2023(), "/results/arc_challenge/acc_norm", json!(53.0));
    assert!(matches!(percent, QualityError::NoShare { value: 53.0, .. }));
    let percent = with(of_2023(), "/results/arc_challenge/acc_norm_stderr", json!(1.45));
    assert!(matches!(percent, QualityError::NoShare { .. }));
    let text = with(of_2023(), "/results/arc_challenge/acc_norm", json!("0.53"));
    assert_eq!(text, QualityError::Missing { task: "arc_challenge".to_owned(), what: "acc_norm".to_owned() });
    let mut other = of_2023();
    other["results"] = json!({"piqa": {"acc": 0.7}});
    assert_eq!(parse(&other).unwrap_err(), QualityError::NoBenchmark("piqa".to_owned()));
    for unknown in [json!({}), json!([1]), json!({"results": {"arc_challenge": {"acc_norm": 0.5}}})] {
        assert!(matches!(parse(&unknown), Err(QualityError::UnknownForm(_))), "{unknown}");
    }
    assert!(matches!(read("x.json", b"{", Allow::default(), NOW), Err(QualityError::NotJson(_))));
}

#[test]
fn another_number_of_examples_gets_a_column_of_its_own_where_it_is_wanted() {
    let mut document = of_2023();
    document["config"]["num_fewshot"] = json!(0);
    let allow = Allow { any_shots: true, ..Allow::default() };
    let results = read("x.json", document.to_string().as_bytes(), allow, NOW).unwrap();
    assert_eq!(results.scores[0].benchmark, "ARC-Challenge acc_norm, 0-shot (harness 2023)");
}

#[test]
fn other_questions_than_the_published_ones_stand_in_no_published_column() {
    let mut document = of_2023();
    document["evaluator"] = json!({"name": "jouleboard-worker", "version": "0.1.0"});
    document["requests"] = json!({"sha256_without_examples": "00", "are_those_of_2023": false});
    assert_eq!(parse(&document).unwrap_err(), QualityError::OtherRequests);
    let allow = Allow { any_requests: true, ..Allow::default() };
    let results = read("x.json", document.to_string().as_bytes(), allow, NOW).unwrap();
    assert_eq!(
        results.scores[0].benchmark,
        "ARC-Challenge acc_norm, 25-shot (own evaluator), other requests"
    );
    document["requests"]["are_those_of_2023"] = json!(true);
    assert_eq!(
        parse(&document).unwrap().scores[0].benchmark,
        "ARC-Challenge acc_norm, 25-shot (own evaluator)"
    );
}

fn offered(id: &str, weights: &str) -> OfferedModel {
    let (name, dtype) = (id.split('@').next(), id.rsplit(':').next());
    serde_json::from_value(json!({
        "id": id, "name": name, "family": "llama", "parameters": 1, "dtype": dtype, "bits_per_weight": 16.0,
        "weight_bytes": 2, "revision": "a", "weights_sha256": "00", "weights": weights, "context_length": 512,
        "quality": [], "machines": [],
    }))
    .unwrap()
}

#[test]
fn a_score_goes_to_the_model_of_its_number_format_and_to_no_other() {
    let models =
        [offered("m@a:f16", "trained"), offered("m@a:int4", "trained"), offered("r@a:f16", "random")];
    let results = parse(&of_2023()).unwrap();
    let ask = |names: &[&str], any_dtype: bool| {
        let import = Import {
            files: Vec::new(),
            database: crate::config::Database { database_url: crate::carbon::Secret(String::new()) },
            models: names.iter().map(|&name| name.to_owned()).collect(),
            any_dtype,
            any_shots: false,
            any_requests: false,
        };
        choose(&results, &import, &models).map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(ask(&["m"], false).unwrap(), ["m@a:f16"]);
    assert_eq!(ask(&["m"], true).unwrap(), ["m@a:f16", "m@a:int4"]);
    let other = ask(&["m@a:int4"], false).unwrap_err();
    assert!(matches!(&other, QualityError::OtherDtype { found, .. } if found == "float16"), "{other}");
    assert!(matches!(ask(&["r"], true), Err(QualityError::RandomWeights { .. })));
    assert!(matches!(ask(&["nobody"], false), Err(QualityError::UnknownModel(_))));
    assert_eq!(ask(&[], false), Err(QualityError::NoModel));
}
