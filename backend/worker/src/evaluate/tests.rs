//! A tiny model and self-written questions, from the file to the result.

use meter::replay::{Replay, Script};

use super::*;

const QUESTIONS: &str = r#"{"id":"1","question":"What is cold?","choices":{"text":["ice","fire"],"label":["A","B"]},"answerKey":"A"}
{"id":"2","question":"What is wet?","choices":{"text":["dust","water","bread"],"label":["A","B","C"]},"answerKey":"B"}
{"id":"3","question":"What is loud?","choices":{"text":["thunder","moss"],"label":["1","2"]},"answerKey":"1"}
"#;

fn model(folder: &std::path::Path) -> Engine {
    engine::tiny::write(folder, 7).unwrap();
    let load = engine::LoadOptions { threads: Some(1), ..Default::default() };
    Engine::load(folder, &load).unwrap()
}

#[test]
fn a_result_has_scores_energy_with_its_label_and_what_the_server_imports() {
    let root = tempfile::tempdir().unwrap();
    let engine = model(root.path());
    let file = root.path().join("arc.jsonl");
    std::fs::write(&file, QUESTIONS).unwrap();
    let questions = Task::ArcChallenge.read(&file, "").unwrap();
    let all = plan::put(&questions, &questions, 2);
    let mut instruments = Instruments::alone(vec![Box::new(Replay::new(Script::constant(50.0)))]);
    let options = instruments.options();
    let baseline = Duration::from_millis(60);
    let mut stand = Stand { instruments: &mut instruments, clock: Monotonic::start(), options, baseline };
    let (marks, energy) = stand.ask(&engine, &all).unwrap();
    assert_eq!(marks.len(), 3);
    let found = Found {
        task: Task::ArcChallenge,
        shots: 2,
        limit: None,
        questions: 3,
        sha256: plan::hash(&plan::put(&questions, &[], 0)),
        is_same: false,
    };
    let document = found.document(&engine, &marks, energy.as_ref());
    assert_eq!(document["evaluator"]["name"], "jouleboard-worker");
    assert_eq!(document["model_id"], serde_json::to_value(&engine.model().id).unwrap());
    assert_eq!(document["n-samples"]["arc_challenge"], json!({"original": 3, "effective": 3}));
    assert_eq!((&document["config"]["num_fewshot"], &document["config"]["limit"]), (&json!(2), &Value::Null));
    let share = document["results"]["arc_challenge"]["acc_norm"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&share));
    assert!(document["results"]["arc_challenge"]["acc_stderr"].is_number());
    let energy = &document["energy"];
    let (whole, span) =
        (energy["energy_j"].as_f64().unwrap(), energy["per_window"]["window_s"].as_f64().unwrap());
    assert!((whole / (50.0 * span) - 1.0).abs() < 0.1, "{whole} J in {span} s at 50 W");
    assert_eq!(energy["per_window"]["domains"][0]["label"], "simulated");
}

#[test]
fn a_question_longer_than_the_model_reads_loses_its_beginning_and_is_still_scored() {
    let root = tempfile::tempdir().unwrap();
    let engine = model(root.path());
    let file = root.path().join("arc.jsonl");
    let long = "word ".repeat(600);
    std::fs::write(&file, QUESTIONS.replace("What is cold?", &long)).unwrap();
    let questions = Task::ArcChallenge.read(&file, "").unwrap();
    for put in plan::put(&questions, &[], 0) {
        let found = mark(&engine, &put).unwrap();
        assert!(found.acc == 0.0 || found.acc == 1.0);
    }
}

#[test]
fn the_likeliest_answer_is_that_of_the_engines_logits() {
    let root = tempfile::tempdir().unwrap();
    let engine = model(root.path());
    let file = root.path().join("arc.jsonl");
    std::fs::write(&file, QUESTIONS).unwrap();
    let questions = Task::ArcChallenge.read(&file, "").unwrap();
    for put in plan::put(&questions, &[], 0) {
        let known = engine.bare_ids(&put.context).unwrap().len();
        let sums: Vec<f64> = put
            .question
            .continuations()
            .map(|continuation| {
                let ids = engine.bare_ids(&format!("{}{continuation}", put.context)).unwrap();
                let rows = engine.logits(&ids[..ids.len() - 1]).unwrap();
                (known..ids.len())
                    .map(|place| {
                        let row = &rows[place - 1];
                        let all: f64 = row.iter().map(|logit| f64::from(*logit).exp()).sum();
                        f64::from(row[usize::try_from(ids[place]).unwrap()]) - all.ln()
                    })
                    .sum()
            })
            .collect();
        assert_eq!(mark(&engine, &put).unwrap(), score::mark(put.question, &sums));
    }
}

/// The files are the benchmarks' own and not ours to pass on, so this runs only where somebody has them:
/// `arc_challenge.jsonl`, `truthfulqa_mc.jsonl` with `primer.txt`, and `hellaswag.jsonl`, in one folder. What is not there is
/// not compared.
#[test]
#[ignore = "needs the benchmarks' own files: JOULEBOARD_EVALUATION_DATA=FOLDER"]
fn with_the_benchmarks_own_files_all_requests_are_those_of_2023() {
    let folder = PathBuf::from(std::env::var_os("JOULEBOARD_EVALUATION_DATA").unwrap());
    let primer = std::fs::read_to_string(folder.join("primer.txt")).unwrap_or_default();
    let mut compared = 0;
    for task in [Task::ArcChallenge, Task::HellaSwag, Task::TruthfulQa] {
        let file = folder.join(format!("{}.jsonl", task.name()));
        if file.exists() {
            let questions = task.read(&file, primer.trim_end()).unwrap();
            assert_eq!(
                plan::hash(&plan::put(&questions, &[], 0)),
                task.requests_of_2023(),
                "{}",
                task.name()
            );
            compared += 1;
        }
    }
    assert!(compared > 0, "{} holds none of the files", folder.display());
}
