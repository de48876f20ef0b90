//! The sampler's thread allocates nothing while a Window is open: counted by an allocator that tells threads apart.

#![expect(unsafe_code, reason = "an allocator is unsafe by its trait; this one only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::meter::{Domain, MeterCard};
use meter::replay::{Replay, Script};
use meter::sensor::{Distortion, Sensor};
use meter::{CounterSpec, LiveTrace, Meter, Monotonic, Options, Raw, Trouble, measure};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn note() {
    // At the end of a thread there is nothing left to count in.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is passed on as it came; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: what the caller promised us we promise in turn.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: what the caller promised us we promise in turn.
        unsafe { System.dealloc(place, layout) }
    }
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: what the caller promised us we promise in turn.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Notes how much its thread had allocated at the first look and at the last.
struct Watching {
    inner: Replay,
    looks: Arc<AtomicU64>,
    first: Arc<AtomicU64>,
    last: Arc<AtomicU64>,
}

impl Meter for Watching {
    fn card(&self) -> &MeterCard {
        self.inner.card()
    }
    fn counter(&self) -> Option<CounterSpec> {
        self.inner.counter()
    }
    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        let count = ALLOCATIONS.with(Cell::get);
        if self.looks.fetch_add(1, Ordering::Relaxed) == 0 {
            self.first.store(count, Ordering::Relaxed);
        }
        self.last.store(count, Ordering::Relaxed);
        self.inner.read(now)
    }
}

#[test]
fn the_sampler_allocates_nothing_between_its_first_look_and_its_last() {
    let [looks, first, last] = [(); 3].map(|()| Arc::new(AtomicU64::new(0)));
    let root = tempfile::tempdir().unwrap();
    let zone = root.path().join("powercap/intel-rapl:0");
    std::fs::create_dir_all(&zone).unwrap();
    std::fs::write(zone.join("name"), "package-0").unwrap();
    std::fs::write(zone.join("energy_uj"), "5").unwrap();
    let mut config = meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1);
    config.nvml_library = Some(root.path().join("none.so"));
    config.powercap_root = root.path().join("powercap");
    config.hwmon_root = root.path().join("none");
    let mut meters = meter::open_all(&config).unwrap().meters;
    assert_eq!(meters.len(), 1, "RAPL is read from a file as on a real machine");
    meters.push(Box::new(Sensor::new(Script::constant(90.0), Distortion::of_millis(20, 20), Domain::Gpu(0))));
    let inner = Replay::new(Script::constant(10.0));
    meters.push(Box::new(Watching { inner, looks: looks.clone(), first: first.clone(), last: last.clone() }));
    let options =
        Options { period: Duration::from_millis(1), pad_before: Duration::ZERO, pad_after: Duration::ZERO };
    let live = LiveTrace::new(vec![Domain::CpuPackage(0), Domain::Gpu(0), Domain::Machine], 100_000);
    // Longer than its room for points: thinning out is no reason to allocate either.
    measure(&mut meters, Monotonic::start(), options, Some(&live), |_| {
        std::thread::sleep(Duration::from_millis(600));
    })
    .unwrap();
    assert!(looks.load(Ordering::Relaxed) > 50, "{looks:?} looks");
    assert_eq!(last.load(Ordering::Relaxed) - first.load(Ordering::Relaxed), 0, "allocations of the sampler");
}
