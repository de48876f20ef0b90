//! The engine on an NVIDIA GPU. `cargo xtask gpu` runs these; none has run yet.
#![cfg(feature = "cuda")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use common::model::Dtype;
use engine::{DeviceChoice, Engine, LoadOptions};

fn engine(family: &str, dtype: Dtype, device: DeviceChoice) -> Engine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(family);
    let options = LoadOptions { dtype: Some(dtype), device, ..LoadOptions::default() };
    Engine::load_for_ids(&folder, &options).unwrap()
}

/// Families that run on a GPU.
const FAMILIES: [&str; 16] = [
    "llama2",
    "llama3",
    "llama_tied",
    "mistral",
    "gemma",
    "gemma2",
    "gemma3",
    "qwen2",
    "qwen3",
    "stablelm2",
    "phi",
    "gpt2",
    "falcon",
    "bloom",
    "mixtral",
    "rwkv",
];
const IDS: [u32; 7] = [3, 14, 15, 9, 2, 6, 5];

#[test]
#[ignore = "needs an NVIDIA GPU: cargo xtask gpu"]
fn on_a_gpu_every_family_agrees_with_the_cpu() {
    for family in FAMILIES {
        let cpu = engine(family, Dtype::F32, DeviceChoice::Cpu).logits(&IDS).unwrap();
        let gpu = engine(family, Dtype::F32, DeviceChoice::Cuda(0)).logits(&IDS).unwrap();
        for (ours, theirs) in gpu.concat().iter().zip(cpu.concat()) {
            // Products of many rows may round to ten bits on tensor cores.
            assert!((ours - theirs).abs() <= 5e-3 + 1e-2 * theirs.abs(), "{family}: {ours} is not {theirs}");
        }
    }
}

#[test]
#[ignore = "needs an NVIDIA GPU: cargo xtask gpu"]
fn on_a_gpu_decoding_agrees_with_prefill_in_every_dtype_and_batch() {
    for dtype in Dtype::ALL {
        let mut engine = engine("llama3", dtype, DeviceChoice::Cuda(0));
        let alone = engine.generate_ids(&[&IDS], 12).unwrap();
        let batch = engine.generate_ids(&[&IDS[..4], &IDS, &IDS], 12).unwrap();
        assert_eq!(batch[1].output_ids, alone[0].output_ids, "{dtype}");
        assert_eq!(batch[2].output_ids, alone[0].output_ids, "{dtype}");
        let how = engine.computing().decode.unwrap();
        assert!(how.starts_with("one recorded graph of 3 ×"), "{how}");
    }
}
