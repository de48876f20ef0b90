//! `cargo xtask gpu`: everything that only a machine with an NVIDIA GPU can show. Parity with the reference, recorded steps
//! against eager ones, and the speed and energy of full-size shapes, written down with date, hardware and versions.
//!
//! Nothing of it has run on a GPU yet; the first machine that has one makes the first file. Must not: write a file where
//! something did not run; take the CPU instead.

use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::place::Place;
use crate::release::MACHINE;
use crate::{program, say};

/// Configurations in the engine's folder of shapes.
const SHAPES: [&str; 5] = ["llama-3-8b", "mistral-7b", "gemma-2-9b", "qwen3-8b", "tinyllama-1.1b"];
/// Beside the rest of the target folder, because with CUDA everything below burn is another build.
const FEATURES: [&str; 2] = ["--features", "worker/cuda"];
/// How the worker begins the line of a machine that has everything.
const READY: &str = "cuda: driver, NVRTC and headers are here";

/// What is timed.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Prompts at once
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    batch: Vec<u32>,
    /// Number formats
    #[arg(long, value_delimiter = ',', default_values_t = ["bf16".to_owned(), "int8".to_owned(), "int4".to_owned()])]
    dtypes: Vec<String>,
    /// Tests only
    #[arg(long)]
    no_bench: bool,
}

/// Runs the tests that need a GPU, then the table.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let cargo = |first: &[&str]| {
        let mut command = program::cargo(place, first);
        command.args(MACHINE).args(FEATURES);
        command
    };
    program::run(cargo(&["build"]).args(["--bin", "jouleboard-worker"]))?;
    let worker = place.program("jouleboard-worker");
    let devices = program::output(Command::new(&worker).arg("devices"))?;
    ready(&devices)?;
    program::run(cargo(&["test"]).args(["--lib", "--test", "gpu", "--", "--ignored", "on_a_gpu"]))?;
    if options.no_bench {
        return Ok(());
    }
    let folder = place.root.join("backend/engine/bench_results");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let date = program::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let file = folder.join(format!("gpu-{}.json", date.trim()));
    let shapes = SHAPES.map(|shape| format!("backend/engine/shapes/{shape}.json")).join(",");
    let batch: Vec<String> = options.batch.iter().map(u32::to_string).collect();
    let mut bench = Command::new(&worker);
    bench.current_dir(&place.root).args(["bench", "--device", "cuda", "--random", &shapes]);
    bench.args(["--dtypes", &options.dtypes.join(","), "--batch", &batch.join(",")]);
    bench.args(["--prompt-tokens", "512", "--output-tokens", "128", "--json"]).arg(&file);
    program::run(&mut bench)?;
    say::line(format!("gpu: {} is written; commit it", file.display()));
    Ok(())
}

/// Refuses a machine that lacks something, with the worker's own sentence.
fn ready(devices: &str) -> Result<()> {
    let line = devices.lines().find(|line| line.starts_with("cuda: "));
    let line = line.context("the worker says nothing about CUDA: it is of another version")?;
    ensure!(!line.contains("build with"), "the worker was built without CUDA");
    if !line.starts_with(READY) {
        bail!("nothing was run: {}", line.trim_start_matches("cuda: "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_gpu_is_refused_with_what_it_lacks() {
        let devices = "cpu: 2 logical cores\ncuda: no NVIDIA GPU can be used: the driver is missing\n";
        let error = ready(devices).unwrap_err().to_string();
        assert_eq!(error, "nothing was run: no NVIDIA GPU can be used: the driver is missing");
        assert!(ready("cpu: 2\n").is_err());
        assert!(ready("cuda: driver, NVRTC and headers are here (/usr/lib/libnvrtc.so.12)\n").is_ok());
    }
}
