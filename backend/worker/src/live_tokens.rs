//! Tokens on their way from the engine's callback to the sender thread.
//!
//! All room is taken before the Window opens; the callback copies bytes and moves a mark. No lock, no allocation, no waiting on
//! either side. Must not: be the record; a full list drops what comes, and the record is not touched.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use common::lease::LiveToken;

/// Bytes kept for a token on average.
const BYTES_PER_TOKEN: usize = 24;

/// A bounded, append-only list of tokens.
pub(crate) struct LiveTokens {
    bytes: Box<[AtomicU8]>,
    slots: Box<[Slot]>,
    written: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    index: AtomicU32,
    end: AtomicUsize,
    at_nanos: AtomicU64,
}

impl LiveTokens {
    /// Room for so many tokens.
    pub(crate) fn with_capacity(tokens: usize) -> Self {
        Self {
            bytes: std::iter::repeat_with(AtomicU8::default)
                .take(tokens.saturating_mul(BYTES_PER_TOKEN))
                .collect(),
            slots: std::iter::repeat_with(Slot::default).take(tokens).collect(),
            written: AtomicUsize::new(0),
        }
    }

    /// Adds a token; only one thread may.
    pub(crate) fn push(&self, index: u32, text: &str, at: Duration) {
        let number = self.written.load(Ordering::Relaxed);
        let start = self.start_of(number);
        let Some(slot) = self.slots.get(number) else { return };
        let Some(room) = self.bytes.get(start..start + text.len()) else { return };
        for (place, byte) in room.iter().zip(text.bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
        slot.index.store(index, Ordering::Relaxed);
        slot.end.store(start + text.len(), Ordering::Relaxed);
        slot.at_nanos.store(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.written.store(number + 1, Ordering::Release);
    }

    fn start_of(&self, number: usize) -> usize {
        let before = number.checked_sub(1).and_then(|before| self.slots.get(before));
        before.map_or(0, |slot| slot.end.load(Ordering::Relaxed))
    }

    /// Tokens from number `from` on, and the number to ask for next.
    pub(crate) fn since(&self, from: usize) -> (Vec<LiveToken>, usize) {
        let until = self.written.load(Ordering::Acquire);
        let tokens = (from..until).filter_map(|number| {
            let slot = self.slots.get(number)?;
            let room = self.bytes.get(self.start_of(number)..slot.end.load(Ordering::Relaxed))?;
            let bytes: Vec<u8> = room.iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
            Some(LiveToken {
                index: slot.index.load(Ordering::Relaxed),
                text: String::from_utf8_lossy(&bytes).into_owned(),
                at: Duration::from_nanos(slot.at_nanos.load(Ordering::Relaxed)),
            })
        });
        (tokens.collect(), until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_arrives_once_in_order_and_whole_while_more_are_written() {
        let live = LiveTokens::with_capacity(5000);
        let text = |index: u32| format!("tökén {index} ");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for index in 0..5000 {
                    live.push(index, &text(index), Duration::from_micros(u64::from(index)));
                }
            });
            let (mut seen, mut next) = (Vec::new(), 0);
            while seen.len() < 5000 {
                let (fresh, until) = live.since(next);
                next = until;
                seen.extend(fresh);
            }
            for (index, token) in (0..).zip(&seen) {
                assert_eq!((token.index, token.text.as_str()), (index, text(index).as_str()));
                assert_eq!(token.at, Duration::from_micros(u64::from(index)));
            }
        });
    }

    #[test]
    fn a_full_list_drops_what_comes() {
        let live = LiveTokens::with_capacity(1);
        live.push(0, &"x".repeat(100), Duration::ZERO);
        assert!(live.since(0).0.is_empty());
        live.push(0, "a", Duration::ZERO);
        live.push(1, "b", Duration::ZERO);
        assert_eq!(live.since(0).0.len(), 1);
    }
}
