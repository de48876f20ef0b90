//! Threads that wait close by: a decode step has a hundred products of a few microseconds each, too
//! short to wake a sleeping thread for. Helpers look out for the next job for a moment before they
//! sleep, and whoever comes late to a job is not waited for.
//!
//! Must not: hold up a job for a thread that has not begun it; outlive the pieces that it lends.
#![expect(unsafe_code, reason = "a job lives on the caller's stack, which waits until nobody is in it")]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

/// How often a helper looks for a job before it sleeps: about a millisecond.
const LOOKS: u32 = 20_000;
/// How often the caller looks whether helpers have left before it lets others run.
const WAITS: u32 = 2_000;

/// The gate of a job: bit 0 says that it may be entered, the next 31 count who is inside, and the upper
/// half numbers the jobs.
const OPEN: u64 = 1;
const ONE: u64 = 2;
const INSIDE: u64 = (1 << 32) - 2;
const NEXT: u64 = 1 << 32;

/// One job: pieces, handed out one by one.
struct Job<'a> {
    body: &'a (dyn Fn(usize) + Sync),
    pieces: usize,
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Job<'_> {
    fn work(&self) {
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= self.pieces {
                return;
            }
            (self.body)(piece);
        }
    }
}

#[derive(Default)]
struct Shared {
    gate: AtomicU64,
    job: AtomicPtr<Job<'static>>,
    sleeping: AtomicUsize,
    ended: AtomicBool,
}

/// The caller's helpers.
pub(crate) struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// Held while a job runs; who finds it taken works alone.
    caller: Mutex<()>,
}

thread_local! {
    static TEAM: RefCell<Option<Arc<Team>>> = const { RefCell::new(None) };
}

impl Team {
    /// A team of so many threads, the caller among them.
    pub(crate) fn new(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let helper = |index: usize| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(format!("kernels-{index}")).spawn(move || help(&shared))
        };
        let helpers = (1..threads).map(helper).collect::<Result<_, _>>()?;
        Ok(Self { shared, helpers, caller: Mutex::new(()) })
    }

    /// Runs `body` with this team behind [`each`].
    pub(crate) fn lead<T>(team: &Arc<Self>, body: impl FnOnce() -> T) -> T {
        struct Restore(Option<Arc<Team>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                TEAM.set(self.0.take());
            }
        }
        let _restore = Restore(TEAM.replace(Some(Arc::clone(team))));
        body()
    }

    fn run(&self, pieces: usize, body: &(dyn Fn(usize) + Sync)) {
        let job = Job { body, pieces, next: AtomicUsize::new(0), failed: AtomicBool::new(false) };
        let Ok(only) = self.caller.try_lock() else { return job.work() };
        let shared = &*self.shared;
        shared.job.store(ptr::from_ref(&job).cast_mut().cast(), Ordering::Relaxed);
        let before = shared.gate.load(Ordering::Relaxed);
        shared.gate.store((before & !(NEXT - 1)).wrapping_add(NEXT) | OPEN, Ordering::SeqCst);
        if shared.sleeping.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().map(JoinHandle::thread).for_each(Thread::unpark);
        }
        let result = catch_unwind(AssertUnwindSafe(|| job.work()));
        shared.gate.fetch_and(!OPEN, Ordering::SeqCst);
        let mut waits = 0;
        while shared.gate.load(Ordering::SeqCst) & INSIDE != 0 {
            waits += 1;
            if waits < WAITS { std::hint::spin_loop() } else { thread::yield_now() }
        }
        shared.job.store(ptr::null_mut(), Ordering::Relaxed);
        // Before anything fails, or the next caller would find it poisoned.
        drop(only);
        if let Err(panic) = result {
            resume_unwind(panic);
        }
        assert!(!job.failed.load(Ordering::Relaxed), "a kernel failed on a helper thread");
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for helper in self.helpers.drain(..) {
            helper.thread().unpark();
            let _ = helper.join();
        }
    }
}

fn help(shared: &Shared) {
    let mut done = 0;
    let mut looks = 0;
    loop {
        let gate = shared.gate.load(Ordering::SeqCst);
        if gate & OPEN != 0 && gate / NEXT != done {
            let entered = gate + ONE;
            if shared.gate.compare_exchange(gate, entered, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                done = gate / NEXT;
                // SAFETY: the caller does not leave before `INSIDE` is zero again, and the job was
                // stored before the gate was opened.
                let job = unsafe { &*shared.job.load(Ordering::Relaxed) };
                if catch_unwind(AssertUnwindSafe(|| job.work())).is_err() {
                    job.failed.store(true, Ordering::Relaxed);
                }
                shared.gate.fetch_sub(ONE, Ordering::SeqCst);
                looks = 0;
            }
            continue;
        }
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        looks += 1;
        if looks < LOOKS {
            std::hint::spin_loop();
            continue;
        }
        shared.sleeping.fetch_add(1, Ordering::SeqCst);
        let gate = shared.gate.load(Ordering::SeqCst);
        if (gate & OPEN == 0 || gate / NEXT == done) && !shared.ended.load(Ordering::SeqCst) {
            thread::park();
        }
        shared.sleeping.fetch_sub(1, Ordering::SeqCst);
        looks = 0;
    }
}

/// Threads that [`each`] spreads over.
pub(crate) fn threads() -> usize {
    TEAM.with_borrow(|team| team.as_ref().map_or(1, |team| team.helpers.len() + 1))
}

/// Calls `body` once for each piece, on the team's threads where one leads, in any order.
pub(crate) fn each(pieces: usize, body: &(dyn Fn(usize) + Sync)) {
    let team = TEAM.with_borrow(Clone::clone);
    match team {
        Some(team) if !team.helpers.is_empty() && pieces > 1 => team.run(pieces, body),
        _ => (0..pieces).for_each(body),
    }
}

/// Some columns of all rows of a matrix.
pub(crate) struct Columns<'a> {
    matrix: &'a Matrix,
    from: usize,
    to: usize,
}

struct Matrix {
    numbers: *mut f32,
    rows: usize,
    width: usize,
}

// SAFETY: it is only used to lend columns that no other thread has.
unsafe impl Sync for Matrix {}

impl Columns<'_> {
    /// Where they begin.
    pub(crate) fn start(&self) -> usize {
        self.from
    }

    /// Their part of a row.
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.matrix.rows, "there are {} rows", self.matrix.rows);
        // SAFETY: the row exists, the columns are inside it, and no other piece has them; the matrix
        // is borrowed for as long as the pieces live.
        unsafe {
            let start = self.matrix.numbers.add(row * self.matrix.width + self.from);
            std::slice::from_raw_parts_mut(start, self.to - self.from)
        }
    }
}

/// Calls `body` for pieces of `piece` columns of a matrix with rows of `width` numbers.
pub(crate) fn each_columns(
    numbers: &mut [f32],
    width: usize,
    piece: usize,
    body: &(dyn Fn(&mut Columns<'_>) + Sync),
) {
    let (piece, width) = (piece.max(1), width.max(1));
    let matrix = Matrix { numbers: numbers.as_mut_ptr(), rows: numbers.len() / width, width };
    let matrix = &matrix;
    each(width.div_ceil(piece), &|at| {
        let from = at * piece;
        body(&mut Columns { matrix, from, to: width.min(from + piece) });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_however_many_threads_there_are() {
        for threads in [1, 2, 5] {
            let team = Arc::new(Team::new(threads).unwrap());
            Team::lead(&team, || {
                assert_eq!(super::threads(), threads);
                for round in 0..3000usize {
                    let width = 1 + round % 70;
                    let mut numbers = vec![0.0f32; 3 * width];
                    each_columns(&mut numbers, width, 1 + round % 9, &|columns| {
                        for row in 0..3 {
                            columns.row(row).iter_mut().for_each(|number| *number += 1.0);
                        }
                    });
                    assert!(numbers.iter().all(|&number| number == 1.0), "round {round}");
                }
            });
            assert_eq!(super::threads(), 1, "the team leads only inside");
        }
    }

    #[test]
    fn a_job_inside_a_job_is_done_by_who_asks() {
        let team = Arc::new(Team::new(3).unwrap());
        let count = AtomicUsize::new(0);
        Team::lead(&team, || {
            each(8, &|_| {
                each(8, &|_| {
                    let _ = count.fetch_add(1, Ordering::Relaxed);
                })
            });
        });
        assert_eq!(count.into_inner(), 64);
    }

    #[test]
    fn a_failure_on_any_thread_reaches_the_caller_and_the_team_goes_on() {
        let team = Arc::new(Team::new(3).unwrap());
        for bad in 0..20usize {
            let result = catch_unwind(AssertUnwindSafe(|| {
                Team::lead(&team, || each(20, &|piece| assert_ne!(piece, bad)));
            }));
            assert!(result.is_err(), "piece {bad} failed");
            let count = AtomicUsize::new(0);
            Team::lead(&team, || {
                each(20, &|_| {
                    let _ = count.fetch_add(1, Ordering::Relaxed);
                })
            });
            assert_eq!(count.into_inner(), 20);
        }
    }

    #[test]
    fn sleeping_helpers_are_woken() {
        let team = Arc::new(Team::new(2).unwrap());
        for _ in 0..3 {
            thread::sleep(std::time::Duration::from_millis(20));
            let seen = Mutex::new(std::collections::BTreeSet::new());
            Team::lead(&team, || {
                each(2, &|_| {
                    seen.lock().unwrap().insert(format!("{:?}", thread::current().id()));
                    // Long enough that the other comes.
                    thread::sleep(std::time::Duration::from_millis(100));
                });
            });
            assert_eq!(seen.into_inner().unwrap().len(), 2);
        }
    }
}
