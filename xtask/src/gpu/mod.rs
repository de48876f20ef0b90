//! `cargo xtask gpu`: everything that only a machine with an NVIDIA GPU can show. Parity with the CPU, recorded steps
//! against eager ones, and the speed and energy of full-size shapes, written down with date, hardware and versions.
//!
//! `--plan` says what would be done and does none of it; `--pack` makes a folder that does it on a machine without cargo.
//! Must not: write a file where something did not run; take the CPU instead.

mod built;
mod pack;
mod plan;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::place::Place;
use crate::{program, release, say};
use built::Built;
use plan::Plan;

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
    /// Say the steps, their commands, files and memory, and run none
    #[arg(long, conflicts_with = "pack")]
    plan: bool,
    /// With --plan, memory of the GPU in GiB
    #[arg(long, default_value = "139", value_name = "GIB")]
    memory_gib: u64,
    /// Make this folder, which does all of it on a machine that has a GPU and no cargo: `sh FOLDER/run.sh`
    #[arg(long, value_name = "FOLDER")]
    pack: Option<PathBuf>,
}

/// Runs the tests that need a GPU, then the tables, each shape by itself so that one that fails takes no other along.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let date = program::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let plan = Plan::new(date.trim(), &options.batch, &options.dtypes, options.no_bench);
    if options.plan {
        return tell(place, &plan, options.memory_gib);
    }
    let built = Built::make(place)?;
    if let Some(folder) = &options.pack {
        return pack::make(place, &plan, &built, folder);
    }
    let devices = program::output(Command::new(&built.worker).arg("devices"))?;
    ready(&devices)?;
    let folder = place.root.join(&plan.folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut failed = Vec::new();
    for step in &plan.steps {
        say::step(&step.shows);
        let outcome =
            program::run(Command::new(built.program(step.program)).current_dir(&place.root).args(&step.args));
        if let Err(error) = outcome {
            // Speed of what computes wrongly is worth nothing.
            ensure!(step.is_table, "{}: {error:#}", step.shows);
            say::complain(format!("{}: {error:#}", step.shows));
            failed.push(step.shows.as_str());
        }
    }
    ensure!(
        failed.is_empty(),
        "{} of {} steps failed: {}",
        failed.len(),
        plan.steps.len(),
        failed.join("; ")
    );
    if !options.no_bench {
        say::line(format!("gpu: {} is written; commit it", folder.display()));
    }
    Ok(())
}

/// Says the plan, with the memory of every line. The ordinary worker knows shapes as well as one with CUDA.
fn tell(place: &Place, plan: &Plan, memory_gib: u64) -> Result<()> {
    for line in plan.lines() {
        say::line(line);
    }
    release::build_worker(place)?;
    for step in plan.steps.iter().filter(|step| step.is_ours) {
        let mut worker = Command::new(place.program("jouleboard-worker"));
        worker.current_dir(&place.root).args(&step.args).arg("--dry-run");
        program::run(worker.args(["--memory-gib", &memory_gib.to_string()]))?;
    }
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
