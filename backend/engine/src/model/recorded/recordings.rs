//! The records of one decoder: made when first asked for, used again where they serve.
//!
//! Must not: hold two caches that may not fit together.

use std::sync::{Arc, Mutex};

use burn::tensor::{DType, Device};

use super::{Recorded, Slot, lock};
#[cfg(feature = "cuda")]
use crate::device::DeviceChoice;
use crate::device::check_memory;
use crate::error::Error;
use crate::model::Room;
use crate::model::cache::State;
use crate::model::decoder::Decoder;
use crate::model::resident::Shape;

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
        let shape = decoder.shape(rooms)?;
        let mut all = lock(&self.all);
        all.retain(|run| lock(run).is_mine());
        let serves = |run: &Arc<Mutex<Recorded>>| lock(run).memory(|memory| memory.shape == shape);
        let run = match all.iter().find(|run| serves(run)) {
            Some(run) => Arc::clone(run),
            None => {
                // Two caches at once may not fit.
                all.clear();
                let tokens = shape.batch.saturating_mul(shape.capacity);
                let bytes = decoder.cache_bytes(tokens, dtype);
                self.check(&format!("a cache for {tokens} tokens"), bytes, device)?;
                let memory = decoder.resident(shape, dtype)?;
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
        let Shape { batch, capacity, .. } = run.memory(|memory| memory.shape);
        let how = match (run.is_true, run.is_hardware()) {
            (false, _) => "eager, what was recorded gave other numbers,",
            (true, true) => "one recorded graph",
            (true, false) => "eager, the device records none",
        };
        Some(format!("{how} of {batch} × {capacity} tokens"))
    }
}
