//! What can go wrong in a Window, put into one on purpose: each must be noticed.
//!
//! Must not: tell the method anything but what a machine would tell it.

use std::sync::Arc;
use std::time::Duration;

use common::measurement::{Baseline, Conditions};
use common::meter::{Domain, Label, MeterCard};
use common::units::Power;
use common::verdict::{Evidence, Verdict};

use super::Case;
use crate::sensor::Sensor;
use crate::{Clock, CounterSpec, HeldBack, Measured, Meter, Raw, Trouble, Virtual};

/// How long the machine sleeps, or its clock jumps.
const SLEEP: Duration = Duration::from_secs(5);
/// How long a reading is denied, or the counter stands still.
const WHILE: Duration = Duration::from_millis(1500);

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injected {
    /// The driver is loaded again: the counter starts over.
    Reset,
    /// The counter goes back by 100 J.
    Backward,
    /// The counter leaps further than any board can take.
    Leap,
    /// Counter and power stay as they were.
    Frozen,
    /// The counter stands still for a while and then goes on as if nothing had been.
    Stalled,
    /// Nothing can be read for a while.
    Gap,
    /// Reading is refused from here on.
    Denied,
    /// One board of two falls off the bus.
    Lost,
    /// The clock jumps ahead between two looks.
    ClockJump,
    /// The machine sleeps: its clock stands still while the board's counter goes on.
    Suspended,
    /// Another process keeps the cores busy.
    ForeignLoad,
    /// Another process comes onto the board.
    ForeignProcess,
    /// Heat slows the board down.
    Throttled,
    /// The host of a virtual machine takes core time away.
    Stolen,
}

/// Every kind.
pub const FAULTS: [Injected; 14] = [
    Injected::Reset,
    Injected::Backward,
    Injected::Leap,
    Injected::Frozen,
    Injected::Stalled,
    Injected::Gap,
    Injected::Denied,
    Injected::Lost,
    Injected::ClockJump,
    Injected::Suspended,
    Injected::ForeignLoad,
    Injected::ForeignProcess,
    Injected::Throttled,
    Injected::Stolen,
];

impl Injected {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "counter reset",
            Self::Backward => "counter goes backward",
            Self::Leap => "counter leaps",
            Self::Frozen => "readings freeze",
            Self::Stalled => "counter stalls",
            Self::Gap => "gap",
            Self::Denied => "access denied mid-run",
            Self::Lost => "one GPU of two lost",
            Self::ClockJump => "clock jump",
            Self::Suspended => "suspend",
            Self::ForeignLoad => "foreign load",
            Self::ForeignProcess => "foreign process on the GPU",
            Self::Throttled => "throttled",
            Self::Stolen => "stolen time",
        }
    }
}

/// A sensor that something happens to.
struct Faulty {
    sensor: Sensor,
    card: MeterCard,
    fault: Option<Injected>,
    at: Duration,
    clock: Arc<Virtual>,
    frozen: Option<Raw>,
    has_jumped: bool,
}

impl Meter for Faulty {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn counter(&self) -> Option<CounterSpec> {
        self.sensor.counter()
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        let Some(fault) = self.fault.filter(|_| now >= self.at) else { return self.sensor.read(now) };
        let is_while = now < self.at + WHILE;
        if fault == Injected::Suspended {
            return self.sensor.read(now + SLEEP);
        }
        let mut raw = self.sensor.read(now)?;
        match fault {
            Injected::Reset => raw.counter = raw.counter.map(|value| value / 1000),
            Injected::Backward => raw.counter = raw.counter.map(|value| value.saturating_sub(100_000)),
            Injected::Leap => raw.counter = raw.counter.map(|value| value + 50_000_000),
            Injected::Frozen => return Ok(*self.frozen.get_or_insert(raw)),
            Injected::Stalled if is_while => raw.counter = self.frozen.get_or_insert(raw).counter,
            Injected::Gap if is_while => return Err(Trouble::Unreadable),
            Injected::Denied => return Err(Trouble::Unreadable),
            Injected::Lost => return Err(Trouble::Lost),
            Injected::ClockJump if !self.has_jumped => {
                self.has_jumped = true;
                self.clock.sleep(SLEEP);
            }
            _ => {}
        }
        Ok(raw)
    }

    fn held_back(&mut self) -> Option<HeldBack> {
        let slowed = match self.fault {
            Some(Injected::Throttled) => self.clock.now().saturating_sub(self.at),
            _ => Duration::ZERO,
        };
        Some(HeldBack { slowed: Some(slowed), power_capped: Some(Duration::ZERO) })
    }
}

/// The verdict on a load during which something goes wrong `after` watching began, on two boards of which the first is
/// the one that it happens to; on one that nothing happens to with `None`.
pub fn verdict_with(case: &Case, fault: Option<Injected>, after: Duration) -> Verdict {
    // As if real instruments had been read: a rig's own label would be a reason by itself.
    let card = MeterCard { label: Label::Measured, averaging: None, ..case.card() };
    let second = MeterCard { domain: Domain::Gpu(1), ..card.clone() };
    let cards = [card, second];
    let at = case.from + after;
    let make = |sensor: Sensor, clock: Arc<Virtual>| -> Vec<Box<dyn Meter>> {
        let faults = [fault, None];
        let boards = cards.iter().zip(faults).map(|(card, fault)| -> Box<dyn Meter> {
            Box::new(Faulty {
                sensor: sensor.clone(),
                card: card.clone(),
                fault,
                at,
                clock: Arc::clone(&clock),
                frozen: None,
                has_jumped: false,
            })
        });
        boards.collect()
    };
    judge(case, &case.measured(&make), &cards, fault)
}

fn judge(case: &Case, measured: &Measured, cards: &[MeterCard], fault: Option<Injected>) -> Verdict {
    let is = |kind| fault == Some(kind);
    let conditions = Conditions {
        was_calm: true,
        foreign_load: Some(if is(Injected::ForeignLoad) { 0.2 } else { 0.001 }),
        foreign_accelerator_processes: Some(u32::from(is(Injected::ForeignProcess))),
        suspended: Some(if is(Injected::Suspended) { SLEEP } else { Duration::ZERO }),
        stolen_share: Some(if is(Injected::Stolen) { 0.02 } else { 0.0 }),
        swapped_pages: Some(0),
        sampler: Some(measured.sampler),
        ..Conditions::default()
    };
    let idle: Option<Power> = case.baseline().mean();
    let baselines: Vec<Baseline> = cards.iter().map(|card| Baseline::new(card.domain, idle, idle)).collect();
    Verdict::on_evidence(&Evidence {
        conditions: &conditions,
        meters: cards,
        baselines: &baselines,
        windows: vec![(measured.window, &measured.readings)],
    })
}
