//! A decode step that is recorded once for a batch and a capacity, and played again for every token: one launch instead of
//! hundreds on a GPU, the same calls again where a device cannot record.
//!
//! Must not: let go of a buffer that the record reads while the record lives; be played by another thread than the one that
//! recorded it, since a GPU orders work by thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use burn::tensor::{DType, Device, Graph, Tensor, capture};

use super::cache::State;
use super::decoder::Decoder;
use super::resident::Resident;
use super::{FOREIGN, Feed, Room, Rows};
#[cfg(feature = "cuda")]
use crate::device::DeviceChoice;
use crate::device::check_memory;
use crate::error::Error;
use crate::footprint;
use crate::numeric::count_u32;
use crate::ops;

type Step = Box<dyn FnMut() -> Tensor<2> + Send>;

/// A recorded step and everything that it reads and writes.
pub(crate) struct Recorded {
    graph: Graph<Tensor<2>, Step>,
    memory: Arc<Mutex<Resident>>,
    decoder: Arc<Decoder>,
    thread: ThreadId,
    /// Whether playing gave the numbers of the step itself.
    is_true: bool,
}

impl Recorded {
    /// Runs the step a few times, which tunes and allocates, and records it. What that left in the memory is overwritten
    /// before anything looks at it: a place is written before it is seen.
    pub(crate) fn record(decoder: Arc<Decoder>, memory: Resident, device: &Device) -> Self {
        let memory = Arc::new(Mutex::new(memory));
        let (own, steps) = (Arc::clone(&memory), Arc::clone(&decoder));
        let step: Step =
            Box::new(move || steps.step(&mut own.lock().unwrap_or_else(PoisonError::into_inner)));
        let graph = capture(device, step);
        let mut recorded =
            Self { graph, memory, decoder, thread: std::thread::current().id(), is_true: true };
        recorded.is_true = recorded.equals_eager();
        recorded
    }

    /// Whether playing gives the very numbers of the step itself, for other ids at other places than it was recorded with. A
    /// buffer that was copied instead of written in place, or a number of the host that was frozen, would show here and
    /// nowhere else.
    fn equals_eager(&mut self) -> bool {
        let decoder = Arc::clone(&self.decoder);
        let (batch, capacity) = self.memory(|memory| (memory.batch, memory.capacity));
        (1..3).all(|round| {
            let ids: Vec<u32> =
                (0..batch).map(|slot| count_u32((7 * slot + round) % decoder.vocab())).collect();
            let positions: Vec<usize> = (0..batch).map(|slot| (slot + round) % capacity).collect();
            self.memory(|memory| memory.place(&ids, &positions));
            let played = ops::to_vec(self.play());
            let own = ops::to_vec(self.memory(|memory| decoder.step(memory)));
            played.len() == own.len() && played.iter().zip(&own).all(|(a, b)| a.to_bits() == b.to_bits())
        })
    }

    /// Whether the device itself plays it.
    pub(crate) fn is_hardware(&self) -> bool {
        self.graph.is_hardware()
    }

    /// Looks into the memory, or puts something there.
    pub(crate) fn memory<T>(&self, body: impl FnOnce(&mut Resident) -> T) -> T {
        body(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_mine(&self) -> bool {
        std::thread::current().id() == self.thread
    }

    /// One token of every slot, as [`Resident::place`] said: its logits.
    pub(crate) fn play(&mut self) -> Tensor<2> {
        assert!(self.is_mine(), "a recorded step is played by the thread that recorded it");
        if !self.is_true {
            return self.memory(|memory| self.decoder.step(memory));
        }
        // SAFETY: every buffer that the record touches is owned by the closure (weights), by `memory` (replaced in place
        // only) or by the record itself (logits), which all live as long as `self`; `&mut self` and the check above leave
        // one thread, and with it one stream, that plays, refreshes and reads.
        #[expect(unsafe_code, reason = "burn's recorded steps know nothing of who owns their buffers")]
        let logits = unsafe { self.graph.replay() };
        logits.clone()
    }
}

/// One sequence's place in a recorded batch.
pub(crate) struct Slot {
    run: Arc<Mutex<Recorded>>,
    slot: usize,
    pub(crate) length: usize,
}

/// The records of one decoder, one for a batch and a capacity.
#[derive(Default)]
pub(crate) struct Recordings {
    all: Mutex<Vec<Arc<Mutex<Recorded>>>>,
    /// The GPU whose memory they take; without one they lie in the machine's own.
    #[cfg(feature = "cuda")]
    gpu: Option<usize>,
}

impl Recordings {
    /// None yet, on this device.
    #[cfg(feature = "cuda")]
    pub(crate) fn on(choice: DeviceChoice) -> Self {
        let gpu = match choice {
            DeviceChoice::Cuda(number) => Some(number),
            DeviceChoice::Cpu => None,
        };
        Self { gpu, ..Self::default() }
    }

    /// Refuses what would not fit.
    #[cfg_attr(
        not(feature = "cuda"),
        expect(clippy::unused_self, reason = "only a GPU has memory of its own")
    )]
    fn check(&self, what: &str, bytes: u64, device: &Device) -> Result<(), Error> {
        #[cfg(feature = "cuda")]
        if let Some(gpu) = self.gpu {
            return crate::cuda::check_memory(what, bytes, gpu, device);
        }
        let _ = device;
        check_memory(what, bytes)
    }

    /// A place for each of these texts, all in one record, which is made where there is none.
    pub(crate) fn states(
        &self,
        decoder: &Arc<Decoder>,
        rooms: &[Room],
        dtype: DType,
        device: &Device,
    ) -> Result<Vec<State>, Error> {
        let most = rooms.iter().map(|room| room.capacity).max().unwrap_or(0);
        let capacity = footprint::capacity(most, decoder.most_resident());
        let mut all = lock(&self.all);
        all.retain(|run| lock(run).is_mine());
        let serves = |run: &Arc<Mutex<Recorded>>| {
            lock(run).memory(|memory| (memory.batch, memory.capacity) == (rooms.len(), capacity))
        };
        let run = match all.iter().find(|run| serves(run)) {
            Some(run) => Arc::clone(run),
            None => {
                // Two caches at once may not fit.
                all.clear();
                let tokens = rooms.len().saturating_mul(capacity);
                let bytes = decoder.resident_bytes(tokens, dtype);
                self.check(&format!("a cache for {tokens} tokens"), bytes, device)?;
                let memory = decoder.resident(rooms.len(), capacity, dtype)?;
                let run = Arc::new(Mutex::new(Recorded::record(Arc::clone(decoder), memory, device)));
                all.push(Arc::clone(&run));
                run
            }
        };
        let state = |slot| State::Slot(Slot { run: Arc::clone(&run), slot, length: 0 });
        Ok((0..rooms.len()).map(state).collect())
    }

    /// How steps are computed, for the record of a measurement; `None` before the first.
    pub(crate) fn say(&self) -> Option<String> {
        let all = lock(&self.all);
        let run = lock(all.last()?);
        let (batch, capacity) = run.memory(|memory| (memory.batch, memory.capacity));
        let how = match (run.is_true, run.is_hardware()) {
            (false, _) => "eager, what was recorded gave other numbers,",
            (true, true) => "one recorded graph",
            (true, false) => "eager, the device records none",
        };
        Some(format!("{how} of {batch} × {capacity} tokens"))
    }
}

/// Feeds tokens to slots of one record.
pub(crate) fn forward(decoder: &Decoder, feeds: &mut [Feed<'_>], rows: Rows) -> Tensor<2> {
    let mut slots: Vec<(&[u32], &mut Slot)> = feeds
        .iter_mut()
        .map(|feed| match &mut *feed.state {
            State::Slot(slot) => (feed.ids, slot),
            _ => unreachable!("{FOREIGN}"),
        })
        .collect();
    let Some(run) = slots.first().map(|(_, slot)| Arc::clone(&slot.run)) else { unreachable!("{FOREIGN}") };
    let mut run = lock(&run);
    let is_step = rows == Rows::Last && slots.iter().all(|(ids, slot)| ids.len() == 1 && slot.length > 0);
    let logits = if is_step {
        let (batch, capacity) = run.memory(|memory| (memory.batch, memory.capacity));
        let (mut ids, mut positions) = (vec![0; batch], vec![capacity; batch]);
        for (fed, slot) in &slots {
            ids[slot.slot] = fed[0];
            positions[slot.slot] = slot.length;
        }
        run.memory(|memory| memory.place(&ids, &positions));
        let logits = run.play();
        let [_, vocab] = logits.dims();
        if slots.len() == batch {
            logits
        } else {
            let of =
                |(_, slot): &(&[u32], &mut Slot)| logits.clone().slice([slot.slot..slot.slot + 1, 0..vocab]);
            Tensor::cat(slots.iter().map(of).collect(), 0)
        }
    } else {
        let fed = slots
            .iter()
            .map(|(ids, slot)| run.memory(|memory| decoder.feed(memory, slot.slot, slot.length, ids, rows)));
        Tensor::cat(fed.collect(), 0)
    };
    for (ids, slot) in &mut slots {
        slot.length += ids.len();
    }
    logits
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use common::model::Dtype;

    use super::*;
    use crate::hf::checkpoint::Checkpoint;
    use crate::hf::config::HfConfig;
    use crate::model::{Loader, Network, Order, Source};
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
        let error = Recordings::default()
            .states(&decoder(&rows), &[room(most + 1)], DType::F32, &device)
            .err()
            .unwrap();
        assert!(error.to_string().contains("beyond the model's own context"), "{error}");
    }
}
