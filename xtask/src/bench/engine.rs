//! How fast the engine is on this processor at the shapes of published models, beside the bandwidth that its memory has in
//! the same run and, where there is a Python that knows it, beside llama.cpp in turns.
//!
//! Weights are random, which changes no speed; the worker's `bench` times. Must not: compute a figure; take a figure of
//! another run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use super::stand::Made;
use crate::place::Place;
use crate::release::MACHINE;
use crate::tables::{self, Tables};
use crate::{program, release, say};

/// Least share of the bandwidth that decoding reads.
const LEAST_SHARE: f64 = 0.85;
/// What llama.cpp has formats for.
const BESIDE: [&str; 4] = ["f32", "f16", "int8", "int4"];

/// What is timed.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Shapes, from the engine's folder of shapes
    #[arg(long, value_delimiter = ',', default_values_t = ["smollm2-135m", "tinyllama-1.1b"].map(str::to_owned))]
    shapes: Vec<String>,
    /// Number formats
    #[arg(long, value_delimiter = ',', default_values_t = ["f32", "f16", "bf16", "int8", "int4"].map(str::to_owned))]
    dtypes: Vec<String>,
    /// Write the tables, dated, into the engine's bench_results instead of the target folder, to be committed
    #[arg(long)]
    keep: bool,
    /// Also time llama.cpp in turns, with this Python, which knows llama-cpp-python, gguf and numpy
    #[arg(long, value_name = "PYTHON")]
    beside: Option<PathBuf>,
}

/// Builds the worker, times each shape, and says which lines reach the limit.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    release::build_worker(place)?;
    let made = Made::here(place)?;
    let folder = if options.keep {
        place.root.join(tables::folder(&made.date, "cpu"))
    } else {
        place.target.join("bench/engine")
    };
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let asked =
        Tables { device: "cpu", dtypes: &options.dtypes, batch: &[1], prompt_tokens: 128, output_tokens: 64 };
    let mut verdicts = Vec::new();
    for shape in &options.shapes {
        let file = folder.join(format!("{shape}.json"));
        let words = asked.ours(shape, &file.to_string_lossy());
        say::step(shape);
        let mut worker = Command::new(place.program("jouleboard-worker"));
        program::run(worker.current_dir(&place.root).args(words))?;
        let table: Value = serde_json::from_slice(&fs::read(&file)?)
            .with_context(|| format!("{} is no JSON", file.display()))?;
        let rows = table["rows"].as_array().with_context(|| format!("{} has no rows", file.display()))?;
        verdicts.extend(rows.iter().map(verdict).collect::<Result<Vec<String>>>()?);
    }
    if let Some(python) = &options.beside {
        beside(place, options, &asked, python)?;
    }
    say::line("");
    say::line(format!("{}, commit {}, {}, random weights", made.date, made.commit, made.hardware));
    verdicts.into_iter().for_each(say::line);
    say::line(format!("bench: written to {}", folder.display()));
    Ok(())
}

/// Ours and llama.cpp by turns: its own table, ratios round by round.
fn beside(place: &Place, options: &Options, asked: &Tables<'_>, python: &Path) -> Result<()> {
    program::run(program::cargo(place, ["build", "--example", "speed"]).args(MACHINE))?;
    let speed = place.target.join("release/examples/speed");
    let dtypes: Vec<&str> =
        BESIDE.into_iter().filter(|dtype| options.dtypes.iter().any(|asked| asked == dtype)).collect();
    for shape in &options.shapes {
        let words = asked.beside("llama.cpp", &speed.to_string_lossy(), shape, &dtypes.join(","));
        say::step(format!("{shape} beside llama.cpp"));
        program::run(Command::new(python).current_dir(&place.root).args(words))?;
    }
    Ok(())
}

/// A line of the table against the limit.
fn verdict(row: &Value) -> Result<String> {
    let number = |key: &str| row[key].as_f64().with_context(|| format!("a line without {key:?}: {row}"));
    let share = number("share")?;
    Ok(format!(
        "  {} {}: prefill {:.1} and decode {:.1} tokens/s; decode reads {:.1} of {:.1} GB/s, {:.0} % of the bandwidth, at \
         least {:.0} %: {}",
        row["model"].as_str().unwrap_or("-"),
        row["dtype"].as_str().unwrap_or("-"),
        number("prefill_tokens_per_s")?,
        number("decode_tokens_per_s")?,
        number("decode_gb_per_s")?,
        number("bandwidth_gb_per_s")?,
        100.0 * share,
        100.0 * LEAST_SHARE,
        if share >= LEAST_SHARE { "holds" } else { "MISSED" },
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_stands_beside_its_limit_and_is_refused_where_a_figure_is_missing() {
        let mut row = json!({ "model": "tinyllama-1.1b", "dtype": "int8", "prefill_tokens_per_s": 80.25,
            "decode_tokens_per_s": 14.0, "decode_gb_per_s": 17.0, "bandwidth_gb_per_s": 20.0, "share": 0.85 });
        assert_eq!(
            verdict(&row).unwrap(),
            "  tinyllama-1.1b int8: prefill 80.2 and decode 14.0 tokens/s; decode reads 17.0 of 20.0 GB/s, 85 % of the \
             bandwidth, at least 85 %: holds"
        );
        row["share"] = json!(0.849);
        assert!(verdict(&row).unwrap().ends_with("MISSED"));
        row["share"] = Value::Null;
        assert!(verdict(&row).unwrap_err().to_string().contains("share"));
    }
}
