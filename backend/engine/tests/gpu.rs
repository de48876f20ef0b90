//! The engine on an NVIDIA GPU. `cargo xtask gpu` runs these; none has run yet.
#![cfg(feature = "cuda")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixtures;
#[path = "fixtures/reference.rs"]
mod reference;

use std::path::{Path, PathBuf};

use common::model::Dtype;
use engine::{DeviceChoice, Engine, LoadOptions};
use reference::Reference;

fn engine(folder: &Path, dtype: Dtype, device: DeviceChoice) -> Engine {
    let options = LoadOptions { dtype: Some(dtype), device, ..LoadOptions::default() };
    Engine::load_for_ids(folder, &options).unwrap()
}

#[test]
#[ignore = "needs an NVIDIA GPU: cargo xtask gpu"]
fn on_a_gpu_every_family_agrees_with_the_reference_and_the_cpu() {
    for folder in fixtures::folders() {
        let Reference { ids, logits } = reference::of(&folder);
        let cpu = engine(&folder, Dtype::F32, DeviceChoice::Cpu).logits(&ids).unwrap();
        let gpu = engine(&folder, Dtype::F32, DeviceChoice::Cuda(0)).logits(&ids).unwrap();
        for theirs in [cpu, logits] {
            for (ours, theirs) in gpu.concat().iter().zip(theirs.concat()) {
                // Products of many rows may round to ten bits on tensor cores.
                let is_near = (ours - theirs).abs() <= 5e-3 + 1e-2 * theirs.abs();
                assert!(is_near, "{}: {ours} is not {theirs}", folder.display());
            }
        }
    }
}

#[test]
#[ignore = "needs an NVIDIA GPU: cargo xtask gpu"]
fn on_a_gpu_decoding_agrees_with_prefill_in_every_dtype_and_batch() {
    // The second with a window that the text outgrows.
    let named = |folder: &PathBuf| folder.ends_with("llama3") || folder.ends_with("mistral");
    for folder in fixtures::folders().into_iter().filter(named) {
        let ids = reference::of(&folder).ids;
        for dtype in Dtype::ALL {
            let what = format!("{} in {dtype}", folder.display());
            let mut engine = engine(&folder, dtype, DeviceChoice::Cuda(0));
            let alone = engine.generate_ids(&[&ids], 12).unwrap();
            let batch = engine.generate_ids(&[&ids[..4], &ids, &ids], 12).unwrap();
            assert_eq!(batch[1].output_ids, alone[0].output_ids, "{what}");
            assert_eq!(batch[2].output_ids, alone[0].output_ids, "{what}");
            let how = engine.computing().decode.unwrap();
            assert!(how.starts_with("one recorded graph of 3 ×"), "{how}");
        }
    }
}
