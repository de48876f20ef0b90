//! A decode step that is recorded once for a batch and a capacity, and played again for every token: one launch instead of
//! hundreds on a GPU, the same calls again where a device cannot record.
//!
//! Must not: let go of a buffer that the record reads while the record lives; be played by another thread than the one that
//! recorded it, since a GPU orders work by thread.

mod recordings;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use burn::tensor::{Device, Graph, Tensor, capture};

use super::cache::State;
use super::decoder::Decoder;
use super::resident::{Part, Resident, Shape};
use super::{FOREIGN, Feed, Rows};
use crate::numeric::count_u32;
use crate::ops;

pub(crate) use recordings::Recordings;

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
        let Shape { batch, capacity, .. } = self.memory(|memory| memory.shape);
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
        let Shape { batch, capacity, .. } = run.memory(|memory| memory.shape);
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
        let parts: Vec<Part<'_>> =
            slots.iter().map(|&(ids, ref slot)| Part { slot: slot.slot, past: slot.length, ids }).collect();
        run.memory(|memory| decoder.feed(memory, &parts, rows))
    };
    for (ids, slot) in &mut slots {
        slot.length += ids.len();
    }
    logits
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
