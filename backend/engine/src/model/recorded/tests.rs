//! Recorded steps against ordinary ones, and the answers of sequences that share a record.

use std::path::{Path, PathBuf};

use burn::tensor::DType;
use common::model::Dtype;

use super::*;
use crate::fixtures::folders;
use crate::hf::checkpoint::Checkpoint;
use crate::hf::config::HfConfig;
use crate::model::{Loader, Network, Order, Room, Source};
use crate::ops::Memory;
use crate::reference::{self, Reference};

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

/// Feeds the first ids at once and the others one by one; logits after the last of the first and each of the others.
fn fed(network: &Network, state: &mut State, ids: &[u32], first: usize) -> Vec<f32> {
    let mut all = ops::to_vec(network.forward(&mut [Feed { ids: &ids[..first], state }], Rows::Last));
    for id in &ids[first..] {
        let feed = Feed { ids: std::slice::from_ref(id), state };
        all.extend(ops::to_vec(network.forward(&mut [feed], Rows::Last)));
    }
    all
}

/// Every fixture whose steps can be recorded.
fn families() -> impl Iterator<Item = (PathBuf, String)> {
    let named = folders().into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        (folder, name)
    });
    named.filter(|(_, name)| name != "rwkv")
}

#[test]
fn a_recorded_step_gives_the_logits_of_the_ordinary_decoder_and_of_the_reference_in_every_family() {
    for (folder, family) in families() {
        let Reference { ids, logits } = reference::of(&folder);
        let (rows, device) = network(&family, Dtype::F32, Order::Rows);
        let decoder = decoder(&rows);
        // A text beyond which positions turn otherwise is beyond from the start.
        let first =
            decoder.changes_beyond().filter(|&length| length < ids.len()).map_or(4, |length| length + 1);
        let room = Room { prompt: first, capacity: ids.len() };
        let (panels, _) = network(&family, Dtype::F32, Order::Panels);
        let mut state = panels.states(&[room]).unwrap().pop().unwrap();
        let ordinary = fed(&panels, &mut state, &ids, first);
        let recordings = Recordings::default();
        let mut states = recordings.states(&decoder, &[room], DType::F32, &device).unwrap();
        let ours = fed(&rows, &mut states[0], &ids, first);
        assert_near(&format!("{family}, ordinary"), &ours, &ordinary, 1e-4);
        assert_near(&format!("{family}, reference"), &ours, &logits[first - 1..].concat(), 1e-3);
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
            fed(&rows, &mut states[0], &IDS, 4)
        })
        .collect();
    assert_eq!(answers[0], answers[1], "an answer depends on the one before");
    let mut memory = decoder.resident(decoder.shape(&[room(16)]).unwrap(), DType::F32).unwrap();
    let part = Part { slot: 0, past: 0, ids: &IDS[..4] };
    let mut eager = ops::to_vec(decoder.feed(&mut memory, &[part], Rows::Last));
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
        fed(&rows, &mut states[0], &IDS, first)[vocab..3 * vocab].to_vec()
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
        fed(&panels, &mut state, &IDS, 4)
    };
    for (dtype, bound) in [(Dtype::Int8, 0.1), (Dtype::F16, 0.01)] {
        let (rows, device) = network("llama2", dtype, Order::Rows);
        let own = Recordings::default();
        let mut states = own.states(&decoder(&rows), &[room(16)], DType::F32, &device).unwrap();
        assert_near(dtype.name(), &fed(&rows, &mut states[0], &IDS, 4), &exact, bound);
    }
}

#[test]
fn a_recurrent_network_runs_step_by_step_with_weights_in_rows_as_with_panels() {
    let answers = [Order::Panels, Order::Rows].map(|order| {
        let (network, _) = network("rwkv", Dtype::F32, order);
        let mut state = network.states(&[room(16)]).unwrap().pop().unwrap();
        fed(&network, &mut state, &IDS, 4)
    });
    assert_near("rwkv", &answers[1], &answers[0], 1e-4);
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let refused = |family: &str, rooms: &[Room]| {
        let (rows, device) = network(family, Dtype::F32, Order::Rows);
        let states = Recordings::default().states(&decoder(&rows), rooms, DType::F32, &device);
        states.err().unwrap().to_string()
    };
    let error = refused("llama2", &[room(129)]);
    assert!(error.contains("beyond the model's own context of 128"), "{error}");
    // Made for 16 tokens: a text may stay within them or be beyond from the start.
    let beyond = Room { prompt: 17, capacity: 21 };
    for rooms in [&[room(21)][..], &[room(8), beyond]] {
        let error = refused("phi3_long", rooms);
        assert!(error.contains("grows beyond 16 tokens") && error.contains("the device cpu"), "{error}");
    }
}

#[test]
fn a_step_reads_the_cache_in_its_own_format_and_no_further_than_a_window() {
    let bytes = |family: &str, length: usize, format: DType| {
        decoder(&network(family, Dtype::F32, Order::Rows).0).step_bytes(3, length, format)
    };
    let more = |family: &str, format: DType| bytes(family, 24, format) - bytes(family, 4, format);
    // Three sequences, keys and values of two layers with two heads of twelve numbers, for twenty positions more.
    let numbers = 3 * 2 * 2 * 2 * 12;
    assert_eq!(more("qwen2", DType::F32), 4 * numbers * 20);
    assert_eq!(more("qwen2", DType::BF16), 2 * numbers * 20);
    // Both layers see eight positions at most.
    assert_eq!(more("mistral", DType::BF16), 2 * numbers * 4);
}
