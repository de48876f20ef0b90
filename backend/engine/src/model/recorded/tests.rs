//! Recorded steps against ordinary ones, and the answers of sequences that share a record.

use std::path::Path;

use burn::tensor::DType;
use common::model::Dtype;

use super::*;
use crate::hf::checkpoint::Checkpoint;
use crate::hf::config::HfConfig;
use crate::model::{Loader, Network, Order, Room, Source};
use crate::ops::Memory;

/// Families whose steps can be recorded, each with something of its own.
const FAMILIES: [&str; 15] = [
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
];
const IDS: [u32; 9] = [5, 9, 2, 7, 7, 1, 30, 12, 4];

fn network(family: &str, dtype: Dtype, order: Order) -> (Network, Device) {
    (network_on(&Device::flex(), family, dtype, order), Device::flex())
}

fn network_on(device: &Device, family: &str, dtype: Dtype, order: Order) -> Network {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(family);
    let spec = crate::spec::read(&HfConfig::load(&dir).unwrap()).unwrap();
    let source = Source::Files(Checkpoint::open(&dir).unwrap());
    let mut loader = Loader {
        source: &source,
        renames: &spec.renames,
        dtype,
        order,
        device,
        memory: Memory::default(),
        parameters: 0,
        weight_bytes: 0,
    };
    Network::load(&spec, &mut loader).unwrap()
}

fn decoder(network: &Network) -> Arc<Decoder> {
    let Network::Decoder(decoder) = network else { panic!("not a decoder") };
    Arc::clone(decoder)
}

fn room(capacity: usize) -> Room {
    Room { prompt: 4, capacity }
}

fn assert_near(what: &str, ours: &[f32], theirs: &[f32], bound: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= bound * (1.0 + theirs.abs()), "{what}: {ours} is not {theirs}");
    }
}

/// Feeds the first ids at once and the others one by one; logits after each of the later ones.
fn fed(network: &Network, state: &mut State, first: usize) -> Vec<f32> {
    let mut all = ops::to_vec(network.forward(&mut [Feed { ids: &IDS[..first], state }], Rows::Last));
    for id in &IDS[first..] {
        let feed = Feed { ids: std::slice::from_ref(id), state };
        all.extend(ops::to_vec(network.forward(&mut [feed], Rows::Last)));
    }
    all
}

#[test]
fn a_recorded_step_gives_the_logits_of_the_ordinary_decoder_in_every_family() {
    for family in FAMILIES {
        let (panels, _) = network(family, Dtype::F32, Order::Panels);
        let mut state = panels.states(&[room(16)]).unwrap().pop().unwrap();
        let theirs = fed(&panels, &mut state, 4);
        let (rows, device) = network(family, Dtype::F32, Order::Rows);
        let recordings = Recordings::default();
        let mut states = recordings.states(&decoder(&rows), &[room(16)], DType::F32, &device).unwrap();
        let ours = fed(&rows, &mut states[0], 4);
        assert_near(family, &ours, &theirs, 1e-4);
    }
}

#[test]
fn playing_a_record_equals_the_step_itself_bit_for_bit_and_leaves_no_trace_of_the_answer_before() {
    let how = played_equals_eager(&Device::flex());
    assert_eq!(how, "eager, the device records none of 1 × 128 tokens");
}

#[cfg(feature = "cuda")]
#[test]
#[ignore = "needs an NVIDIA GPU: cargo xtask gpu"]
fn on_a_gpu_playing_a_record_equals_the_step_itself_bit_for_bit() {
    let (device, _) = crate::cuda::open(0).unwrap();
    let how = played_equals_eager(&device);
    assert_eq!(how, "one recorded graph of 1 × 128 tokens");
}

/// Two answers played and one computed step by step are the same; returns how they were played.
fn played_equals_eager(device: &Device) -> String {
    let rows = network_on(device, "llama3", Dtype::Bf16, Order::Rows);
    let decoder = decoder(&rows);
    let recordings = Recordings::default();
    let answers: Vec<Vec<f32>> = (0..2)
        .map(|_| {
            let mut states = recordings.states(&decoder, &[room(16)], DType::F32, device).unwrap();
            fed(&rows, &mut states[0], 4)
        })
        .collect();
    assert_eq!(answers[0], answers[1], "an answer depends on the one before");
    let mut memory = decoder.resident(1, decoder.most_resident(), DType::F32).unwrap();
    let mut eager = ops::to_vec(decoder.feed(&mut memory, 0, 0, &IDS[..4], Rows::Last));
    for (position, id) in (4..).zip(&IDS[4..]) {
        memory.place(&[*id], &[position]);
        eager.extend(ops::to_vec(decoder.step(&mut memory)));
    }
    assert_eq!(answers[0], eager);
    recordings.say().unwrap()
}

#[test]
fn sequences_of_different_lengths_share_a_record_and_one_may_end_before_the_others() {
    let (rows, device) = network("qwen3", Dtype::F32, Order::Rows);
    let (decoder, recordings) = (decoder(&rows), Recordings::default());
    let alone = |first: usize| {
        let own = Recordings::default();
        let mut states = own.states(&decoder, &[room(16)], DType::F32, &device).unwrap();
        let vocab = decoder.vocab();
        fed(&rows, &mut states[0], first)[vocab..3 * vocab].to_vec()
    };
    let mut states = recordings.states(&decoder, &[room(16), room(12)], DType::F32, &device).unwrap();
    let [one, other] = states.as_mut_slice() else { panic!("two states") };
    let _ = rows.forward(
        &mut [Feed { ids: &IDS[..4], state: one }, Feed { ids: &IDS[..6], state: other }],
        Rows::Last,
    );
    let both = rows.forward(
        &mut [Feed { ids: &IDS[4..5], state: one }, Feed { ids: &IDS[6..7], state: other }],
        Rows::Last,
    );
    let both = ops::to_vec(both);
    let last = ops::to_vec(rows.forward(&mut [Feed { ids: &IDS[7..8], state: other }], Rows::Last));
    let vocab = decoder.vocab();
    assert_near("the first", &both[..vocab], &alone(4)[..vocab], 1e-5);
    assert_near("the second", &both[vocab..], &alone(6)[..vocab], 1e-5);
    assert_near("the second alone", &last, &alone(6)[vocab..], 1e-5);
}

#[test]
fn packed_weights_in_rows_run_and_stay_near_those_in_single_precision() {
    let exact = {
        let (panels, _) = network("llama2", Dtype::F32, Order::Panels);
        let mut state = panels.states(&[room(16)]).unwrap().pop().unwrap();
        fed(&panels, &mut state, 4)
    };
    for (dtype, bound) in [(Dtype::Int8, 0.1), (Dtype::F16, 0.01)] {
        let (rows, device) = network("llama2", dtype, Order::Rows);
        let own = Recordings::default();
        let mut states = own.states(&decoder(&rows), &[room(16)], DType::F32, &device).unwrap();
        assert_near(dtype.name(), &fed(&rows, &mut states[0], 4), &exact, bound);
    }
}

#[test]
fn a_recurrent_network_runs_step_by_step_with_weights_in_rows_as_with_panels() {
    let answers = [Order::Panels, Order::Rows].map(|order| {
        let (network, _) = network("rwkv", Dtype::F32, order);
        let mut state = network.states(&[room(16)]).unwrap().pop().unwrap();
        fed(&network, &mut state, 4)
    });
    assert_near("rwkv", &answers[1], &answers[0], 1e-4);
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let (rows, device) = network("llama2", Dtype::F32, Order::Rows);
    let most = decoder(&rows).most_resident();
    let error =
        Recordings::default().states(&decoder(&rows), &[room(most + 1)], DType::F32, &device).err().unwrap();
    assert!(error.to_string().contains("beyond the model's own context"), "{error}");
}
