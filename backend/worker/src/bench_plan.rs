//! What `bench` would take of a GPU's memory, line by line, before one is at hand.
//!
//! Weights and the cache of keys and values, from the shape alone; products in flight and what CUDA itself keeps come on top.
//! Must not: load weights or fetch anything.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use common::model::Dtype;
use engine::Footprint;
use engine::bench::Plan;

use crate::model_args::BenchArgs;
use crate::source::{ModelPlace, Source};

/// Prints the table.
pub(crate) fn tell(args: &BenchArgs) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| model | dtype | prompt + output | batch | weights GB | cache GB | together GB | fits |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for place in args.places() {
        for dtype in args.dtypes(place.dtype) {
            for plan in args.plans() {
                writeln!(out, "{}", line(&place, dtype, &plan, args.memory_gib)?)?;
            }
        }
    }
    Ok(())
}

fn line(
    place: &ModelPlace,
    dtype: Option<Dtype>,
    plan: &Plan,
    memory_gib: Option<u64>,
) -> anyhow::Result<String> {
    let config = config(place);
    let shown = config.display();
    anyhow::ensure!(config.exists(), "{shown} is not here; a plan needs the configuration");
    let tokens = plan.prompt_tokens.saturating_add(plan.output_tokens);
    let found = Footprint::of(&config, dtype, plan.batch, tokens).with_context(|| format!("in {shown}"))?;
    let fits = match memory_gib.map(|gib| gib << 30) {
        None => "not asked",
        Some(memory) if found.bytes() <= memory => "yes",
        Some(_) => "no, does not fit",
    };
    let name = config.file_stem().unwrap_or_default().to_string_lossy();
    let dtype = dtype.map_or("its own", Dtype::name);
    let Plan { prompt_tokens, output_tokens, batch } = plan;
    Ok(format!(
        "| {name} | {dtype} | {prompt_tokens} + {output_tokens} | {batch} | {} | {} | {} | {fits} |",
        gigabytes(found.weight_bytes),
        gigabytes(found.cache_bytes),
        gigabytes(found.bytes())
    ))
}

/// The configuration of a model that lies here.
fn config(place: &ModelPlace) -> PathBuf {
    match &place.source {
        Source::Random { config, .. } => config.clone(),
        Source::Named(name) => Path::new(name).join("config.json"),
    }
}

/// Gigabytes with a digit behind the point.
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000_000) / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shape: &str, dtype: Dtype, batch: u32, memory_gib: u64) -> String {
        let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/shapes");
        let config = shapes.join(format!("{shape}.json"));
        let place = ModelPlace { source: Source::Random { config, seed: 1 }, dtype: None };
        let plan = Plan { prompt_tokens: 512, output_tokens: 128, batch };
        line(&place, Some(dtype), &plan, Some(memory_gib)).unwrap()
    }

    #[test]
    fn every_shape_of_the_gpu_table_fits_into_an_h200_at_the_largest_batch() {
        for shape in ["llama-3-8b", "mistral-7b", "gemma-2-9b", "qwen3-8b", "tinyllama-1.1b"] {
            for dtype in [Dtype::Bf16, Dtype::Int8, Dtype::Int4] {
                let line = of(shape, dtype, 32, 139);
                assert!(line.ends_with("| yes |"), "{line}");
            }
        }
    }

    #[test]
    fn a_smaller_card_is_told_what_does_not_fit_by_name() {
        let line = of("llama-3-8b", Dtype::Bf16, 32, 16);
        assert_eq!(line, "| llama-3-8b | bf16 | 512 + 128 | 32 | 16.1 | 4.3 | 20.4 | no, does not fit |");
        assert!(of("llama-3-8b", Dtype::Int4, 1, 8).ends_with("| yes |"));
    }

    #[test]
    fn a_model_that_is_not_here_is_named() {
        let place = ModelPlace { source: Source::Named("org/far-away".to_owned()), dtype: None };
        let plan = Plan { prompt_tokens: 1, output_tokens: 2, batch: 1 };
        let error = line(&place, None, &plan, None).unwrap_err().to_string();
        assert!(error.contains("org/far-away/config.json is not here"), "{error}");
    }
}
