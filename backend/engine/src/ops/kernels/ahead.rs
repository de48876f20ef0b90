//! Memory that is likely to be read soon, asked for before it is.
//!
//! Must not: read it. What lies there may be gone by then, and asking for it does no harm.

/// The end of some memory and how much before it: an address and nothing more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) end: usize,
    pub(crate) bytes: usize,
}

impl Ahead {
    /// The last bytes of these numbers, so many at most.
    pub(crate) fn last_of<T>(numbers: &[T], bytes: usize) -> Self {
        Self { end: numbers.as_ptr_range().end.addr(), bytes: bytes.min(size_of_val(numbers)) }
    }

    /// Asks for so many of them, beginning at `from`.
    pub(crate) fn ask(self, from: usize, bytes: usize) {
        let start = self.end.wrapping_sub(self.bytes).wrapping_add(from);
        for line in (0..bytes).step_by(LINE) {
            ask(start.wrapping_add(line));
        }
    }
}

/// Bytes that come from memory together.
const LINE: usize = 64;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instruction takes a pointer, which it never reads through")]
fn ask(address: usize) {
    use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
    // SAFETY: a prefetch is a hint; it reads nothing and fails at no address.
    unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::without_provenance(address)) }
}

/// Rust has no such hint for other processors yet.
#[cfg(not(target_arch = "x86_64"))]
fn ask(_: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_named_and_asking_harms_nothing_wherever_they_are() {
        let numbers = [0u64; 40];
        let ahead = Ahead::last_of(&numbers, 100);
        assert_eq!((ahead.end - numbers.as_ptr().addr(), ahead.bytes), (320, 100));
        assert_eq!(Ahead::last_of(&numbers, 1000).bytes, 320);
        for end in [ahead.end, 0, 1, usize::MAX] {
            Ahead { end, bytes: 1 << 12 }.ask(0, 1 << 12);
        }
    }
}
