//! Instruments: what reads power and energy, the sampler thread, and the Window around a closure.
//!
//! A [`Meter`] reads one Domain. [`measure`] opens a Window on all of them, runs a body, closes it and says
//! what each instrument found, or why it found nothing. Missing is never 0.
//!
//! Must not: know a model, a prompt, a server or HTTP; log or allocate while a Window is open.

pub mod averaging;
pub mod clock;
pub mod counter;
pub mod cpu_model;
mod cpu_time;
mod curve;
mod error;
mod hwmon;
pub mod idle;
pub mod live;
pub mod looks;
mod number_file;
mod nvml;
mod open;
pub mod oracle;
mod placement;
pub mod preflight;
mod processor;
mod rapl;
mod recorder;
pub mod replay;
mod sampler;
pub mod sensor;
pub mod tally;
pub mod thermometer;
pub mod window;

use std::time::Duration;

use common::measurement::AcceleratorState;
use common::meter::MeterCard;
use common::units::{Power, Temperature};

pub use crate::clock::{Clock, Monotonic, Virtual};
pub use crate::counter::CounterSpec;
pub use crate::error::{Error, Trouble};
pub use crate::live::LiveTrace;
pub use crate::open::{Config, Instruments, open_all};
pub use crate::window::{Marks, Measured, Options, Tail, measure, measure_until_idle, rehearse, spread};

/// The uniform ±5 % of a board or sensor that was never calibrated, as a standard uncertainty.
pub const UNCALIBRATED_GAIN: f64 = 0.029;

/// What one look at an instrument gives.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Raw {
    /// The cumulative counter, in units of its [`CounterSpec`].
    pub counter: Option<u64>,
    /// Power now, where the instrument says it; never an average over more than its update period.
    pub power: Option<Power>,
}

/// How long a device was held back since its driver was loaded, as its policy counters say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// By heat or by its hardware; `None` where it does not say.
    pub slowed: Option<Duration>,
    /// By its power limit.
    pub power_capped: Option<Duration>,
}

impl HeldBack {
    /// From then to this.
    #[must_use]
    pub fn since(self, then: Self) -> Self {
        let difference = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Self {
            slowed: difference(self.slowed, then.slowed),
            power_capped: difference(self.power_capped, then.power_capped),
        }
    }

    /// Both spans together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let sum = |one: Option<Duration>, other: Option<Duration>| Some(one? + other?);
        Self {
            slowed: sum(self.slowed, other.slowed),
            power_capped: sum(self.power_capped, other.power_capped),
        }
    }
}

/// An instrument that reads one Domain. Only [`Meter::read`] is called inside a Window.
pub trait Meter: Send {
    /// What is known about it.
    fn card(&self) -> &MeterCard;

    /// How its counter counts; `None` where it has none and energy is the integral of its power.
    fn counter(&self) -> Option<CounterSpec>;

    /// One look. `now` is the caller's clock, for instruments that have none of their own. Must not allocate
    /// or log where the driver allows it.
    ///
    /// # Errors
    /// [`Trouble`] says whether another look may work.
    fn read(&mut self, now: Duration) -> Result<Raw, Trouble>;

    /// Idle power where it is configured rather than found, so that nobody measures a constant.
    fn idle_power(&self) -> Option<Power> {
        None
    }

    /// Takes the card that was characterised of it on this machine.
    fn take_card(&mut self, card: MeterCard) {
        let _ = card;
    }

    /// When the driver says that the last look's values are from, since the Unix epoch.
    fn stamp(&self) -> Option<Duration> {
        None
    }

    /// How long the device was held back so far.
    fn held_back(&mut self) -> Option<HeldBack> {
        None
    }

    /// How the device is set, where it is an accelerator.
    fn state(&mut self) -> Option<AcceleratorState> {
        None
    }

    /// Processes on the device, ours among them; `None` where it does not say.
    fn processes(&mut self) -> Option<Vec<u32>> {
        None
    }

    /// Temperature of what it reads, where the same instrument knows it.
    fn temperature(&mut self) -> Option<Temperature> {
        None
    }

    /// What the device calls itself, where it is an accelerator.
    fn accelerator(&self) -> Option<&str> {
        None
    }
}
