//! What is run on a GPU, in which order: first what must be right, then what may be fast, the smallest shape first.
//!
//! Must not: run anything; name a machine's folders.

use crate::tables::{self, Tables};

/// Configurations in the engine's folder of shapes.
const SHAPES: [&str; 5] = ["tinyllama-1.1b", "llama-3-8b", "mistral-7b", "gemma-2-9b", "qwen3-8b"];
/// The shape that transformers computes too.
const BESIDE: &str = "llama-3-8b";
/// Every test that is for a GPU begins so.
const TESTS: [&str; 3] = ["--ignored", "--nocapture", "on_a_gpu"];

/// Which built program a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    /// The worker.
    Worker,
    /// Tests inside the engine: recorded steps.
    EngineTests,
    /// Tests of the engine from outside: parity, batches.
    GpuTests,
    /// Python, for what others compute; whatever torch is there.
    Python,
}

/// One call of a program, from the root of a checkout.
#[derive(Debug)]
pub(super) struct Step {
    /// What it shows.
    pub(super) shows: String,
    pub(super) program: Program,
    pub(super) args: Vec<String>,
    /// Whether it times; what does not must succeed before anything is timed.
    pub(super) is_table: bool,
    /// Whether it fills a table of ours, whose memory is known beforehand.
    pub(super) is_ours: bool,
}

/// All steps.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Where the tables are written, from the root of the checkout.
    pub(super) folder: String,
}

impl Plan {
    pub(super) fn new(date: &str, batch: &[u32], dtypes: &[String], no_bench: bool) -> Self {
        let folder = tables::folder(date, "gpu");
        let tests = TESTS.map(str::to_owned);
        let test = |shows: &str, program| Step {
            shows: shows.to_owned(),
            program,
            args: tests.to_vec(),
            is_table: false,
            is_ours: false,
        };
        let mut steps = vec![
            test("parity: every family as on the CPU, in every dtype and batch", Program::GpuTests),
            test("replay: a recorded step equals the step itself bit for bit", Program::EngineTests),
        ];
        let is_beside = batch.contains(&1) && dtypes.iter().any(|dtype| dtype == "bf16");
        let tables = Tables { device: "cuda", dtypes, batch, prompt_tokens: 512, output_tokens: 128 };
        let table = |shape: &&str| {
            let file = format!("{folder}/{shape}.json");
            Step {
                shows: format!("table: {shape}: bandwidth, speed and energy (NVML), written to {file}"),
                program: Program::Worker,
                args: tables.ours(shape, &file),
                is_table: true,
                is_ours: true,
            }
        };
        if !no_bench {
            steps.extend(SHAPES.iter().map(table));
        }
        if !no_bench && is_beside {
            steps.push(Step {
                shows: format!("beside it: eager transformers with the shape of {BESIDE} in bf16"),
                program: Program::Python,
                args: tables.beside("transformers", &format!("{folder}/{BESIDE}.json"), BESIDE, "bf16"),
                is_table: true,
                is_ours: false,
            });
        }
        Self { steps, folder }
    }

    /// The steps as a person reads them.
    pub(super) fn lines(&self) -> Vec<String> {
        let step = |(at, step): (usize, &Step)| {
            let program = match step.program {
                Program::Worker => "jouleboard-worker",
                Program::EngineTests => "tests of the engine's library",
                Program::GpuTests => "tests/gpu of the engine",
                Program::Python => "python3",
            };
            format!("{}. {}\n   {program} {}", at + 1, step.shows, step.args.join(" "))
        };
        self.steps.iter().enumerate().map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn plan() -> Plan {
        let dtypes = ["bf16", "int8", "int4"].map(str::to_owned);
        Plan::new("2026-11-21", &[1, 8, 32], &dtypes, false)
    }

    #[test]
    fn the_plan_covers_every_shape_dtype_and_batch_with_bandwidth_and_energy() {
        let plan = plan();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for shape in ["llama-3-8b", "mistral-7b", "gemma-2-9b", "qwen3-8b", "tinyllama-1.1b"] {
            let config = format!("backend/engine/shapes/{shape}.json");
            let mut with = plan.steps.iter().filter(|step| step.is_ours && step.args.contains(&config));
            let (step, other) = (with.next().unwrap(), with.next());
            assert!(other.is_none() && step.is_table, "{shape} has a table of its own");
            assert!(root.join(&config).exists(), "{config} is in the checkout");
            let args = step.args.join(" ");
            assert!(args.starts_with("bench --device cuda --random "), "{args}");
            assert!(args.contains("--dtypes bf16,int8,int4 --batch 1,8,32 "), "{args}");
            assert!(
                args.ends_with(&format!("--json backend/engine/bench_results/2026-11-21-gpu/{shape}.json"))
            );
            // The worker reads the bandwidth beside every line and takes every instrument there is.
            assert!(!args.contains("--meters") && step.shows.contains("NVML"), "{args}");
        }
    }

    #[test]
    fn transformers_is_timed_beside_a_table_that_an_earlier_step_wrote() {
        let plan = plan();
        let last = plan.steps.last().unwrap();
        let table = format!("{}/{BESIDE}.json", plan.folder);
        assert!(last.program == Program::Python && last.args.contains(&table), "{last:?}");
        assert!(plan.steps.iter().any(|step| step.is_ours && step.args.last() == Some(&table)));
        let ours = plan.steps.iter().find(|step| step.is_ours).unwrap().args.join(" ");
        let theirs = last.args.join(" ");
        for (own, other) in [("--prompt-tokens 512", "--prompt 512"), ("--output-tokens 128", "--output 128")]
        {
            assert!(ours.contains(own) && theirs.contains(other), "the same lengths: {ours}; {theirs}");
        }
    }

    #[test]
    fn what_must_be_right_comes_before_what_may_be_fast() {
        let plan = plan();
        let first_table = plan.steps.iter().position(|step| step.is_table).unwrap();
        let tests: Vec<Program> = plan.steps[..first_table].iter().map(|step| step.program).collect();
        assert_eq!(tests, [Program::GpuTests, Program::EngineTests]);
        assert!(plan.steps[first_table..].iter().all(|step| step.is_table));
        assert!(plan.lines()[0].contains("on_a_gpu") && plan.lines()[2].contains("tinyllama"));
        assert!(Plan::new("d", &[1], &[], true).steps.iter().all(|step| !step.is_table));
    }
}
