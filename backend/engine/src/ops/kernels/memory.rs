//! Memory for weights and caches, in large pages where the system gives them: a decode step walks through all of it, and
//! with small pages a good part of its time goes into finding them.
//!
//! A model has hundreds of matrices, most of them smaller than a large page, so they share chunks.
//!
//! Must not: give a number to two owners; give a chunk back before the last of its parts.
#![expect(unsafe_code, reason = "parts of one chunk belong to different owners, which slices cannot say")]

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use memmap2::MmapMut;

use super::panels::{Halves, Quads, Singles};

/// Bytes of a chunk where nothing else is said; what is larger gets a chunk of its own.
const CHUNK: usize = 1 << 25;
/// Where parts begin.
const ALIGNED: usize = 64;

/// Numbers of which any bits, zeros too, are one.
///
/// # Safety
/// Only for types without padding that hold plain numbers, aligned to 64 bytes at most.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: a number.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for f32 {}
// SAFETY: arrays of numbers, aligned to their own size or a part of it.
unsafe impl Plain for Singles {}
// SAFETY: as above.
unsafe impl Plain for Halves {}
// SAFETY: as above.
unsafe impl Plain for Quads {}

/// Gives out memory.
#[derive(Debug)]
pub(crate) struct Memory {
    newest: Option<Arc<Chunk>>,
    used: usize,
    /// Bytes of a chunk.
    chunk: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self::of(CHUNK)
    }
}

#[derive(Debug)]
struct Chunk {
    start: *mut u8,
    bytes: usize,
    /// Where the numbers lie; only `start` leads there.
    _owner: Owner,
}

#[derive(Debug)]
enum Owner {
    Pages {
        _mapped: MmapMut,
    },
    /// Where there is no mapping.
    Heap {
        _lines: Vec<Line>,
    },
}

#[repr(C, align(64))]
#[derive(Debug, Clone, Copy)]
struct Line([u8; ALIGNED]);

// SAFETY: a chunk itself is never read or written; its parts are, by one owner each.
unsafe impl Send for Chunk {}
// SAFETY: as above.
unsafe impl Sync for Chunk {}

impl Chunk {
    fn new(bytes: usize) -> Self {
        if let Ok(mut mapped) = MmapMut::map_anon(bytes) {
            // A wish; with small pages all is the same but slower.
            #[cfg(target_os = "linux")]
            let _ = mapped.advise(memmap2::Advice::HugePage);
            return Self { start: mapped.as_mut_ptr(), bytes, _owner: Owner::Pages { _mapped: mapped } };
        }
        let mut lines = vec![Line([0; ALIGNED]); bytes.div_ceil(ALIGNED)];
        Self { start: lines.as_mut_ptr().cast(), bytes, _owner: Owner::Heap { _lines: lines } }
    }
}

impl Memory {
    /// In chunks of so many bytes, where it is known how much is wanted.
    pub(crate) const fn of(chunk: usize) -> Self {
        Self { newest: None, used: 0, chunk }
    }

    /// So many zeros.
    pub(crate) fn take<T: Plain>(&mut self, length: usize) -> Numbers<T> {
        let bytes = (length * size_of::<T>()).next_multiple_of(ALIGNED);
        let chunk = match &self.newest {
            Some(chunk) if chunk.bytes - self.used >= bytes => Arc::clone(chunk),
            _ => {
                let chunk = Arc::new(Chunk::new(bytes.max(self.chunk)));
                self.used = 0;
                self.newest = Some(Arc::clone(&chunk));
                chunk
            }
        };
        let start = chunk.start.wrapping_add(self.used).cast();
        self.used += bytes;
        Numbers { start, length, _chunk: chunk, _numbers: PhantomData }
    }
}

/// Numbers in a part of a chunk that nobody else has.
#[derive(Debug)]
pub(crate) struct Numbers<T> {
    start: *mut T,
    length: usize,
    _chunk: Arc<Chunk>,
    _numbers: PhantomData<T>,
}

// SAFETY: it owns its part as a vector does.
unsafe impl<T: Send> Send for Numbers<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Numbers<T> {}

impl<T> Deref for Numbers<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `Memory::take` gave these numbers, which any bits are, to this owner only, and the chunk lives as long.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl<T> DerefMut for Numbers<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_as_zeros_keep_apart_and_outlive_who_gave_them() {
        let mut memory = Memory::default();
        let mut parts: Vec<Numbers<u64>> =
            [3, 0, 1 << 20, CHUNK / 8 - 100, 7, CHUNK].map(|length| memory.take(length)).into();
        drop(memory);
        for (number, part) in (1u64..).zip(&mut parts) {
            assert!(part.iter().all(|&zero| zero == 0));
            assert!(part.as_ptr().addr().is_multiple_of(ALIGNED));
            part.fill(number);
        }
        for (number, part) in (1u64..).zip(&parts) {
            assert!(part.iter().all(|&own| own == number), "part {number} is not its own");
        }
        let last = parts.pop().unwrap();
        drop(parts);
        assert!(last.iter().all(|&own| own == 6));
    }
}
