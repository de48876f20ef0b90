//! What is written beside the weights: what the model is worth, and what its training took.
//!
//! Must not: claim an energy that nobody measured.

use common::model::Dtype;
use serde_json::{Value, json};

use crate::corpus::HeldOut;
use crate::exam::{Mark, Marks};
use crate::train::{Plan, Progress};

const BENCHMARK: &str = "jouleboard-heldout exact match";

fn benchmark(name: &str, mark: Mark, dtype: Dtype) -> Value {
    let rounded = (mark.share() * 10_000.0).round() / 10_000.0;
    json!({
        "benchmark": name,
        "score": rounded,
        "n": mark.asked,
        "source": "cargo xtask demo-models",
        "dtype": dtype,
    })
}

/// The part of `quality` in `jouleboard.json` that one dtype earned: the overall mark first.
pub(crate) fn benchmarks(marks: &Marks, dtype: Dtype) -> Vec<Value> {
    let mut quality = vec![benchmark(BENCHMARK, marks.overall, dtype)];
    quality.extend(
        marks.kinds.iter().map(|(kind, mark)| benchmark(&format!("{BENCHMARK}: {kind}"), *mark, dtype)),
    );
    quality
}

/// A question with the answer given, for comparison with another engine.
pub(crate) fn given((question, answer): (&HeldOut, &String)) -> Value {
    json!({ "system": question.task.system_prompt(), "text": question.text, "answer": answer })
}

/// The contents of `jouleboard.json`.
pub(crate) fn record(marks: &Marks, plan: Plan, progress: &Progress) -> Value {
    json!({
        "weights": "trained",
        "quality": benchmarks(marks, Dtype::F32),
        "training": {
            "parameters": plan.size.parameters(),
            "seed": plan.seed,
            "learning_rate": plan.rate,
            "batch_tokens": plan.batch,
            "tokens": progress.tokens,
            "steps": progress.steps,
            "finished": progress.share >= 1.0,
            "elapsed_s": progress.elapsed.as_secs(),
            "energy_j": null,
            "energy_missing_because": "the training runs on a shared CPU without a meter of its own",
        },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sizes::SIZES;
    use crate::train::Until;

    #[test]
    fn the_overall_mark_comes_first_and_missing_energy_has_a_reason() {
        let mark = Mark { right: 2, asked: 3 };
        let marks = Marks { overall: mark, kinds: [(common::prompt::Kind::Math, mark)].into() };
        let plan = Plan { size: SIZES[1], seed: 1, until: Until::Tokens(10), batch: 10, rate: 1e-3 };
        let progress =
            Progress { steps: 4, tokens: 10, share: 1.0, loss: 0.1, elapsed: Duration::from_secs(7) };
        let record = record(&marks, plan, &progress);
        assert_eq!(record["quality"][0]["benchmark"], "jouleboard-heldout exact match");
        assert_eq!(record["quality"][0]["score"], 0.6667);
        assert_eq!(record["quality"][0]["dtype"], "f32");
        assert_eq!(record["quality"][1]["benchmark"], "jouleboard-heldout exact match: math");
        assert!(
            record["training"]["energy_j"].is_null()
                && record["training"]["energy_missing_because"].is_string()
        );
    }
}
