//! Threads that wait close by: a decode step has a hundred products of a few microseconds each, too
//! short to wake a sleeping thread for. Helpers look out for the next job for a moment before they
//! sleep, and whoever comes late to a job is not waited for.
//!
//! The caller takes a job's units from the front and helpers from the back, ever fewer at a time, so that all are done at
//! once. While the caller computes what cannot be shared, helpers ask for the memory that they will read next.
//!
//! Must not: hold up a job for a thread that has not begun it; outlive the pieces that it lends.
#![expect(unsafe_code, reason = "a job lives on the caller's stack, which waits until nobody is in it")]

use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

use crate::numeric::count_u64;
use crate::ops::kernels::Ahead;

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

/// What a thread takes at once: this part of its fair share of what is left.
const PART: usize = 2;
/// How much a helper asks for between two looks.
const ASKED: usize = 1 << 10;

/// How a job is handed out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) units: usize,
    /// Most units that are taken at once.
    pub(crate) most: usize,
    /// What is read after this job, where that is known.
    pub(crate) ahead: Option<Ahead>,
}

/// One job: units, handed out some at a time.
struct Job<'a> {
    body: &'a (dyn Fn(Range<usize>) + Sync),
    units: usize,
    most: usize,
    threads: usize,
    /// Units taken from the front in the lower half, from the back in the upper.
    taken: AtomicU64,
    failed: AtomicBool,
}

/// From which end of a job a thread takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Front,
    Back,
}

impl Job<'_> {
    fn work(&self, end: End) {
        while let Some(units) = self.take(end) {
            (self.body)(units);
        }
    }

    fn take(&self, end: End) -> Option<Range<usize>> {
        let mut seen = self.taken.load(Ordering::Relaxed);
        loop {
            let (front, back) = (lower_half(seen), self.units - lower_half(seen >> 32));
            if front >= back {
                return None;
            }
            let count = ((back - front) / (PART * self.threads)).clamp(1, self.most);
            let (units, taken) = match end {
                End::Front => (front..front + count, seen + count_u64(count)),
                End::Back => (back - count..back, seen + (count_u64(count) << 32)),
            };
            match self.taken.compare_exchange_weak(seen, taken, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(units),
                Err(now) => seen = now,
            }
        }
    }
}

fn lower_half(packed: u64) -> usize {
    usize::try_from(packed & u64::from(u32::MAX)).unwrap_or(usize::MAX)
}

#[derive(Default)]
struct Shared {
    gate: AtomicU64,
    job: AtomicPtr<Job<'static>>,
    sleeping: AtomicUsize,
    ended: AtomicBool,
    /// The two numbers of an [`Ahead`]; whoever sees one of another asks for the wrong memory, which does no harm.
    ahead: [AtomicUsize; 2],
}

impl Shared {
    fn ahead(&self) -> Ahead {
        let [end, bytes] = &self.ahead;
        Ahead { end: end.load(Ordering::Relaxed), bytes: bytes.load(Ordering::Relaxed) }
    }

    fn set_ahead(&self, ahead: Ahead) {
        self.ahead[0].store(ahead.end, Ordering::Relaxed);
        self.ahead[1].store(ahead.bytes, Ordering::Relaxed);
    }
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
            thread::Builder::new().name(format!("kernels-{index}")).spawn(move || help(&shared, index))
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

    fn run(&self, work: Work, body: &(dyn Fn(Range<usize>) + Sync)) {
        let Work { units, most, ahead } = work;
        debug_assert!(u32::try_from(units).is_ok(), "{units} units");
        let job = Job {
            body,
            units,
            most: most.max(1),
            threads: self.helpers.len() + 1,
            taken: AtomicU64::new(0),
            failed: AtomicBool::new(false),
        };
        let Ok(only) = self.caller.try_lock() else { return job.work(End::Front) };
        let shared = &*self.shared;
        if let Some(ahead) = ahead {
            shared.set_ahead(ahead);
        }
        shared.job.store(ptr::from_ref(&job).cast_mut().cast(), Ordering::Relaxed);
        let before = shared.gate.load(Ordering::Relaxed);
        shared.gate.store((before & !(NEXT - 1)).wrapping_add(NEXT) | OPEN, Ordering::SeqCst);
        if shared.sleeping.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().map(JoinHandle::thread).for_each(Thread::unpark);
        }
        let result = catch_unwind(AssertUnwindSafe(|| job.work(End::Front)));
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

fn help(shared: &Shared, number: usize) {
    let mut done = 0;
    let mut looks = 0;
    let mut asked = (Ahead::default(), 0);
    loop {
        let gate = shared.gate.load(Ordering::SeqCst);
        if gate & OPEN != 0 && gate / NEXT != done {
            let entered = gate + ONE;
            if shared.gate.compare_exchange(gate, entered, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                done = gate / NEXT;
                // SAFETY: the caller does not leave before `INSIDE` is zero again, and the job was
                // stored before the gate was opened.
                let job = unsafe { &*shared.job.load(Ordering::Relaxed) };
                if catch_unwind(AssertUnwindSafe(|| job.work(End::Back))).is_err() {
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
            if !ask(shared.ahead(), number, &mut asked) {
                std::hint::spin_loop();
            }
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

/// Asks for a little more of the part of this memory that this helper is likely to take; false once it has asked for all.
fn ask(ahead: Ahead, number: usize, (known, asked): &mut (Ahead, usize)) -> bool {
    if *known != ahead {
        (*known, *asked) = (ahead, 0);
    }
    let own = Ahead { end: ahead.end.wrapping_sub((number - 1) * ahead.bytes), ..ahead };
    let bytes = ASKED.min(ahead.bytes - *asked);
    own.ask(*asked, bytes);
    *asked += bytes;
    bytes > 0
}

/// Threads that [`each`] spreads over.
pub(crate) fn threads() -> usize {
    TEAM.with_borrow(|team| team.as_ref().map_or(1, |team| team.helpers.len() + 1))
}

/// Calls `body` for every unit, some at a time, on the team's threads where one leads, in any order.
pub(crate) fn each(work: Work, body: &(dyn Fn(Range<usize>) + Sync)) {
    let team = TEAM.with_borrow(Clone::clone);
    match team {
        Some(team) if !team.helpers.is_empty() && work.units > 1 => team.run(work, body),
        _ => body(0..work.units),
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::each_columns;
    use super::*;

    fn work(units: usize) -> Work {
        Work { units, most: units, ahead: None }
    }

    #[test]
    fn every_piece_is_done_once_however_many_threads_there_are() {
        for threads in [1, 2, 5] {
            let team = Arc::new(Team::new(threads).unwrap());
            Team::lead(&team, || {
                assert_eq!(super::threads(), threads);
                for round in 0..3000usize {
                    let width = 1 + round % 70;
                    let mut numbers = vec![0.0f32; 3 * width];
                    let unit = 1 + round % 9;
                    let plan = Work { most: 1 + round % 4, ..work(width.div_ceil(unit)) };
                    each_columns(&mut numbers, width, unit, plan, &|columns| {
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
            each(work(8), &|outer| {
                outer.for_each(|_| {
                    each(work(8), &|inner| {
                        let _ = count.fetch_add(inner.len(), Ordering::Relaxed);
                    })
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
                Team::lead(&team, || each(work(20), &|pieces| assert!(!pieces.contains(&bad))));
            }));
            assert!(result.is_err(), "piece {bad} failed");
            let count = AtomicUsize::new(0);
            Team::lead(&team, || {
                each(work(20), &|pieces| {
                    let _ = count.fetch_add(pieces.len(), Ordering::Relaxed);
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
                each(work(2), &|_| {
                    seen.lock().unwrap().insert(format!("{:?}", thread::current().id()));
                    // Long enough that the other comes.
                    thread::sleep(std::time::Duration::from_millis(100));
                });
            });
            assert_eq!(seen.into_inner().unwrap().len(), 2);
        }
    }
}
