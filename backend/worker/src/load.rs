//! A load that can be switched on and off, and that says how much it did when: what instruments are characterised under.
//!
//! Every core of the processor, or a model that answers on its device. Must not: measure.

use std::hint::black_box;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::Thread;
use std::time::Duration;

use meter::averaging::Piece;
use meter::{Clock, Monotonic};

/// Iterations of a piece of work on a core: some microseconds.
const CHUNK: u32 = 20_000;
/// Pieces of work are told together up to this span; one that took longer was interrupted and is told alone.
const TOLD: Duration = Duration::from_micros(500);
/// Threads whose work is told: on a machine that is left alone all do the same.
const TELLING: usize = 4;
/// An idle load looks again after so long even if it was not woken.
const LOOK: Duration = Duration::from_millis(20);

const OFF: u8 = 0;
const ON: u8 = 1;
const OVER: u8 = 2;

/// A piece of work, done again and again on a thread of its own while the load is on.
pub(crate) type Work<'a> = Box<dyn FnMut() + Send + 'a>;

/// Switches a load.
#[derive(Debug)]
pub(crate) struct Switch<'a> {
    state: &'a AtomicU8,
    threads: Vec<Thread>,
}

impl Switch<'_> {
    /// Work starts.
    pub(crate) fn on(&self) {
        self.set(ON);
    }

    /// Work ends when the piece at hand is done.
    pub(crate) fn off(&self) {
        self.set(OFF);
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::Release);
        self.threads.iter().for_each(Thread::unpark);
    }
}

impl Drop for Switch<'_> {
    fn drop(&mut self) {
        // Even if the body panics: the scope would wait for the load for ever.
        self.set(OVER);
    }
}

/// Every core of the processor.
pub(crate) fn of_cores<'a>(cores: u32) -> Vec<Work<'a>> {
    (0..cores.max(1)).map(|_| -> Work<'a> { Box::new(|| spin(1)) }).collect()
}

/// Runs `body` beside a load that is off at first. Returns also what the load did.
pub(crate) fn beside<T>(
    work: Vec<Work<'_>>,
    clock: Monotonic,
    body: impl FnOnce(&Switch<'_>) -> T,
) -> (T, Vec<Piece>) {
    let state = AtomicU8::new(OFF);
    std::thread::scope(|scope| {
        let state = &state;
        let handles: Vec<_> =
            work.into_iter().map(|mut piece| scope.spawn(move || serve(state, clock, &mut piece))).collect();
        let switch =
            Switch { state, threads: handles.iter().map(|handle| handle.thread().clone()).collect() };
        let value = body(&switch);
        drop(switch);
        let told = handles.into_iter().map(|handle| handle.join().unwrap_or_default());
        (value, told.take(TELLING).flatten().collect())
    })
}

/// Works while the load is on; says what it did when.
fn serve(state: &AtomicU8, clock: Monotonic, work: &mut Work<'_>) -> Vec<Piece> {
    let mut done = Vec::new();
    loop {
        match state.load(Ordering::Acquire) {
            OVER => return done,
            ON => {
                let mut told = clock.now();
                let (mut last, mut amount) = (told, 0.0);
                let mut tell = |from: Duration, to: Duration, amount: f64| {
                    if amount > 0.0 {
                        done.push(Piece { from, to, amount });
                    }
                };
                while state.load(Ordering::Acquire) == ON {
                    work();
                    let now = clock.now();
                    if now.saturating_sub(last) > TOLD {
                        tell(told, last, amount);
                        (told, amount) = (last, 0.0);
                    }
                    amount += 1.0;
                    last = now;
                    if now.saturating_sub(told) > TOLD {
                        tell(told, now, amount);
                        (told, amount) = (now, 0.0);
                    }
                }
                tell(told, last, amount);
            }
            _ => std::thread::park_timeout(LOOK),
        }
    }
}

/// So many pieces of work on the calling thread.
pub(crate) fn spin(chunks: u32) {
    for _ in 0..chunks {
        let mut sum = 0_u64;
        for step in 0..CHUNK {
            sum = black_box(sum.wrapping_mul(31).wrapping_add(u64::from(step)));
        }
        black_box(sum);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn a_load_works_only_while_it_is_on_and_says_when() {
        let clock = Monotonic::start();
        let done = AtomicU32::new(0);
        let piece: Work<'_> = Box::new(|| {
            done.fetch_add(1, Ordering::Relaxed);
            clock.sleep(Duration::from_millis(1));
        });
        let (between, told) = beside(vec![piece], clock, |switch| {
            clock.sleep(Duration::from_millis(5));
            assert_eq!(done.load(Ordering::Relaxed), 0, "it is off at first");
            switch.on();
            while done.load(Ordering::Relaxed) < 3 {
                clock.sleep(Duration::from_millis(1));
            }
            switch.off();
            // The piece at hand is still ended.
            clock.sleep(Duration::from_millis(50));
            let between = (clock.now(), done.load(Ordering::Relaxed));
            clock.sleep(Duration::from_millis(20));
            assert_eq!(done.load(Ordering::Relaxed), between.1);
            switch.on();
            clock.sleep(Duration::from_millis(30));
            between
        });
        let amount: f64 = told.iter().map(|piece| piece.amount).sum();
        assert_eq!(amount, f64::from(done.load(Ordering::Relaxed)), "{told:?}");
        assert!(told.iter().all(|piece| piece.from < piece.to), "{told:?}");
        assert!(told.iter().all(|piece| piece.to < between.0 || piece.from >= between.0), "{told:?}");
    }

    #[test]
    fn a_panic_beside_a_load_ends_it() {
        let caught = std::panic::catch_unwind(|| {
            let ((), _) = beside(of_cores(1), Monotonic::start(), |switch| {
                switch.on();
                panic!("body");
            });
        });
        assert!(caught.is_err());
    }
}
